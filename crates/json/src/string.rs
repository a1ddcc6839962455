//! The inside of a quoted text.

use super::scan::LoneSurrogate;

/// A text without its escapes, and the place behind the closing quote.
pub(super) struct Unescaped {
    pub(super) text: Result<String, LoneSurrogate>,
    pub(super) end: usize,
}

/// The number of octets before a quote, an escape or a control character.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const TOPS: u64 = ONES << 7;
    let mut at = 0;
    // Eight octets at a time. An octet is zero where subtracting one borrows and its top bit was
    // not set; a borrow runs upwards only, so that the lowest mark is right.
    while let Some(Ok(chunk)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let word = u64::from_le_bytes(chunk);
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
        let quotes = zeros(word ^ (ONES * u64::from(b'"')));
        let escapes = zeros(word ^ (ONES * u64::from(b'\\')));
        let controls = word.wrapping_sub(ONES * 0x20) & !word;
        let stops = (quotes | escapes | controls) & TOPS;
        if stops != 0 {
            return at + stops.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let stop = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
    let rest = bytes[at..].iter().position(stop);
    rest.map_or(bytes.len(), |rest| at + rest)
}

/// Reads the text that begins at `start` and has its first escape at `escape`.
///
/// # Errors
/// What was expected, and where.
pub(super) fn unescape(
    text: &str,
    start: usize,
    escape: usize,
) -> Result<Unescaped, (&'static str, usize)> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(escape - start + 16);
    let (mut from, mut at, mut lone) = (start, escape, false);
    loop {
        out.push_str(&text[from..at]);
        match bytes.get(at) {
            Some(b'"') => {
                let text = if lone { Err(LoneSurrogate) } else { Ok(out) };
                return Ok(Unescaped { text, end: at + 1 });
            }
            Some(b'\\') => at += 1,
            _ => return Err(("the end of the text, or an escape", at)),
        }
        let letter = bytes.get(at).copied();
        at += 1;
        match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => out.push(char::from(letter)),
            Some(b'b') => out.push('\u{8}'),
            Some(b'f') => out.push('\u{c}'),
            Some(b'n') => out.push('\n'),
            Some(b'r') => out.push('\r'),
            Some(b't') => out.push('\t'),
            Some(b'u') => {
                let unit = hex(bytes, at)?;
                at += 4;
                match character(bytes, unit, &mut at)? {
                    Some(character) => out.push(character),
                    None => lone = true,
                }
            }
            _ => return Err(("an escape that JSON knows", at - 1)),
        }
        from = at;
        at += plain(&bytes[at..]);
    }
}

/// The character of `unit` and, where it is the first half of a pair, the escape at `at`.
fn character(
    bytes: &[u8],
    unit: u32,
    at: &mut usize,
) -> Result<Option<char>, (&'static str, usize)> {
    if !(0xD800..0xDC00).contains(&unit) || !bytes[*at..].starts_with(b"\\u") {
        return Ok(char::from_u32(unit));
    }
    let second = hex(bytes, *at + 2)?;
    if !(0xDC00..0xE000).contains(&second) {
        return Ok(None);
    }
    *at += 6;
    Ok(char::from_u32(
        0x1_0000 + ((unit - 0xD800) << 10) + (second - 0xDC00),
    ))
}

fn hex(bytes: &[u8], at: usize) -> Result<u32, (&'static str, usize)> {
    let digits = bytes
        .get(at..at + 4)
        .ok_or(("four hexadecimal digits", at))?;
    digits.iter().try_fold(0, |value, byte| {
        let digit = char::from(*byte)
            .to_digit(16)
            .ok_or(("four hexadecimal digits", at))?;
        Ok(value * 16 + digit)
    })
}
