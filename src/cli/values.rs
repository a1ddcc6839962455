//! Values of flags that are more than one number.

use crate::batcher::BatchRows;
use jiff::SignedDuration;
use std::str::FromStr;
use std::time::Duration;

/// How many rows are run together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchArg {
    /// Learned from what runs cost.
    Auto,
    /// So many at most.
    Rows(usize),
}

impl FromStr for BatchArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            text => match text.parse() {
                Ok(rows) if rows > 0 => Ok(Self::Rows(rows)),
                _ => Err("expected `auto` or a positive whole number"),
            },
        }
    }
}

impl From<BatchArg> for BatchRows {
    fn from(batch: BatchArg) -> Self {
        match batch {
            BatchArg::Auto => Self::Auto(Self::DEFAULT),
            BatchArg::Rows(rows) => Self::Fixed(rows),
        }
    }
}

/// A time with its unit: `500us`, `2ms`, `1.5s`, `1m`.
///
/// # Errors
/// When it is none, or below zero.
pub fn time(text: &str) -> Result<Duration, &'static str> {
    let expected = "expected a time with its unit, such as 500us, 2ms or 1s";
    let time: SignedDuration = text.parse().map_err(|_| expected)?;
    Duration::try_from(time).map_err(|_| expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, expected) in [
            ("500us", 500),
            ("2ms", 2_000),
            ("1s", 1_000_000),
            ("1.5s", 1_500_000),
            ("1m", 60_000_000),
            ("0s", 0),
        ] {
            assert_eq!(time(text), Ok(Duration::from_micros(expected)), "{text}");
        }
        for text in ["", "5", "-1s", "1 parsec", "ms", "99999999999999999999s"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rows_are_learned_or_given() {
        assert_eq!("auto".parse(), Ok(BatchArg::Auto));
        assert_eq!("64".parse(), Ok(BatchArg::Rows(64)));
        for text in ["0", "-1", "", "Auto", "1.5"] {
            assert!(text.parse::<BatchArg>().is_err(), "{text}");
        }
    }
}
