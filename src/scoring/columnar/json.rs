//! Values with parts as the JSON text that a request in JSON would have had for them.

use super::super::decode::Wrong;
use super::budget::{Budget, ColumnarError};
use super::value::{Value, cost, value};
use crate::json::{write_f64, write_str};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::DataType;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flowgate_core::{Code, datetime};

/// The text of the value that `array` has in `row`; the inner error tells what JSON has no word
/// for.
///
/// # Errors
/// When it takes more than is left of `budget`.
pub(super) fn text(
    array: &dyn Array,
    row: usize,
    budget: &mut Budget,
) -> Result<Result<String, Wrong>, ColumnarError> {
    let mut writer = Writer {
        out: Vec::new(),
        budget,
        wrong: None,
    };
    writer.write(array, row)?;
    Ok(match (writer.wrong, String::from_utf8(writer.out)) {
        (Some(wrong), _) => Err(wrong),
        (None, text) => text.map_err(|_| Wrong::mismatch("octets")),
    })
}

struct Writer<'b> {
    out: Vec<u8>,
    budget: &'b mut Budget,
    /// The first thing that cannot be written.
    wrong: Option<Wrong>,
}

impl Writer<'_> {
    fn write(&mut self, array: &dyn Array, row: usize) -> Result<(), ColumnarError> {
        let found = value(array, row);
        self.budget.take(cost(&found))?;
        match found {
            Value::Null => self.put("null"),
            Value::Flag(flag) => self.put(if flag { "true" } else { "false" }),
            Value::Whole(whole) => self.put(itoa::Buffer::new().format(whole)),
            Value::Float(float) if float.is_finite() => write_f64(&mut self.out, float),
            // The literals that Python's `json` reads and writes.
            Value::Float(float) if float.is_nan() => self.put("NaN"),
            Value::Float(float) if float > 0.0 => self.put("Infinity"),
            Value::Float(_) => self.put("-Infinity"),
            Value::Decimal(digits) => self.put(&digits),
            Value::Text(text) => write_str(&mut self.out, text),
            Value::Octets(octets) => write_str(&mut self.out, &STANDARD.encode(octets)),
            Value::Time(Some(time)) => write_str(&mut self.out, &datetime::format(time)),
            Value::Time(None) => {
                self.refuse(Wrong::new(
                    Code::OutOfRange,
                    "a date before 1677 or after 2262",
                ));
            }
            Value::List(items) => self.list(&items)?,
            Value::Object => self.object(array, row)?,
            Value::Other(kind) => self.refuse(Wrong::mismatch(kind)),
        }
        Ok(())
    }

    fn list(&mut self, items: &ArrayRef) -> Result<(), ColumnarError> {
        self.put("[");
        for index in 0..items.len() {
            if index > 0 {
                self.put(", ");
            }
            self.write(items.as_ref(), index)?;
        }
        self.put("]");
        Ok(())
    }

    fn object(&mut self, array: &dyn Array, row: usize) -> Result<(), ColumnarError> {
        match array.data_type() {
            DataType::Map(_, _) => self.map(&array.as_map().value(row)),
            DataType::Struct(_) => self.parts(array.as_struct(), row),
            // Behind a dictionary; nobody writes such files.
            _ => {
                self.refuse(Wrong::mismatch("a value of another kind"));
                Ok(())
            }
        }
    }

    fn parts(&mut self, parts: &StructArray, row: usize) -> Result<(), ColumnarError> {
        self.put("{");
        for (index, (field, column)) in parts.fields().iter().zip(parts.columns()).enumerate() {
            self.member(index, field.name())?;
            self.write(column.as_ref(), row)?;
        }
        self.put("}");
        Ok(())
    }

    fn map(&mut self, entries: &StructArray) -> Result<(), ColumnarError> {
        let (keys, values) = (entries.column(0), entries.column(1));
        self.put("{");
        for index in 0..entries.len() {
            match value(keys.as_ref(), index) {
                Value::Text(key) => self.member(index, key)?,
                _ => self.refuse(Wrong::mismatch("a map whose keys are no texts")),
            }
            self.write(values.as_ref(), index)?;
        }
        self.put("}");
        Ok(())
    }

    fn member(&mut self, index: usize, key: &str) -> Result<(), ColumnarError> {
        self.budget.take(key.len() + 1)?;
        if index > 0 {
            self.put(", ");
        }
        write_str(&mut self.out, key);
        self.put(": ");
        Ok(())
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn refuse(&mut self, wrong: Wrong) {
        self.wrong.get_or_insert(wrong);
    }
}
