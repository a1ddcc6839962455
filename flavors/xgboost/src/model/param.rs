//! Parameters: numbers that are written as texts.

use crate::source::{Read, ReadError, Source};
use std::str::FromStr;

/// A parameter as a number, from its text.
pub(super) fn number<S: Source, T: FromStr>(source: &mut S) -> Read<T> {
    let text = source.param()?;
    let text = text.trim();
    text.parse()
        .map_err(|_| ReadError::new("the parameter is no number in range"))
}

/// The base score in all its forms: one number, or a list in brackets or parentheses.
pub(super) fn base_score<S: Source>(source: &mut S) -> Read<Vec<f32>> {
    let text = source.param()?;
    let bad = || ReadError::new("the base score is no finite number, or list of such");
    let inside = text.trim();
    let list = [('[', ']'), ('(', ')')]
        .into_iter()
        .find_map(|(open, close)| inside.strip_prefix(open)?.strip_suffix(close));
    let numbers = list.unwrap_or(inside).split(',').map(|number| {
        let number = number.trim().parse::<f32>().ok();
        number.filter(|number| number.is_finite()).ok_or_else(bad)
    });
    numbers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Json;

    #[test]
    fn a_base_score_comes_in_every_form_that_xgboost_wrote() {
        let read = |text: &str| base_score(&mut Json::new(text.as_bytes()).expect("UTF-8"));
        for (text, expected) in [
            ("\"5E-1\"", vec![0.5]),
            ("\"[5E-1]\"", vec![0.5]),
            ("\"0.5\"", vec![0.5]),
            ("0.5", vec![0.5]),
            ("\" [1E0, -2.5E-1,3] \"", vec![1.0, -0.25, 3.0]),
            ("\"(1,2)\"", vec![1.0, 2.0]),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        for text in [
            "\"\"", "\"[]\"", "\"[1\"", "\"x\"", "\"NaN\"", "\"1E99\"", "[1]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_parameter_is_a_number_in_a_text_or_alone() {
        let read = |text: &str| number::<_, usize>(&mut Json::new(text.as_bytes()).expect("UTF-8"));
        assert_eq!(read("\"12\""), Ok(12));
        assert_eq!(read("12"), Ok(12));
        for text in ["\"-1\"", "\"1.5\"", "\"\"", "null"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
