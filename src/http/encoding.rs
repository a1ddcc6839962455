//! `Content-Encoding` both ways (RFC 9110, section 8.4): gzip and Zstandard.
//!
//! Bodies are unpacked to the limit that they have when they are not packed; MLflow does not
//! unpack at all and answers 400.

use super::error::ApiError;
use crate::compression::Packing;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

/// Answers of fewer octets are sent as they are: packing them saves no packet.
const SMALL: usize = 1 << 10;

/// How the body of a request is packed; `None`: not at all.
///
/// # Errors
/// When it is packed in a way that is not read here, or more than once.
pub(super) fn of_body(headers: &HeaderMap) -> Result<Option<Packing>, ApiError> {
    let mut found = None;
    for value in headers.get_all(CONTENT_ENCODING) {
        let text = String::from_utf8_lossy(value.as_bytes());
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            if name.eq_ignore_ascii_case("identity") {
                continue;
            }
            let packing = packing(name).ok_or_else(unsupported)?;
            if found.replace(packing).is_some() {
                return Err(unsupported());
            }
        }
    }
    Ok(found)
}

/// How the client likes its answer packed; `None`: not at all.
pub(super) fn of_answer(headers: &HeaderMap) -> Option<Packing> {
    headers.get(ACCEPT_ENCODING)?;
    let values = headers.get_all(ACCEPT_ENCODING).into_iter();
    let text: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    best(&text.join(","))
}

/// Whether `answer` is worth packing.
pub(super) fn is_worth_it(answer: &[u8]) -> bool {
    answer.len() > SMALL
}

fn unsupported() -> ApiError {
    ApiError::unsupported_media_type(
        "This server only supports the following content encodings: gzip, zstd, each of them once.",
    )
}

fn packing(name: &str) -> Option<Packing> {
    if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
        Some(Packing::Gzip)
    } else if name.eq_ignore_ascii_case("zstd") {
        Some(Packing::Zstd)
    } else {
        None
    }
}

/// The packing of the largest weight; Zstandard, the faster one, where both have it, and none
/// where the client would rather have none.
fn best(header: &str) -> Option<Packing> {
    let (mut gzip, mut zstd, mut identity, mut any) = (None, None, None, None);
    for part in header.split(',') {
        let mut parts = part.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(weight).unwrap_or(1000);
        match packing(name) {
            Some(Packing::Gzip) => gzip = Some(weight),
            Some(Packing::Zstd) => zstd = Some(weight),
            None if name.eq_ignore_ascii_case("identity") => identity = Some(weight),
            None if name == "*" => any = Some(weight),
            None => {}
        }
    }
    let weight = |named: Option<u16>| named.or(any).unwrap_or(0);
    let (gzip, zstd) = (weight(gzip), weight(zstd));
    let (packing, weight) = if zstd >= gzip {
        (Packing::Zstd, zstd)
    } else {
        (Packing::Gzip, gzip)
    };
    (weight > 0 && weight >= identity.unwrap_or(0)).then_some(packing)
}

/// The weight that a parameter `q` gives, in thousandths; `None` for another parameter. What is
/// no weight counts as none.
pub(super) fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value: f32 = value
        .trim()
        .parse()
        .ok()
        .filter(|value: &f32| value.is_finite())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    Some((value.clamp(0.0, 1.0) * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, StatusCode};

    fn body(values: &[&'static str]) -> Result<Option<Packing>, StatusCode> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        of_body(&headers).map_err(|error| error.status())
    }

    #[test]
    fn bodies_are_packed_once_or_not_at_all() {
        assert_eq!(body(&[]), Ok(None));
        assert_eq!(body(&["identity"]), Ok(None));
        assert_eq!(body(&["GZIP"]), Ok(Some(Packing::Gzip)));
        assert_eq!(body(&["x-gzip"]), Ok(Some(Packing::Gzip)));
        assert_eq!(body(&["zstd, identity"]), Ok(Some(Packing::Zstd)));
        for refused in [
            &["gzip, zstd"] as &[_],
            &["gzip", "gzip"],
            &["br"],
            &["deflate"],
        ] {
            assert_eq!(body(refused), Err(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
    }

    #[test]
    fn answers_are_packed_as_the_client_likes_best() {
        for (header, expected) in [
            ("", None),
            ("br", None),
            ("identity", None),
            ("gzip", Some(Packing::Gzip)),
            ("gzip, deflate, br, zstd", Some(Packing::Zstd)),
            ("gzip;q=0.9, zstd;q=0.2", Some(Packing::Gzip)),
            ("gzip;q=0", None),
            ("*", Some(Packing::Zstd)),
            ("*, zstd;q=0", Some(Packing::Gzip)),
            ("gzip;q=0.5, identity", None),
            ("gzip, *;q=0", Some(Packing::Gzip)),
        ] {
            assert_eq!(best(header), expected, "{header:?}");
        }
    }
}
