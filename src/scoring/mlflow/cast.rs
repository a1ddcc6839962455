//! What is done to the columns of a table before the signature is enforced: pandas' `astype`,
//! lenient and by column.
//!
//! Source: MLflow 3.17.2, `cast_df_types_according_to_schema`. Where pandas wraps an integer around
//! (`int-wrap`) it is refused.

use super::array::typed;
use super::dates::to_datetime;
use super::enforce::nested;
use super::exception::{Exception, invalid};
use super::object::Object;
use super::table::{Label, Table};
use super::values::Values;
use flowgate_core::{ColumnType, Data, DataType, Refusal, Scalar, Schema, TensorType};

/// Casts the columns of `table` that the signature has.
///
/// # Errors
/// The first column that cannot be cast.
pub(super) fn cast(table: &mut Table, schema: &Schema) -> Result<(), Refusal> {
    match schema {
        Schema::Columns(specs) => {
            for (position, spec) in specs.iter().enumerate() {
                let places = match &spec.name {
                    Some(name) => table.places(name),
                    None if position < table.columns.len() => vec![position],
                    None => break,
                };
                for place in places {
                    cast_at(table, place, &kind_name(&spec.kind), |column| {
                        column_to(column, &spec.kind, spec.required)
                    })?;
                }
            }
        }
        Schema::Tensors(specs) => {
            for spec in specs {
                let places = match &spec.name {
                    Some(name) => table.places(name),
                    None => (0..table.columns.len()).collect(),
                };
                for place in places {
                    cast_at(table, place, spec.kind.name(), |column| {
                        tensor_column(column, spec.kind)
                    })?;
                }
            }
        }
    }
    Ok(())
}

fn cast_at(
    table: &mut Table,
    place: usize,
    kind: &str,
    cast: impl FnOnce(Values) -> Result<Values, Exception>,
) -> Result<(), Refusal> {
    let (label, column) = &mut table.columns[place];
    let taken = std::mem::replace(column, Values::Objects(Vec::new()));
    *column = cast(taken).map_err(|exception| not_cast(label, kind, &exception))?;
    Ok(())
}

fn not_cast(label: &Label, kind: &str, exception: &Exception) -> Refusal {
    invalid(format!(
        "Data is not compatible with model signature. Failed to convert column {label} to type \
         '{kind}'. Error: '{}'",
        exception.repr()
    ))
}

/// The type as MLflow's message has it.
fn kind_name(kind: &ColumnType) -> String {
    match kind {
        ColumnType::Scalar(Scalar::String | Scalar::Binary) => "<class 'object'>".to_owned(),
        ColumnType::Scalar(scalar) => TensorType::Data(scalar.datatype()).name().to_owned(),
        other => other.to_string(),
    }
}

fn column_to(column: Values, kind: &ColumnType, required: bool) -> Result<Values, Exception> {
    match kind {
        ColumnType::Scalar(Scalar::Binary) => octets(column),
        ColumnType::Scalar(Scalar::DateTime) => to_datetime(column),
        ColumnType::Scalar(Scalar::String) => Ok(match column {
            texts @ Values::Texts(_) => texts,
            other => Values::Objects(other.into_objects()),
        }),
        ColumnType::Scalar(scalar) => astype(column, scalar.datatype()),
        ColumnType::Any => Ok(column),
        nested_kind => {
            let cells = column.into_objects().into_iter();
            let cells: Result<Vec<Object>, Exception> = cells
                .map(|cell| nested::enforce(cell, nested_kind, required))
                .collect();
            Ok(Values::Objects(cells?))
        }
    }
}

fn tensor_column(column: Values, kind: TensorType) -> Result<Values, Exception> {
    let Some(datatype) = kind.datatype() else {
        return Err(Exception::type_error("complex numbers are not taken"));
    };
    match (datatype, column) {
        (_, column) if column.len() == 0 => Err(Exception::new(
            "IndexError",
            "single positional indexer is out-of-bounds",
        )),
        (DataType::Bytes, column) => typed(&column.into_objects(), kind),
        (_, column) if matches!(column.get(0), Object::List(_)) => Ok(column),
        (DataType::Str, texts @ Values::Texts(_)) => Ok(texts),
        (DataType::Str, column) => {
            let text = |object: Object| object.text().map(|text| Object::Str(text.into()));
            let texts: Option<Vec<Object>> = column.into_objects().into_iter().map(text).collect();
            texts
                .map(Values::Objects)
                .ok_or_else(|| Exception::value("surrogates not allowed"))
        }
        (DataType::Json, column) => Ok(Values::Objects(column.into_objects())),
        (datatype, column) => astype(column, datatype),
    }
}

/// `astype` to a type of numbers or booleans.
fn astype(column: Values, datatype: DataType) -> Result<Values, Exception> {
    let column = match column {
        same @ Values::Typed(_) if same.datatype() == Some(datatype) => return Ok(same),
        other => other,
    };
    if datatype.is_integer() {
        not_finite(&column)?;
    }
    typed(&column.into_objects(), TensorType::Data(datatype))
}

/// Doubles that are no integer are told before any of them is looked at.
fn not_finite(column: &Values) -> Result<(), Exception> {
    let finite = match column {
        Values::Typed(Data::F64(numbers)) => numbers.iter().all(|number| number.is_finite()),
        Values::Typed(Data::F32(numbers)) => numbers.iter().all(|number| number.is_finite()),
        _ => true,
    };
    if finite {
        return Ok(());
    }
    Err(Exception::new(
        "IntCastingNaNError",
        "Cannot convert non-finite values (NA or inf) to integer. Replace or remove non-finite \
         values or cast to an integer type that supports these values (e.g. 'Int64')",
    ))
}

/// Texts in base64 as octets, read as Python does: what is not of the alphabet is passed over.
fn octets(column: Values) -> Result<Values, Exception> {
    let octets = column.into_objects().into_iter().map(|cell| match cell {
        Object::Str(text) => {
            lenient_base64(text.as_bytes()).map(|octets| Object::Bytes(octets.into()))
        }
        _ => Err(Exception::type_error("encoding without a string argument")),
    });
    octets.collect::<Result<_, _>>().map(Values::Objects)
}

/// `binascii.a2b_base64` of CPython 3.11 without its strict mode.
fn lenient_base64(text: &[u8]) -> Result<Vec<u8>, Exception> {
    let mut octets = Vec::with_capacity(text.len() / 4 * 3);
    let (mut place, mut left, mut pads) = (0_u8, 0_u8, 0_u8);
    for byte in text {
        let six = match byte {
            b'=' => {
                if place >= 2 {
                    pads += 1;
                    if place + pads >= 4 {
                        return Ok(octets);
                    }
                }
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        pads = 0;
        match place {
            0 => left = six,
            1 => {
                octets.push(left << 2 | six >> 4);
                left = six & 0x0f;
            }
            2 => {
                octets.push(left << 4 | six >> 2);
                left = six & 0x03;
            }
            _ => octets.push(left << 6 | six),
        }
        place = (place + 1) % 4;
    }
    match place {
        0 => Ok(octets),
        1 => Err(Exception::new(
            "Error",
            "Invalid base64-encoded string: number of data characters cannot be 1 more than a \
             multiple of 4",
        )),
        _ => Err(Exception::new("Error", "Incorrect padding")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As CPython 3.11.7 reads the same texts.
    #[test]
    fn base64_is_read_as_python_reads_it() {
        for (text, octets) in [
            ("AQID", &b"\x01\x02\x03"[..]),
            ("AQ==", b"\x01"),
            ("!!!", b""),
            ("A\nQ I_D-", b"\x01\x02\x03"),
            ("AQ==AQID", b"\x01"),
            ("", b""),
        ] {
            assert_eq!(
                lenient_base64(text.as_bytes()).as_deref(),
                Ok(octets),
                "{text}"
            );
        }
        assert!(lenient_base64(b"A").is_err());
        assert!(lenient_base64(b"AQI").is_err());
    }

    fn scalar(cells: Vec<Object>, scalar: Scalar) -> Result<Values, Exception> {
        column_to(Values::inferred(cells), &ColumnType::Scalar(scalar), true)
    }

    #[test]
    fn what_a_null_becomes_depends_on_its_neighbours() {
        let flags = |cells| scalar(cells, Scalar::Boolean);
        let data = |flags: &[bool]| Ok(Values::Typed(Data::from(flags.to_vec())));
        assert_eq!(
            flags(vec![Object::None, Object::Int(0)]),
            data(&[true, false])
        );
        assert_eq!(
            flags(vec![Object::None, Object::Bool(true)]),
            data(&[false, true])
        );
        assert_eq!(flags(vec![Object::None]), data(&[false]));
        let text = Object::Str("false".into());
        assert_eq!(flags(vec![Object::None, text]), data(&[true, true]));
    }

    #[test]
    fn integers_are_cut_but_never_wrapped() {
        let cut = scalar(
            vec![Object::Float(1.9), Object::Float(-1.9)],
            Scalar::Integer,
        );
        assert_eq!(cut, Ok(Values::Typed(Data::from(vec![1_i32, -1]))));
        for cell in [
            Object::Int(1 << 31),
            Object::Float(3e9),
            Object::None,
            Object::Str("1.0".into()),
        ] {
            assert!(
                scalar(vec![cell.clone()], Scalar::Integer).is_err(),
                "{cell:?}"
            );
        }
        let null = scalar(vec![Object::Int(1), Object::None], Scalar::Long).expect_err("a null");
        assert!(null.repr().starts_with("IntCastingNaNError("));
    }
}
