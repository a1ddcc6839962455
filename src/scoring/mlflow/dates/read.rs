//! Reading a text of a known format.

use super::Item::{
    self, Day, Fraction, Hour, Hour12, Literal, Meridiem, Minute, Month, Name, Offset, Second, Year,
};
use super::guess::{month_of, offset, one};
use super::{out_of_bounds, unlike};
use crate::scoring::mlflow::exception::Exception;
use flowgate_core::datetime::{self, DateTimeFault};

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
pub(super) fn read(text: &str, format: &[Item]) -> Result<i64, Exception> {
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
