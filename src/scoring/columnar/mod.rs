//! Tables that come and go by column: Parquet files and Arrow streams.
//!
//! The values follow the same rules as those in JSON and CSV (`decode`): typed by the signature,
//! exact or refused, every violation told with row and column. Where nothing is declared, the
//! types of the file decide.
//!
//! What a file declares of itself is never believed: sizes are checked against what is there and
//! against [`Limits`] before memory is taken, and every element counts when it is unpacked.

mod arrow;
mod budget;
mod column;
mod csv;
mod delta;
mod encode;
mod json;
mod pages;
mod parquet;
mod thrift;
mod value;

pub use arrow::arrow_stream;
pub use budget::{ColumnarError, Limits};
pub use csv::csv;
pub use encode::{NoTable, arrow};
pub use parquet::parquet;

use super::decode::{Decoded, Door, Origin, Report, Table, Terms, decoded, refuse};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::Schema as ArrowSchema;
use budget::Budget;
use flowgate_core::{Code, Refusal};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The request that the columns of `batches` are.
fn table(
    schema: &ArrowSchema,
    batches: &[RecordBatch],
    terms: Terms<'_>,
    budget: &mut Budget,
) -> Result<Decoded, ColumnarError> {
    let index = pandas_index(schema);
    let kept = |place: &usize| !index.contains(schema.field(*place).name());
    let places: Vec<usize> = (0..schema.fields().len()).filter(kept).collect();
    let mut report = Report::new(Door::Table, terms.listed);
    let mut table = Table::new(terms, Origin::Column);
    let names = places.iter().map(|place| schema.field(*place).name());
    table.header(names.map(|name| Cow::Borrowed(name.as_str())), &mut report);
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    table.whole(rows, |position, column| {
        let place = places[position];
        let parts: Vec<&ArrayRef> = batches.iter().map(|batch| batch.column(place)).collect();
        let kind = schema.field(place).data_type();
        column::fill(column, kind, &parts, budget, &mut report)
    })?;
    Ok(decoded(table, report, terms)?)
}

/// The columns that pandas wrote for the labels of its rows: its reader makes them the index
/// again, so that they are no columns to MLflow.
fn pandas_index(schema: &ArrowSchema) -> Vec<String> {
    let parse = |text: &String| serde_json::from_str::<serde_json::Value>(text).ok();
    let pandas = schema.metadata().get("pandas").and_then(parse);
    let columns = pandas
        .as_ref()
        .and_then(|pandas| pandas["index_columns"].as_array());
    // A range is described by an object and has no column.
    let names = columns
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str());
    names.map(str::to_owned).collect()
}

/// A kind of file.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// What it is called in refusals.
    name: &'static str,
    /// The code of a body that is none.
    code: Code,
}

impl Kind {
    /// A body that is not a file of this kind, or not one that is read here, in `words`.
    fn unreadable(self, words: String) -> ColumnarError {
        refuse(self.code, self.name, "other octets")
            .with_summary(words)
            .into()
    }
}

/// The last fence: the readers are large programs of others, and a file may be made to break
/// them. What they do stays inside of one request, whose data is dropped with it.
fn fenced<T>(
    kind: Kind,
    read: impl FnOnce() -> Result<T, ColumnarError>,
) -> Result<T, ColumnarError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let words = format!("the body is not {}: the reader broke off", kind.name);
        Err(kind.unreadable(words))
    })
}

impl From<Refusal> for ColumnarError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests;
