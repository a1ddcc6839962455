//! `pandas.to_datetime`: the first text tells the format, all others must have the same.
//!
//! Known are ISO 8601, numbers with slashes, dots or dashes (the month first, unless it cannot be
//! one), names of months, a year alone, eight digits, and a time of day with or without `AM` and
//! `PM` behind any of them. What pandas asks the package `dateutil` about beyond these is refused.

use super::exception::Exception;
use super::object::{NOT_A_TIME, Object};
use super::values::Values;
use flowgate_core::datetime::{self, DateTimeFault};
use flowgate_core::{Data, DataType};

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

use Item::{
    Day, Fraction, Hour, Hour12, Literal, Meridiem, Minute, Month, Name, Offset, Second, Year,
};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A column as times.
///
/// # Errors
/// Where pandas raises, and where it guesses beyond the formats known here.
pub(super) fn to_datetime(column: Values) -> Result<Values, Exception> {
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
pub(super) fn iso(text: &str) -> Option<i64> {
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

/// The format of `text`.
fn guess(text: &str) -> Option<Vec<Item>> {
    let mut rest = text.trim();
    let mut format = date(&mut rest)?;
    if rest.is_empty() {
        return Some(format);
    }
    let between = rest
        .chars()
        .next()
        .filter(|between| matches!(between, 'T' | ' '))?;
    format.push(Literal(between));
    rest = rest[1..].trim_start();
    format.extend(clock(&mut rest)?);
    rest.is_empty().then_some(format)
}

/// Takes the digits at the front of `rest`: how many, and the number.
fn digits(rest: &mut &str) -> Option<(usize, u32)> {
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, behind) = rest.split_at(count);
    let number = number.parse().ok()?;
    *rest = behind;
    Some((count, number))
}

/// Takes the letters at the front of `rest` when they name a month.
fn name(rest: &mut &str) -> Option<Item> {
    let count = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, behind) = rest.split_at(count);
    let (_, short) = month_of(word)?;
    *rest = behind;
    Some(Name { short })
}

/// The number of the month that `word` names, and whether it is its short name.
fn month_of(word: &str) -> Option<(u32, bool)> {
    let word = word.to_ascii_lowercase();
    (1..)
        .zip(MONTHS)
        .find_map(|(number, month)| match word.as_str() {
            // May is its own short name.
            short if short == &month[..3] => Some((number, true)),
            long if long == month => Some((number, false)),
            _ => None,
        })
}

/// Takes the character at the front of `rest`.
fn one(rest: &mut &str, of: &[char]) -> Option<char> {
    let character = rest
        .chars()
        .next()
        .filter(|character| of.contains(character))?;
    *rest = &rest[character.len_utf8()..];
    Some(character)
}

fn date(rest: &mut &str) -> Option<Vec<Item>> {
    if let Some(month) = name(rest) {
        return month_first(month, rest);
    }
    let (count, first) = digits(rest)?;
    match count {
        8 => return Some(vec![Year, Month, Day]),
        4 => {
            let Some(dash) = one(rest, &['-', '/', '.']) else {
                return Some(vec![Year]);
            };
            digits(rest)?;
            let mut format = vec![Year, Literal(dash), Month];
            if let Some(dash) = one(rest, &[dash]) {
                digits(rest)?;
                format.extend([Literal(dash), Day]);
            }
            return Some(format);
        }
        1 | 2 => {}
        _ => return None,
    }
    let dash = one(rest, &['-', '/', '.', ' '])?;
    if let Some(month) = name(rest) {
        let dash = (one(rest, &[dash])?, digits(rest)?.0 == 4).0;
        return Some(vec![Day, Literal(dash), month, Literal(dash), Year]);
    }
    digits(rest)?;
    one(rest, &[dash])?;
    let (year, _) = digits(rest)?;
    let (one, two) = if first > 12 {
        (Day, Month)
    } else {
        (Month, Day)
    };
    (year == 4 && dash != ' ').then(|| vec![one, Literal(dash), two, Literal(dash), Year])
}

/// `January 1, 2021` and `January 2021`.
fn month_first(month: Item, rest: &mut &str) -> Option<Vec<Item>> {
    let mut format = vec![month];
    format.push(Literal(one(rest, &[' ', '-'])?));
    let (count, _) = digits(rest)?;
    if count == 4 {
        format.push(Year);
        return Some(format);
    }
    format.push(Day);
    format.extend(one(rest, &[',']).map(Literal));
    format.push(Literal(one(rest, &[' ', '-'])?));
    digits(rest).filter(|(count, _)| *count == 4)?;
    format.push(Year);
    Some(format)
}

fn clock(rest: &mut &str) -> Option<Vec<Item>> {
    digits(rest)?;
    let mut format = vec![Hour];
    if one(rest, &[':']).is_some() {
        digits(rest)?;
        format.extend([Literal(':'), Minute]);
        if one(rest, &[':']).is_some() {
            digits(rest)?;
            format.extend([Literal(':'), Second]);
            if one(rest, &['.']).is_some() {
                let count = rest.bytes().take_while(u8::is_ascii_digit).count();
                *rest = &rest[count..];
                format.extend([Literal('.'), Fraction]);
            }
        }
    }
    let space = rest.len() - rest.trim_start().len();
    let word = rest.trim_start();
    if word.len() >= 2 && matches!(word[..2].to_ascii_lowercase().as_str(), "am" | "pm") {
        format[0] = Hour12;
        format.extend((space > 0).then_some(Literal(' ')));
        format.push(Meridiem);
        *rest = &word[2..];
    } else if offset(word).is_some() {
        format.extend((space > 0).then_some(Literal(' ')));
        format.push(Offset);
        *rest = "";
    }
    Some(format)
}

/// The whole of `text` as an offset in the form `+01:00`.
fn offset(text: &str) -> Option<String> {
    if matches!(text, "Z" | "z" | "UTC") {
        return Some("+00:00".to_owned());
    }
    let digits: String = text
        .get(1..)?
        .chars()
        .filter(|character| *character != ':')
        .collect();
    let is_offset = text.starts_with(['+', '-'])
        && digits.len() == 4
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_offset.then(|| format!("{}{}:{}", &text[..1], &digits[..2], &digits[2..]))
}

/// The fields of a text.
#[derive(Default)]
struct Fields {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    fraction: String,
    offset: String,
}

/// Nanoseconds of `text`, which must have this `format`.
fn read(text: &str, format: &[Item]) -> Result<i64, Exception> {
    let mut rest = text.trim();
    let mut fields = Fields {
        month: 1,
        day: 1,
        ..Fields::default()
    };
    let mut afternoon = None;
    for (index, item) in format.iter().enumerate() {
        let packed = *item == Year && format.get(index + 1) == Some(&Month);
        take(
            &mut rest,
            *item,
            packed || is_packed(format, index),
            &mut fields,
            &mut afternoon,
        )
        .ok_or_else(unlike)?;
    }
    if !rest.is_empty() {
        return Err(unlike());
    }
    if let Some(afternoon) = afternoon {
        fields.hour = fields.hour % 12 + if afternoon { 12 } else { 0 };
    }
    let Fields {
        year,
        month,
        day,
        hour,
        minute,
        second,
        fraction,
        offset,
    } = fields;
    let point = if fraction.is_empty() { "" } else { "." };
    let iso = format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}{offset}"
    );
    datetime::parse(&iso).map_err(|fault| match fault {
        DateTimeFault::Range => out_of_bounds(),
        DateTimeFault::Syntax => unlike(),
    })
}

/// Whether the field at `index` has two digits with another one beside it.
fn is_packed(format: &[Item], index: usize) -> bool {
    let field = |item: Option<&Item>| matches!(item, Some(Year | Month | Day));
    field(format.get(index))
        && (field(format.get(index + 1)) || index > 0 && field(format.get(index - 1)))
}

fn take(
    rest: &mut &str,
    item: Item,
    packed: bool,
    fields: &mut Fields,
    afternoon: &mut Option<bool>,
) -> Option<()> {
    let mut number = |most: usize| {
        let count = rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (number, behind) = rest.split_at(count);
        *rest = behind;
        let enough = if packed { count == most } else { count > 0 };
        number.parse::<u32>().ok().filter(|_| enough)
    };
    match item {
        Year => fields.year = number(4)?,
        Month => fields.month = number(2)?,
        Day => fields.day = number(2)?,
        Hour => fields.hour = number(2)?,
        Hour12 => fields.hour = number(2).filter(|hour| (1..=12).contains(hour))?,
        Minute => fields.minute = number(2)?,
        Second => fields.second = number(2)?,
        Name { short } => {
            let count = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (word, behind) = rest.split_at(count);
            let (month, is_short) = month_of(word)?;
            (short == is_short || word.eq_ignore_ascii_case("may")).then_some(())?;
            fields.month = month;
            *rest = behind;
        }
        Fraction => {
            let count = rest.bytes().take(9).take_while(u8::is_ascii_digit).count();
            let (digits, behind) = rest.split_at(count);
            (count > 0).then_some(())?;
            fields.fraction = digits.to_owned();
            *rest = behind;
        }
        Meridiem => {
            let word = rest.get(..2)?.to_ascii_lowercase();
            *afternoon = Some(match word.as_str() {
                "am" => false,
                "pm" => true,
                _ => return None,
            });
            *rest = &rest[2..];
        }
        Offset => {
            fields.offset = offset(rest)?;
            *rest = "";
        }
        Literal(' ') => {
            let behind = rest.trim_start();
            (behind.len() < rest.len()).then_some(())?;
            *rest = behind;
        }
        Literal(literal) => {
            one(rest, &[literal])?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
