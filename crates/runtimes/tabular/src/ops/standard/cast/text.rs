//! Numbers as texts and back, as ONNX Runtime prints them (`%.8g`) and as the C library reads them.

use flowgate_core::StringsBuilder;
use std::fmt::Write;

/// Adds the text of `number` to `texts`: eight significant digits, no zeros at the end; a power of
/// ten where the number is below 0.0001 or has more digits than eight before the point.
pub(super) fn push_float(texts: &mut StringsBuilder, number: f64, buffer: &mut String) {
    buffer.clear();
    if number.is_nan() {
        texts.push("NaN");
    } else if number.is_infinite() {
        texts.push(if number > 0.0 { "INF" } else { "-INF" });
    } else {
        // Writing to a string does not fail.
        let _ = write!(buffer, "{number:.7e}");
        let (digits, exponent) = buffer.split_once('e').unwrap_or((buffer.as_str(), "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        if (-4..8).contains(&exponent) {
            let decimals = usize::try_from(7 - exponent).unwrap_or(0);
            buffer.clear();
            let _ = write!(buffer, "{number:.decimals$}");
            texts.push(without_zeros(buffer));
        } else {
            let sign = if exponent < 0 { '-' } else { '+' };
            let text = format!("{}e{sign}{:02}", without_zeros(digits), exponent.abs());
            texts.push(&text);
        }
    }
}

/// Adds the text of `number` to `texts`.
pub(super) fn push_integer(
    texts: &mut StringsBuilder,
    number: impl std::fmt::Display,
    buffer: &mut String,
) {
    buffer.clear();
    // Writing to a string does not fail.
    let _ = write!(buffer, "{number}");
    texts.push(buffer);
}

/// `digits` without the zeros after the last other digit behind the point.
fn without_zeros(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

/// The number at the beginning of `text`, whatever follows; `None` where there is none or it is
/// too large or too small. The C library's `strtod`.
pub(super) fn float(text: &str) -> Option<f64> {
    let (negative, rest) = signed(text);
    let lower = |prefix: &str| {
        let begin = rest.as_bytes().get(..prefix.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let number = if lower("inf") {
        f64::INFINITY
    } else if lower("nan") {
        f64::NAN
    } else if lower("0x") && hexadecimal(&rest[2..]).is_some() {
        hexadecimal(&rest[2..])?.value()?
    } else {
        decimal(rest)?
    };
    Some(if negative { -number } else { number })
}

/// The whole number at the beginning of `text`; `None` where there is none or it does not fit.
pub(super) fn signed_integer(text: &str) -> Option<i64> {
    let (negative, rest) = signed(text);
    let (digits, _) = split_digits(rest);
    if negative {
        // The least number has no positive counterpart.
        format!("-{digits}").parse().ok()
    } else {
        digits.parse().ok()
    }
}

/// As [`signed_integer`], without a sign; a minus wraps the number.
pub(super) fn unsigned_integer(text: &str) -> Option<u64> {
    let (negative, rest) = signed(text);
    let (digits, _) = split_digits(rest);
    let number: u64 = digits.parse().ok()?;
    Some(if negative {
        number.wrapping_neg()
    } else {
        number
    })
}

/// Whether a minus is before what follows white space and sign.
fn signed(text: &str) -> (bool, &str) {
    let text = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The decimal digits at the beginning of `text`, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

fn decimal(text: &str) -> Option<f64> {
    let (whole, rest) = split_digits(text);
    let mut end = whole.len();
    let mut digits = whole.len();
    if let Some(rest) = rest.strip_prefix('.') {
        let (behind, _) = split_digits(rest);
        digits += behind.len();
        end += 1 + behind.len();
    }
    if digits == 0 {
        return None;
    }
    end += exponent(text.get(end..)?, &['e', 'E']).map_or(0, |(len, _)| len);
    let number = text.get(..end)?;
    let zero = !number
        .bytes()
        .take_while(|byte| !byte.eq_ignore_ascii_case(&b'e'))
        .any(|byte| matches!(byte, b'1'..=b'9'));
    let value: f64 = number.parse().ok()?;
    in_range(value, zero)
}

/// The length of an exponent behind one of `marks`, and its value.
fn exponent(text: &str, marks: &[char]) -> Option<(usize, i64)> {
    let rest = text.strip_prefix(marks)?;
    let (negative, digits) = match rest.strip_prefix(['-', '+']) {
        Some(digits) => (rest.starts_with('-'), digits),
        None => (false, rest),
    };
    let (digits, rest) = split_digits(digits);
    if digits.is_empty() {
        return None;
    }
    let size = digits.parse().unwrap_or(1_i64 << 40);
    Some((text.len() - rest.len(), if negative { -size } else { size }))
}

/// Not what overflowed, and not what lost digits because it is too small.
fn in_range(value: f64, zero: bool) -> Option<f64> {
    (zero || value.is_normal()).then_some(value)
}

/// `mantissa * 2^exponent`, with the lowest bit set where digits were dropped.
struct Hexadecimal {
    mantissa: u64,
    exponent: i64,
}

fn hexadecimal(text: &str) -> Option<Hexadecimal> {
    let mut mantissa = 0_u64;
    let mut power = 0_i64;
    let mut any = false;
    let mut behind = false;
    let mut end = 0;
    for (place, letter) in text.char_indices() {
        if let Some(digit) = letter.to_digit(16) {
            any = true;
            if mantissa >> 58 == 0 {
                mantissa = mantissa << 4 | u64::from(digit);
                power -= if behind { 4 } else { 0 };
            } else {
                mantissa |= u64::from(digit != 0);
                power += if behind { 0 } else { 4 };
            }
        } else if letter == '.' && !behind {
            behind = true;
        } else {
            break;
        }
        end = place + 1;
    }
    let further = exponent(text.get(end..)?, &['p', 'P']).map_or(0, |(_, value)| value);
    any.then_some(Hexadecimal {
        mantissa,
        exponent: power.saturating_add(further),
    })
}

impl Hexadecimal {
    fn value(&self) -> Option<f64> {
        if self.mantissa == 0 {
            return Some(0.0);
        }
        // Rounded once here; powers of two change no digit as long as the number stays normal.
        let mut value = self.mantissa as f64;
        let mut left = self.exponent.clamp(-4096, 4096);
        while left != 0 {
            let step = left.clamp(-512, 512);
            value *= 2_f64.powi(i32::try_from(step).ok()?);
            left -= step;
        }
        in_range(value, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(number: f64) -> String {
        let mut texts = StringsBuilder::new();
        push_float(&mut texts, number, &mut String::new());
        texts.finish().get(0).unwrap_or_default().to_owned()
    }

    #[test]
    fn eight_digits_are_printed_and_no_more() {
        let pairs = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0 / 3.0, "0.33333333"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123_456_789.0, "1.2345679e+08"),
            (12_345_678.5, "12345678"),
            (99_999_999.9, "1e+08"),
            (100_000.0, "100000"),
            (1e17, "1e+17"),
            (f64::from_bits(1), "4.9406565e-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-INF"),
        ];
        for (number, expected) in pairs {
            assert_eq!(printed(number), expected);
        }
    }

    #[test]
    fn what_follows_a_number_is_not_read() {
        let pairs = [
            ("1.5abc", Some(1.5)),
            ("  +2", Some(2.0)),
            ("1e", Some(1.0)),
            ("1e+", Some(1.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("-infinityx", Some(f64::NEG_INFINITY)),
            ("0x1p3", Some(8.0)),
            ("0x", Some(0.0)),
            ("0x.8p1", Some(1.0)),
            ("0e999", Some(0.0)),
            ("", None),
            (".", None),
            ("--1", None),
            ("1e400", None),
            ("1e-400", None),
            ("4.9e-324", None),
            ("١", None),
        ];
        for (text, expected) in pairs {
            assert_eq!(float(text), expected, "{text}");
        }
        assert!(float("nan(1)").is_some_and(f64::is_nan));
    }

    #[test]
    fn whole_numbers_end_where_their_digits_end() {
        assert_eq!(signed_integer("-12.7"), Some(-12));
        assert_eq!(signed_integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(signed_integer("9223372036854775808"), None);
        assert_eq!(signed_integer(".5"), None);
        assert_eq!(unsigned_integer("-1"), Some(u64::MAX));
        assert_eq!(unsigned_integer("18446744073709551616"), None);
    }
}
