//! Elements of one type, as numpy and pandas keep them, and which type they give to untyped ones.

use super::object::{NOT_A_TIME, Object};
use flowgate_core::{Data, DataType, StringsBuilder};

/// The elements of an array, or the cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Of a type that numpy has; texts and octets are its `<U` and `|S`.
    Typed(Data),
    /// pandas' own type of texts, with missing ones.
    Texts(Vec<Option<Box<str>>>),
    /// Times of a time zone: converted by nobody here, refused by the signature.
    Zoned(usize),
    /// Anything.
    Objects(Vec<Object>),
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Typed(data) => data.len(),
            Self::Texts(texts) => texts.len(),
            Self::Zoned(len) => *len,
            Self::Objects(objects) => objects.len(),
        }
    }

    /// The name of the type in messages.
    pub(super) fn dtype(&self) -> &'static str {
        match self {
            Self::Typed(data) => dtype_name(data.datatype()),
            Self::Texts(_) => "str",
            Self::Zoned(_) => "datetime64[ns, UTC]",
            Self::Objects(_) => "object",
        }
    }

    pub(super) fn datatype(&self) -> Option<DataType> {
        match self {
            Self::Typed(data) => Some(data.datatype()),
            _ => None,
        }
    }

    /// The element at `index` for itself; missing when there is none.
    pub(super) fn get(&self, index: usize) -> Object {
        match self {
            Self::Typed(data) => element(data, index),
            Self::Texts(texts) => match texts.get(index) {
                Some(Some(text)) => Object::Str(text.clone()),
                _ => Object::MISSING,
            },
            Self::Zoned(_) => Object::Time(NOT_A_TIME),
            Self::Objects(objects) => objects.get(index).cloned().unwrap_or(Object::MISSING),
        }
    }

    /// Every element for itself.
    pub(super) fn into_objects(self) -> Vec<Object> {
        match self {
            Self::Objects(objects) => objects,
            other => (0..other.len()).map(|index| other.get(index)).collect(),
        }
    }

    /// As pandas keeps them in a column: texts in its own type, octets as objects.
    pub(super) fn into_column(self) -> Self {
        match self {
            Self::Typed(Data::Str(texts)) => {
                Self::Texts(texts.iter().map(|text| Some(text.into())).collect())
            }
            Self::Typed(data @ Data::Bytes(_)) => Self::Objects(Self::Typed(data).into_objects()),
            other => other,
        }
    }

    /// The type that pandas gives to cells without one (`lib.maybe_convert_objects`, and its type
    /// of texts).
    pub(super) fn inferred(objects: Vec<Object>) -> Self {
        if let Some(values) = of_numpy(&objects) {
            return values;
        }
        let seen = Seen::of(&objects);
        match seen {
            Seen { other: true, .. } => Self::Objects(objects),
            Seen {
                texts: true,
                booleans: false,
                numbers: false,
                times: false,
                ..
            } => Self::Texts(objects.into_iter().map(text).collect()),
            Seen {
                times: true,
                booleans: false,
                numbers: false,
                texts: false,
                ..
            } => Self::Typed(Data::DateTime(
                objects.iter().map(time).collect::<Vec<_>>().into(),
            )),
            Seen { texts: true, .. } | Seen { times: true, .. } => Self::Objects(objects),
            Seen {
                booleans: true,
                numbers: false,
                missing: false,
                ..
            } => Self::Typed(Data::from(
                objects.iter().map(Object::truth).collect::<Vec<bool>>(),
            )),
            Seen { booleans: true, .. } => Self::Objects(objects),
            Seen { numbers: true, .. } => numbers(objects, seen),
            // Nothing, or nothing but nulls.
            Seen { .. } => Self::Objects(objects),
        }
    }
}

/// Values of one of numpy's types, and nothing else, keep it.
fn of_numpy(objects: &[Object]) -> Option<Values> {
    match objects.first()? {
        Object::Int32(_) => {
            let numbers = objects.iter().map(|object| match object {
                Object::Int32(number) => Some(*number),
                _ => None,
            });
            let numbers: Option<Vec<i32>> = numbers.collect();
            numbers.map(|numbers| Values::Typed(Data::from(numbers)))
        }
        Object::Float32(_) => {
            let numbers = objects.iter().map(|object| match object {
                Object::Float32(number) => Some(*number),
                _ => None,
            });
            let numbers: Option<Vec<f32>> = numbers.collect();
            numbers.map(|numbers| Values::Typed(Data::from(numbers)))
        }
        _ => None,
    }
}

/// What is among untyped cells.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    missing: bool,
    booleans: bool,
    /// Also what is not a number, but a float.
    numbers: bool,
    floats: bool,
    negative: bool,
    /// Beyond `i64`, within `u64`.
    large: bool,
    texts: bool,
    times: bool,
    other: bool,
}

impl Seen {
    fn of(objects: &[Object]) -> Self {
        let mut seen = Self::default();
        let mut not_a_number = false;
        for object in objects {
            match object {
                Object::None => seen.missing = true,
                Object::Bool(_) => seen.booleans = true,
                Object::Int(number) => {
                    seen.numbers = true;
                    seen.negative |= *number < 0;
                }
                Object::Big(digits) if digits.parse::<u64>().is_ok() => {
                    seen.numbers = true;
                    seen.large = true;
                }
                object @ (Object::Float(_) | Object::Float32(_)) if object.is_missing() => {
                    not_a_number = true;
                }
                Object::Int32(number) => {
                    seen.numbers = true;
                    seen.negative |= *number < 0;
                }
                Object::Float(_) | Object::Float32(_) => {
                    seen.numbers = true;
                    seen.floats = true;
                }
                Object::Str(_) => seen.texts = true,
                Object::Time(_) => seen.times = true,
                Object::Big(_)
                | Object::HalfText
                | Object::Bytes(_)
                | Object::List(_)
                | Object::Dict(_)
                | Object::Array(_) => seen.other = true,
            }
        }
        if not_a_number {
            seen.missing = true;
            // By itself it is a float; beside texts and times it is what is missing there.
            if !seen.texts && !seen.times {
                seen.floats = true;
                seen.numbers |= !seen.booleans;
            }
        }
        seen
    }
}

fn numbers(objects: Vec<Object>, seen: Seen) -> Values {
    if seen.floats || seen.missing {
        let number = |object: &Object| object.float().unwrap_or(f64::NAN);
        return Values::Typed(Data::from(objects.iter().map(number).collect::<Vec<f64>>()));
    }
    let whole = |object: &Object| object.int().ok().flatten().unwrap_or_default();
    if !seen.large {
        let number = |object: &Object| i64::try_from(whole(object)).unwrap_or_default();
        return Values::Typed(Data::from(objects.iter().map(number).collect::<Vec<i64>>()));
    }
    if seen.negative {
        return Values::Objects(objects);
    }
    let number = |object: &Object| u64::try_from(whole(object)).unwrap_or_default();
    Values::Typed(Data::from(objects.iter().map(number).collect::<Vec<u64>>()))
}

fn text(object: Object) -> Option<Box<str>> {
    match object {
        Object::Str(text) => Some(text),
        _ => None,
    }
}

fn time(object: &Object) -> i64 {
    match object {
        Object::Time(time) => *time,
        _ => NOT_A_TIME,
    }
}

/// One element of `data`.
fn element(data: &Data, index: usize) -> Object {
    match data {
        Data::Bool(flags) => Object::Bool(flags[index]),
        Data::I8(numbers) => Object::Int(numbers[index].into()),
        Data::I16(numbers) => Object::Int(numbers[index].into()),
        Data::I32(numbers) => Object::Int(numbers[index].into()),
        Data::I64(numbers) => Object::Int(numbers[index]),
        Data::U8(numbers) => Object::Int(numbers[index].into()),
        Data::U16(numbers) => Object::Int(numbers[index].into()),
        Data::U32(numbers) => Object::Int(numbers[index].into()),
        Data::U64(numbers) => match i64::try_from(numbers[index]) {
            Ok(number) => Object::Int(number),
            Err(_) => Object::Big(numbers[index].to_string().into()),
        },
        Data::F16(numbers) => Object::Float(numbers[index].into()),
        Data::F32(numbers) => Object::Float(numbers[index].into()),
        Data::F64(numbers) => Object::Float(numbers[index]),
        Data::Str(texts) => Object::Str(texts.get(index).unwrap_or_default().into()),
        Data::Bytes(octets) => Object::Bytes(octets.get(index).unwrap_or_default().into()),
        Data::DateTime(times) => Object::Time(times[index]),
        Data::Json(texts) => Object::Str(texts.get(index).unwrap_or_default().into()),
    }
}

/// numpy's name of a type in messages about columns; texts and octets without their length.
pub(super) fn dtype_name(datatype: DataType) -> &'static str {
    match datatype {
        DataType::Str => "<U0",
        DataType::Bytes => "|S0",
        other => flowgate_core::TensorType::Data(other).name(),
    }
}

/// Texts as data; `None` when one has half a character in it.
pub(super) fn strings(texts: impl IntoIterator<Item = Option<String>>) -> Option<Data> {
    let mut builder = StringsBuilder::default();
    for text in texts {
        builder.push(&text?);
    }
    Some(Data::Str(builder.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[Object], dtype: &str) {
        assert_eq!(Values::inferred(cells.to_vec()).dtype(), dtype, "{cells:?}");
    }

    /// As pandas 3.1.1 says of the same cells.
    #[test]
    fn cells_without_a_type_get_that_of_pandas() {
        let (null, yes, one, half) = (
            Object::None,
            Object::Bool(true),
            Object::Int(1),
            Object::Float(0.5),
        );
        let (text, nan) = (Object::Str("a".into()), Object::MISSING);
        let (large, huge) = (
            Object::integer("9223372036854775808"),
            Object::integer("18446744073709551616"),
        );
        check(&[yes.clone(), yes.clone()], "bool");
        check(&[yes.clone(), null.clone()], "object");
        check(&[yes.clone(), nan.clone()], "object");
        check(&[yes.clone(), one.clone()], "object");
        check(std::slice::from_ref(&one), "int64");
        check(&[one.clone(), large.clone()], "uint64");
        check(&[Object::Int(-1), large.clone()], "object");
        check(&[one.clone(), huge], "object");
        check(&[one.clone(), half.clone()], "float64");
        check(&[one.clone(), null.clone()], "float64");
        check(&[large, null.clone()], "float64");
        check(std::slice::from_ref(&nan), "float64");
        check(&[null.clone(), null.clone()], "object");
        check(&[text.clone(), null], "str");
        check(&[text.clone(), nan], "str");
        check(&[text, one], "object");
        check(&[Object::List(vec![half])], "object");
        check(&[], "object");
        check(&[Object::Float32(0.5), Object::Float32(1.5)], "float32");
        check(&[Object::Float32(0.5), Object::MISSING], "float64");
        check(&[Object::Int32(1)], "int32");
    }
}
