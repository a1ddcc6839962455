//! From an answer to an Arrow stream of one record batch.

use crate::scoring::encode::EncodeError;
use arrow_array::types::TimestampNanosecondType;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, Float16Array, Float32Array,
    Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, PrimitiveArray, RecordBatch,
    RecordBatchOptions, StringArray, StructArray, UInt8Array, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Fields, Schema};
use flowgate_core::{Data, ErrorKind, Frame, Labels, NamedTensor, Tensor};
use std::collections::HashSet;
use std::sync::Arc;

/// Why an answer cannot be written as a table of columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTable {
    /// A fault of the model.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// An output with more dimensions than a table has.
    #[error(
        "output `{name}` has {dimensions} dimensions, and a CSV table holds two at most: ask for `application/json` or `application/vnd.apache.arrow.stream`"
    )]
    Dimensions {
        /// The output.
        name: String,
        /// Its dimensions.
        dimensions: usize,
    },
    /// Outputs that are not rows of one table.
    #[error(
        "the outputs are not of one number of rows, as columns are: ask for `application/json`"
    )]
    Rows,
    /// Two columns of one name.
    #[error("two columns of the answer would be called `{name}`: ask for `application/json`")]
    Twice {
        /// The name.
        name: String,
    },
    /// A value that is larger than the format has it.
    #[error("the answer is larger than the format takes: ask for `application/json`")]
    TooLarge,
}

impl NoTable {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Encode(error) => error.kind(),
            Self::Dimensions { .. } | Self::Rows | Self::Twice { .. } | Self::TooLarge => {
                ErrorKind::InvalidInput
            }
        }
    }
}

/// The answer `frame` as an Arrow stream: a column an output. An output of shape `[rows]` or
/// `[rows, 1]` gives plain values, one with more dimensions lists of a fixed size, one with
/// labels a struct with a field a label. NaN stays what it is.
///
/// # Errors
/// When the outputs have no common number of rows.
pub fn arrow(frame: &Frame) -> Result<Vec<u8>, NoTable> {
    let rows = common_rows(frame)?;
    let mut names = Names::default();
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for output in frame.tensors() {
        let name = column_name(output);
        names.add(name)?;
        let column = column(output, rows).map_err(|_| NoTable::TooLarge)?;
        fields.push(Field::new(name, column.data_type().clone(), false));
        columns.push(column);
    }
    let schema = Arc::new(Schema::new(fields));
    write(&schema, columns, rows).map_err(|_| NoTable::TooLarge)
}

fn write(schema: &Arc<Schema>, columns: Vec<ArrayRef>, rows: usize) -> Result<Vec<u8>, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?;
    let mut writer = StreamWriter::try_new(Vec::new(), schema)?;
    writer.write(&batch)?;
    writer.into_inner()
}

/// The rows of all outputs; one without dimensions has one.
pub(super) fn common_rows(frame: &Frame) -> Result<usize, NoTable> {
    let rows_of = |output: &NamedTensor| output.tensor.rows().unwrap_or(1);
    let outputs = frame.tensors();
    let rows = outputs.first().map_or(0, rows_of);
    if outputs.iter().any(|output| rows_of(output) != rows) {
        return Err(NoTable::Rows);
    }
    Ok(rows)
}

/// What the column of an output is called; an array has no name of its own.
pub(super) fn column_name(output: &NamedTensor) -> &str {
    if output.name.is_empty() {
        "predictions"
    } else {
        &output.name
    }
}

/// The sizes of one row's dimensions; none where it is a single value.
pub(super) fn row_shape(output: &NamedTensor) -> &[usize] {
    let shape = output.tensor.shape().get(1..).unwrap_or_default();
    let single = shape.iter().all(|size| *size == 1) && output.labels.is_none();
    if single { &[] } else { shape }
}

/// The texts of labels.
pub(super) fn label_names(labels: &Labels) -> Vec<String> {
    match labels {
        Labels::Ints(labels) => labels.iter().map(ToString::to_string).collect(),
        Labels::Strs(labels) => labels.to_vec(),
    }
}

/// Names of columns, each once.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    pub(super) fn add(&mut self, name: &str) -> Result<(), NoTable> {
        if self.0.insert(name.to_owned()) {
            return Ok(());
        }
        let name = name.to_owned();
        Err(NoTable::Twice { name })
    }
}

fn column(output: &NamedTensor, rows: usize) -> Result<ArrayRef, ArrowError> {
    let shape = row_shape(output);
    let values = values(&output.tensor);
    match (&output.labels, shape) {
        (Some(labels), [width]) => with_labels(labels, output.tensor.data(), rows, *width),
        _ => nested(values, shape, rows),
    }
}

/// Lists of a fixed size, the last dimension innermost.
fn nested(values: ArrayRef, shape: &[usize], rows: usize) -> Result<ArrayRef, ArrowError> {
    let mut array = values;
    for (place, size) in shape.iter().enumerate().rev() {
        let count = shape[..place].iter().product::<usize>() * rows;
        let field = Arc::new(Field::new("item", array.data_type().clone(), false));
        let size = i32::try_from(*size)
            .map_err(|_| ArrowError::InvalidArgumentError("a list is too long".to_owned()))?;
        let lists = FixedSizeListArray::try_new_with_length(field, size, array, None, count)?;
        array = Arc::new(lists);
    }
    Ok(array)
}

/// A struct with a field a label.
fn with_labels(
    labels: &Labels,
    data: &Data,
    rows: usize,
    width: usize,
) -> Result<ArrayRef, ArrowError> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (place, name) in label_names(labels).into_iter().take(width).enumerate() {
        let cells: Vec<Data> = (0..rows)
            .map(|row| data.slice(row * width + place..row * width + place + 1))
            .collect();
        let cells: Vec<&Data> = cells.iter().collect();
        let cells = Data::concat(&cells).unwrap_or_else(|| Data::empty(data.datatype()));
        let column = values(&Tensor::column(cells));
        fields.push(Field::new(name, column.data_type().clone(), false));
        columns.push(column);
    }
    let array = StructArray::try_new_with_length(Fields::from(fields), columns, None, rows)?;
    Ok(Arc::new(array))
}

/// The elements of `tensor`, flat.
fn values(tensor: &Tensor) -> ArrayRef {
    match tensor.data() {
        Data::Bool(flags) => Arc::new(BooleanArray::from(flags.to_vec())),
        Data::I8(numbers) => Arc::new(Int8Array::from(numbers.to_vec())),
        Data::I16(numbers) => Arc::new(Int16Array::from(numbers.to_vec())),
        Data::I32(numbers) => Arc::new(Int32Array::from(numbers.to_vec())),
        Data::I64(numbers) => Arc::new(Int64Array::from(numbers.to_vec())),
        Data::U8(numbers) => Arc::new(UInt8Array::from(numbers.to_vec())),
        Data::U16(numbers) => Arc::new(UInt16Array::from(numbers.to_vec())),
        Data::U32(numbers) => Arc::new(UInt32Array::from(numbers.to_vec())),
        Data::U64(numbers) => Arc::new(UInt64Array::from(numbers.to_vec())),
        Data::F16(numbers) => Arc::new(Float16Array::from(numbers.to_vec())),
        Data::F32(numbers) => Arc::new(Float32Array::from(numbers.to_vec())),
        Data::F64(numbers) => Arc::new(Float64Array::from(numbers.to_vec())),
        Data::Str(texts) | Data::Json(texts) => {
            Arc::new(StringArray::from_iter_values(texts.iter()))
        }
        Data::Bytes(blobs) => Arc::new(BinaryArray::from_iter_values(blobs.iter())),
        Data::DateTime(times) => Arc::new(PrimitiveArray::<TimestampNanosecondType>::from(
            times.to_vec(),
        )),
    }
}
