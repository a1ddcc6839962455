use super::{MAX_INT_DIGITS, Value};

/// An integer outside of 64 bits, as its decimal text: an optional `-`, then digits without
/// leading zeros.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BigInt(String);

impl BigInt {
    /// The integer of a decimal text such as `-12`: [`Value::Int`] when it fits 64 bits. `None`
    /// for another text, or for more than [`MAX_INT_DIGITS`] digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Value> {
        let (negative, digits) = split_sign(text);
        decimal(negative, digits)
    }

    /// The decimal text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number if it fits 64 bits without sign.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The nearest float, infinite when it is out of range.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    pub(super) fn from_u64(value: u64) -> Value {
        match i64::try_from(value) {
            Ok(value) => Value::Int(value),
            Err(_) => Value::BigInt(Self(value.to_string())),
        }
    }
}

/// The value of a text in one of the integer forms of PyYAML; `None` when the form has no value
/// (`0b_`), is longer than [`MAX_INT_DIGITS`], or has more parts than [`MAX_PARTS`].
pub(super) fn int(text: &str) -> Option<Value> {
    let text = text.replace('_', "");
    let (negative, digits) = split_sign(&text);
    if let Some(binary) = digits.strip_prefix("0b") {
        return radix(negative, binary, 2);
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return radix(negative, hex, 16);
    }
    if digits.starts_with('0') {
        return radix(negative, digits, 8);
    }
    if digits.contains(':') {
        return sexagesimal_int(negative, digits);
    }
    decimal(negative, digits)
}

/// The value of a text in one of the float forms of PyYAML; `None` when it has none.
pub(super) fn float(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let (negative, digits) = split_sign(&text);
    let size = match digits {
        ".inf" => f64::INFINITY,
        ".nan" => return Some(f64::NAN),
        _ if digits.contains(':') => {
            let parts: Vec<&str> = digits.split(':').collect();
            if parts.len() > MAX_PARTS {
                return None;
            }
            // Summed from the smallest part, as PyYAML does: the order shows in the last bit.
            let mut unit = 1.0;
            let mut sum = 0.0;
            for part in parts.iter().rev() {
                sum += part.parse::<f64>().ok()? * unit;
                unit *= 60.0;
            }
            sum
        }
        // Rust also knows `inf` and `nan`, which are words here.
        _ if digits
            .bytes()
            .all(|b| b.is_ascii_digit() || b".e+-".contains(&b)) =>
        {
            digits.parse().ok()?
        }
        _ => return None,
    };
    Some(if negative { -size } else { size })
}

/// A float as PyYAML writes it: Python's `repr`, with `.0` before a bare exponent, since YAML 1.1
/// takes no float without a point.
pub(super) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let point = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}{point}e{sign}{:02}", exponent.unsigned_abs())
        }
        // Debug prints `1.0` where Display prints `1`, and its own exponents start at the bounds
        // above, so that none is left here.
        _ => {
            let plain = format!("{value}");
            if plain.contains('.') {
                plain
            } else {
                format!("{plain}.0")
            }
        }
    }
}

/// The most parts of a number in base 60: up to here every power of 60 is an exact float.
const MAX_PARTS: usize = 14;

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Digits in base ten.
fn decimal(negative: bool, digits: &str) -> Option<Value> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    if digits.len() > MAX_INT_DIGITS {
        return None;
    }
    let text = if negative {
        format!("-{digits}")
    } else {
        digits.to_owned()
    };
    Some(match text.parse() {
        Ok(value) => Value::Int(value),
        Err(_) => Value::BigInt(BigInt(text)),
    })
}

fn radix(negative: bool, digits: &str, radix: u32) -> Option<Value> {
    if digits.is_empty() {
        return None;
    }
    let digits = digits.trim_start_matches('0').as_bytes();
    // A digit carries `bits` bits; `MAX_INT_DIGITS` digits are fewer than 4 bits each.
    let bits = radix.trailing_zeros() as usize;
    if digits.len() * bits > MAX_INT_DIGITS * 4 {
        return None;
    }
    let mut number = Limbs::default();
    // 24 bits at a time keep the factor below the base of a limb.
    for group in digits.chunks(24 / bits) {
        let mut addend = 0;
        for &digit in group {
            addend = addend * radix + char::from(digit).to_digit(radix)?;
        }
        number.multiply_add(radix.pow(group.len() as u32), addend);
    }
    decimal(negative, &number.to_text())
}

fn sexagesimal_int(negative: bool, digits: &str) -> Option<Value> {
    let mut parts = digits.split(':');
    let first = parts.next().filter(|first| first.len() <= MAX_INT_DIGITS)?;
    let mut number = Limbs::from_decimal(first)?;
    for (index, part) in parts.enumerate() {
        if index + 1 >= MAX_PARTS {
            return None;
        }
        number.multiply_add(60, part.parse().ok()?);
    }
    decimal(negative, &number.to_text())
}

/// A natural number in base 10^9, the lowest limb first.
#[derive(Default)]
struct Limbs(Vec<u32>);

const LIMB: u64 = 1_000_000_000;

impl Limbs {
    fn from_decimal(digits: &str) -> Option<Self> {
        let mut number = Self::default();
        for group in digits.as_bytes().rchunks(9) {
            number
                .0
                .push(std::str::from_utf8(group).ok()?.parse().ok()?);
        }
        Some(number)
    }

    fn multiply_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for limb in &mut self.0 {
            let sum = u64::from(*limb) * u64::from(factor) + carry;
            *limb = (sum % LIMB) as u32;
            carry = sum / LIMB;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn to_text(&self) -> String {
        let mut limbs = self.0.iter().rev();
        let mut text = limbs.next().map_or_else(|| "0".to_owned(), u32::to_string);
        for limb in limbs {
            text.push_str(&format!("{limb:09}"));
        }
        text
    }
}
