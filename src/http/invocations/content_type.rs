//! What the `Content-Type` header says of the body.

use crate::scoring::{Format, PROTOCOL_CHANGED};
use std::fmt;

/// A header that names no kind of body that is read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ContentTypeError {
    /// There is no header.
    Missing,
    /// A charset that is not UTF-8.
    Charset,
    /// Parameters other than `charset`, by name.
    Parameters(String),
    /// Another type: the header.
    Type(String),
}

/// The kind of body that `header` announces. Types and parameter names are compared without
/// case; the last of two charsets counts.
///
/// # Errors
/// When it announces anything else.
pub(super) fn parse(header: Option<&str>) -> Result<Format, ContentTypeError> {
    let header = header.ok_or(ContentTypeError::Missing)?;
    let mut parts = header.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let mut charset = "utf-8";
    let mut unknown: Vec<&str> = Vec::new();
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if name.trim().eq_ignore_ascii_case("charset") {
            charset = value.trim();
        } else {
            unknown.push(name.trim());
        }
    }
    if !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("utf8") {
        return Err(ContentTypeError::Charset);
    }
    if !unknown.is_empty() {
        return Err(ContentTypeError::Parameters(shown(&unknown.join(", "))));
    }
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(Format::Json)
    } else if kind.eq_ignore_ascii_case("text/csv") {
        Ok(Format::Csv)
    } else if kind.eq_ignore_ascii_case("application/vnd.apache.parquet") {
        Ok(Format::Parquet)
    } else if kind.eq_ignore_ascii_case("application/vnd.apache.arrow.stream") {
        Ok(Format::Arrow)
    } else {
        Err(ContentTypeError::Type(shown(header)))
    }
}

/// As much of a header as an answer repeats.
fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}

impl fmt::Display for ContentTypeError {
    /// MLflow's words, since its clients look for them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "the header `Content-Type` is missing: send `application/json` or `text/csv`",
            ),
            Self::Charset => f.write_str("The scoring server only supports UTF-8"),
            Self::Parameters(names) => {
                write!(
                    f,
                    "Unrecognized content type parameters: {names}. {PROTOCOL_CHANGED}"
                )
            }
            Self::Type(header) => write!(
                f,
                "This predictor only supports the following content types: Types: ['text/csv', \
                 'application/json', 'application/vnd.apache.parquet']. Got '{header}'."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_without_case_and_utf8_has_two_names() {
        for (header, expected) in [
            ("application/json", Ok(Format::Json)),
            ("APPLICATION/JSON", Ok(Format::Json)),
            ("text/csv; charset=UTF-8", Ok(Format::Csv)),
            ("application/vnd.apache.parquet", Ok(Format::Parquet)),
            ("Application/vnd.apache.arrow.Stream", Ok(Format::Arrow)),
            (
                "application/vnd.apache.arrow.file",
                Err(ContentTypeError::Type(
                    "application/vnd.apache.arrow.file".to_owned(),
                )),
            ),
            ("application/json;charset=utf8", Ok(Format::Json)),
            (
                "application/json; charset=latin-1; charset=utf-8",
                Ok(Format::Json),
            ),
            (
                "application/json; charset=latin-1",
                Err(ContentTypeError::Charset),
            ),
            (
                "application/json; charset=\"utf-8\"",
                Err(ContentTypeError::Charset),
            ),
            ("application/json; charset=", Err(ContentTypeError::Charset)),
            (
                "application/json; format=pandas-split",
                Err(ContentTypeError::Parameters("format".to_owned())),
            ),
            (
                "application/json;",
                Err(ContentTypeError::Parameters(String::new())),
            ),
            (
                "application/x-www-form-urlencoded",
                Err(ContentTypeError::Type(
                    "application/x-www-form-urlencoded".to_owned(),
                )),
            ),
            ("", Err(ContentTypeError::Type("".to_owned()))),
        ] {
            assert_eq!(parse(Some(header)), expected, "{header}");
        }
        assert_eq!(parse(None), Err(ContentTypeError::Missing));
    }
}
