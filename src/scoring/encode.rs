//! From an answer to the octets of a body, as MLflow's server writes it: records for tables,
//! lists for tensors, numbers as Python prints them; what is not finite as the policy has it.

use crate::json::{write_f64, write_i64, write_str, write_u64};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flowgate_core::{
    Data, ErrorKind, Form, Frame, Labels, NamedTensor, Nonfinite, Outputs, Rules, datetime,
};

/// Why an answer cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// An output without a row for each row of the others, beside a table.
    #[error("output `{name}` of the model has {found} rows, another one has {expected}")]
    Rows {
        /// The output.
        name: String,
        /// Its rows.
        found: usize,
        /// Those of the others.
        expected: usize,
    },
}

impl EncodeError {
    /// The model is at fault.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Rows { .. } => ErrorKind::Internal,
        }
    }
}

/// Appends the answer `frame` to a request of `form` to `out`, as `rules` have it. One output
/// without a name is an array, written as it is.
///
/// # Errors
/// When the outputs are not rows of one table, and a table was sent.
pub fn json(
    frame: &Frame,
    form: Form,
    rules: &Rules,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    out.reserve(frame.size() * 2 + 64);
    let wrapped = form != Form::Bare;
    if wrapped {
        out.extend_from_slice(b"{\"predictions\": ");
    }
    if let [array] = frame.tensors()
        && array.name.is_empty()
    {
        value(array, rules, array.tensor.shape(), 0, out);
    } else if form.is_table() {
        records(frame, rules, out)?;
    } else {
        tensors(frame, rules, out);
    }
    if wrapped {
        out.push(b'}');
    }
    Ok(())
}

/// One object a row. An output of shape `[rows]` or `[rows, 1]` gives a value, one with more
/// dimensions a list, one with labels an object; one without dimensions is a table of one row.
/// Flattened, every element is a row.
fn records(frame: &Frame, rules: &Rules, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let outputs = frame.tensors();
    let rows_of = |output: &NamedTensor| match rules.outputs {
        Outputs::Flat if output.labels.is_none() => output.tensor.data().len(),
        Outputs::Flat | Outputs::Rows => output.tensor.rows().unwrap_or(1),
    };
    let rows = outputs.first().map_or(0, rows_of);
    if let Some(other) = outputs.iter().find(|output| rows_of(output) != rows) {
        let (name, found) = (other.name.to_string(), rows_of(other));
        return Err(EncodeError::Rows {
            name,
            found,
            expected: rows,
        });
    }
    let cells: Vec<Cells<'_>> = outputs
        .iter()
        .map(|output| Cells::new(output, rules))
        .collect();
    out.push(b'[');
    for row in 0..rows {
        out.extend_from_slice(if row == 0 { b"{" } else { b", {" });
        for (index, cells) in cells.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b", ");
            }
            out.extend_from_slice(&cells.key);
            cells.write(row, out);
        }
        out.push(b'}');
    }
    out.push(b']');
    Ok(())
}

/// One output beside a table.
struct Cells<'a> {
    /// The name as JSON with its colon, written once for all rows.
    key: Vec<u8>,
    output: &'a NamedTensor,
    rules: &'a Rules,
    /// Sizes of one row's dimensions; empty for a single value.
    shape: &'a [usize],
    /// Elements of one row.
    width: usize,
}

impl<'a> Cells<'a> {
    fn new(output: &'a NamedTensor, rules: &'a Rules) -> Self {
        let mut key = Vec::new();
        write_str(&mut key, &output.name);
        key.extend_from_slice(b": ");
        let shape = output.tensor.shape().get(1..).unwrap_or_default();
        let flat = rules.outputs == Outputs::Flat || shape.iter().all(|size| *size == 1);
        let single = flat && output.labels.is_none();
        let shape = if single { &[] } else { shape };
        Self {
            key,
            output,
            rules,
            shape,
            width: shape.iter().product(),
        }
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) {
        let start = row * self.width;
        value(self.output, self.rules, self.shape, start, out);
    }
}

/// One list an output.
fn tensors(frame: &Frame, rules: &Rules, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, output) in frame.tensors().iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        write_str(out, &output.name);
        out.extend_from_slice(b": ");
        value(output, rules, output.tensor.shape(), 0, out);
    }
    out.push(b'}');
}

/// The elements from `start` on that a value of `shape` has.
fn value(output: &NamedTensor, rules: &Rules, shape: &[usize], start: usize, out: &mut Vec<u8>) {
    match (shape.split_first(), &output.labels) {
        (None, _) => element(output.tensor.data(), rules, start, out),
        (Some((size, [])), Some(labels)) => {
            map(labels, rules, *size, output.tensor.data(), start, out);
        }
        (Some((size, rest)), _) => {
            let width: usize = rest.iter().product();
            out.push(b'[');
            for index in 0..*size {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                value(output, rules, rest, start + index * width, out);
            }
            out.push(b']');
        }
    }
}

/// A label and a number, `size` times.
fn map(labels: &Labels, rules: &Rules, size: usize, data: &Data, start: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for index in 0..size.min(labels.len()) {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        match labels {
            Labels::Ints(labels) => write_str(out, itoa::Buffer::new().format(labels[index])),
            Labels::Strs(labels) => write_str(out, &labels[index]),
        }
        out.extend_from_slice(b": ");
        element(data, rules, start + index, out);
    }
    out.push(b'}');
}

/// One element. Narrow floats are widened first: MLflow prints the digits of the double.
fn element(data: &Data, rules: &Rules, index: usize, out: &mut Vec<u8>) {
    match data {
        Data::Bool(flags) => out.extend_from_slice(if flags[index] { b"true" } else { b"false" }),
        Data::I8(numbers) => write_i64(out, numbers[index].into()),
        Data::I16(numbers) => write_i64(out, numbers[index].into()),
        Data::I32(numbers) => write_i64(out, numbers[index].into()),
        Data::I64(numbers) => write_i64(out, numbers[index]),
        Data::U8(numbers) => write_u64(out, numbers[index].into()),
        Data::U16(numbers) => write_u64(out, numbers[index].into()),
        Data::U32(numbers) => write_u64(out, numbers[index].into()),
        Data::U64(numbers) => write_u64(out, numbers[index]),
        Data::F16(numbers) => float(numbers[index].into(), rules, out),
        Data::F32(numbers) => float(numbers[index].into(), rules, out),
        Data::F64(numbers) => float(numbers[index], rules, out),
        Data::Str(texts) => write_str(out, texts.get(index).unwrap_or_default()),
        Data::Bytes(blobs) => {
            write_str(out, &STANDARD.encode(blobs.get(index).unwrap_or_default()));
        }
        Data::DateTime(times) => write_str(out, &datetime::format(times[index])),
        Data::Json(texts) => {
            out.extend_from_slice(texts.get(index).unwrap_or("null").as_bytes());
        }
    }
}

/// A number with a fraction.
#[inline]
fn float(number: f64, rules: &Rules, out: &mut Vec<u8>) {
    if number.is_finite() || rules.nonfinite == Nonfinite::Null {
        write_f64(out, number);
        return;
    }
    out.extend_from_slice(match number {
        number if number.is_nan() => b"NaN",
        number if number > 0.0 => b"Infinity",
        _ => b"-Infinity",
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::{Compat, Tensor};

    fn output(name: &str, shape: &[usize], data: impl Into<Data>) -> NamedTensor {
        NamedTensor::new(name, Tensor::new(shape, data).expect("as many elements"))
    }

    fn written(outputs: Vec<NamedTensor>, form: Form) -> Result<String, EncodeError> {
        under(Compat::Strict, outputs, form)
    }

    fn under(compat: Compat, outputs: Vec<NamedTensor>, form: Form) -> Result<String, EncodeError> {
        let mut out = Vec::new();
        json(&Frame::new(outputs), form, compat.rules(), &mut out)?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[track_caller]
    fn check(outputs: Vec<NamedTensor>, form: Form, expected: &str) {
        assert_eq!(written(outputs, form).as_deref(), Ok(expected));
    }

    #[test]
    fn a_table_is_answered_with_one_record_a_row() {
        let label = output("label", &[2], vec![0_i64, 1]);
        let wide = output("p", &[2, 2], vec![0.1_f32, 0.9, 1.0, f32::NAN]);
        check(
            vec![label, wide],
            Form::Table,
            "{\"predictions\": [{\"label\": 0, \"p\": [0.10000000149011612, 0.8999999761581421]}, \
             {\"label\": 1, \"p\": [1.0, null]}]}",
        );
        check(
            vec![output("y", &[2, 1], vec![1.5, 2.0])],
            Form::Bare,
            "[{\"y\": 1.5}, {\"y\": 2.0}]",
        );
        check(
            vec![output("y", &[0, 3], Vec::<f64>::new())],
            Form::Table,
            "{\"predictions\": []}",
        );
        check(
            vec![output("y", &[], vec![1.5])],
            Form::Table,
            "{\"predictions\": [{\"y\": 1.5}]}",
        );
    }

    #[test]
    fn tensors_are_answered_with_their_shapes() {
        let y = output("y", &[2, 1, 2], vec![1_u8, 2, 3, 4]);
        let text = output("ü", &[1], Data::Str(["a\"b"].into_iter().collect()));
        check(
            vec![y, text],
            Form::Tensor,
            "{\"predictions\": {\"y\": [[[1, 2]], [[3, 4]]], \"\\u00fc\": [\"a\\\"b\"]}}",
        );
        check(
            vec![output("y", &[], vec![true])],
            Form::Tensors,
            "{\"predictions\": {\"y\": true}}",
        );
        check(
            vec![output("y", &[0, 2], Vec::<f64>::new())],
            Form::Tensor,
            "{\"predictions\": {\"y\": []}}",
        );
    }

    #[test]
    fn one_output_without_a_name_is_an_array_in_every_form() {
        for form in [Form::Table, Form::Tensor, Form::Tensors] {
            let classes = output("", &[3], vec![0_i64, 2, 1]);
            check(vec![classes], form, "{\"predictions\": [0, 2, 1]}");
            let wide = output("", &[1, 2], vec![0.5_f32, 0.25]);
            check(vec![wide], form, "{\"predictions\": [[0.5, 0.25]]}");
            let none = output("", &[0], Vec::<f64>::new());
            check(vec![none], form, "{\"predictions\": []}");
        }
    }

    #[test]
    fn labels_are_keys_in_either_form() {
        let mut map = output("p", &[1, 2], vec![0.25, 0.75]);
        map.labels = Some(Labels::Ints(vec![0, 7].into()));
        check(
            vec![map.clone()],
            Form::Table,
            "{\"predictions\": [{\"p\": {\"0\": 0.25, \"7\": 0.75}}]}",
        );
        check(
            vec![map],
            Form::Tensor,
            "{\"predictions\": {\"p\": [{\"0\": 0.25, \"7\": 0.75}]}}",
        );
    }

    #[test]
    fn mlflow_flattens_outputs_beside_a_table_and_writes_what_is_not_finite() {
        let wide = output(
            "p",
            &[2, 2],
            vec![0.5_f64, f64::NAN, f64::INFINITY, -f64::INFINITY],
        );
        assert_eq!(
            under(Compat::Mlflow, vec![wide.clone()], Form::Table).as_deref(),
            Ok(
                "{\"predictions\": [{\"p\": 0.5}, {\"p\": NaN}, {\"p\": Infinity}, \
             {\"p\": -Infinity}]}"
            )
        );
        assert_eq!(
            under(Compat::Mlflow, vec![wide.clone()], Form::Tensor).as_deref(),
            Ok("{\"predictions\": {\"p\": [[0.5, NaN], [Infinity, -Infinity]]}}")
        );
        let label = output("label", &[2], vec![0_i64, 1]);
        let unequal = under(Compat::Mlflow, vec![label, wide], Form::Table);
        assert!(matches!(unequal, Err(EncodeError::Rows { .. })));
    }

    #[test]
    fn outputs_of_unlike_rows_are_no_table() {
        let outputs = vec![
            output("a", &[2], vec![1.0, 2.0]),
            output("b", &[], vec![1.0]),
        ];
        assert!(matches!(
            written(outputs, Form::Table),
            Err(EncodeError::Rows { .. })
        ));
    }
}
