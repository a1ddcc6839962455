//! `numpy.array`: lists inside each other as one array, of a type that is asked for or found.
//!
//! Source: numpy 2.4.6 as measured; where it wraps around or copies the digits of a text as octets
//! (`base64-not-decoded`), the answer is the strict one.

use super::dates;
use super::exception::Exception;
use super::object::{NOT_A_TIME, Object};
use super::values::{Values, strings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flowgate_core::{BlobsBuilder, Data, DataType, Shape, TensorType};
use half::f16;

/// Dimensions that an array may have.
const DIMENSIONS: usize = 64;

/// An array of numpy.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NdArray {
    /// Sizes of its dimensions.
    pub(super) shape: Shape,
    /// Its elements, row-major.
    pub(super) values: Values,
}

impl NdArray {
    /// `numpy.array(object, dtype)`; without a type numpy finds one.
    pub(super) fn new(object: Object, dtype: Option<TensorType>) -> Result<Self, Exception> {
        let mut shape = Shape::new();
        measure(&object, 0, &mut shape)?;
        let mut elements = Vec::new();
        flatten(object, &mut elements);
        let values = match dtype {
            None => found(elements)?,
            Some(dtype) => typed(&elements, dtype)?,
        };
        Ok(Self { shape, values })
    }

    /// `tolist()`.
    pub(super) fn to_object(&self) -> Object {
        let mut at = 0;
        self.nested(&self.shape, &mut at)
    }

    fn nested(&self, shape: &[usize], at: &mut usize) -> Object {
        match shape.split_first() {
            None => {
                *at += 1;
                self.values.get(*at - 1)
            }
            Some((size, rest)) => Object::List((0..*size).map(|_| self.nested(rest, at)).collect()),
        }
    }
}

const RAGGED: &str = "setting an array element with a sequence. The requested array has an \
inhomogeneous shape";

/// The sizes of lists inside each other, which must be alike all over.
fn measure(object: &Object, depth: usize, shape: &mut Shape) -> Result<(), Exception> {
    if depth > DIMENSIONS {
        return Err(Exception::value(RAGGED));
    }
    let (size, first) = match object {
        Object::List(items) => (items.len(), items.first()),
        Object::Array(array) => {
            shape.extend_from_slice(&array.shape);
            return Ok(());
        }
        _ => return Ok(()),
    };
    shape.push(size);
    if let Some(first) = first {
        measure(first, depth + 1, shape)?;
    }
    if same_shape(object, &shape[depth..]) {
        Ok(())
    } else {
        Err(Exception::value(RAGGED))
    }
}

fn same_shape(object: &Object, shape: &[usize]) -> bool {
    match (object, shape.split_first()) {
        (Object::List(items), Some((size, rest))) => {
            items.len() == *size && items.iter().all(|item| same_shape(item, rest))
        }
        (Object::Array(array), _) => *array.shape == *shape,
        (Object::List(_), None) | (_, Some(_)) => false,
        (_, None) => true,
    }
}

fn flatten(object: Object, out: &mut Vec<Object>) {
    match object {
        Object::List(items) => items.into_iter().for_each(|item| flatten(item, out)),
        Object::Array(array) => out.extend(array.values.into_objects()),
        leaf => out.push(leaf),
    }
}

/// The elements in the type that numpy finds for them.
fn found(elements: Vec<Object>) -> Result<Values, Exception> {
    if elements.is_empty() {
        return Ok(Values::Typed(Data::empty(DataType::F64)));
    }
    let (mut text, mut float, mut whole, mut flag, mut octets) =
        (false, false, false, false, false);
    for element in &elements {
        match element {
            Object::Str(_) => text = true,
            Object::Float(_) | Object::Float32(_) => float = true,
            Object::Int(_) | Object::Int32(_) => whole = true,
            Object::Big(digits) if digits.parse::<u64>().is_ok() => whole = true,
            Object::Bool(_) => flag = true,
            Object::Bytes(_) => octets = true,
            Object::Time(_)
            | Object::Big(_)
            | Object::None
            | Object::HalfText
            | Object::Dict(_)
            | Object::List(_)
            | Object::Array(_) => return Ok(Values::Objects(elements)),
        }
    }
    let datatype = match (text, octets, float, whole, flag) {
        (true, false, ..) => DataType::Str,
        (false, true, false, false, false) => return octets_of(&elements),
        (_, true, ..) => return Ok(Values::Objects(elements)),
        (_, _, true, ..) => DataType::F64,
        (_, _, _, true, _) => {
            return match Values::inferred(elements.iter().map(as_whole).collect()) {
                // Signed beside large ones: numpy takes the doubles.
                Values::Objects(elements) => typed(&elements, TensorType::Data(DataType::F64)),
                values => Ok(values),
            };
        }
        _ => DataType::Bool,
    };
    typed(&elements, TensorType::Data(datatype))
}

/// A boolean beside integers is one.
fn as_whole(element: &Object) -> Object {
    match element {
        Object::Bool(flag) => Object::Int(i64::from(*flag)),
        other => other.clone(),
    }
}

fn octets_of(elements: &[Object]) -> Result<Values, Exception> {
    let mut builder = BlobsBuilder::default();
    for element in elements {
        match element {
            Object::Bytes(octets) => builder.push(octets),
            Object::Str(text) => {
                let octets = STANDARD.decode(&**text);
                builder.push(&octets.map_err(|_| Exception::value(NO_BASE64))?);
            }
            _ => return Err(Exception::type_error(NO_BASE64)),
        }
    }
    Ok(Values::Typed(Data::Bytes(builder.finish())))
}

const NO_BASE64: &str = "octets are texts in standard base64 with padding";

/// The elements in the type `dtype`.
pub(super) fn typed(elements: &[Object], dtype: TensorType) -> Result<Values, Exception> {
    let TensorType::Data(datatype) = dtype else {
        return match dtype {
            TensorType::Object => Ok(Values::Objects(elements.to_vec())),
            _ => Err(Exception::type_error("complex numbers are not taken")),
        };
    };
    macro_rules! whole {
        ($type:ty) => {{
            let numbers: Result<Vec<$type>, Exception> = elements
                .iter()
                .map(|element| {
                    let number = element
                        .int()?
                        .and_then(|number| <$type>::try_from(number).ok());
                    number.ok_or_else(|| {
                        Exception::overflow(concat!(
                            "Python integer out of bounds for ",
                            stringify!($type)
                        ))
                    })
                })
                .collect();
            Ok(Values::Typed(Data::from(numbers?)))
        }};
    }
    let floats = || elements.iter().map(Object::float);
    match datatype {
        DataType::Bool => Ok(Values::Typed(Data::from(
            elements.iter().map(Object::truth).collect::<Vec<bool>>(),
        ))),
        DataType::I8 => whole!(i8),
        DataType::I16 => whole!(i16),
        DataType::I32 => whole!(i32),
        DataType::I64 => whole!(i64),
        DataType::U8 => whole!(u8),
        DataType::U16 => whole!(u16),
        DataType::U32 => whole!(u32),
        DataType::U64 => whole!(u64),
        DataType::F64 => Ok(Values::Typed(Data::from(
            floats().collect::<Result<Vec<f64>, _>>()?,
        ))),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounding to 32 bits is what is asked for"
        )]
        DataType::F32 => Ok(Values::Typed(Data::from(
            floats()
                .map(|number| Ok(number? as f32))
                .collect::<Result<Vec<f32>, Exception>>()?,
        ))),
        DataType::F16 => Ok(Values::Typed(Data::from(
            floats()
                .map(|number| Ok(f16::from_f64(number?)))
                .collect::<Result<Vec<f16>, Exception>>()?,
        ))),
        DataType::Str => strings(elements.iter().map(Object::text))
            .map(Values::Typed)
            .ok_or_else(|| Exception::value("surrogates not allowed")),
        DataType::Bytes => octets_of(elements),
        DataType::DateTime => {
            let times: Result<Vec<i64>, Exception> = elements.iter().map(time).collect();
            Ok(Values::Typed(Data::DateTime(times?.into())))
        }
        DataType::Json => Ok(Values::Objects(elements.to_vec())),
    }
}

/// An element as `datetime64[ns]`: whole numbers are nanoseconds, texts ISO 8601.
fn time(element: &Object) -> Result<i64, Exception> {
    match element {
        Object::None => Ok(NOT_A_TIME),
        Object::Bool(flag) => Ok(i64::from(*flag)),
        Object::Int(number) => Ok(*number),
        Object::Int32(number) => Ok(i64::from(*number)),
        Object::Time(time) => Ok(*time),
        Object::Str(text) if text.is_empty() || text.eq_ignore_ascii_case("nat") => Ok(NOT_A_TIME),
        Object::Str(text) => {
            dates::iso(text).ok_or_else(|| Exception::value("Error parsing datetime string"))
        }
        _ => Err(Exception::value(
            "Could not convert object to NumPy datetime",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::loads::loads;
    use super::*;

    fn array(json: &str, dtype: Option<DataType>) -> Result<NdArray, Exception> {
        let object = loads(json.as_bytes()).expect("JSON");
        NdArray::new(object, dtype.map(TensorType::Data))
    }

    /// As numpy 2.4.6 says of the same lists.
    #[test]
    fn numpy_finds_a_type() {
        for (json, dtype, shape) in [
            ("5", "int64", &[][..]),
            ("[1, 2.5]", "float64", &[2]),
            ("[true, 2]", "int64", &[2]),
            ("[true, 0.5]", "float64", &[2]),
            ("[[1], [2]]", "int64", &[2, 1]),
            ("[9223372036854775808]", "uint64", &[1]),
            ("[9223372036854775808, -1]", "float64", &[2]),
            ("[18446744073709551616]", "object", &[1]),
            ("[1, null]", "object", &[2]),
            ("[\"a\", 1]", "<U0", &[2]),
            ("[]", "float64", &[0]),
            ("[[]]", "float64", &[1, 0]),
        ] {
            let array = array(json, None).expect("an array");
            assert_eq!(
                (array.values.dtype(), &*array.shape),
                (dtype, shape),
                "{json}"
            );
        }
    }

    #[test]
    fn a_type_is_forced_or_refused_but_never_wrapped() {
        let data = |json, datatype| array(json, Some(datatype)).map(|array| array.values);
        assert_eq!(
            data("[1.9, \"12\", true]", DataType::I32),
            Ok(Values::Typed(Data::from(vec![1_i32, 12, 1])))
        );
        assert_eq!(
            data("[null, \"x\", 0]", DataType::Bool),
            Ok(Values::Typed(Data::from(vec![false, true, false])))
        );
        for (json, datatype) in [
            ("[256]", DataType::U8),
            ("[-1]", DataType::U8),
            ("[null]", DataType::I64),
            ("[2147483648]", DataType::I32),
            ("[\"abc\"]", DataType::F32),
            ("[[1], [2, 3]]", DataType::F64),
            ("[1, [2]]", DataType::F64),
            ("[1.5]", DataType::DateTime),
        ] {
            assert!(data(json, datatype).is_err(), "{json}");
        }
    }
}
