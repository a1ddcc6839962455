//! Elements of one type, read one by one: the rules of the strict policy for every type.

use crate::json::{self, Exact, Kind, LoneSurrogate, MAX_DIGITS, Number, Scanner};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flowgate_core::datetime::{self, DateTimeFault};
use flowgate_core::{BlobsBuilder, Code, Data, DataType, StringsBuilder};
use half::f16;
use std::borrow::Cow;

/// Why a value is not taken: what is wrong, and what kind of thing was there. Never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scoring) struct Wrong {
    pub(super) code: Code,
    pub(super) got: &'static str,
    pub(super) hint: Option<&'static str>,
}

impl Wrong {
    pub(in crate::scoring) fn new(code: Code, got: &'static str) -> Self {
        Self {
            code,
            got,
            hint: None,
        }
    }

    pub(in crate::scoring) fn mismatch(got: &'static str) -> Self {
        Self::new(Code::TypeMismatch, got)
    }

    pub(in crate::scoring) fn null() -> Self {
        Self::new(Code::NullNotAllowed, "a null")
    }
}

/// A list where one value is asked for.
pub(in crate::scoring) const A_LIST: &str = "a list";

/// What one reading gives: the outer error ends the body, the inner one is one more violation.
pub(super) type Read = Result<Result<(), Wrong>, json::Error>;

/// Elements in the making. A value that is refused leaves a placeholder, so that those after it
/// stay in their places until the whole report is there.
#[derive(Debug, Clone)]
pub(in crate::scoring) enum Elements {
    Bool(Vec<bool>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F16(Vec<f16>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Str(StringsBuilder),
    Bytes(BlobsBuilder),
    DateTime(Vec<i64>),
    Json(StringsBuilder),
    /// Texts of which some may be missing.
    Texts(StringsBuilder),
}

/// Runs `$body` with `$elements` bound to the numbers and a reader of whole numbers; other types
/// go on in `$others`.
macro_rules! integers {
    ($elements:expr, $numbers:ident => $body:expr, $($others:tt)*) => {
        match $elements {
            Elements::I8($numbers) => $body,
            Elements::I16($numbers) => $body,
            Elements::I32($numbers) => $body,
            Elements::I64($numbers) => $body,
            Elements::U8($numbers) => $body,
            Elements::U16($numbers) => $body,
            Elements::U32($numbers) => $body,
            Elements::U64($numbers) => $body,
            $($others)*
        }
    };
}

impl Elements {
    #[inline]
    pub(in crate::scoring) fn new(datatype: DataType) -> Self {
        match datatype {
            DataType::Bool => Self::Bool(Vec::new()),
            DataType::I8 => Self::I8(Vec::new()),
            DataType::I16 => Self::I16(Vec::new()),
            DataType::I32 => Self::I32(Vec::new()),
            DataType::I64 => Self::I64(Vec::new()),
            DataType::U8 => Self::U8(Vec::new()),
            DataType::U16 => Self::U16(Vec::new()),
            DataType::U32 => Self::U32(Vec::new()),
            DataType::U64 => Self::U64(Vec::new()),
            DataType::F16 => Self::F16(Vec::new()),
            DataType::F32 => Self::F32(Vec::new()),
            DataType::F64 => Self::F64(Vec::new()),
            DataType::Str => Self::Str(StringsBuilder::new()),
            DataType::Bytes => Self::Bytes(BlobsBuilder::new()),
            DataType::DateTime => Self::DateTime(Vec::new()),
            DataType::Json => Self::Json(StringsBuilder::new()),
        }
    }

    pub(in crate::scoring) fn len(&self) -> usize {
        integers!(self, numbers => numbers.len(),
            Self::Bool(flags) => flags.len(),
            Self::F16(numbers) => numbers.len(),
            Self::F32(numbers) => numbers.len(),
            Self::F64(numbers) => numbers.len(),
            Self::DateTime(times) => times.len(),
            Self::Str(texts) | Self::Json(texts) | Self::Texts(texts) => texts.len(),
            Self::Bytes(blobs) => blobs.len(),
        )
    }

    pub(super) fn finish(self) -> Data {
        match self {
            Self::Bool(flags) => flags.into(),
            Self::I8(numbers) => numbers.into(),
            Self::I16(numbers) => numbers.into(),
            Self::I32(numbers) => numbers.into(),
            Self::I64(numbers) => numbers.into(),
            Self::U8(numbers) => numbers.into(),
            Self::U16(numbers) => numbers.into(),
            Self::U32(numbers) => numbers.into(),
            Self::U64(numbers) => numbers.into(),
            Self::F16(numbers) => numbers.into(),
            Self::F32(numbers) => numbers.into(),
            Self::F64(numbers) => numbers.into(),
            Self::Str(texts) | Self::Texts(texts) => Data::Str(texts.finish()),
            Self::Bytes(blobs) => Data::Bytes(blobs.finish()),
            Self::DateTime(times) => Data::DateTime(times.into()),
            Self::Json(texts) => Data::Json(texts.finish()),
        }
    }

    /// Reads an ordinary number into a column of floats; `false`: nothing was read, and
    /// [`Elements::json`] tells what stands there.
    #[inline]
    pub(super) fn plain_number(&mut self, scanner: &mut Scanner<'_>) -> bool {
        match self {
            Self::F64(numbers) => match scanner.plain_f64() {
                Some(value) => numbers.push(value),
                None => return false,
            },
            Self::F32(numbers) => match scanner.plain_f32() {
                Some(value) => numbers.push(value),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    /// Reads one JSON value that is not a list.
    pub(super) fn json(&mut self, scanner: &mut Scanner<'_>) -> Read {
        if let Self::Json(texts) = self {
            let start = scanner.mark();
            scanner.skip_value()?;
            texts.push(scanner.text_since(start).trim());
            return Ok(Ok(()));
        }
        let read = match scanner.peek()? {
            Kind::Null => scanner.null().map(|()| self.null()),
            Kind::Bool => scanner.bool().map(|flag| self.flag(flag)),
            Kind::Number => scanner.number().map(|number| self.number(number)),
            Kind::String => scanner.string().map(|text| self.json_text(text)),
            Kind::Array => scanner.skip_value().map(|()| Err(self.other(A_LIST))),
            Kind::Object => scanner.skip_value().map(|()| Err(self.other("an object"))),
        }?;
        if read.is_err() {
            self.pad();
        }
        Ok(read)
    }

    /// Reads a field of a CSV file; `quoted` tells `""` from nothing.
    pub(super) fn field(&mut self, text: &str, quoted: bool) -> Result<(), Wrong> {
        let missing = text.is_empty() && !quoted;
        let read = match self {
            _ if missing => self.null(),
            Self::Str(texts) | Self::Texts(texts) => {
                texts.push(text);
                Ok(())
            }
            Self::Json(texts) => {
                texts.push(&serde_json::Value::from(text).to_string());
                Ok(())
            }
            Self::Bytes(_) | Self::DateTime(_) => self.text(text),
            Self::Bool(flags) => flag_field(text).map(|flag| flags.push(flag)),
            _ if is_missing(text) => self.null(),
            _ => self.text(text),
        };
        if read.is_err() {
            self.pad();
        }
        read
    }

    /// A value that is not there: NaN where the type has it, a missing text where it may be.
    pub(in crate::scoring) fn missing(&mut self) -> Result<(), Wrong> {
        let read = self.null();
        if read.is_err() {
            self.pad();
        }
        read
    }

    /// A placeholder.
    pub(in crate::scoring) fn pad(&mut self) {
        integers!(self, numbers => numbers.push(0),
            Self::Bool(flags) => flags.push(false),
            Self::F16(numbers) => numbers.push(f16::ZERO),
            Self::F32(numbers) => numbers.push(0.0),
            Self::F64(numbers) => numbers.push(0.0),
            Self::DateTime(times) => times.push(0),
            Self::Str(texts) | Self::Json(texts) | Self::Texts(texts) => texts.push(""),
            Self::Bytes(blobs) => blobs.push(b""),
        )
    }

    /// Why a value of the kind `got` is not taken: for octets, whatever is no base64.
    pub(in crate::scoring) fn other(&self, got: &'static str) -> Wrong {
        match self {
            Self::Bytes(_) => Wrong::new(Code::BadBase64, got),
            _ => Wrong::mismatch(got),
        }
    }

    fn null(&mut self) -> Result<(), Wrong> {
        match self {
            Self::F16(numbers) => numbers.push(f16::NAN),
            Self::F32(numbers) => numbers.push(f32::NAN),
            Self::F64(numbers) => numbers.push(f64::NAN),
            Self::Json(texts) => texts.push("null"),
            Self::Texts(texts) => texts.push_missing(),
            Self::Bool(_) | Self::Str(_) | Self::Bytes(_) | Self::DateTime(_) => {
                return Err(Wrong::null());
            }
            _ => {
                let hint = Some("declare the column `double` where values can be missing");
                return Err(Wrong {
                    hint,
                    ..Wrong::null()
                });
            }
        }
        Ok(())
    }

    pub(in crate::scoring) fn flag(&mut self, flag: bool) -> Result<(), Wrong> {
        match self {
            Self::Bool(flags) => {
                flags.push(flag);
                Ok(())
            }
            others => Err(others.other("a boolean")),
        }
    }

    pub(in crate::scoring) fn number(&mut self, number: Number<'_>) -> Result<(), Wrong> {
        integers!(self, numbers => whole(number).map(|value| numbers.push(value)),
            Self::F64(numbers) => float(number).map(|value| numbers.push(value)),
            Self::F32(numbers) => float32(number).map(|value| numbers.push(value)),
            Self::F16(numbers) => float16(number).map(|value| numbers.push(value)),
            Self::Bool(flags) => match number.exact() {
                Exact::Int(0) => { flags.push(false); Ok(()) }
                Exact::Int(1) => { flags.push(true); Ok(()) }
                _ => Err(Wrong::mismatch("a number other than 0 and 1")),
            },
            Self::Str(texts) | Self::Texts(texts) => number_text(number).map(|text| texts.push(&text)),
            Self::DateTime(_) => Err(Wrong {
                code: Code::AmbiguousUnit,
                got: "a number",
                hint: Some("send an ISO 8601 text: a number may be seconds or nanoseconds"),
            }),
            others => Err(others.other("a number")),
        )
    }

    fn json_text(&mut self, text: Result<Cow<'_, str>, LoneSurrogate>) -> Result<(), Wrong> {
        match text {
            Ok(text) => self.text(&text),
            Err(LoneSurrogate) => Err(Wrong::new(Code::BadText, "a text with half a character")),
        }
    }

    pub(in crate::scoring) fn text(&mut self, text: &str) -> Result<(), Wrong> {
        match self {
            Self::Str(texts) | Self::Texts(texts) => texts.push(text),
            Self::Bytes(blobs) => {
                let octets = STANDARD.decode(text);
                let bad = |_| Wrong::new(Code::BadBase64, "a text that is not base64 with padding");
                blobs.push(&octets.map_err(bad)?);
            }
            Self::DateTime(times) => times.push(date(text)?),
            Self::Bool(_) => return Err(Wrong::mismatch("a string")),
            _ => {
                let number = Number::from_text(text);
                let number = number.ok_or(Wrong::mismatch("a string that is not a number"))?;
                return self.number(number);
            }
        }
        Ok(())
    }
}

fn date(text: &str) -> Result<i64, Wrong> {
    datetime::parse(text).map_err(|fault| match fault {
        DateTimeFault::Syntax => Wrong {
            code: Code::BadDatetime,
            got: "another text",
            hint: Some("write dates as `2021-01-31` or `2021-01-31T12:00:00`"),
        },
        DateTimeFault::Range => Wrong::new(Code::OutOfRange, "a date before 1677 or after 2262"),
    })
}

fn float(number: Number<'_>) -> Result<f64, Wrong> {
    let value = number.to_f64();
    if value.is_infinite() && number.is_finite() {
        return Err(out_of_range());
    }
    Ok(value)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to 32 bits is what is asked for"
)]
fn float32(number: Number<'_>) -> Result<f32, Wrong> {
    let value = number.to_f64() as f32;
    if value.is_infinite() && number.is_finite() {
        return Err(out_of_range());
    }
    Ok(value)
}

fn float16(number: Number<'_>) -> Result<f16, Wrong> {
    let value = f16::from_f64(number.to_f64());
    if value.is_infinite() && number.is_finite() {
        return Err(out_of_range());
    }
    Ok(value)
}

fn whole<T: TryFrom<i128>>(number: Number<'_>) -> Result<T, Wrong> {
    match number.exact() {
        Exact::Int(value) => T::try_from(value).map_err(|_| out_of_range()),
        Exact::Fraction => Err(Wrong::new(Code::NotInteger, "a number with a fraction")),
        Exact::Huge if number.is_finite() => Err(out_of_range()),
        Exact::Huge => Err(Wrong::new(Code::OutOfRange, "an infinity")),
        Exact::NaN => Err(Wrong::new(Code::NotInteger, "NaN")),
    }
}

fn out_of_range() -> Wrong {
    Wrong::new(Code::OutOfRange, "a number out of range")
}

/// A whole number as the text that Python's `str` gives; whether `5.0` was meant as `5` or as
/// `5.0` cannot be told.
fn number_text(number: Number<'_>) -> Result<Cow<'_, str>, Wrong> {
    match number {
        Number::Integer("-0") => Ok(Cow::Borrowed("0")),
        Number::Integer(text) if text.len() <= MAX_DIGITS => Ok(Cow::Borrowed(text)),
        Number::Integer(_) => Err(out_of_range()),
        _ => Err(Wrong::mismatch("a number that is not whole")),
    }
}

fn flag_field(text: &str) -> Result<bool, Wrong> {
    if text.eq_ignore_ascii_case("true") {
        return Ok(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Ok(false);
    }
    if is_missing(text) {
        return Err(Wrong::null());
    }
    match Number::from_text(text).map(Number::exact) {
        Some(Exact::Int(0)) => Ok(false),
        Some(Exact::Int(1)) => Ok(true),
        _ => Err(Wrong::mismatch("another text")),
    }
}

/// The texts that pandas 3.1 reads as missing, but for the empty one.
pub(in crate::scoring) fn is_missing(text: &str) -> bool {
    matches!(
        text,
        "#N/A"
            | "#N/A N/A"
            | "#NA"
            | "-1.#IND"
            | "-1.#QNAN"
            | "-NaN"
            | "-nan"
            | "1.#IND"
            | "1.#QNAN"
            | "<NA>"
            | "N/A"
            | "NA"
            | "NULL"
            | "NaN"
            | "None"
            | "n/a"
            | "nan"
            | "null"
    )
}

#[cfg(test)]
mod tests;
