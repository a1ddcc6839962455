//! Parquet files.

use super::budget::{Budget, COLUMNS, ColumnarError, DEPTH, Limits, ROWS};
use super::pages::{Chunk, Chunks, Fault};
use super::{Kind, fenced, table, thrift};
use crate::scoring::decode::{Decoded, Terms};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};
use bytes::Bytes;
use flowgate_core::Code;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, RowGroups};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels, parquet_to_arrow_schema};
use parquet::basic::Type;
use parquet::column::page::PageIterator;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use std::sync::Arc;

pub(super) const PARQUET: Kind = Kind {
    name: "a Parquet file",
    code: Code::BadParquet,
};

/// Rows that are read at a time, at most.
const BATCH: usize = 8192;

/// Reads a body that is a Parquet file.
///
/// # Errors
/// When it is none, is larger unpacked than `limits` has it, or holds values that the signature
/// does not take.
pub fn parquet<'s>(
    body: &Bytes,
    terms: impl Into<Terms<'s>>,
    limits: Limits,
) -> Result<Decoded, ColumnarError> {
    let terms: Terms<'s> = terms.into();
    fenced(PARQUET, || {
        let mut budget = Budget::new(limits);
        let (schema, batches) = read(body, &mut budget).map_err(|fault| match fault {
            Fault::TooLarge(error) => error,
            Fault::Broken => PARQUET.unreadable(WORDS.to_owned()),
            Fault::Unread(what) => PARQUET.unreadable(format!(
                "the Parquet file uses {what}, which is not read here"
            )),
        })?;
        // What was unpacked page by page is given up value by value.
        let mut budget = Budget::new(limits);
        table(&schema, &batches, terms, &mut budget)
    })
}

/// MLflow's words.
const WORDS: &str = "Failed to parse input as a Pandas DataFrame. Ensure that the input is a \
                     valid Parquet Pandas DataFrame produced using the \
                     `pandas.DataFrame.to_parquet()` method.";

fn read(body: &Bytes, budget: &mut Budget) -> Result<(Schema, Vec<RecordBatch>), Fault> {
    let metadata = metadata(body)?;
    let file = metadata.file_metadata();
    let columns = metadata
        .row_groups()
        .iter()
        .map(RowGroupMetaData::num_columns);
    if columns.sum::<usize>() > COLUMNS {
        return Err(Fault::Unread("too many columns"));
    }
    let rows = usize::try_from(file.num_rows()).map_err(|_| Fault::Broken)?;
    let groups = metadata.row_groups().iter().map(RowGroupMetaData::num_rows);
    if groups.sum::<i64>() != file.num_rows() {
        return Err(Fault::Broken);
    }
    if rows > ROWS {
        return Err(Fault::TooLarge(budget.exceeded()));
    }
    let mut chunks = Vec::with_capacity(metadata.row_groups().len());
    for group in metadata.row_groups() {
        let found = group.columns().iter();
        let found = found.map(|chunk| Chunk::find(body, chunk, budget));
        chunks.push(found.collect::<Result<Vec<Chunk>, Fault>>()?);
    }
    let batch = batch_rows(&metadata, &chunks, budget)?;
    let descriptor = file.schema_descr();
    let written = parquet_to_arrow_schema(descriptor, file.key_value_metadata())
        .map_err(|_| Fault::Broken)?;
    let fields: Fields = written.fields().iter().map(viewed).collect();
    let levels = parquet_to_arrow_field_levels(descriptor, ProjectionMask::all(), Some(&fields))
        .map_err(|_| Fault::Broken)?;
    let groups = Groups { metadata, chunks };
    let reader = ParquetRecordBatchReader::try_new_with_row_groups(&levels, &groups, batch, None)
        .map_err(|_| Fault::Broken)?;
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    let (mut batches, mut found) = (Vec::new(), 0);
    for batch in reader {
        let batch = batch.map_err(|_| Fault::Broken)?;
        found += batch.num_rows();
        if found > rows {
            return Err(Fault::Broken);
        }
        batches.push(batch);
    }
    if found != rows {
        return Err(Fault::Broken);
    }
    // The reader gives no metadata; pandas' notes are in that of the file.
    let schema = Schema::new_with_metadata(schema.fields().clone(), written.metadata().clone());
    Ok((schema, batches))
}

const MAGIC: &[u8; 4] = b"PAR1";

/// The footer, whose schema is known to be small before it is built.
fn metadata(body: &Bytes) -> Result<ParquetMetaData, Fault> {
    let (before, magic) = body.split_last_chunk::<4>().ok_or(Fault::Broken)?;
    if magic == b"PARE" {
        return Err(Fault::Unread("encryption"));
    }
    if magic != MAGIC || !body.starts_with(MAGIC) {
        return Err(Fault::Broken);
    }
    let (before, length) = before.split_last_chunk::<4>().ok_or(Fault::Broken)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Fault::Broken)?;
    let start = before.len().checked_sub(length).ok_or(Fault::Broken)?;
    let footer = &before[start..];
    match thrift::schema_is_bounded(footer) {
        Some(true) => {}
        Some(false) => return Err(Fault::Unread("a schema of too many parts")),
        None => return Err(Fault::Broken),
    }
    ParquetMetaDataReader::decode_metadata(footer).map_err(|_| Fault::Broken)
}

/// How many rows are read at a time: fewer where one value may be large, since the reader lays
/// values of one width side by side, and writes shared beginnings out.
fn batch_rows(
    metadata: &ParquetMetaData,
    chunks: &[Vec<Chunk>],
    budget: &mut Budget,
) -> Result<usize, Fault> {
    let mut batch = BATCH;
    for (group, chunks) in metadata.row_groups().iter().zip(chunks) {
        for (column, chunk) in group.columns().iter().zip(chunks) {
            let descriptor = column.column_descr();
            let fixed = match descriptor.physical_type() {
                Type::FIXED_LEN_BYTE_ARRAY => {
                    usize::try_from(descriptor.type_length()).map_err(|_| Fault::Broken)?
                }
                _ => 0,
            };
            let width = fixed.max(chunk.largest_of_prefixes());
            if chunk.repeats() {
                // A row may have all of them.
                budget.take_each(chunk.values(), width)?;
            } else if let Some(rows) = budget.limit().checked_div(width) {
                batch = batch.min(rows);
            }
            // Octets of one width are held as they are until all rows were read.
            budget.take_each(chunk.values(), fixed)?;
        }
    }
    Ok(batch.max(1))
}

/// `field` with texts and octets as views of the pages that they stand in: a text of a dictionary
/// is not copied for every row that has it.
fn viewed(field: &FieldRef) -> FieldRef {
    viewed_to(field, 0)
}

fn viewed_to(field: &FieldRef, depth: usize) -> FieldRef {
    if depth > DEPTH {
        return Arc::clone(field);
    }
    let inner = |field: &FieldRef| viewed_to(field, depth + 1);
    let kind = match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        // The values of categories; their codes are not in the file.
        DataType::Dictionary(_, values) => {
            let values: FieldRef = Arc::new(Field::new("", values.as_ref().clone(), true));
            inner(&values).data_type().clone()
        }
        DataType::List(items) => DataType::List(inner(items)),
        DataType::LargeList(items) => DataType::LargeList(inner(items)),
        DataType::FixedSizeList(items, size) => DataType::FixedSizeList(inner(items), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        _ => return Arc::clone(field),
    };
    Arc::new(field.as_ref().clone().with_data_type(kind))
}

/// What the reader of the `parquet` crate is given in place of the file.
struct Groups {
    metadata: ParquetMetaData,
    /// Of each row group, each column.
    chunks: Vec<Vec<Chunk>>,
}

impl RowGroups for Groups {
    fn num_rows(&self) -> usize {
        usize::try_from(self.metadata.file_metadata().num_rows()).unwrap_or(0)
    }

    fn column_chunks(&self, column: usize) -> ParquetResult<Box<dyn PageIterator>> {
        let chunks = self.chunks.iter().filter_map(|group| group.get(column));
        let chunks: Vec<Chunk> = chunks.cloned().collect();
        Ok(Box::new(Chunks(chunks.into_iter())))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}
