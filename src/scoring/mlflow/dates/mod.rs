//! `pandas.to_datetime`: the first text tells the format, all others must have the same.
//!
//! Known are ISO 8601, numbers with slashes, dots or dashes (the month first, unless it cannot be
//! one), names of months, a year alone, eight digits, and a time of day with or without `AM` and
//! `PM` behind any of them. What pandas asks the package `dateutil` about beyond these is refused.

mod guess;
mod read;

use super::exception::Exception;
use super::object::{NOT_A_TIME, Object};
use super::values::Values;
use Item::{Hour12, Literal, Meridiem, Name, Offset, Year};
use flowgate_core::{Data, DataType};
use guess::guess;
use read::read;

/// One part of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Year,
    Month,
    Day,
    /// `January` or `Jan`: one of the two, as the first text had it.
    Name {
        short: bool,
    },
    Hour,
    /// Of a clock of twelve hours.
    Hour12,
    Minute,
    Second,
    /// One to nine digits behind a point.
    Fraction,
    Meridiem,
    /// `Z`, `+01:00` or `+0100`.
    Offset,
    Literal(char),
}

/// A column as times.
///
/// # Errors
/// Where pandas raises, and where it guesses beyond the formats known here.
pub(in crate::scoring::mlflow) fn to_datetime(column: Values) -> Result<Values, Exception> {
    let objects = match column {
        times @ (Values::Typed(Data::DateTime(_)) | Values::Zoned(_)) => return Ok(times),
        Values::Typed(data) if data.datatype() == DataType::Bool => {
            return Err(Exception::type_error(
                "<class 'bool'> is not convertible to datetime",
            ));
        }
        other => other.into_objects(),
    };
    // A number that comes first leaves every text to itself.
    let first = objects.iter().find(|object| !object.is_missing());
    let alike = matches!(first, Some(Object::Str(_)));
    let mut format: Option<Vec<Item>> = None;
    let mut zoned = false;
    let mut times = Vec::with_capacity(objects.len());
    for object in &objects {
        times.push(match object {
            missing if missing.is_missing() => NOT_A_TIME,
            Object::Str(text) if text.is_empty() || is_not_a_time(text) => NOT_A_TIME,
            Object::Int(_) | Object::Int32(_) | Object::Float(_) | Object::Float32(_) if alike => {
                return Err(unlike());
            }
            Object::Int(number) => *number,
            Object::Float(_) | Object::Int32(_) | Object::Float32(_) => {
                let number = object.int()?.and_then(|number| i64::try_from(number).ok());
                number.ok_or_else(out_of_bounds)?
            }
            Object::Str(text) => {
                if format.is_none() || !alike {
                    format = guess(text);
                }
                let Some(format) = &format else {
                    return Err(Exception::new(
                        "DateParseError",
                        "Unknown datetime string format",
                    ));
                };
                zoned |= format.contains(&Offset);
                read(text, format)?
            }
            Object::Big(_) => return Err(out_of_bounds()),
            other => {
                return Err(Exception::type_error(format!(
                    "<class '{}'> is not convertible to datetime",
                    other.class()
                )));
            }
        });
    }
    Ok(if zoned {
        Values::Zoned(times.len())
    } else {
        Values::Typed(Data::DateTime(times.into()))
    })
}

/// The texts that pandas takes for a missing time.
fn is_not_a_time(text: &str) -> bool {
    matches!(text, "NaT" | "nat" | "NaN" | "nan" | "NAN" | "NAT" | "None")
}

/// Nanoseconds of an ISO 8601 text as numpy reads it; an offset is converted to UTC.
pub(in crate::scoring::mlflow) fn iso(text: &str) -> Option<i64> {
    let format = guess(text)?;
    let is_iso = format.first() == Some(&Year)
        && format.iter().all(|item| {
            !matches!(
                item,
                Name { .. } | Meridiem | Hour12 | Literal('/' | '.' | ',')
            )
        });
    // A year alone is one to numpy too; eight digits are not a date.
    let dashed = format.len() == 1 || format.get(1) == Some(&Literal('-'));
    (is_iso && dashed)
        .then(|| read(text, &format).ok())
        .flatten()
}

fn out_of_bounds() -> Exception {
    Exception::new("OutOfBoundsDatetime", "Out of bounds nanosecond timestamp")
}

fn unlike() -> Exception {
    Exception::value("time data doesn't match format")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::datetime;

    fn read_all(texts: &[&str]) -> Result<Values, Exception> {
        let texts = texts.iter().map(|text| Some((*text).into())).collect();
        to_datetime(Values::Texts(texts))
    }

    #[track_caller]
    fn check(text: &str, iso: &str) {
        let expected = vec![datetime::parse(iso).expect("ISO 8601")];
        assert_eq!(
            read_all(&[text]),
            Ok(Values::Typed(Data::DateTime(expected.into()))),
            "{text}"
        );
    }

    /// As pandas 3.1.1 reads the same texts.
    #[test]
    fn the_format_is_found_in_the_text() {
        check("2021-01-02", "2021-01-02");
        check(
            "2021-01-02 03:04:05.123456789",
            "2021-01-02T03:04:05.123456789",
        );
        check("2021-01-02T03:04", "2021-01-02T03:04:00");
        check("2021-03", "2021-03-01");
        check("2021", "2021-01-01");
        check("20210102", "2021-01-02");
        check("2021/1/2", "2021-01-02");
        check("01/02/2021", "2021-01-02");
        check("13/02/2021", "2021-02-13");
        check("January 2, 2021", "2021-01-02");
        check("2 Jan 2021", "2021-01-02");
        check("Jan 2 2021 11:30", "2021-01-02T11:30:00");
        check("2021-01-01 1:02 PM", "2021-01-01T13:02:00");
        check("2021-01-01 12:02:03 am", "2021-01-01T00:02:03");
    }

    #[test]
    fn later_texts_must_have_the_format_of_the_first() {
        assert!(read_all(&["2021-01-01", "2021-01-01T00:00:00"]).is_err());
        assert!(read_all(&["2021-01-01T00:00:00", "01/02/2021"]).is_err());
        let mixed = |cells| to_datetime(Values::Objects(cells));
        let text = || Object::Str("2021-01-01".into());
        assert!(mixed(vec![text(), Object::Int(3)]).is_err());
        assert!(mixed(vec![Object::Int(3), text()]).is_ok());
        assert!(read_all(&["2021-01-01", "", "2021-01-05"]).is_ok());
        assert_eq!(read_all(&["2021-01-01T00:00:00Z"]), Ok(Values::Zoned(1)));
        for bad in ["9999-12-31", "2021-13-01", "abc", "2021-01-32"] {
            assert!(read_all(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn numpy_reads_iso_8601_only() {
        assert_eq!(iso("2021-01-01"), datetime::parse("2021-01-01").ok());
        assert_eq!(iso("2021"), datetime::parse("2021-01-01").ok());
        assert_eq!(
            iso("2021-01-01T01:00:00+01:00"),
            datetime::parse("2021-01-01").ok()
        );
        for text in [
            "01/02/2021",
            "2021/01/01",
            "January 1, 2021",
            "20210101",
            "x",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }
}
