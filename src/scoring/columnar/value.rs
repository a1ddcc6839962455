//! One value of an Arrow array, whatever the array is, and how it becomes an element.

use super::super::decode::{A_LIST, Elements, Wrong};
use crate::json::Number;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use flowgate_core::Code;
use half::f16;

/// A value. Texts and octets are those of the array.
pub(super) enum Value<'a> {
    Null,
    Flag(bool),
    /// Every integer type of Arrow fits.
    Whole(i128),
    /// Narrow floats are widened, which is exact.
    Float(f64),
    /// The digits of a decimal.
    Decimal(String),
    Text(&'a str),
    Octets(&'a [u8]),
    /// Nanoseconds since 1970, in UTC where the column has a zone and as they stand where not;
    /// `None` where 64 bits do not hold them.
    Time(Option<i64>),
    List(ArrayRef),
    /// A struct or a map.
    Object,
    /// Something that no signature asks for.
    Other(&'static str),
}

/// The value of `array` in `row`, which must be there.
pub(super) fn value(array: &dyn Array, row: usize) -> Value<'_> {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Flag(array.as_boolean().value(row)),
        DataType::Int8 => whole::<Int8Type>(array, row),
        DataType::Int16 => whole::<Int16Type>(array, row),
        DataType::Int32 => whole::<Int32Type>(array, row),
        DataType::Int64 => whole::<Int64Type>(array, row),
        DataType::UInt8 => whole::<UInt8Type>(array, row),
        DataType::UInt16 => whole::<UInt16Type>(array, row),
        DataType::UInt32 => whole::<UInt32Type>(array, row),
        DataType::UInt64 => whole::<UInt64Type>(array, row),
        DataType::Float16 => Value::Float(primitive::<Float16Type>(array, row).into()),
        DataType::Float32 => Value::Float(primitive::<Float32Type>(array, row).into()),
        DataType::Float64 => Value::Float(primitive::<Float64Type>(array, row)),
        DataType::Decimal32(_, scale) => decimal::<Decimal32Type>(array, row, *scale),
        DataType::Decimal64(_, scale) => decimal::<Decimal64Type>(array, row, *scale),
        DataType::Decimal128(_, scale) => decimal::<Decimal128Type>(array, row, *scale),
        DataType::Decimal256(_, scale) => decimal::<Decimal256Type>(array, row, *scale),
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Value::Text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Value::Text(array.as_string_view().value(row)),
        DataType::Binary => Value::Octets(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Value::Octets(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => Value::Octets(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => Value::Octets(array.as_fixed_size_binary().value(row)),
        DataType::Timestamp(unit, _) => timestamp(array, row, *unit),
        DataType::Date32 => {
            let days = primitive::<Date32Type>(array, row);
            Value::Time(i64::from(days).checked_mul(86_400_000_000_000))
        }
        DataType::Date64 => Value::Time(primitive::<Date64Type>(array, row).checked_mul(1_000_000)),
        DataType::List(_) => Value::List(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => Value::List(array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(_, _) => Value::List(array.as_fixed_size_list().value(row)),
        DataType::Struct(_) | DataType::Map(_, _) => Value::Object,
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let key = value(dictionary.keys(), row);
            match key {
                Value::Whole(key) => match usize::try_from(key) {
                    Ok(key) if key < dictionary.values().len() => {
                        value(dictionary.values().as_ref(), key)
                    }
                    _ => Value::Other("a key without a value"),
                },
                _ => Value::Null,
            }
        }
        DataType::Time32(_) | DataType::Time64(_) => Value::Other("a time of day"),
        DataType::Duration(_) | DataType::Interval(_) => Value::Other("a duration"),
        _ => Value::Other("a value of another kind"),
    }
}

fn primitive<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn whole<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> Value<'static>
where
    T::Native: Into<i128>,
{
    Value::Whole(primitive::<T>(array, row).into())
}

fn decimal<T: DecimalType>(array: &dyn Array, row: usize, scale: i8) -> Value<'static> {
    let value = primitive::<T>(array, row);
    Value::Decimal(T::format_decimal(value, T::MAX_PRECISION, scale))
}

fn timestamp(array: &dyn Array, row: usize, unit: TimeUnit) -> Value<'static> {
    let nanoseconds = match unit {
        TimeUnit::Second => primitive::<TimestampSecondType>(array, row).checked_mul(1_000_000_000),
        TimeUnit::Millisecond => {
            primitive::<TimestampMillisecondType>(array, row).checked_mul(1_000_000)
        }
        TimeUnit::Microsecond => {
            primitive::<TimestampMicrosecondType>(array, row).checked_mul(1_000)
        }
        TimeUnit::Nanosecond => Some(primitive::<TimestampNanosecondType>(array, row)),
    };
    Value::Time(nanoseconds)
}

/// Adds `value` to `elements`, by the rules of JSON where JSON has such a value; a placeholder
/// when it is refused.
pub(super) fn put(elements: &mut Elements, value: &Value<'_>) -> Result<(), Wrong> {
    let read = match value {
        // Pads by itself.
        Value::Null => return elements.missing(),
        Value::Flag(flag) => elements.flag(*flag),
        Value::Whole(whole) => put_whole(elements, *whole),
        Value::Float(float) => put_float(elements, *float),
        Value::Decimal(digits) if digits.contains('.') => elements.number(Number::Decimal(digits)),
        Value::Decimal(digits) => elements.number(Number::Integer(digits)),
        Value::Text(text) => elements.text(text),
        Value::Octets(octets) => match &mut *elements {
            Elements::Bytes(blobs) => {
                blobs.push(octets);
                Ok(())
            }
            others => Err(others.other("octets")),
        },
        Value::Time(time) => match (&mut *elements, time) {
            (Elements::DateTime(times), Some(time)) => {
                times.push(*time);
                return Ok(());
            }
            (elements, time) => {
                let date = matches!(elements, Elements::DateTime(_));
                elements.pad();
                return Err(match time {
                    None if date => {
                        Wrong::new(Code::OutOfRange, "a date before 1677 or after 2262")
                    }
                    _ => elements.other("a date"),
                });
            }
        },
        Value::List(_) => Err(elements.other(A_LIST)),
        Value::Object => Err(elements.other("an object")),
        Value::Other(kind) => Err(elements.other(kind)),
    };
    if read.is_err() {
        elements.pad();
    }
    read
}

fn put_whole(elements: &mut Elements, whole: i128) -> Result<(), Wrong> {
    if let (Elements::I64(numbers), Ok(whole)) = (&mut *elements, i64::try_from(whole)) {
        numbers.push(whole);
        return Ok(());
    }
    elements.number(Number::Integer(itoa::Buffer::new().format(whole)))
}

/// A float is taken for a whole number where it is exactly one. Its decimal digits would not
/// tell: those of large ones are rounded.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to fewer bits is what is asked for; whole numbers are checked"
)]
fn put_float(elements: &mut Elements, float: f64) -> Result<(), Wrong> {
    let out_of_range = Wrong::new(Code::OutOfRange, "a number out of range");
    match elements {
        Elements::F64(numbers) => numbers.push(float),
        Elements::F32(numbers) => {
            let narrow = float as f32;
            if narrow.is_infinite() && float.is_finite() {
                return Err(out_of_range);
            }
            numbers.push(narrow);
        }
        Elements::F16(numbers) => {
            let narrow = f16::from_f64(float);
            if narrow.is_infinite() && float.is_finite() {
                return Err(out_of_range);
            }
            numbers.push(narrow);
        }
        Elements::Str(_) | Elements::Texts(_) => {
            return Err(Wrong::mismatch("a number that is not whole"));
        }
        others if float.is_nan() => return others.number(Number::NaN),
        others if float.is_infinite() => return others.number(Number::Infinity),
        others if float.fract() != 0.0 => return others.number(Number::Decimal("0.5")),
        others if float.abs() < WHOLE => return put_whole(others, float as i128),
        others => return others.number(Number::Decimal("1e400")),
    }
    Ok(())
}

/// 2^100: above every integer type, and far inside of what `i128` holds.
const WHOLE: f64 = 1_267_650_600_228_229_401_496_703_205_376.0;

/// The octets that `value` takes when it is unpacked; those of a list are counted one by one.
pub(super) fn cost(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.len() + std::mem::size_of::<usize>(),
        Value::Octets(octets) => octets.len() + std::mem::size_of::<usize>(),
        _ => std::mem::size_of::<f64>(),
    }
}
