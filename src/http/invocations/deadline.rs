//! How long a request may take: what the server allows, or less where the client has less patience.

use crate::http::error::ApiError;
use axum::http::{HeaderMap, HeaderName};
use flowgate_core::{Additions, ErrorKind};
use std::time::{Duration, Instant};

/// The header in which a client says how long it waits: seconds, as a decimal number.
const TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout");

/// When a request that began at `start` is over, where the server allows `most`. MLflow's server
/// does not look at the header, and under its rules nobody does.
///
/// # Errors
/// When the header is no time.
pub(super) fn of(
    headers: &HeaderMap,
    start: Instant,
    (most, additions): (Duration, Additions),
) -> Result<Instant, ApiError> {
    let served = additions == Additions::Served;
    let Some(value) = headers.get(TIMEOUT).filter(|_| served) else {
        return Ok(start + most);
    };
    let seconds = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let seconds = seconds.filter(|seconds: &f64| *seconds > 0.0);
    let time = seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    let time = time.ok_or_else(|| {
        ApiError::public(
            ErrorKind::InvalidInput,
            "the header `X-Request-Timeout` must be seconds, a number above 0",
        )
    })?;
    Ok(start + time.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const MOST: Duration = Duration::from_secs(60);

    fn allowed(value: &str) -> Option<Duration> {
        let value = HeaderValue::from_str(value).expect("a header");
        let start = Instant::now();
        let headers = HeaderMap::from_iter([(TIMEOUT, value)]);
        let hidden = of(&headers, start, (MOST, Additions::Hidden));
        assert_eq!(hidden.ok(), Some(start + MOST), "as MLflow does");
        let deadline = of(&headers, start, (MOST, Additions::Served));
        Some(deadline.ok()? - start)
    }

    #[test]
    fn a_client_may_have_less_patience_and_no_more() {
        assert_eq!(allowed("0.25"), Some(Duration::from_millis(250)));
        assert_eq!(allowed(" 5 "), Some(Duration::from_secs(5)));
        for more in ["60", "61", "1e300", "inf"] {
            assert_eq!(allowed(more), Some(MOST), "{more}");
        }
        let start = Instant::now();
        let without = of(&HeaderMap::new(), start, (MOST, Additions::Served));
        assert_eq!(without.ok(), Some(start + MOST));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for bad in ["", "0", "-1", "NaN", "soon", "5s", "1,5"] {
            assert_eq!(allowed(bad), None, "{bad}");
        }
    }
}
