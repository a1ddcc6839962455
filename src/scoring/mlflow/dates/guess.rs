//! The format of one text.

use super::Item::{
    self, Day, Fraction, Hour, Hour12, Literal, Meridiem, Minute, Month, Name, Offset, Second, Year,
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

/// The format of `text`.
pub(super) fn guess(text: &str) -> Option<Vec<Item>> {
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
pub(super) fn month_of(word: &str) -> Option<(u32, bool)> {
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
pub(super) fn one(rest: &mut &str, of: &[char]) -> Option<char> {
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
pub(super) fn offset(text: &str) -> Option<String> {
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
