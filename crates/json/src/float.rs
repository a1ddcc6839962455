//! Doubles out of plain decimal digits, each octet looked at once.
//!
//! Takes what tables are full of: up to 19 digits, all of which may be a fraction, no exponent.
//! Everything else is left to a parser for all numbers.
//!
//! Source: D. Lemire, "Number Parsing at a Gigabyte per Second" (2021); N. Mushtak and D. Lemire,
//! "Fast Number Parsing Without Fallback" (2022), which shows that the product below decides the
//! rounding for powers of ten from -27 on.

/// The most digits that 64 bits always hold.
const DIGITS: usize = 19;

/// A number that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Read {
    /// The nearest double, ties to even.
    pub(super) value: f64,
    /// The place behind its last octet.
    pub(super) end: usize,
}

/// Reads the number at `start` of `bytes` where it is a plain one in JSON's grammar. What stands behind it is not looked at but for an exponent,
/// which is not plain.
#[inline]
pub(super) fn plain(bytes: &[u8], start: usize) -> Option<Read> {
    match short(bytes, start) {
        Some(read) => Some(read),
        None => any_length(bytes, start),
    }
}

/// A number whose digits, the point among them and whatever ends it lie in eight octets: `5.1`,
/// `-0.1234`. Its length decides no branch, for lengths cannot be foreseen.
#[inline]
fn short(bytes: &[u8], start: usize) -> Option<Read> {
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let chunk = bytes.get(first..first + 8)?;
    let (word, marks) = marked(<[u8; 8]>::try_from(chunk).ok()?);
    let point = marks.trailing_zeros() as usize / 8;
    if !(1..7).contains(&point) || chunk[point] != b'.' {
        return None;
    }
    let behind = marks & (!0 << (8 * (point + 1)));
    let end = behind.trailing_zeros() as usize / 8;
    let fraction = end - point - 1;
    let is_led_by_zero = chunk[0] == b'0' && point > 1;
    if end == 8 || fraction == 0 || is_led_by_zero || matches!(chunk[end], b'e' | b'E') {
        return None;
    }
    // The fraction closes up to the integer, then all move to the end of the word.
    let integer = !(!0 << (8 * point));
    let digits = word & integer | word >> 8 & !integer;
    let digits = eight(digits << (8 * (9 - end)));
    // Both are whole numbers of few digits, so that their quotient is rounded once.
    #[expect(clippy::cast_precision_loss, reason = "six digits are a double")]
    let value = digits as f64 / EXACT[fraction];
    Some(Read {
        value: if negative { -value } else { value },
        end: first + end,
    })
}

fn any_length(bytes: &[u8], start: usize) -> Option<Read> {
    let negative = bytes.get(start) == Some(&b'-');
    let whole = start + usize::from(negative);
    let integer = Digits::of(bytes, whole, 0)?;
    let mut read = integer;
    let mut fraction = 0;
    if bytes.get(integer.end) == Some(&b'.') {
        read = Digits::of(bytes, integer.end + 1, integer.value)?;
        fraction = read.end - integer.end - 1;
        if fraction == 0 {
            return None;
        }
    }
    let integers = integer.end - whole;
    let zero = bytes.get(whole) == Some(&b'0');
    let is_led_by_zero = zero && integers > 1;
    let digits = fraction + if zero { 0 } else { integers };
    if integers == 0
        || is_led_by_zero
        || digits > DIGITS
        || matches!(bytes.get(read.end), Some(b'e' | b'E'))
    {
        return None;
    }
    let value = scaled(read.value, fraction)?;
    Some(Read {
        value: if negative { -value } else { value },
        end: read.end,
    })
}

/// A whole number that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadWhole {
    /// Exactly this.
    pub(super) value: i64,
    /// The place behind its last octet.
    pub(super) end: usize,
}

/// The same of a whole number without a point, of fewer digits.
#[inline]
pub(super) fn plain_whole(bytes: &[u8], start: usize) -> Option<ReadWhole> {
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let Digits { value, end } = Digits::of(bytes, first, 0)?;
    let digits = end - first;
    let is_led_by_zero = digits > 1 && bytes.get(first) == Some(&b'0');
    let goes_on = matches!(bytes.get(end), Some(b'.' | b'e' | b'E'));
    if digits == 0 || digits >= DIGITS || is_led_by_zero || goes_on {
        return None;
    }
    let value = value.cast_signed();
    Some(ReadWhole {
        value: if negative { -value } else { value },
        end,
    })
}

/// A run of digits.
#[derive(Clone, Copy)]
struct Digits {
    /// Those before, and these behind them, as one number; wrong beyond [`DIGITS`] of them.
    value: u64,
    /// The first place that is no digit.
    end: usize,
}

/// The last octets, fewer than eight, with others behind them that are no digits. A body of one
/// row ends right behind its last number.
#[cold]
fn last(octets: &[u8]) -> [u8; 8] {
    let mut chunk = [b' '; 8];
    for (place, octet) in chunk.iter_mut().zip(octets) {
        *place = *octet;
    }
    chunk
}

impl Digits {
    /// The digits at `at`, behind those that `value` is; `None` past the end of `bytes`.
    #[inline]
    fn of(bytes: &[u8], mut at: usize, mut value: u64) -> Option<Self> {
        loop {
            let chunk = match bytes.get(at..at + 8) {
                Some(chunk) => <[u8; 8]>::try_from(chunk).ok()?,
                None => last(bytes.get(at..)?),
            };
            let (word, marks) = marked(chunk);
            let count = marks.trailing_zeros() as usize / 8;
            if count == 0 {
                return Some(Self { value, end: at });
            }
            // The digits move to the end of the word, with zeros before them.
            let digits = eight(word << (64 - 8 * count));
            value = value.wrapping_mul(POWERS[count]).wrapping_add(digits);
            at += count;
            if count < 8 {
                return Some(Self { value, end: at });
            }
        }
    }
}

/// Eight octets, digits as 0 to 9, and bits in all that are no digits. Another octet may carry
/// into those behind it: marks are right up to the lowest, and beyond it where that is a point,
/// which does not carry.
#[inline]
fn marked(octets: [u8; 8]) -> (u64, u64) {
    let word = u64::from_le_bytes(octets) ^ 0x3030_3030_3030_3030;
    let marks = (word.wrapping_add(0x0606_0606_0606_0606) | word) & 0xF0F0_F0F0_F0F0_F0F0;
    (word, marks)
}

/// Ten to the power of the index.
const POWERS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// The number that eight octets from 0 to 9 are, the first the highest: pairs, then fours, then
/// all are put together, each time in one multiplication.
#[inline]
fn eight(word: u64) -> u64 {
    let pairs = (word.wrapping_mul((10 << 8) + 1) >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul((100 << 16) + 1) >> 16) & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul((10_000 << 32) + 1) >> 32
}

/// `digits` divided by ten to the power of `fraction`, rounded once; `None` where that power is
/// not at hand.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "whole numbers up to 53 bits are doubles; others are rounded, as they should be"
)]
fn scaled(digits: u64, fraction: usize) -> Option<f64> {
    if fraction == 0 {
        return Some(digits as f64);
    }
    if digits >> 53 == 0
        && let Some(power) = EXACT.get(fraction)
    {
        // Two doubles without error: their quotient is rounded once.
        return Some(digits as f64 / power);
    }
    Some(divided(digits, fraction, *RECIPROCALS.get(fraction)?))
}

/// `digits` times 2 to the `-fraction` times the `reciprocal` of five to the power of `fraction`.
#[inline]
fn divided(digits: u64, fraction: usize, reciprocal: Reciprocal) -> f64 {
    let zeros = digits.leading_zeros();
    let digits = digits << zeros;
    let product = |factor: u64| u128::from(digits) * u128::from(factor);
    let mut high = product(reciprocal.high);
    // Nine bits below the mantissa, the guard and the rounding bit: where all are set, the lower
    // half of the reciprocal may carry into them.
    if (high >> 64) & 0x1FF == 0x1FF {
        high = high.wrapping_add(product(reciprocal.low) >> 64);
    }
    let (top, rest) = ((high >> 64) as u64, high as u64);
    let upper = (top >> 63) as u32;
    let shift = upper + 9;
    let mut mantissa = top >> shift;
    // Half way between two doubles: only where the division has no remainder.
    if rest <= 1 && fraction <= 4 && mantissa & 3 == 1 && mantissa << shift == top {
        mantissa &= !1;
    }
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    // The product has its highest bit at 126 or 127; the reciprocal was scaled by `bits`.
    let mut exponent = 1023 + 126 + i64::from(upper) - i64::from(reciprocal.bits) + 64
        - i64::from(zeros)
        - fraction as i64;
    if mantissa >> 53 != 0 {
        mantissa >>= 1;
        exponent += 1;
    }
    f64::from_bits((mantissa & ((1 << 52) - 1)) | (exponent as u64) << 52)
}

/// The powers of ten that are doubles without error.
const EXACT: [f64; 23] = {
    let mut powers = [1.0; 23];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10.0;
        index += 1;
    }
    powers
};

/// One over a power of five, as a whole number of 128 bits that is a little too large.
#[derive(Clone, Copy)]
struct Reciprocal {
    high: u64,
    low: u64,
    /// What it was multiplied by, as a power of two.
    bits: u32,
}

/// The reciprocals of five to the power of the index.
static RECIPROCALS: [Reciprocal; DIGITS + 1] = {
    let one = Reciprocal {
        high: 1 << 63,
        low: 0,
        bits: 127,
    };
    let mut reciprocals = [one; DIGITS + 1];
    let mut power = 1_u64;
    let mut index = 1;
    while index <= DIGITS {
        power *= 5;
        // Scaled so that the highest of its 128 bits is set.
        let bits = 127 + u64::BITS - power.leading_zeros();
        let quotient = over(bits, power) + 1;
        reciprocals[index] = Reciprocal {
            high: (quotient >> 64) as u64,
            low: quotient as u64,
            bits,
        };
        index += 1;
    }
    reciprocals
};

/// Two to the power of `bits`, divided by `divisor`, bit by bit.
const fn over(bits: u32, divisor: u64) -> u128 {
    let (mut quotient, mut remainder) = (0_u128, 1_u128);
    let mut bit = 0;
    while bit < bits {
        remainder <<= 1;
        quotient <<= 1;
        if remainder >= divisor as u128 {
            remainder -= divisor as u128;
            quotient += 1;
        }
        bit += 1;
    }
    quotient
}

#[cfg(test)]
mod tests;
