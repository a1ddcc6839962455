//! From an answer to a table in CSV (RFC 4180), with a line of column names.

use super::encode::{Names, NoTable, column_name, common_rows, label_names, row_shape};
use crate::json::{write_f64, write_i64, write_u64};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flowgate_core::{Data, Frame, NamedTensor, datetime};

/// Appends the answer `frame` to `out`: a column an output; one of shape `[rows, k]` gives `k`
/// columns called `name.0`, `name.1`, …, or `name.label` where it has labels. Numbers are written
/// as in JSON, NaN as an empty field, infinities as `inf` and `-inf`, which our own reader and
/// pandas read back.
///
/// # Errors
/// When an output has more than two dimensions, or there is no common number of rows.
pub fn csv(frame: &Frame, out: &mut Vec<u8>) -> Result<(), NoTable> {
    let rows = common_rows(frame)?;
    let mut columns = Vec::new();
    let mut names = Names::default();
    for output in frame.tensors() {
        let (width, keys) = keys(output)?;
        for (place, key) in keys.into_iter().enumerate() {
            names.add(&key)?;
            separate(columns.len(), out);
            text(&key, out);
            columns.push((output.tensor.data(), width, place));
        }
    }
    out.extend_from_slice(END);
    for row in 0..rows {
        for (index, (data, width, place)) in columns.iter().enumerate() {
            separate(index, out);
            element(data, row * width + place, out);
        }
        out.extend_from_slice(END);
    }
    Ok(())
}

const END: &[u8] = b"\r\n";

/// How many elements a row of `output` has, and the names of the columns that they stand in.
fn keys(output: &NamedTensor) -> Result<(usize, Vec<String>), NoTable> {
    let name = column_name(output).to_owned();
    match (row_shape(output), &output.labels) {
        ([], _) => Ok((1, vec![name])),
        ([width], None) => {
            let keys = (0..*width).map(|place| format!("{name}.{place}")).collect();
            Ok((*width, keys))
        }
        ([width], Some(labels)) => {
            let labels = label_names(labels).into_iter().take(*width);
            let keys = labels.map(|label| format!("{name}.{label}")).collect();
            Ok((*width, keys))
        }
        (shape, _) => {
            let dimensions = shape.len() + 1;
            Err(NoTable::Dimensions { name, dimensions })
        }
    }
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// A text; in quotes where it would not be read back, and where it is empty, since an empty field
/// is a missing value.
fn text(text: &str, out: &mut Vec<u8>) {
    let special = |byte: u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if !text.is_empty() && !text.bytes().any(special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn float(number: f64, out: &mut Vec<u8>) {
    if number.is_infinite() {
        let word: &[u8] = if number > 0.0 { b"inf" } else { b"-inf" };
        out.extend_from_slice(word);
    } else if !number.is_nan() {
        write_f64(out, number);
    }
}

fn element(data: &Data, index: usize, out: &mut Vec<u8>) {
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
        Data::F16(numbers) => float(numbers[index].into(), out),
        Data::F32(numbers) => float(numbers[index].into(), out),
        Data::F64(numbers) => float(numbers[index], out),
        Data::Str(texts) | Data::Json(texts) => text(texts.get(index).unwrap_or_default(), out),
        Data::Bytes(blobs) => {
            text(&STANDARD.encode(blobs.get(index).unwrap_or_default()), out);
        }
        Data::DateTime(times) => text(&datetime::format(times[index]), out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::{Labels, Tensor};

    fn output(name: &str, shape: &[usize], data: impl Into<Data>) -> NamedTensor {
        NamedTensor::new(name, Tensor::new(shape, data).expect("as many elements"))
    }

    fn written(outputs: Vec<NamedTensor>) -> Result<String, NoTable> {
        let mut out = Vec::new();
        csv(&Frame::new(outputs), &mut out)?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn outputs_become_columns_and_their_parts_too() {
        let mut map = output("p", &[2, 2], vec![0.25, 0.75, f64::NAN, f64::INFINITY]);
        map.labels = Some(Labels::Strs(vec!["no".to_owned(), "a,b".to_owned()].into()));
        let texts = Data::Str(["", "say \"x\"\r\n"].into_iter().collect());
        let outputs = vec![
            output("label", &[2, 1], vec![0_i64, 1]),
            output("wide", &[2, 2], vec![1_u8, 2, 3, 4]),
            map,
            output("text", &[2], texts),
            output("flag", &[2], vec![true, false]),
        ];
        assert_eq!(
            written(outputs).as_deref(),
            Ok(
                "label,wide.0,wide.1,p.no,\"p.a,b\",text,flag\r\n0,1,2,0.25,0.75,\"\",true\r\n\
                 1,3,4,,inf,\"say \"\"x\"\"\r\n\",false\r\n"
            )
        );
    }

    #[test]
    fn a_single_value_is_a_table_of_one_row_and_no_rows_are_a_header() {
        assert_eq!(
            written(vec![output("y", &[], vec![1e-7_f64])]).as_deref(),
            Ok("y\r\n1e-07\r\n")
        );
        assert_eq!(
            written(vec![output("y", &[0, 2], Vec::<f32>::new())]).as_deref(),
            Ok("y.0,y.1\r\n")
        );
    }

    #[test]
    fn what_is_no_table_is_not_made_one() {
        let cube = output("y", &[1, 2, 2], vec![1.0; 4]);
        assert!(matches!(
            written(vec![cube]),
            Err(NoTable::Dimensions { dimensions: 3, .. })
        ));
        let unlike = vec![
            output("a", &[1], vec![1.0]),
            output("b", &[2], vec![1.0; 2]),
        ];
        assert_eq!(written(unlike), Err(NoTable::Rows));
        let twice = vec![
            output("a", &[1, 2], vec![1.0; 2]),
            output("a.1", &[1], vec![1.0]),
        ];
        assert!(matches!(written(twice), Err(NoTable::Twice { .. })));
    }
}
