//! What was measured, for people and for programs.

use super::run::Load;
use super::tally::Tally;
use super::verdict::{Measured, Verdict};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The percentiles that are reported.
const PERCENTILES: &[f64] = &[50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99];

/// The heads of the columns of [`row`].
pub fn head() -> String {
    line(&[
        "rate/s",
        "answered/s",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "max",
        "errors",
        "",
    ])
}

/// One rate in one line.
pub fn row(measured: &Measured) -> String {
    let Measured {
        rate,
        tally,
        verdict,
    } = measured;
    let latency = |latency| {
        if tally.has_latencies() {
            duration(latency)
        } else {
            "-".to_owned()
        }
    };
    let percentile = |percent| latency(tally.percentile(percent));
    let late = if tally.generator_late() {
        ", generator late"
    } else {
        ""
    };
    line(&[
        &number(*rate),
        &number(tally.answered_per_second()),
        &percentile(50.0),
        &percentile(90.0),
        &percentile(99.0),
        &percentile(99.9),
        &latency(tally.max()),
        &tally.errors().to_string(),
        &format!("{}{late}", verdict.name()),
    ])
}

fn line(cells: &[&str; 9]) -> String {
    let [rate, answered, p50, p90, p99, p999, max, errors, verdict] = cells;
    let line = format!(
        "{rate:>9} {answered:>11} {p50:>8} {p90:>8} {p99:>8} {p999:>8} {max:>8} {errors:>8}  {verdict}"
    );
    line.trim_end().to_owned()
}

/// All that is known of one rate, in lines.
pub fn details(measured: &Measured) -> String {
    let Measured { rate, tally, .. } = measured;
    let mut lines = Vec::new();
    if tally.has_latencies() {
        let line = |name: &str, latency| format!("{name:>9} {:>8}", duration(latency));
        lines.push(format!(
            "latency at {}/s, from due to answered",
            number(*rate)
        ));
        let percentiles = PERCENTILES.iter();
        lines.extend(
            percentiles.map(|percent| line(&format!("p{percent}"), tally.percentile(*percent))),
        );
        lines.push(line("max", tally.max()));
        lines.push(line("mean", tally.mean()));
    }
    lines.extend(endings(tally));
    lines.join("\n")
}

/// What the requests ended with, and what is to be known about the numbers.
fn endings(tally: &Tally) -> Vec<String> {
    let mut lines = vec![format!(
        "{} requests, {} answered with 2xx",
        tally.offered, tally.answered
    )];
    let refused = tally
        .statuses
        .iter()
        .filter(|(status, _)| !(200..300).contains(*status));
    lines.extend(refused.map(|(status, count)| format!("{count} answered `{status}`")));
    if tally.broken > 0 {
        lines.push(format!(
            "{} without a connection, or with one that broke",
            tally.broken
        ));
    }
    if tally.unanswered > 0 {
        lines.push(format!(
            "{} not answered by the end; they count with what they had waited",
            tally.unanswered
        ));
    }
    if tally.waited > 0 {
        lines.push(format!(
            "{} waited for a free connection, which counts as latency",
            tally.waited
        ));
    }
    lines
}

/// A sentence where the generator was late, so that the server is not blamed for it.
pub fn lateness(rates: &[Measured]) -> Option<String> {
    let late = rates.iter().filter(|one| one.tally.generator_late());
    let badness = |one: &Measured| (one.tally.generator_used_up(), one.tally.lag(99.0));
    let worst = late.max_by_key(|one| badness(one))?;
    let tally = &worst.tally;
    Some(format!(
        "the generator itself was late: at {}/s it used {:.0} % of a core, and took 1 % of the \
         requests up {} or more after they were due, which is in their latencies\n\
         hint: load from another machine, or leave the generator a core",
        number(worst.rate),
        tally.busy * 100.0,
        duration(tally.lag(99.0)),
    ))
}

/// The report for programs; latencies are in milliseconds.
pub fn json(load: &Load, url: &str, limit: Option<Duration>, rates: &[Measured]) -> Value {
    let highest = limit.and_then(|_| Measured::highest(rates));
    json!({
        "url": url,
        "connections": load.connections,
        "http2": load.target.http2,
        "arrivals": load.arrivals.name(),
        "warm_up_seconds": load.warm_up.as_secs_f64(),
        "duration_seconds": load.duration.as_secs_f64(),
        "p99_limit_ms": limit.map(millis),
        "highest_rate": highest.map(|one| one.rate),
        "rates": rates.iter().map(rate).collect::<Vec<_>>(),
    })
}

fn rate(measured: &Measured) -> Value {
    let Measured {
        rate,
        tally,
        verdict,
    } = measured;
    let statuses = tally.statuses.iter();
    let statuses: Map<_, _> = statuses
        .map(|(status, count)| (status.to_string(), Value::from(*count)))
        .collect();
    let mut latency = Map::new();
    for percent in PERCENTILES {
        let value = millis(tally.percentile(*percent));
        latency.insert(format!("p{percent}"), value.into());
    }
    latency.insert("max".to_owned(), millis(tally.max()).into());
    latency.insert("mean".to_owned(), millis(tally.mean()).into());
    let latency = tally.has_latencies().then_some(latency);
    json!({
        "rate": rate,
        "verdict": verdict.name(),
        "held": *verdict == Verdict::Held,
        "offered": tally.offered,
        "answered": tally.answered,
        "answered_per_second": tally.answered_per_second(),
        "errors": tally.errors(),
        "statuses": statuses,
        "broken": tally.broken,
        "unanswered": tally.unanswered,
        "waited_for_connection": tally.waited,
        "latency_ms": latency,
        "refused_p50_ms": tally.refused(50.0).map(millis),
        "refused_p99_ms": tally.refused(99.0).map(millis),
        "generator": {
            "late": tally.generator_late(),
            "busy": tally.busy,
            "lag_p99_ms": millis(tally.lag(99.0)),
            "lag_max_ms": millis(tally.lag(100.0)),
        },
    })
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// A rate with as many digits as say something.
pub fn number(rate: f64) -> String {
    if rate >= 1000.0 || rate.fract() == 0.0 {
        format!("{rate:.0}")
    } else if rate >= 10.0 {
        format!("{rate:.1}")
    } else {
        format!("{rate:.2}")
    }
}

/// A time in three digits: `412µs`, `1.23ms`, `45.6ms`, `7.89s`.
pub fn duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    let (value, unit) = match micros {
        0..1000 => return format!("{micros}µs"),
        1000..1_000_000 => (millis(duration), "ms"),
        _ => (duration.as_secs_f64(), "s"),
    };
    let places = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{value:.places$}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_unit_that_fits() {
        for (micros, expected) in [
            (0, "0µs"),
            (412, "412µs"),
            (1234, "1.23ms"),
            (45_600, "45.6ms"),
            (456_000, "456ms"),
            (7_891_000, "7.89s"),
            (61_000_000, "61.0s"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), expected);
        }
    }

    #[test]
    fn rates_are_whole_where_the_fraction_says_nothing() {
        for (rate, expected) in [
            (100.0, "100"),
            (99.96, "100.0"),
            (1234.5, "1234"),
            (1.5, "1.50"),
        ] {
            assert_eq!(number(rate), expected);
        }
    }
}
