//! Dates and times as MLflow's `datetime` has them: nanoseconds, without a time zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateTimeFault {
    /// Not an ISO 8601 date or date-time.
    Syntax,
    /// Before 1677-09-21 or after 2262-04-11: not to be had in nanoseconds.
    Range,
}

/// Nanoseconds since 1970-01-01T00:00:00 of an ISO 8601 date or date-time. An offset is
/// converted to UTC; without one the text is taken as it stands.
///
/// # Errors
/// When it is no such text, or outside of what 64 bits hold.
pub fn parse(text: &str) -> Result<i64, DateTimeFault> {
    // Bracketed time zone names need a database and are no part of ISO 8601.
    if text.contains('[') || !text.is_ascii() || has_leap_second(text) {
        return Err(DateTimeFault::Syntax);
    }
    let timestamp = match text.parse::<Timestamp>() {
        Ok(timestamp) => timestamp,
        Err(_) => civil(text)?,
    };
    i64::try_from(timestamp.as_nanosecond()).map_err(|_| DateTimeFault::Range)
}

/// A date or date-time without an offset, or one past the library's own range.
fn civil(text: &str) -> Result<Timestamp, DateTimeFault> {
    let bare = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let civil: DateTime = bare.parse().map_err(|_| DateTimeFault::Syntax)?;
    let timestamp = TimeZone::UTC
        .to_timestamp(civil)
        .map_err(|_| DateTimeFault::Range)?;
    // A date has no `Z`: with a time of day the text were an instant.
    if bare == text {
        Ok(timestamp)
    } else {
        Err(DateTimeFault::Syntax)
    }
}

/// Whether the time of day has a second 60, which the library takes for 59.
fn has_leap_second(text: &str) -> bool {
    let time = text
        .split_once(['T', 't', ' '])
        .map_or("", |(_, time)| time);
    let digits = time.bytes().take_while(u8::is_ascii_digit).count();
    text.contains(":60") || (digits >= 6 && time.get(4..6) == Some("60"))
}

/// The ISO 8601 text of `nanoseconds` as Python's `isoformat` writes it: no fraction when it is
/// zero, else six digits.
pub fn format(nanoseconds: i64) -> String {
    let timestamp =
        Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or(Timestamp::UNIX_EPOCH);
    let civil = TimeZone::UTC.to_datetime(timestamp);
    let fraction = civil.subsec_nanosecond();
    let whole = civil.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    match (fraction, fraction % 1000) {
        (0, _) => whole,
        (_, 0) => format!("{whole}.{:06}", fraction / 1000),
        (_, _) => format!("{whole}.{fraction:09}"),
    }
}

/// The time now in UTC as MLflow writes `utc_time_created`: `2026-11-23 15:58:10.894431`.
pub fn now() -> String {
    let now = Timestamp::now()
        .round(Unit::Microsecond)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    TimeZone::UTC
        .to_datetime(now)
        .strftime("%Y-%m-%d %H:%M:%S%.6f")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_date_times_are_read_and_offsets_converted() {
        for (text, nanoseconds) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01", 1_000_000_000),
            ("1970-01-01 00:00:01.000000001", 1_000_000_001),
            ("1970-01-01T02:00:00+02:00", 0),
            ("1969-12-31T23:59:59Z", -1_000_000_000),
            ("2024-01-02T03:04:05", 1_704_164_645_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(nanoseconds), "{text}");
        }
    }

    #[test]
    fn what_is_not_iso_8601_is_refused() {
        for text in [
            "",
            "01/02/2021",
            "January 1, 2021",
            "2021",
            "12",
            "2021-13-01",
            "2021-02-30",
            "now",
            "2021-01-01Z",
            "2021-01-01T24:00:00",
            // No second is taken for another.
            "2016-12-31T23:59:60",
            "2016-12-31T23:59:60Z",
            "20161231T235960",
        ] {
            assert_eq!(parse(text), Err(DateTimeFault::Syntax), "{text}");
        }
    }

    #[test]
    fn dates_that_nanoseconds_do_not_reach_are_out_of_range() {
        for text in [
            "1677-01-01",
            "2263-01-01",
            "0001-01-01",
            "9999-12-31",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-12:00",
        ] {
            assert_eq!(parse(text), Err(DateTimeFault::Range), "{text}");
        }
    }

    #[test]
    fn dates_are_written_as_isoformat_writes_them() {
        assert_eq!(format(0), "1970-01-01T00:00:00");
        assert_eq!(
            format(1_609_466_523_123_456_000),
            "2021-01-01T02:02:03.123456"
        );
        assert_eq!(now().len(), "2026-11-23 15:58:10.894431".len());
    }
}
