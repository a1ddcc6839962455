//! Values as Python has them between the JSON reader and pandas: untyped, integers of any size.

use super::array::NdArray;
use super::exception::Exception;
use crate::json::{Number, write_f64, write_str};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flowgate_core::datetime;
use indexmap::IndexMap;

/// "Not a time", as numpy stores it.
pub(super) const NOT_A_TIME: i64 = i64::MIN;

/// A value of Python.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    None,
    Bool(bool),
    Int(i64),
    /// An integer beyond 64 bits: its digits, with a sign where it is negative.
    Big(Box<str>),
    Float(f64),
    /// A single value of numpy in a type that Python has none of.
    Int32(i32),
    /// The same.
    Float32(f32),
    Str(Box<str>),
    /// A text with half a character in it (a lone surrogate). Python takes it; nothing that a
    /// model is made of does.
    HalfText,
    Bytes(Box<[u8]>),
    /// Nanoseconds since 1970-01-01, or [`NOT_A_TIME`].
    Time(i64),
    List(Vec<Object>),
    /// Keys in the order they came.
    Dict(Box<Dict>),
    /// An array of numpy that stands where a value is looked for.
    Array(Box<NdArray>),
}

/// A dictionary of Python: ordered; a key that comes again keeps its place.
pub(super) type Dict = IndexMap<Box<str>, Object>;

impl Object {
    /// A missing value as pandas fills it in.
    pub(super) const MISSING: Self = Self::Float(f64::NAN);

    /// The integer whose `digits`, of any number, passed the grammar.
    pub(super) fn integer(digits: &str) -> Self {
        match digits.parse() {
            Ok(number) => Self::Int(number),
            Err(_) => Self::Big(digits.into()),
        }
    }

    /// The name of its type.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Big(_) => "int",
            Self::Float(_) => "float",
            Self::Int32(_) => "int32",
            Self::Float32(_) => "float32",
            Self::Str(_) | Self::HalfText => "str",
            Self::Bytes(_) => "bytes",
            Self::Time(_) => "datetime64",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
            Self::Array(_) => "numpy.ndarray",
        }
    }

    /// Whether numpy calls it a scalar; null is none.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(
            self,
            Self::None | Self::List(_) | Self::Dict(_) | Self::Array(_)
        )
    }

    /// Whether pandas calls it missing.
    pub(super) fn is_missing(&self) -> bool {
        match self {
            Self::None => true,
            Self::Float(number) => number.is_nan(),
            Self::Float32(number) => number.is_nan(),
            Self::Time(time) => *time == NOT_A_TIME,
            _ => false,
        }
    }

    /// `bool(…)`.
    pub(super) fn truth(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(flag) => *flag,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Int32(number) => *number != 0,
            Self::Float32(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(octets) => !octets.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Dict(members) => !members.is_empty(),
            Self::Big(_) | Self::HalfText | Self::Time(_) | Self::Array(_) => true,
        }
    }

    /// `float(…)` as numpy converts elements: null is not a number.
    pub(super) fn float(&self) -> Result<f64, Exception> {
        match self {
            Self::None => Ok(f64::NAN),
            Self::Bool(flag) => Ok(f64::from(u8::from(*flag))),
            #[expect(clippy::cast_precision_loss, reason = "Python rounds in the same way")]
            Self::Int(number) => Ok(*number as f64),
            Self::Big(digits) => match fast_float2::parse::<f64, _>(&**digits) {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(Exception::overflow("int too large to convert to float")),
            },
            Self::Float(number) => Ok(*number),
            Self::Int32(number) => Ok(f64::from(*number)),
            Self::Float32(number) => Ok(f64::from(*number)),
            Self::Str(text) => match Number::from_text(text.trim()) {
                Some(number) => Ok(number.to_f64()),
                None => Err(Exception::value("could not convert string to float")),
            },
            Self::HalfText => Err(Exception::value("could not convert string to float")),
            other => Err(Exception::type_error(format!(
                "float() argument must be a string or a real number, not '{}'",
                other.class()
            ))),
        }
    }

    /// `int(…)`: fractions are cut; `None` for what is beyond 128 bits.
    pub(super) fn int(&self) -> Result<Option<i128>, Exception> {
        match self {
            Self::Bool(flag) => Ok(Some(i128::from(*flag))),
            Self::Int(number) => Ok(Some(i128::from(*number))),
            Self::Big(digits) => Ok(digits.parse().ok()),
            Self::Int32(number) => Ok(Some(i128::from(*number))),
            Self::Float32(number) => Self::Float(f64::from(*number)).int(),
            Self::Float(number) if number.is_nan() => {
                Err(Exception::value("cannot convert float NaN to integer"))
            }
            Self::Float(number) if number.is_infinite() => Err(Exception::overflow(
                "cannot convert float infinity to integer",
            )),
            Self::Float(number) => Ok(whole(*number)),
            Self::Str(text) => {
                let text = text.trim();
                let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(Exception::value("invalid literal for int() with base 10"));
                }
                Ok(text.parse().ok())
            }
            Self::HalfText => Err(Exception::value("invalid literal for int() with base 10")),
            other => Err(Exception::type_error(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                other.class()
            ))),
        }
    }

    /// `str(…)`; `None` for what has half a character in it.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Str(text) => Some(text.to_string()),
            other => other.repr(),
        }
    }

    /// `repr(…)`; `None` for what has half a character in it.
    pub(super) fn repr(&self) -> Option<String> {
        Some(match self {
            Self::None => "None".to_owned(),
            Self::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Big(digits) => digits.to_string(),
            Self::Float(number) => float_text(*number),
            Self::Int32(number) => number.to_string(),
            Self::Float32(number) => float_text(f64::from(*number)),
            Self::Str(text) => quoted(text),
            Self::HalfText => return None,
            Self::Bytes(octets) => format!("b{}", quoted(&octets.escape_ascii().to_string())),
            Self::Time(NOT_A_TIME) => "NaT".to_owned(),
            Self::Time(time) => datetime::format(*time),
            Self::List(items) => {
                let items: Option<Vec<String>> = items.iter().map(Self::repr).collect();
                format!("[{}]", items?.join(", "))
            }
            Self::Dict(members) => {
                let member =
                    |key: &str, value: &Self| Some(format!("{}: {}", quoted(key), value.repr()?));
                let members = members.iter().map(|(key, value)| member(key, value));
                let members: Option<Vec<String>> = members.collect();
                format!("{{{}}}", members?.join(", "))
            }
            Self::Array(array) => array.to_object().repr()?,
        })
    }

    /// Appends it as JSON, as columns that hold lists and objects carry it; `false` when it has
    /// half a character in it.
    pub(super) fn write_json(&self, out: &mut Vec<u8>) -> bool {
        match self {
            Self::None => out.extend_from_slice(b"null"),
            Self::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Self::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Big(digits) => out.extend_from_slice(digits.as_bytes()),
            Self::Float(number) => write_f64(out, *number),
            Self::Int32(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Float32(number) => write_f64(out, f64::from(*number)),
            Self::Str(text) => write_str(out, text),
            Self::HalfText => return false,
            Self::Bytes(octets) => write_str(out, &STANDARD.encode(octets)),
            Self::Time(NOT_A_TIME) => out.extend_from_slice(b"null"),
            Self::Time(time) => write_str(out, &datetime::format(*time)),
            Self::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(b", ");
                    }
                    if !item.write_json(out) {
                        return false;
                    }
                }
                out.push(b']');
            }
            Self::Dict(members) => {
                out.push(b'{');
                for (index, (key, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(b", ");
                    }
                    write_str(out, key);
                    out.extend_from_slice(b": ");
                    if !value.write_json(out) {
                        return false;
                    }
                }
                out.push(b'}');
            }
            Self::Array(array) => return array.to_object().write_json(out),
        }
        true
    }
}

/// The whole part of a finite number; `None` beyond 128 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cutting the fraction is what is asked for"
)]
pub(super) fn whole(number: f64) -> Option<i128> {
    (number.abs() < 1e38).then_some(number as i128)
}

/// `repr` of a float.
pub(super) fn float_text(number: f64) -> String {
    if number.is_finite() {
        let mut out = Vec::new();
        write_f64(&mut out, number);
        return String::from_utf8_lossy(&out).into_owned();
    }
    match number {
        number if number.is_nan() => "nan",
        number if number > 0.0 => "inf",
        _ => "-inf",
    }
    .to_owned()
}

/// `repr` of a text: in single quotes, or in double ones where only single ones are in it.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            character if character == quote => {
                out.push('\\');
                out.push(character);
            }
            character if character.is_control() => {
                out.push_str(&format!("\\x{:02x}", u32::from(character)));
            }
            character => out.push(character),
        }
    }
    out.push(quote);
    out
}

/// The print-out of a list of texts.
pub(super) fn list_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// The print-out of a set of texts.
pub(super) fn set_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let list = list_of(texts);
    match &list[1..list.len() - 1] {
        "" => "set()".to_owned(),
        texts => format!("{{{texts}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact_at_any_size() {
        assert_eq!(
            Object::integer("-9223372036854775808"),
            Object::Int(i64::MIN)
        );
        let big = Object::integer("9223372036854775808");
        assert_eq!(big, Object::Big("9223372036854775808".into()));
        assert_eq!(big.int(), Ok(Some(1_i128 << 63)));
        assert_eq!(big.float(), Ok(9_223_372_036_854_775_808.0));
        assert!(Object::integer(&"9".repeat(400)).float().is_err());
    }

    #[test]
    fn texts_become_numbers_as_python_reads_them_but_for_underscores() {
        let text = |text: &str| Object::Str(text.into());
        assert_eq!(text(" 5.1 ").float(), Ok(5.1));
        assert_eq!(text("-inf").float(), Ok(f64::NEG_INFINITY));
        assert_eq!(text("+007").int(), Ok(Some(7)));
        for bad in ["", "1_0", "0x10", "5,1", "true"] {
            assert!(text(bad).float().is_err(), "{bad}");
            assert!(text(bad).int().is_err(), "{bad}");
        }
        assert!(text("1.0").int().is_err());
        assert_eq!(Object::Float(-1.9).int(), Ok(Some(-1)));
    }

    #[test]
    fn print_outs_are_pythons() {
        let dict = Dict::from_iter([(
            "a'b".into(),
            Object::List(vec![Object::None, Object::Float(1e16)]),
        )]);
        assert_eq!(
            Object::Dict(Box::new(dict)).text().as_deref(),
            Some("{\"a'b\": [None, 1e+16]}")
        );
        assert_eq!(quoted("it's \"x\"\n"), "'it\\'s \"x\"\\n'");
        assert_eq!(Object::Str("x".into()).text().as_deref(), Some("x"));
    }
}
