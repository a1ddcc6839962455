//! What the `Accept` header says of the answer (RFC 9110, section 12.5.1).

use crate::http::encoding::weight;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// A form of answers, in the order that is taken where a client likes several as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// `application/vnd.apache.arrow.stream`.
    Arrow,
}

impl Answer {
    const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Arrow];

    /// The type without its parameters.
    fn essence(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("application", "json"),
            Self::Csv => ("text", "csv"),
            Self::Arrow => ("application", "vnd.apache.arrow.stream"),
        }
    }

    /// The `Content-Type` of such an answer.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }
}

/// The form that the client likes best. MLflow never looks at this header, so that its clients
/// may send anything: where nothing is named that is written here, the answer is JSON.
pub(super) fn chosen(headers: &HeaderMap) -> Answer {
    if !headers.contains_key(ACCEPT) {
        return Answer::Json;
    }
    let values = headers.get_all(ACCEPT).into_iter();
    let text: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    best(&text.join(","))
}

fn best(header: &str) -> Answer {
    let ranges: Vec<Range<'_>> = header.split(',').filter_map(Range::parse).collect();
    let mut best = (Answer::Json, 0);
    for answer in Answer::ALL {
        let quality = quality(answer, &ranges);
        if quality > best.1 {
            best = (answer, quality);
        }
    }
    best.0
}

/// How much an answer is liked, in thousandths: what the most exact of the ranges says that it
/// falls into.
fn quality(answer: Answer, ranges: &[Range<'_>]) -> u16 {
    let (kind, subtype) = answer.essence();
    let exactness = |range: &&Range<'_>| match (range.kind, range.subtype) {
        ("*", "*") => Some(1),
        (known, "*") if known.eq_ignore_ascii_case(kind) => Some(2),
        (known, sub) if known.eq_ignore_ascii_case(kind) && sub.eq_ignore_ascii_case(subtype) => {
            Some(3)
        }
        _ => None,
    };
    let fitting = ranges
        .iter()
        .filter_map(|range| Some((exactness(&range)?, range.quality)));
    fitting.max().map_or(0, |(_, quality)| quality)
}

struct Range<'h> {
    kind: &'h str,
    subtype: &'h str,
    quality: u16,
}

impl<'h> Range<'h> {
    fn parse(text: &'h str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let weight = parts.find_map(weight);
        Some(Self {
            kind,
            subtype,
            quality: weight.unwrap_or(1000),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Answer) {
        assert_eq!(best(header), expected, "{header:?}");
    }

    #[test]
    fn json_is_the_answer_where_anything_or_nothing_we_have_is_liked() {
        for header in [
            "",
            "*/*",
            "application/json",
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "image/png",
            "application/*",
            "application/vnd.apache.parquet",
            "nonsense",
            "text/csv;q=0",
            "application/json;q=0",
        ] {
            check(header, Answer::Json);
        }
    }

    #[test]
    fn what_is_liked_best_is_taken() {
        check("text/csv", Answer::Csv);
        check("TEXT/CSV; charset=utf-8", Answer::Csv);
        check("text/*", Answer::Csv);
        check("application/vnd.apache.arrow.stream", Answer::Arrow);
        check("application/json;q=0.5, text/csv", Answer::Csv);
        check("application/json, text/csv", Answer::Json);
        check(
            "text/csv;q=0.2, application/vnd.apache.arrow.stream;q=0.9",
            Answer::Arrow,
        );
        // The most exact range counts, not the largest weight.
        check("*/*, application/json;q=0.1", Answer::Csv);
        check("*/*;q=0.3, text/csv;q=0", Answer::Json);
        check("text/csv;q=0.001", Answer::Csv);
    }
}
