//! A table written in every form that can say it, and read again.

use super::table::{Case, Cells, Declares, Kind};
use arrow_array::builder::{
    BinaryBuilder, Float64Builder, Int64Builder, ListBuilder, MapBuilder, StringBuilder,
    StringDictionaryBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, NullArray,
    RecordBatch, StringArray, StructArray, TimestampNanosecondArray,
};
use arrow_buffer::NullBuffer;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flowgate::scoring::columnar::{self, ColumnarError, Limits};
use flowgate::scoring::decode::{self, Decoded};
use flowgate_core::{Refusal, Signature, datetime};
use parquet::arrow::ArrowWriter;
use std::sync::Arc;

/// The form that is a tensor and no table: its columns have no names to be refused by.
pub(super) const LISTS: &str = "lists";

const LIMITS: Limits = Limits { unpacked: 1 << 24 };

/// The bodies that say what `case` holds, the Parquet file last.
pub(super) fn all(case: &Case) -> Vec<(&'static str, Bytes)> {
    let mut bodies = Vec::new();
    if json_can_say(case) {
        bodies.extend(json(case));
        if csv_can_say(case) {
            bodies.push(("csv", csv(case)));
        }
    }
    let batch = batch(case);
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a writer");
    stream.write(&batch).expect("written");
    bodies.push(("arrow", stream.into_inner().expect("closed")));
    let mut file = ArrowWriter::try_new(Vec::new(), batch.schema(), None).expect("a writer");
    file.write(&batch).expect("written");
    bodies.push(("parquet", file.into_inner().expect("closed")));
    bodies
        .into_iter()
        .map(|(name, octets)| (name, octets.into()))
        .collect()
}

/// Reads a body of the form `name`.
pub(super) fn read(name: &str, body: &Bytes, signature: &Signature) -> Result<Decoded, Refusal> {
    let refused = |error| match error {
        ColumnarError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    };
    match name {
        "csv" => decode::csv(body, signature),
        "arrow" => columnar::arrow_stream(body, signature, LIMITS).map_err(refused),
        "parquet" => columnar::parquet(body, signature, LIMITS).map_err(refused),
        _ => decode::json(body, signature),
    }
}

// === what a form can say ===

/// JSON has no octets and no dates, but as texts; and without a signature, numbers of 64 bits.
fn json_can_say(case: &Case) -> bool {
    case.columns
        .iter()
        .enumerate()
        .all(|(place, (name, cells))| {
            let kind = case.declares.kind(name, place);
            let gaps_only = cells.gaps() == case.rows && case.rows > 0;
            match (&case.declares, kind, cells) {
                // A type that no cell shows; where there are no rows, none is shown either.
                (Declares::Nothing, _, Cells::Short(_) | Cells::Singles(_)) => false,
                (Declares::Nothing, _, Cells::Octets(_) | Cells::Dates(_)) => false,
                (Declares::Nothing, _, Cells::Nulls(_)) => true,
                (Declares::Nothing, _, _) => case.rows > 0 && !gaps_only,
                // Dropped.
                (_, None, _) => true,
                (_, Some(Kind::Scalar("binary")), Cells::Octets(_)) => true,
                (_, _, Cells::Octets(cells)) => cells.iter().all(Option::is_none),
                (_, Some(Kind::Scalar("string" | "str") | Kind::Any), Cells::Dates(cells)) => {
                    cells.iter().all(Option::is_none)
                }
                _ => true,
            }
        })
}

/// CSV has texts only, and no parts: what a field means is what the signature asks for.
fn csv_can_say(case: &Case) -> bool {
    // A line without anything in it is passed over.
    let blank = case.columns.len() == 1 && case.columns[0].1.gaps() > 0;
    let said = case
        .columns
        .iter()
        .enumerate()
        .all(|(place, (name, cells))| {
            if cells.has_parts() {
                return false;
            }
            let all_gaps = cells.gaps() == case.rows;
            match (&case.declares, case.declares.kind(name, place)) {
                (Declares::Nothing, _) => !matches!(cells, Cells::Nulls(_)),
                (_, None) => true,
                (_, Some(Kind::Scalar(kind))) => match (kind, cells) {
                    (_, Cells::Nulls(_)) => true,
                    (
                        "string" | "str",
                        Cells::Texts(_) | Cells::Categories(_) | Cells::Whole(_) | Cells::Short(_),
                    ) => true,
                    ("binary", Cells::Texts(_) | Cells::Categories(_) | Cells::Octets(_)) => true,
                    ("datetime", Cells::Texts(_) | Cells::Categories(_) | Cells::Dates(_)) => true,
                    ("string" | "str" | "binary" | "datetime", _) => all_gaps,
                    ("boolean" | "bool", Cells::Flags(_) | Cells::Whole(_) | Cells::Short(_)) => {
                        true
                    }
                    ("boolean" | "bool", Cells::Floats(cells)) => {
                        cells.iter().flatten().all(|cell| !cell.is_nan())
                    }
                    ("boolean" | "bool", _) => all_gaps,
                    // The names of gaps are numbers' in CSV, and texts in JSON.
                    (_, Cells::Texts(cells) | Cells::Categories(cells)) => {
                        cells.iter().flatten().all(|cell| !is_gap(cell))
                    }
                    // A missing integer has no name of its own in a file of floats.
                    (kind, Cells::Floats(cells)) => {
                        kind.contains("float")
                            || kind == "double"
                            || cells.iter().flatten().all(|cell| !cell.is_nan())
                    }
                    (kind, Cells::Singles(cells)) => {
                        kind.contains("float")
                            || kind == "double"
                            || cells.iter().flatten().all(|cell| !cell.is_nan())
                    }
                    _ => true,
                },
                (_, Some(_)) => false,
            }
        });
    said && !blank
}

fn is_gap(text: &str) -> bool {
    ["NA", "null", "nan", "NaN"].contains(&text)
}

impl Cells {
    fn has_parts(&self) -> bool {
        matches!(
            self,
            Self::WholeLists(_)
                | Self::FloatLists(_)
                | Self::TextLists(_)
                | Self::Maps(_)
                | Self::Objects(_)
        )
    }

    fn gaps(&self) -> usize {
        fn count<T>(cells: &[Option<T>]) -> usize {
            cells.iter().filter(|cell| cell.is_none()).count()
        }
        match self {
            Self::Flags(cells) => count(cells),
            Self::Whole(cells) | Self::Dates(cells) => count(cells),
            Self::Short(cells) => count(cells),
            Self::Floats(cells) => count(cells),
            Self::Singles(cells) => count(cells),
            Self::Texts(cells) | Self::Categories(cells) => count(cells),
            Self::Octets(cells) => count(cells),
            Self::WholeLists(cells) => count(cells),
            Self::FloatLists(cells) => count(cells),
            Self::TextLists(cells) => count(cells),
            Self::Maps(cells) => count(cells),
            Self::Objects(cells) => count(cells),
            Self::Nulls(count) => *count,
        }
    }
}

// === JSON ===

/// The shapes of JSON: with names before the rows, with whole columns, as records under each of
/// three keys, and as an object of columns.
fn json(case: &Case) -> Vec<(&'static str, Vec<u8>)> {
    let names: Vec<String> = case.columns.iter().map(|(name, _)| quoted(name)).collect();
    let cell = |row: usize, (_, cells): &(String, Cells)| cell_in_json(cells, row);
    let list = |row: usize| join(case.columns.iter().map(|column| cell(row, column)));
    let rows = join((0..case.rows).map(|row| format!("[{}]", list(row))));
    let column = |(name, cells): &(String, Cells)| {
        let cells = join((0..case.rows).map(|row| cell_in_json(cells, row)));
        format!("{}: [{cells}]", quoted(name))
    };
    let columns = join(case.columns.iter().map(column));
    let names = names.join(", ");
    let mut bodies = vec![
        (
            "split",
            format!("{{\"dataframe_split\": {{\"columns\": [{names}], \"data\": [{rows}]}}}}"),
        ),
        (
            "split columns",
            format!("{{\"dataframe_split\": {{\"columns\": [{names}], \"data\": {{{columns}}}}}}}"),
        ),
    ];
    let tables = match case.declares {
        Declares::Named(_) | Declares::Unnamed(_) => true,
        Declares::Matrix(_, _) | Declares::Nothing => false,
    };
    // Without rows there are no names.
    if case.rows > 0 {
        let records = join((0..case.rows).map(|row| record(case, row)));
        bodies.push(("records", format!("{{\"dataframe_records\": [{records}]}}")));
        if tables {
            bodies.push(("instances", format!("{{\"instances\": [{records}]}}")));
            bodies.push(("inputs", format!("{{\"inputs\": [{records}]}}")));
        }
    }
    let has_parts = |(_, cells): &(String, Cells)| cells.has_parts();
    let matrix = matches!(case.declares, Declares::Matrix(_, _));
    if matrix && case.rows > 0 && !case.columns.iter().any(has_parts) {
        for (name, key) in [(LISTS, "inputs"), (LISTS, "instances")] {
            bodies.push((name, format!("{{\"{key}\": [{rows}]}}")));
        }
    }
    if matches!(case.declares, Declares::Named(_)) && !case.declares.has_parts() {
        bodies.push(("inputs columns", format!("{{\"inputs\": {{{columns}}}}}")));
    }
    bodies
        .into_iter()
        .map(|(name, body)| (name, body.into_bytes()))
        .collect()
}

fn record(case: &Case, row: usize) -> String {
    let member = |(name, cells): &(String, Cells)| {
        let cell = cell_in_json(cells, row);
        let left_out = case.sparse && row > 0 && cell == "null";
        (!left_out).then(|| format!("{}: {cell}", quoted(name)))
    };
    format!("{{{}}}", join(case.columns.iter().filter_map(member)))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn cell_in_json(cells: &Cells, row: usize) -> String {
    fn list<T>(items: &[Option<T>], item: impl Fn(&T) -> String) -> String {
        let null = || "null".to_owned();
        let items = items
            .iter()
            .map(|value| value.as_ref().map_or_else(null, &item));
        format!("[{}]", join(items))
    }
    let whole = |value: &i64| value.to_string();
    let text = |value: &String| quoted(value);
    let found = match cells {
        Cells::Flags(cells) => cells[row].map(|value| value.to_string()),
        Cells::Whole(cells) => cells[row].as_ref().map(whole),
        Cells::Short(cells) => cells[row].map(|value| value.to_string()),
        Cells::Floats(cells) => cells[row].map(float),
        Cells::Singles(cells) => cells[row].map(|value| float(value.into())),
        Cells::Texts(cells) | Cells::Categories(cells) => cells[row].as_ref().map(text),
        Cells::Octets(cells) => cells[row]
            .as_ref()
            .map(|value| quoted(&STANDARD.encode(value))),
        Cells::Dates(cells) => cells[row].map(|value| quoted(&datetime::format(value))),
        Cells::WholeLists(cells) => cells[row].as_ref().map(|items| list(items, whole)),
        Cells::FloatLists(cells) => cells[row]
            .as_ref()
            .map(|items| list(items, |value| float(*value))),
        Cells::TextLists(cells) => cells[row].as_ref().map(|items| list(items, text)),
        Cells::Maps(cells) => cells[row].as_ref().map(|members| {
            let members = members.iter().map(|(key, value)| {
                let value = value.map_or("null".to_owned(), |value| value.to_string());
                format!("{}: {value}", quoted(key))
            });
            format!("{{{}}}", join(members))
        }),
        Cells::Objects(cells) => cells[row].as_ref().map(|(id, label)| {
            let id = id.map_or("null".to_owned(), |id| id.to_string());
            let label = label.as_ref().map_or("null".to_owned(), text);
            format!("{{\"id\": {id}, \"label\": {label}}}")
        }),
        Cells::Nulls(_) => None,
    };
    found.unwrap_or_else(|| "null".to_owned())
}

/// The very value, and never as an integer: the shortest digits of a large double are those of
/// another number.
fn float(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if value.fract() == 0.0 && value.abs() < 1e30 {
        format!("{value:.1}")
    } else {
        format!("{value:e}")
    }
}

// === CSV ===

fn csv(case: &Case) -> Vec<u8> {
    let names: Vec<&str> = case.columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut lines = vec![names.join(",")];
    for row in 0..case.rows {
        let fields = case.columns.iter().map(|(_, cells)| field(cells, row));
        lines.push(fields.collect::<Vec<_>>().join(","));
    }
    lines.push(String::new());
    lines.join("\n").into_bytes()
}

fn field(cells: &Cells, row: usize) -> String {
    match cells {
        Cells::Texts(cells) | Cells::Categories(cells) => match &cells[row] {
            Some(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            None => String::new(),
        },
        Cells::Octets(cells) => match &cells[row] {
            Some(octets) => format!("\"{}\"", STANDARD.encode(octets)),
            None => String::new(),
        },
        Cells::Dates(cells) => cells[row].map(datetime::format).unwrap_or_default(),
        cells => match cell_in_json(cells, row).as_str() {
            "null" => String::new(),
            text => text.to_owned(),
        },
    }
}

// === by column ===

fn batch(case: &Case) -> RecordBatch {
    let arrays: Vec<ArrayRef> = case.columns.iter().map(|(_, cells)| array(cells)).collect();
    let field = |((name, _), array): (&(String, Cells), &ArrayRef)| {
        Field::new(name, array.data_type().clone(), true)
    };
    let fields: Vec<Field> = case.columns.iter().zip(&arrays).map(field).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length")
}

fn array(cells: &Cells) -> ArrayRef {
    match cells {
        Cells::Flags(cells) => Arc::new(BooleanArray::from(cells.clone())),
        Cells::Whole(cells) => Arc::new(Int64Array::from(cells.clone())),
        Cells::Short(cells) => Arc::new(Int32Array::from(cells.clone())),
        Cells::Floats(cells) => Arc::new(Float64Array::from(cells.clone())),
        Cells::Singles(cells) => Arc::new(Float32Array::from(cells.clone())),
        Cells::Texts(cells) => Arc::new(StringArray::from(cells.clone())),
        Cells::Categories(cells) => {
            let mut builder = StringDictionaryBuilder::<Int32Type>::new();
            cells
                .iter()
                .for_each(|cell| builder.append_option(cell.as_ref()));
            Arc::new(builder.finish())
        }
        Cells::Octets(cells) => {
            let mut builder = BinaryBuilder::new();
            cells
                .iter()
                .for_each(|cell| builder.append_option(cell.as_ref()));
            Arc::new(builder.finish())
        }
        Cells::Dates(cells) => Arc::new(TimestampNanosecondArray::from(cells.clone())),
        Cells::WholeLists(cells) => {
            let mut builder = ListBuilder::new(Int64Builder::new());
            cells
                .iter()
                .for_each(|cell| builder.append_option(cell.clone()));
            Arc::new(builder.finish())
        }
        Cells::FloatLists(cells) => {
            let mut builder = ListBuilder::new(Float64Builder::new());
            cells
                .iter()
                .for_each(|cell| builder.append_option(cell.clone()));
            Arc::new(builder.finish())
        }
        Cells::TextLists(cells) => {
            let mut builder = ListBuilder::new(StringBuilder::new());
            cells
                .iter()
                .for_each(|cell| builder.append_option(cell.clone()));
            Arc::new(builder.finish())
        }
        Cells::Maps(cells) => {
            let mut builder = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
            for cell in cells {
                for (key, value) in cell.iter().flatten() {
                    builder.keys().append_value(key);
                    builder.values().append_option(*value);
                }
                builder
                    .append(cell.is_some())
                    .expect("as many keys as values");
            }
            Arc::new(builder.finish())
        }
        Cells::Objects(cells) => objects(cells),
        Cells::Nulls(count) => Arc::new(NullArray::new(*count)),
    }
}

fn objects(cells: &[Option<(Option<i64>, Option<String>)>]) -> ArrayRef {
    let ids = cells
        .iter()
        .map(|cell| cell.as_ref().and_then(|(id, _)| *id));
    let labels = cells
        .iter()
        .map(|cell| cell.as_ref().and_then(|(_, label)| label.clone()));
    let fields = vec![
        Field::new("id", DataType::Int64, true),
        Field::new("label", DataType::Utf8, true),
    ];
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(ids.collect::<Int64Array>()),
        Arc::new(labels.collect::<StringArray>()),
    ];
    let there = NullBuffer::from_iter(cells.iter().map(Option::is_some));
    let length = cells.len();
    let array = StructArray::try_new_with_length(fields.into(), arrays, Some(there), length);
    Arc::new(array.expect("fields of one length"))
}
