//! Numbers between blanks.

use super::Fault;
use super::lines::Line;
use std::str::FromStr;

/// Exactly `count` doubles, each the one nearest to its text, as C's `strtod` reads it.
///
/// What is behind a count is compared with the line before anything is laid out: a number and its
/// blank take two octets at least.
pub(super) fn floats(line: Line<'_>, what: &str, count: usize) -> Result<Vec<f64>, Fault> {
    let mut rest = line.text.as_bytes();
    let mut numbers = Vec::with_capacity(count.min(rest.len() / 2 + 1));
    loop {
        while let [b' ', behind @ ..] = rest {
            rest = behind;
        }
        if rest.is_empty() || numbers.len() > count {
            break;
        }
        let read = fast_float2::parse_partial::<f64, _>(rest).ok();
        let read = read.and_then(|(number, length)| Some((number, rest.get(length..)?)));
        match read {
            Some((number, behind)) if matches!(behind, [] | [b' ', ..]) => {
                numbers.push(number);
                rest = behind;
            }
            _ => return Err(line.fault(format!("`{what}` holds what is no number"))),
        }
    }
    counted(line, what, count, numbers)
}

/// Exactly `count` whole numbers that are of the type `T`.
pub(super) fn integers<T: TryFrom<i64>>(
    line: Line<'_>,
    what: &str,
    count: usize,
) -> Result<Vec<T>, Fault> {
    let mut rest = line.text.as_bytes();
    let mut numbers = Vec::with_capacity(count.min(rest.len() / 2 + 1));
    loop {
        while let [b' ', behind @ ..] = rest {
            rest = behind;
        }
        if rest.is_empty() || numbers.len() > count {
            break;
        }
        let read = whole(rest).and_then(|(number, behind)| {
            rest = behind;
            T::try_from(number).ok()
        });
        numbers.push(read.ok_or_else(|| {
            let reason = format!("`{what}` holds what is no whole number, or too large a one");
            line.fault(reason)
        })?);
    }
    counted(line, what, count, numbers)
}

/// The whole number that `text` begins with, and what is behind it: nothing or a blank.
fn whole(text: &[u8]) -> Option<(i64, &[u8])> {
    /// Digits that are a number of 64 bits whatever they are.
    const SAFE: usize = 18;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let mut number = 0_i64;
    let mut length = 0;
    while let Some(digit @ b'0'..=b'9') = digits.get(length) {
        let digit = i64::from(digit & 0x0F);
        number = if length < SAFE {
            number * 10 + digit
        } else {
            number.checked_mul(10)?.checked_add(digit)?
        };
        length += 1;
    }
    let rest = digits.get(length..)?;
    let ends = length > 0 && matches!(rest, [] | [b' ', ..]);
    ends.then_some((if negative { -number } else { number }, rest))
}

/// The one whole number of a line.
pub(super) fn integer<T: FromStr>(line: Line<'_>, what: &str) -> Result<T, Fault> {
    let number = line.text.trim_matches(' ').parse();
    number.map_err(|_| line.fault(format!("`{what}` is no whole number, or too large a one")))
}

fn counted<T>(line: Line<'_>, what: &str, count: usize, numbers: Vec<T>) -> Result<Vec<T>, Fault> {
    if numbers.len() == count {
        return Ok(numbers);
    }
    let found = match numbers.len() > count {
        true => "more".to_owned(),
        false => numbers.len().to_string(),
    };
    Err(line.fault(format!("`{what}` must have {count} numbers, found {found}")))
}

/// A number of the settings of an objective, as LightGBM's own `Atof` reads it.
///
/// That is not always the double nearest to the text: the whole part and the digits behind the
/// point are read for themselves, and each step is rounded.
pub(super) fn setting(text: &str) -> Option<f64> {
    let (negative, text) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| {
        text.bytes().try_fold(0.0, |value, digit| {
            digit
                .is_ascii_digit()
                .then(|| value * 10.0 + f64::from(digit & 0x0F))
        })
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = digits(whole)?;
    if !fraction.is_empty() {
        value += digits(fraction)? / power_of_ten(fraction.len());
    }
    if let Some(exponent) = exponent {
        let (down, exponent) = match exponent.strip_prefix(['-', '+']) {
            Some(rest) => (exponent.starts_with('-'), rest),
            None => (false, exponent),
        };
        let exponent = exponent.parse::<u32>().ok()?.min(308);
        let scale = scale(exponent);
        value = if down { value / scale } else { value * scale };
    }
    Some(if negative { -value } else { value })
}

/// `10^power` in LightGBM's steps, which are exact up to 22.
fn power_of_ten(power: usize) -> f64 {
    fn raised(base: f64, power: usize) -> f64 {
        match power {
            0 => 1.0,
            _ if power.is_multiple_of(2) => raised(base * base, power / 2),
            _ if power.is_multiple_of(3) => raised(base * base * base, power / 3),
            _ => base * raised(base, power - 1),
        }
    }
    raised(10.0, power)
}

fn scale(mut exponent: u32) -> f64 {
    let mut scale = 1.0;
    for (step, factor) in [(50, 1e50), (8, 1e8), (1, 10.0)] {
        while exponent >= step {
            scale *= factor;
            exponent -= step;
        }
    }
    scale
}
