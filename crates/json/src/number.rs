//! Numbers as they are written, and what they are exactly.

/// Integers of more digits than this are out of range of every type.
pub const MAX_DIGITS: usize = 400;

/// A number whose text passed the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number<'a> {
    /// Digits with or without a sign, no fraction, no exponent.
    Integer(&'a str),
    /// With a fraction or an exponent.
    Decimal(&'a str),
    /// The literal `NaN`.
    NaN,
    /// The literal `Infinity`.
    Infinity,
    /// The literal `-Infinity`.
    NegInfinity,
}

/// What a number is as an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exact {
    /// Exactly this.
    Int(i128),
    /// It has a fraction.
    Fraction,
    /// An integer beyond 128 bits, or an infinity.
    Huge,
    /// Not a number.
    NaN,
}

impl<'a> Number<'a> {
    /// The number that `text` is, as people and programs write them into texts and CSV files:
    /// JSON's grammar, and besides a plus sign, leading zeros, `.5`, `5.`, white space around,
    /// and `nan`, `inf`, `infinity` in any case (Python's `float` without underscores).
    pub fn from_text(text: &'a str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let bytes = unsigned.as_bytes();
        if !bytes
            .first()
            .is_some_and(|first| first.is_ascii_digit() || *first == b'.')
        {
            return special(text, unsigned);
        }
        let whole = digits(bytes);
        let mut at = whole;
        let mut fraction = 0;
        if bytes.get(at) == Some(&b'.') {
            fraction = digits(&bytes[at + 1..]);
            at += 1 + fraction;
        }
        if whole + fraction == 0 {
            return None;
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(bytes.get(at..)?);
            if exponent == 0 {
                return None;
            }
            at += exponent;
        }
        match at == bytes.len() {
            false => None,
            true if at == whole => Some(Self::Integer(text)),
            true => Some(Self::Decimal(text)),
        }
    }

    /// The nearest double; ties to even. A finite text may become infinite.
    #[inline]
    pub fn to_f64(self) -> f64 {
        match self {
            // The text passed the grammar, so that the parser cannot fail.
            Self::Integer(text) | Self::Decimal(text) => {
                fast_float2::parse(text).unwrap_or(f64::NAN)
            }
            Self::NaN => f64::NAN,
            Self::Infinity => f64::INFINITY,
            Self::NegInfinity => f64::NEG_INFINITY,
        }
    }

    /// Whether it is written with digits, not as one of the three literals.
    pub fn is_finite(self) -> bool {
        matches!(self, Self::Integer(_) | Self::Decimal(_))
    }

    /// What it is as an integer, computed on the decimal digits: nothing is rounded.
    pub fn exact(self) -> Exact {
        match self {
            Self::Integer(text) => short(text).unwrap_or_else(|| exact(text)),
            Self::Decimal(text) => exact(text),
            Self::NaN => Exact::NaN,
            Self::Infinity | Self::NegInfinity => Exact::Huge,
        }
    }
}

fn special<'a>(text: &str, unsigned: &str) -> Option<Number<'a>> {
    if unsigned.eq_ignore_ascii_case("nan") {
        Some(Number::NaN)
    } else if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") {
        Some(if text.starts_with('-') {
            Number::NegInfinity
        } else {
            Number::Infinity
        })
    } else {
        None
    }
}

fn digits(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// At most 18 digits: no overflow to look out for.
fn short(text: &str) -> Option<Exact> {
    let bytes = text.as_bytes();
    let (negative, bytes) = match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, bytes),
    };
    if bytes.len() > 18 {
        return None;
    }
    let value = bytes
        .iter()
        .fold(0_i64, |value, byte| value * 10 + i64::from(byte & 0x0F));
    Some(Exact::Int(i128::from(if negative {
        -value
    } else {
        value
    })))
}

fn exact(text: &str) -> Exact {
    let negative = text.starts_with('-');
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], clamped(&text[at + 1..])),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches(['+', '-']).trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    // value = digits * 10^scale, with neither leading nor trailing zeros in the digits.
    let mut scale = exponent.saturating_sub(fraction.len() as i64);
    let (mut head, mut tail) = (whole, fraction);
    if tail.is_empty() {
        let kept = head.trim_end_matches('0');
        scale = scale.saturating_add((head.len() - kept.len()) as i64);
        head = kept;
    }
    if head.is_empty() {
        tail = tail.trim_start_matches('0');
    }
    let count = head.len() + tail.len();
    if count == 0 {
        return Exact::Int(0);
    }
    if scale < 0 {
        return Exact::Fraction;
    }
    // 38 digits always fit into 127 bits.
    if count as i64 > 38_i64.saturating_sub(scale) {
        return Exact::Huge;
    }
    let all = head.bytes().chain(tail.bytes());
    let value = all.fold(0_i128, |value, byte| value * 10 + i128::from(byte & 0x0F));
    let value = (0..scale).fold(value, |value, _| value * 10);
    Exact::Int(if negative { -value } else { value })
}

/// An exponent; beyond any that matters it stays there.
fn clamped(text: &str) -> i64 {
    let value = text
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0_i64, |value, byte| {
            value
                .saturating_mul(10)
                .saturating_add(i64::from(byte & 0x0F))
        });
    if text.starts_with('-') { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_an_integer_when_its_exact_decimal_value_is_one() {
        for (text, expected) in [
            ("5", Exact::Int(5)),
            ("5.0", Exact::Int(5)),
            ("1e3", Exact::Int(1000)),
            ("-0", Exact::Int(0)),
            ("-0.0e5", Exact::Int(0)),
            ("0e99999999999999999999", Exact::Int(0)),
            ("1.5e1", Exact::Int(15)),
            ("10e-1", Exact::Int(1)),
            ("100.000", Exact::Int(100)),
            ("0.5e1", Exact::Int(5)),
            ("0.005e3", Exact::Int(5)),
            ("+007", Exact::Int(7)),
            (".5e1", Exact::Int(5)),
            ("5.", Exact::Int(5)),
            ("9223372036854775808", Exact::Int(1 << 63)),
            ("18446744073709551616", Exact::Int(1 << 64)),
            ("9007199254740993.0", Exact::Int(9_007_199_254_740_993)),
            ("9223372036854775807e0", Exact::Int(i64::MAX as i128)),
            ("1.7", Exact::Fraction),
            ("-1e-1", Exact::Fraction),
            ("1e-99999999999999999999", Exact::Fraction),
            ("9007199254740993.5", Exact::Fraction),
            ("1e400", Exact::Huge),
            ("1e99999999999999999999", Exact::Huge),
        ] {
            let number = Number::from_text(text).expect(text);
            assert_eq!(number.exact(), expected, "{text}");
        }
        let long = "1".repeat(5000);
        assert_eq!(Number::Integer(&long).exact(), Exact::Huge);
    }

    #[test]
    fn numbers_in_texts_are_read_as_python_reads_them_without_underscores() {
        for text in [
            " 5.1 ",
            "+1.5",
            ".5",
            "5.",
            "007",
            "1E+3",
            "inf",
            "-Infinity",
            "NaN",
            "\t7\n",
        ] {
            assert!(Number::from_text(text).is_some(), "{text}");
        }
        for text in [
            "", " ", ".", "+", "1_0", "0x10", "1e", "1e+", "5,1", "--1", "1 2", "infin", "١",
        ] {
            assert_eq!(Number::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn doubles_are_the_nearest_ones() {
        for text in [
            "0.30000000000000004",
            "1e23",
            "8.41e21",
            "9007199254740993",
            "5e-324",
            "2.2250738585072011e-308",
        ] {
            let parsed = Number::from_text(text).expect(text).to_f64();
            assert_eq!(
                parsed.to_bits(),
                text.parse::<f64>().expect(text).to_bits(),
                "{text}"
            );
        }
        assert!(Number::Decimal("1e400").to_f64().is_infinite());
        assert!(Number::Integer("-0").to_f64().is_sign_negative());
    }

    #[test]
    fn a_hundred_thousand_random_doubles_agree_with_the_standard_library() {
        // A fixed generator (splitmix64), so that a failure can be seen again.
        let mut state = 7_u64;
        for _ in 0..100_000 {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut bits = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let value = f64::from_bits(bits ^ (bits >> 31));
            if value.is_finite() {
                let text = format!("{value:.16e}");
                let number = Number::from_text(&text).expect("a number");
                assert_eq!(number.to_f64().to_bits(), value.to_bits(), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn integers_survive_any_way_of_writing_them(value: i64, zeros in 0_usize..5) {
            let shifted = format!("{value}{}e-{zeros}", "0".repeat(zeros));
            for text in [value.to_string(), format!("{value}.{}", "0".repeat(zeros)), shifted] {
                let number = Number::from_text(&text).expect("a number");
                prop_assert_eq!(number.exact(), Exact::Int(i128::from(value)));
            }
        }
    }
}
