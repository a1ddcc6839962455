//! What a plain scalar is in PyYAML: the implicit resolvers of YAML 1.1, as PyYAML narrows them
//! (no `y` and `n`, a float needs a point, an exponent needs a sign).

use super::timestamp::has_timestamp_form;

/// The type an untagged plain scalar resolves to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int,
    Float,
    Timestamp,
    /// `<<`
    Merge,
    /// `=`
    DefaultValue,
    Str,
}

/// Resolves the text of a plain scalar.
pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "<<" => Plain::Merge,
        "=" => Plain::DefaultValue,
        _ => match boolean(text) {
            Some(value) => Plain::Bool(value),
            None if is_float(text) => Plain::Float,
            None if is_int(text) => Plain::Int,
            None if has_timestamp_form(text) => Plain::Timestamp,
            None => Plain::Str,
        },
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn is_int(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text).as_bytes();
    match digits {
        [b'0', b'b', rest @ ..] => all(rest, |b| matches!(b, b'0' | b'1' | b'_')),
        [b'0', b'x', rest @ ..] => all(rest, |b| b.is_ascii_hexdigit() || b == b'_'),
        [b'0'] => true,
        [b'0', rest @ ..] => all(rest, |b| matches!(b, b'0'..=b'7' | b'_')),
        [b'1'..=b'9', ..] => {
            let (_, rest) = split_digits(digits);
            rest.is_empty() || sexagesimal_parts(rest).is_some_and(<[u8]>::is_empty)
        }
        _ => false,
    }
}

fn is_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    // Only numbers that start with their point take no sign.
    if let [b'.', b'0'..=b'9', rest @ ..] = text.as_bytes() {
        return is_exponent(split_digits(rest).1);
    }
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let (_, rest) = split_digits(number.as_bytes());
    if let [b'.', rest @ ..] = rest {
        return is_exponent(split_digits(rest).1);
    }
    match sexagesimal_parts(rest) {
        Some([b'.', rest @ ..]) => split_digits(rest).1.is_empty(),
        _ => false,
    }
}

/// Nothing, or `e+10`; the sign is not optional.
fn is_exponent(rest: &[u8]) -> bool {
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', digits @ ..] => all(digits, |b| b.is_ascii_digit()),
        _ => false,
    }
}

/// What follows one or more of `:59`, or `None` if there is none.
fn sexagesimal_parts(mut rest: &[u8]) -> Option<&[u8]> {
    let mut found = false;
    loop {
        rest = match rest {
            [b':', b'0'..=b'5', b'0'..=b'9', after @ ..] | [b':', b'0'..=b'9', after @ ..] => after,
            _ => return found.then_some(rest),
        };
        found = true;
    }
}

/// Splits after the leading digits and underscores.
fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text
        .iter()
        .take_while(|b| b.is_ascii_digit() || **b == b'_')
        .count();
    text.split_at(count)
}

/// Whether all are so, and there is at least one.
fn all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&b| is(b))
}
