//! A pull scanner: the caller says what it wants next.

use super::error::{Error, Fault};
use super::float;
use super::number::{MAX_DIGITS, Number};
use super::string::{self, Unescaped};
use std::borrow::Cow;

/// What the next value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number, or one of `NaN`, `Infinity`, `-Infinity`.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

/// A text with an escaped surrogate that has no partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoneSurrogate;

/// A place to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    at: usize,
    depth: usize,
}

/// A position in a text.
///
/// Lists and objects are walked with a flag: `open_array` and `next_item` (`open_object` and
/// `next_member`) say whether there is an item (a member) to read, and close what they end.
#[derive(Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    limit: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of `body`, after a byte order mark if there is one, that refuses
    /// to open more than `limit` lists and objects inside each other.
    ///
    /// # Errors
    /// [`Fault::Encoding`] when `body` is not UTF-8.
    pub fn new(body: &'a [u8], limit: usize) -> Result<Self, Error> {
        let text = std::str::from_utf8(body)
            .map_err(|error| Error::new(Fault::Encoding, body, error.valid_up_to()))?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        Ok(Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth: 0,
            limit,
        })
    }

    /// Where the scanner stands.
    pub fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            depth: self.depth,
        }
    }

    /// Back to a place of this scanner.
    pub fn rewind(&mut self, mark: Mark) {
        self.at = mark.at;
        self.depth = mark.depth;
    }

    /// The text from `mark` to here.
    pub fn text_since(&self, mark: Mark) -> &'a str {
        self.text.get(mark.at..self.at).unwrap_or_default()
    }

    /// What comes next; nothing is consumed but white space.
    ///
    /// # Errors
    /// When no value begins here.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind, Error> {
        self.skip_space();
        match self.bytes.get(self.at) {
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => Ok(Kind::Number),
            Some(b'"') => Ok(Kind::String),
            Some(b'[') => Ok(Kind::Array),
            Some(b'{') => Ok(Kind::Object),
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Bool),
            _ => Err(self.expected("a value")),
        }
    }

    /// Reads `null`.
    ///
    /// # Errors
    /// When something else stands here.
    pub fn null(&mut self) -> Result<(), Error> {
        self.skip_space();
        self.word("null")
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// When something else stands here.
    pub fn bool(&mut self) -> Result<bool, Error> {
        self.skip_space();
        if self.bytes.get(self.at) == Some(&b't') {
            self.word("true").map(|()| true)
        } else {
            self.word("false").map(|()| false)
        }
    }

    /// Reads a number. Only its grammar is checked, and that a whole one has at most
    /// [`MAX_DIGITS`] digits.
    ///
    /// # Errors
    /// When something else stands here.
    #[inline]
    pub fn number(&mut self) -> Result<Number<'a>, Error> {
        self.skip_space();
        let start = self.at;
        let mut at = start;
        if self.bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        let whole = at;
        match self.bytes.get(at) {
            Some(b'0') => at += 1,
            Some(b'1'..=b'9') => at = self.digits(at + 1),
            _ => return self.literal_number(),
        }
        if let Some(b'0'..=b'9') = self.bytes.get(at) {
            self.at = at;
            return Err(self.expected("no digit after a leading zero"));
        }
        let integer = at;
        if self.bytes.get(at) == Some(&b'.') {
            let fraction = at + 1;
            at = self.digits(fraction);
            if at == fraction {
                self.at = at;
                return Err(self.expected("a digit"));
            }
        }
        if let Some(b'e' | b'E') = self.bytes.get(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(at) {
                at += 1;
            }
            let exponent = at;
            at = self.digits(exponent);
            if at == exponent {
                self.at = at;
                return Err(self.expected("a digit"));
            }
        }
        debug_assert!(whole < integer);
        self.at = at;
        if at == integer && integer - whole > MAX_DIGITS {
            return Err(Error::new(Fault::TooLong(MAX_DIGITS), self.bytes, start));
        }
        let text = &self.text[start..at];
        Ok(if at == integer {
            Number::Integer(text)
        } else {
            Number::Decimal(text)
        })
    }

    /// Reads a number as the nearest double where it is an ordinary one: a few digits, no exponent.
    /// Consumes nothing else, so that [`Scanner::number`] can say what it is.
    #[inline]
    pub fn plain_f64(&mut self) -> Option<f64> {
        self.skip_space();
        let read = float::plain(self.bytes, self.at)?;
        self.at = read.end;
        Some(read.value)
    }

    /// The same, rounded to 32 bits.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounding to 32 bits is what is asked for"
    )]
    pub fn plain_f32(&mut self) -> Option<f32> {
        // Plain numbers have few digits: they stay finite.
        self.plain_f64().map(|value| value as f32)
    }

    /// The same of a whole number of up to 18 digits.
    #[inline]
    pub fn plain_i64(&mut self) -> Option<i64> {
        self.skip_space();
        let read = float::plain_whole(self.bytes, self.at)?;
        self.at = read.end;
        Some(read.value)
    }

    /// The octet that comes next, also where it is a space; none at the end.
    #[inline]
    pub fn next_octet(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Consumes `octets` where exactly they come next, without passing over spaces.
    #[inline]
    pub fn eat_octets(&mut self, octets: &[u8]) -> bool {
        let comes_next = self
            .bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(octets));
        self.at += if comes_next { octets.len() } else { 0 };
        comes_next
    }

    /// Consumes `byte` where it comes next. Lists that are entered like this count for no depth;
    /// whoever enters one leaves it.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is_next = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Consumes `text` in quotes where it comes next, written without an escape; `text` must have
    /// nothing that needs one.
    #[inline]
    pub fn eat_text(&mut self, text: &str) -> bool {
        debug_assert_eq!(
            string::plain(text.as_bytes()),
            text.len(),
            "nothing to escape"
        );
        self.skip_space();
        let end = self.at + 1 + text.len();
        let is_next = self.bytes.get(self.at) == Some(&b'"')
            && self.bytes.get(end) == Some(&b'"')
            && self.bytes.get(self.at + 1..end) == Some(text.as_bytes());
        if is_next {
            self.at = end + 1;
        }
        is_next
    }

    /// Reads a text: borrowed when nothing in it is escaped.
    ///
    /// # Errors
    /// When something else stands here, or it does not end, or holds a control character or an
    /// unknown escape. A lone surrogate is the inner error: reading can go on behind it.
    #[inline]
    pub fn string(&mut self) -> Result<Result<Cow<'a, str>, LoneSurrogate>, Error> {
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b'"') {
            return Err(self.expected("a text"));
        }
        let start = self.at + 1;
        let plain = string::plain(&self.bytes[start..]);
        let end = start + plain;
        match self.bytes.get(end) {
            Some(b'"') => {
                self.at = end + 1;
                Ok(Ok(Cow::Borrowed(&self.text[start..end])))
            }
            Some(b'\\') => match string::unescape(self.text, start, end) {
                Ok(Unescaped { text, end }) => {
                    self.at = end;
                    Ok(text.map(Cow::Owned))
                }
                Err((expected, at)) => {
                    self.at = at;
                    Err(self.expected(expected))
                }
            },
            _ => {
                self.at = end;
                Err(self.expected("the end of the text, or an escape"))
            }
        }
    }

    /// Enters a list; whether it has an item.
    ///
    /// # Errors
    /// When something else stands here, or it is too deep.
    #[inline]
    pub fn open_array(&mut self) -> Result<bool, Error> {
        self.open(b'[', b']', "a list")
    }

    /// After an item: whether there is another.
    ///
    /// # Errors
    /// When neither a comma nor the end stands here.
    #[inline]
    pub fn next_item(&mut self) -> Result<bool, Error> {
        self.next(b']', "`,` or `]`")
    }

    /// Enters an object; whether it has a member.
    ///
    /// # Errors
    /// When something else stands here, or it is too deep.
    pub fn open_object(&mut self) -> Result<bool, Error> {
        self.open(b'{', b'}', "an object")
    }

    /// After a member: whether there is another.
    ///
    /// # Errors
    /// When neither a comma nor the end stands here.
    pub fn next_member(&mut self) -> Result<bool, Error> {
        self.next(b'}', "`,` or `}`")
    }

    /// Reads a key and its colon.
    ///
    /// # Errors
    /// When something else stands here, or the key is no Unicode text.
    #[inline]
    pub fn key(&mut self) -> Result<Cow<'a, str>, Error> {
        self.skip_space();
        // The usual key: nothing escaped, and no space before the colon.
        if let Some([b'"', rest @ ..]) = self.bytes.get(self.at..) {
            let (start, plain) = (self.at + 1, string::plain(rest));
            let end = start + plain;
            if let (Some([b'"', b':']), Some(key)) =
                (rest.get(plain..plain + 2), self.text.get(start..end))
            {
                self.at = end + 2;
                return Ok(Cow::Borrowed(key));
            }
        }
        self.any_key()
    }

    fn any_key(&mut self) -> Result<Cow<'a, str>, Error> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return Err(self.expected("a key in double quotes"));
        }
        let start = self.at;
        let Ok(key) = self.string()? else {
            return Err(Error::new(Fault::BadKey, self.bytes, start));
        };
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b':') {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        Ok(key)
    }

    /// Checks that nothing but white space is left.
    ///
    /// # Errors
    /// When there is.
    pub fn end(&mut self) -> Result<(), Error> {
        self.skip_space();
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(self.expected("the end"))
        }
    }

    /// The error that `path` is there twice, at this place.
    #[cold]
    pub fn duplicate(&self, path: impl Into<String>) -> Error {
        Error::new(Fault::DuplicateKey(path.into()), self.bytes, self.at)
    }

    #[cold]
    fn expected(&self, what: &'static str) -> Error {
        Error::new(Fault::Syntax(what), self.bytes, self.at)
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Error> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.expected("a value"))
        }
    }

    #[cold]
    fn literal_number(&mut self) -> Result<Number<'a>, Error> {
        let literals = [
            ("NaN", Number::NaN),
            ("Infinity", Number::Infinity),
            ("-Infinity", Number::NegInfinity),
        ];
        for (word, number) in literals {
            if self.word(word).is_ok() {
                return Ok(number);
            }
        }
        Err(self.expected("a number"))
    }

    /// The first place from `at` that is no digit; eight octets at a time while they are digits.
    #[inline]
    fn digits(&self, mut at: usize) -> usize {
        while let Some(Ok(chunk)) = self.bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
            let word = u64::from_le_bytes(chunk);
            // A digit is 0x30 to 0x39: the high half is 3 and adding 6 does not carry out of the
            // low half.
            let high = word ^ 0x3030_3030_3030_3030;
            let over = (high.wrapping_add(0x0606_0606_0606_0606) | high) & 0xF0F0_F0F0_F0F0_F0F0;
            if over != 0 {
                // A carry runs upwards only, so the lowest marked octet is the first non-digit.
                return at + over.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        while let Some(b'0'..=b'9') = self.bytes.get(at) {
            at += 1;
        }
        at
    }

    #[inline]
    fn open(&mut self, open: u8, close: u8, what: &'static str) -> Result<bool, Error> {
        self.skip_space();
        if self.bytes.get(self.at) != Some(&open) {
            return Err(self.expected(what));
        }
        if self.depth == self.limit {
            return Err(Error::new(Fault::TooDeep(self.limit), self.bytes, self.at));
        }
        self.at += 1;
        self.skip_space();
        if self.bytes.get(self.at) == Some(&close) {
            self.at += 1;
            return Ok(false);
        }
        self.depth += 1;
        Ok(true)
    }

    #[inline]
    fn next(&mut self, close: u8, what: &'static str) -> Result<bool, Error> {
        self.skip_space();
        match self.bytes.get(self.at) {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if *byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ => Err(self.expected(what)),
        }
    }
}

#[cfg(test)]
mod tests;
