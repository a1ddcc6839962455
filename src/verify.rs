//! Predictions beside recorded ones: how far apart they are, and where.

use flowgate_core::{Data, Frame, NamedTensor};
use serde_json::{Map, Value};

/// How many of the values that differ are listed.
const LISTED: usize = 20;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Rows that were compared.
    pub rows: usize,
    /// Values that were compared.
    pub values: usize,
    /// Values that are not exactly equal.
    pub unequal: usize,
    /// The largest difference of two floats, in units of the last place of the output's type.
    pub largest: u64,
    /// Values further apart than allowed; texts, whole numbers and truth values may not be.
    pub too_far: usize,
    /// The first of those, in order.
    pub differences: Vec<Difference>,
}

/// Two values that are too far apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The row, from 0.
    pub row: usize,
    /// The output, with the place in its row where that has several values.
    pub output: String,
    /// What was recorded.
    pub expected: String,
    /// What the model gives.
    pub got: String,
    /// How far apart two floats are.
    pub ulps: Option<u64>,
}

/// Why predictions cannot be compared with recorded ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The recorded ones are in no form that an answer has.
    #[error("the recorded predictions must be {expected}, found {found}")]
    Form {
        /// What can be compared with what the model gives.
        expected: String,
        /// What is there.
        found: &'static str,
    },
    /// Another number of rows, or of values in a row.
    #[error("output `{output}`: {expected} values are recorded, the model gives {got}")]
    Count {
        /// The output.
        output: String,
        /// Recorded.
        expected: usize,
        /// Given.
        got: usize,
    },
    /// An output that is not recorded, or the other way round.
    #[error("the recorded predictions have no `{output}`")]
    Missing {
        /// The output.
        output: String,
    },
}

/// Compares `answer` with the predictions of `recorded`, which is an answer of a scoring server
/// (`{"predictions": …}`) or what stands in it: a list of values or lists, a list of records, or
/// lists by name. Floats up to `allowed` units of the last place apart count as the same.
///
/// # Errors
/// When they are of another form or size.
pub fn compare(answer: &Frame, recorded: &Value, allowed: u64) -> Result<Comparison, VerifyError> {
    let recorded = recorded.get("predictions").unwrap_or(recorded);
    let mut comparison = Comparison {
        rows: answer.rows().unwrap_or(1),
        ..Comparison::default()
    };
    let outputs = answer.tensors();
    for output in outputs {
        let rows = rows_of(output, outputs.len(), recorded)?;
        comparison.output(output, &rows, allowed)?;
    }
    Ok(comparison)
}

/// What is recorded of `output`, one value a row.
fn rows_of<'a>(
    output: &NamedTensor,
    outputs: usize,
    recorded: &'a Value,
) -> Result<Vec<&'a Value>, VerifyError> {
    let name = shown(output);
    let missing = || VerifyError::Missing {
        output: name.clone(),
    };
    let in_record = |record: &'a Map<String, Value>| record.get(&*output.name).ok_or_else(missing);
    match recorded {
        Value::Object(lists) => match in_record(lists)? {
            Value::Array(rows) => Ok(rows.iter().collect()),
            single => Ok(vec![single]),
        },
        Value::Array(rows) => {
            let row = |row: &'a Value| match row {
                Value::Object(record) if output.labels.is_none() || outputs > 1 => {
                    in_record(record)
                }
                other if outputs == 1 => Ok(other),
                other => Err(VerifyError::Form {
                    expected: "a list of records or lists by name".to_owned(),
                    found: kind(other),
                }),
            };
            rows.iter().map(row).collect()
        }
        other => Err(VerifyError::Form {
            expected: "a list or lists by name".to_owned(),
            found: kind(other),
        }),
    }
}

impl Comparison {
    fn output(
        &mut self,
        output: &NamedTensor,
        rows: &[&Value],
        allowed: u64,
    ) -> Result<(), VerifyError> {
        let name = shown(output);
        let count = output.tensor.rows().unwrap_or(1);
        if rows.len() != count {
            return Err(VerifyError::Count {
                output: name,
                expected: rows.len(),
                got: count,
            });
        }
        let width = output.tensor.data().len().checked_div(count).unwrap_or(0);
        let mut recorded = Vec::with_capacity(width);
        for (row, value) in rows.iter().enumerate() {
            recorded.clear();
            flatten(value, &mut recorded);
            if recorded.len() != width {
                return Err(VerifyError::Count {
                    output: name,
                    expected: recorded.len(),
                    got: width,
                });
            }
            for (place, expected) in recorded.iter().enumerate() {
                let index = row * width + place;
                let label = match width {
                    1 => name.clone(),
                    _ => format!("{name}[{place}]"),
                };
                self.value(row, label, output.tensor.data(), index, expected, allowed);
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        row: usize,
        output: String,
        data: &Data,
        index: usize,
        expected: &Value,
        allowed: u64,
    ) {
        self.values += 1;
        let (same, ulps) = match (float(data, index), number(expected)) {
            (Some(Float::F32(got)), Some(expected)) => {
                let ulps = apart_f32(got, narrow(expected));
                (ulps == 0, Some(ulps))
            }
            (Some(Float::F64(got)), Some(expected)) => {
                let ulps = apart_f64(got, expected);
                (ulps == 0, Some(ulps))
            }
            (Some(_), None) => (false, None),
            (None, _) => (is_same(data, index, expected), None),
        };
        if same {
            return;
        }
        self.unequal += 1;
        self.largest = self.largest.max(ulps.unwrap_or(0));
        if ulps.is_some_and(|ulps| ulps <= allowed) {
            return;
        }
        self.too_far += 1;
        if self.differences.len() < LISTED {
            self.differences.push(Difference {
                row,
                output,
                expected: expected.to_string(),
                got: text(data, index),
                ulps,
            });
        }
    }
}

/// The values of one row, outermost first; those of a map in the order of its keys as recorded.
fn flatten<'a>(value: &'a Value, all: &mut Vec<&'a Value>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| flatten(value, all)),
        Value::Object(values) => values.values().for_each(|value| flatten(value, all)),
        value => all.push(value),
    }
}

enum Float {
    F32(f32),
    F64(f64),
}

fn float(data: &Data, index: usize) -> Option<Float> {
    match data {
        Data::F16(cells) => Some(Float::F32(cells.get(index)?.to_f32())),
        Data::F32(cells) => Some(Float::F32(*cells.get(index)?)),
        Data::F64(cells) => Some(Float::F64(*cells.get(index)?)),
        _ => None,
    }
}

/// A recorded number; what is not finite may be null or a text, as JSON has no number for it.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Null => Some(f64::NAN),
        Value::String(text) => match text.as_str() {
            "NaN" | "nan" => Some(f64::NAN),
            "Infinity" | "inf" => Some(f64::INFINITY),
            "-Infinity" | "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the output is of 32 bits")]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn is_same(data: &Data, index: usize, expected: &Value) -> bool {
    match data {
        Data::Str(texts) => texts.get(index) == expected.as_str(),
        Data::Bool(flags) => flags.get(index).copied() == expected.as_bool(),
        // A whole number may have been recorded as a float.
        _ => match (expected, text(data, index)) {
            (Value::Number(number), text) if number.is_f64() => {
                number.as_f64() == text.parse().ok() && number.as_f64().is_some()
            }
            (Value::Number(number), text) => number.to_string() == text,
            _ => false,
        },
    }
}

fn text(data: &Data, index: usize) -> String {
    macro_rules! shown {
        ($cells:expr) => {
            $cells.get(index).map(ToString::to_string)
        };
    }
    let text = match data {
        Data::Bool(cells) => shown!(cells),
        Data::I8(cells) => shown!(cells),
        Data::I16(cells) => shown!(cells),
        Data::I32(cells) => shown!(cells),
        Data::I64(cells) | Data::DateTime(cells) => shown!(cells),
        Data::U8(cells) => shown!(cells),
        Data::U16(cells) => shown!(cells),
        Data::U32(cells) => shown!(cells),
        Data::U64(cells) => shown!(cells),
        Data::F16(cells) => shown!(cells),
        Data::F32(cells) => shown!(cells),
        Data::F64(cells) => shown!(cells),
        Data::Str(cells) | Data::Json(cells) => shown!(cells),
        Data::Bytes(_) => None,
    };
    text.unwrap_or_default()
}

/// How many floats lie between two; NaN is next to NaN, and infinitely far from numbers.
fn apart_f64(one: f64, two: f64) -> u64 {
    if one.is_nan() || two.is_nan() {
        return if one.is_nan() && two.is_nan() {
            0
        } else {
            u64::MAX
        };
    }
    place(one.to_bits(), 63).abs_diff(place(two.to_bits(), 63))
}

fn apart_f32(one: f32, two: f32) -> u64 {
    if one.is_nan() || two.is_nan() {
        return if one.is_nan() && two.is_nan() {
            0
        } else {
            u64::MAX
        };
    }
    let place = |value: f32| place(u64::from(value.to_bits()), 31);
    place(one).abs_diff(place(two))
}

/// The place of a float among all, both zeros at 0.
fn place(bits: u64, sign: u32) -> i64 {
    let magnitude = (bits & !(1 << sign)).cast_signed();
    if bits >> sign == 0 {
        magnitude
    } else {
        -magnitude
    }
}

fn shown(output: &NamedTensor) -> String {
    if output.name.is_empty() {
        "predictions".to_owned()
    } else {
        output.name.to_string()
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::Tensor;
    use serde_json::json;

    fn array(data: impl Into<Data>, shape: &[usize]) -> Frame {
        let tensor = Tensor::new(shape, data).expect("as many elements");
        Frame::new(vec![NamedTensor::new("", tensor)])
    }

    #[test]
    fn equal_predictions_are_equal_in_every_form() {
        let answer = array(vec![1.5_f32, 0.1, f32::NAN, -0.0], &[2, 2]);
        for recorded in [
            json!([[1.5, 0.10000000149011612], [null, 0.0]]),
            json!({"predictions": [[1.5, 0.1], ["NaN", 0]]}),
        ] {
            let found = compare(&answer, &recorded, 0).expect("comparable");
            assert_eq!((found.rows, found.values, found.unequal), (2, 4, 0));
        }
        let named = Frame::new(vec![
            NamedTensor::new("label", Tensor::column(vec![1_i64, 2])),
            NamedTensor::new("p", Tensor::column(vec![0.5_f64, 0.25])),
        ]);
        for recorded in [
            json!([{"label": 1, "p": 0.5}, {"label": 2, "p": 0.25}]),
            json!({"label": [1, 2], "p": [0.5, 0.25]}),
        ] {
            let found = compare(&named, &recorded, 0).expect("comparable");
            assert_eq!((found.values, found.unequal), (4, 0));
        }
    }

    #[test]
    fn differences_are_measured_in_the_type_of_the_output() {
        let up = f64::from(f32::from_bits(1.0_f32.to_bits() + 3));
        let narrow = compare(&array(vec![1.0_f32], &[1]), &json!([up]), 2).expect("comparable");
        assert_eq!((narrow.largest, narrow.too_far), (3, 1));
        let wide = f64::from_bits(1.0_f64.to_bits() + 2);
        let wide = compare(&array(vec![1.0_f64], &[1]), &json!([wide]), 2).expect("comparable");
        assert_eq!((wide.unequal, wide.largest, wide.too_far), (1, 2, 0));
        let across = compare(&array(vec![f64::from_bits(1)], &[1]), &json!([-5e-324]), 9);
        assert_eq!(across.expect("comparable").largest, 2);
    }

    #[test]
    fn texts_and_whole_numbers_must_be_equal() {
        let found = compare(&array(vec![7_i64, 8], &[2]), &json!([7, 9]), 100).expect("comparable");
        assert_eq!((found.unequal, found.too_far), (1, 1));
        assert_eq!(found.differences[0].row, 1);
        let texts = Data::Str(["a", "b"].into_iter().collect());
        let found = compare(&array(texts, &[2]), &json!(["a", "c"]), 0).expect("comparable");
        assert_eq!(found.too_far, 1);
    }

    #[test]
    fn what_cannot_be_compared_is_an_error() {
        let answer = array(vec![1.0, 2.0], &[2]);
        for recorded in [
            json!(1),
            json!([1.0]),
            json!([[1.0, 2.0], [3.0, 4.0]]),
            json!({"x": 1}),
        ] {
            assert!(compare(&answer, &recorded, 0).is_err(), "{recorded}");
        }
    }
}
