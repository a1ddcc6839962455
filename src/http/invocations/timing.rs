//! `Server-Timing`: where the time of one request went, told to who asks for it.

use crate::batcher::Times;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt::Write;
use std::time::Duration;

/// The header that asks, with the value `1`.
const ASK: HeaderName = HeaderName::from_static("x-flowgate-timing");

/// The header that tells (W3C Server Timing): milliseconds by name.
const TELL: HeaderName = HeaderName::from_static("server-timing");

/// The parts that are known of a request; a refused one has no more than the first.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// From the body's last octet to typed columns.
    pub(super) decode: Option<Duration>,
    /// Waiting and running.
    pub(super) ran: Option<Times>,
    /// From the model's outputs to the octets of the answer.
    pub(super) encode: Option<Duration>,
}

/// Whether the client wants to be told.
pub(super) fn asked(headers: &HeaderMap) -> bool {
    headers.get(ASK).is_some_and(|value| value == "1")
}

impl Timing {
    /// Adds the header, with `total` from the request's head to its answer.
    pub(super) fn write(&self, total: Duration, headers: &mut HeaderMap) {
        let parts = [
            ("decode", self.decode),
            ("queue", self.ran.map(|times| times.queue)),
            ("run", self.ran.map(|times| times.run)),
            ("encode", self.encode),
            ("total", Some(total)),
        ];
        let mut text = String::new();
        for (name, part) in parts {
            let Some(part) = part else { continue };
            let comma = if text.is_empty() { "" } else { ", " };
            let ms = part.as_secs_f64() * 1e3;
            // Writing into memory does not fail.
            let _ = write!(text, "{comma}{name};dur={ms:.3}");
        }
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(TELL, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(timing: &Timing) -> String {
        let mut headers = HeaderMap::new();
        timing.write(Duration::from_micros(1500), &mut headers);
        let value = headers.get(TELL).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    #[test]
    fn parts_are_told_in_milliseconds_and_unknown_ones_left_out() {
        assert_eq!(told(&Timing::default()), "total;dur=1.500");
        let timing = Timing {
            decode: Some(Duration::from_nanos(12_345)),
            ran: Some(Times {
                queue: Duration::ZERO,
                run: Duration::from_millis(1),
            }),
            encode: Some(Duration::from_micros(2)),
        };
        assert_eq!(
            told(&timing),
            "decode;dur=0.012, queue;dur=0.000, run;dur=1.000, encode;dur=0.002, total;dur=1.500"
        );
    }

    #[test]
    fn only_a_1_asks() {
        let with = |value| HeaderMap::from_iter([(ASK, HeaderValue::from_static(value))]);
        assert!(asked(&with("1")));
        assert!(!asked(&with("0")) && !asked(&HeaderMap::new()));
    }
}
