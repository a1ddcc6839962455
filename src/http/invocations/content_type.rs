//! What the `Content-Type` header says of the body.

use std::fmt;

/// A kind of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
}

/// A header that names no kind of body that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentTypeError {
    /// There is no header.
    Missing,
    /// A charset that is not UTF-8.
    Charset,
    /// Parameters other than `charset`.
    Parameters,
    /// Another type.
    Type,
}

/// The kind of body that `header` announces. Types and parameter names are compared without
/// case; the last of two charsets counts.
///
/// # Errors
/// When it announces anything else.
pub(super) fn parse(header: Option<&str>) -> Result<Body, ContentTypeError> {
    let header = header.ok_or(ContentTypeError::Missing)?;
    let mut parts = header.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let mut charset = "utf-8";
    let mut unknown = false;
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if name.trim().eq_ignore_ascii_case("charset") {
            charset = value.trim();
        } else {
            unknown = true;
        }
    }
    if !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("utf8") {
        return Err(ContentTypeError::Charset);
    }
    if unknown {
        return Err(ContentTypeError::Parameters);
    }
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(Body::Json)
    } else if kind.eq_ignore_ascii_case("text/csv") {
        Ok(Body::Csv)
    } else {
        Err(ContentTypeError::Type)
    }
}

impl fmt::Display for ContentTypeError {
    /// MLflow's words where clients may look for them; what was sent is not repeated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => {
                "the header `Content-Type` is missing: send `application/json` or `text/csv`"
            }
            Self::Charset => "The scoring server only supports UTF-8",
            Self::Parameters => {
                "Unrecognized content type parameters: only `charset` is known. IMPORTANT: The \
                 MLflow Model scoring protocol has changed in MLflow version 2.0: bodies name \
                 their format in a key (`dataframe_split`, `dataframe_records`, `instances`, \
                 `inputs`)"
            }
            Self::Type => {
                "This predictor only supports the following content types: Types: ['text/csv', \
                 'application/json']."
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_without_case_and_utf8_has_two_names() {
        for (header, expected) in [
            ("application/json", Ok(Body::Json)),
            ("APPLICATION/JSON", Ok(Body::Json)),
            ("text/csv; charset=UTF-8", Ok(Body::Csv)),
            ("application/json;charset=utf8", Ok(Body::Json)),
            (
                "application/json; charset=latin-1; charset=utf-8",
                Ok(Body::Json),
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
                Err(ContentTypeError::Parameters),
            ),
            ("application/json;", Err(ContentTypeError::Parameters)),
            (
                "application/x-www-form-urlencoded",
                Err(ContentTypeError::Type),
            ),
            ("", Err(ContentTypeError::Type)),
        ] {
            assert_eq!(parse(Some(header)), expected, "{header}");
        }
        assert_eq!(parse(None), Err(ContentTypeError::Missing));
    }
}
