//! `json.loads` of CPython 3.11: what it takes beyond JSON, its words and its positions.
//!
//! Beyond JSON it takes `NaN`, `Infinity` and `-Infinity`, keys that come again (the last one
//! counts) and half characters. Its limits are crashes there and refusals here.

use super::exception::invalid;
use super::object::{Dict, Object};
use flowgate_core::Refusal;

/// Levels of lists and objects inside each other. CPython's own limit is near 1000 and depends
/// on its callers.
const DEPTH: usize = 900;

/// Digits of one integer: CPython's limit.
const DIGITS: usize = 4300;

/// The value that `body` is.
///
/// # Errors
/// Where CPython raises; besides, where it overflows its stack or its limit of digits.
pub(super) fn loads(body: &[u8]) -> Result<Object, Refusal> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(invalid(
            "Ensure that input is a valid JSON formatted string. Error: \
             'UnicodeDecodeError('utf-8', ..., 'invalid start byte')'\nInput: \n...\n",
        ));
    };
    let mut reader = Reader {
        text,
        octets: text.as_bytes(),
        at: 0,
        depth: 0,
    };
    reader.white_space();
    let value = reader.value().map_err(|fault| fault.refusal(text))?;
    reader.white_space();
    if reader.at < text.len() {
        return Err(reader.fault("Extra data").refusal(text));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    octets: &'a [u8],
    at: usize,
    depth: usize,
}

/// What is wrong, and the octet where.
enum Fault {
    Syntax(&'static str, usize),
    TooDeep,
    TooLong,
}

type Read<T> = Result<T, Fault>;

impl Fault {
    fn refusal(&self, text: &str) -> Refusal {
        let (words, at) = match self {
            Self::Syntax(words, at) => (words, *at),
            Self::TooDeep => {
                return invalid(format!(
                    "Ensure that input is a valid JSON formatted string: it has more than {DEPTH} \
                     levels"
                ));
            }
            Self::TooLong => {
                return invalid(format!(
                    "Ensure that input is a valid JSON formatted string: an integer has more than \
                     {DIGITS} digits"
                ));
            }
        };
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let place = before.chars().count();
        let said = format!("{words}: line {line} column {column} (char {place})");
        let error = super::object::quoted(&said);
        invalid(format!(
            "Ensure that input is a valid JSON formatted string. Error: \
             'JSONDecodeError({error})'\nInput: \n...\n"
        ))
    }
}

impl Reader<'_> {
    fn fault(&self, words: &'static str) -> Fault {
        Fault::Syntax(words, self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Read<Object> {
        let words = [
            ("null", Object::None),
            ("true", Object::Bool(true)),
            ("false", Object::Bool(false)),
            ("NaN", Object::Float(f64::NAN)),
            ("Infinity", Object::Float(f64::INFINITY)),
            ("-Infinity", Object::Float(f64::NEG_INFINITY)),
        ];
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.deeper(Self::object),
            Some(b'[') => self.deeper(Self::array),
            Some(b'n' | b't' | b'f' | b'N' | b'I') => self.word(words),
            Some(b'-') if self.octets[self.at..].starts_with(b"-I") => self.word(words),
            _ => self.number(),
        }
    }

    fn word(&mut self, words: [(&str, Object); 6]) -> Read<Object> {
        let rest = &self.octets[self.at..];
        let found = words
            .into_iter()
            .find(|(word, _)| rest.starts_with(word.as_bytes()));
        let (word, value) = found.ok_or_else(|| self.fault("Expecting value"))?;
        self.at += word.len();
        Ok(value)
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Read<Object>) -> Read<Object> {
        if self.depth == DEPTH {
            return Err(Fault::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        self.white_space();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Read<Object> {
        let mut members = Dict::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Object::Dict(Box::new(members)));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.fault("Expecting property name enclosed in double quotes"));
            }
            // Half a character in a key is no part of any name that a signature has.
            let key = match self.string()? {
                Object::Str(key) => key,
                _ => "\u{FFFD}".into(),
            };
            self.white_space();
            if self.peek() != Some(b':') {
                return Err(self.fault("Expecting ':' delimiter"));
            }
            self.at += 1;
            self.white_space();
            let value = self.value()?;
            members.insert(key, value);
            self.white_space();
            match self.peek() {
                Some(b'}') => break,
                Some(b',') => self.at += 1,
                _ => return Err(self.fault("Expecting ',' delimiter")),
            }
            self.white_space();
        }
        self.at += 1;
        Ok(Object::Dict(Box::new(members)))
    }

    fn array(&mut self) -> Read<Object> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Object::List(items));
        }
        loop {
            items.push(self.value()?);
            self.white_space();
            match self.peek() {
                Some(b']') => break,
                Some(b',') => self.at += 1,
                _ => return Err(self.fault("Expecting ',' delimiter")),
            }
            self.white_space();
        }
        self.at += 1;
        Ok(Object::List(items))
    }

    fn number(&mut self) -> Read<Object> {
        let start = self.at;
        let digit = |at: usize| self.octets.get(at).is_some_and(u8::is_ascii_digit);
        let digits = |mut at: usize| {
            while digit(at) {
                at += 1;
            }
            at
        };
        let mut at = start + usize::from(self.peek() == Some(b'-'));
        match self.octets.get(at) {
            Some(b'1'..=b'9') => at = digits(at),
            Some(b'0') => at += 1,
            _ => return Err(Fault::Syntax("Expecting value", start)),
        }
        let whole = at;
        if self.octets.get(at) == Some(&b'.') && digit(at + 1) {
            at = digits(at + 1);
        }
        if matches!(self.octets.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.octets.get(at + 1), Some(b'+' | b'-')));
            if digit(at + 1 + sign) {
                at = digits(at + 1 + sign);
            }
        }
        self.at = at;
        let text = &self.text[start..at];
        if at > whole {
            // The text passed the grammar, so that the parser cannot fail.
            return Ok(Object::Float(fast_float2::parse(text).unwrap_or(f64::NAN)));
        }
        if text.len() > DIGITS {
            return Err(Fault::TooLong);
        }
        Ok(Object::integer(text))
    }

    /// A text, or half of one.
    fn string(&mut self) -> Read<Object> {
        let start = self.at;
        let unterminated = Fault::Syntax("Unterminated string starting at", start);
        let mut out = String::new();
        let mut broken = false;
        let mut from = start + 1;
        loop {
            let rest = &self.octets[from..];
            let stop = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let Some(length) = rest.iter().position(stop) else {
                return Err(unterminated);
            };
            out.push_str(&self.text[from..from + length]);
            let at = from + length;
            match self.octets[at] {
                b'"' => {
                    self.at = at + 1;
                    return Ok(if broken {
                        Object::HalfText
                    } else {
                        Object::Str(out.into())
                    });
                }
                b'\\' => {}
                _ => return Err(Fault::Syntax("Invalid control character at", at)),
            }
            let Some(letter) = self.octets.get(at + 1) else {
                return Err(unterminated);
            };
            from = at + 2;
            match letter {
                b'"' | b'\\' | b'/' => out.push(char::from(*letter)),
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'n' => out.push('\n'),
                b'r' => out.push('\r'),
                b't' => out.push('\t'),
                b'u' => {
                    let high = self.unit(at + 1)?;
                    from = at + 6;
                    let pair =
                        matches!(high, 0xd800..0xdc00) && self.octets[from..].starts_with(b"\\u");
                    let low = pair.then(|| self.unit(from + 1)).transpose()?;
                    let low = low.filter(|low| matches!(low, 0xdc00..0xe000));
                    let point = match low {
                        Some(low) => {
                            from += 6;
                            0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                        }
                        None => high,
                    };
                    match char::from_u32(point) {
                        Some(character) => out.push(character),
                        None => broken = true,
                    }
                }
                _ => return Err(Fault::Syntax("Invalid \\escape", at)),
            }
        }
    }

    /// The four digits behind the `u` at `at`. CPython wants more text behind them.
    fn unit(&self, at: usize) -> Read<u32> {
        let digits = self.octets.get(at + 1..at + 5);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let text = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let text = text.filter(|_| self.octets.len() > at + 5);
        text.and_then(|text| u32::from_str_radix(text, 16).ok())
            .ok_or(Fault::Syntax("Invalid \\uXXXX escape", at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, place: &str) {
        let said = loads(body.as_bytes()).expect_err("no JSON").to_string();
        assert!(said.contains(place), "{body:?}: {said}");
    }

    /// Recorded from CPython 3.11.7.
    #[test]
    fn faults_have_cpythons_words_and_places() {
        check(
            "",
            "'JSONDecodeError('Expecting value: line 1 column 1 (char 0)')'",
        );
        check(
            "{",
            "'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'",
        );
        check(
            "{\"a\" 1}",
            "\"Expecting ':' delimiter: line 1 column 6 (char 5)\"",
        );
        check(
            "[1 2]",
            "\"Expecting ',' delimiter: line 1 column 4 (char 3)\"",
        );
        check("[1,]", "'Expecting value: line 1 column 4 (char 3)'");
        check(
            "[1,\n 01]",
            "\"Expecting ',' delimiter: line 2 column 3 (char 6)\"",
        );
        check("{} x", "'Extra data: line 1 column 4 (char 3)'");
        check(
            "[\"a",
            "'Unterminated string starting at: line 1 column 2 (char 1)'",
        );
        check(
            "[\"é\u{1}\"]",
            "'Invalid control character at: line 1 column 4 (char 3)'",
        );
        check(
            "[\"\\x\"]",
            "'Invalid \\\\escape: line 1 column 3 (char 2)'",
        );
        check(
            "[\"\\u12g4\"]",
            "'Invalid \\\\uXXXX escape: line 1 column 4 (char 3)'",
        );
        check("[-]", "'Expecting value: line 1 column 2 (char 1)'");
        check("[nul]", "'Expecting value: line 1 column 2 (char 1)'");
    }

    #[test]
    fn it_takes_what_cpython_takes() {
        let value = loads(
            "\u{feff}{\"a\": NaN, \"b\": 1e999, \"a\": -0, \"c\": \"\\ud83d\\ude00\"}".as_bytes(),
        );
        let Ok(Object::Dict(members)) = value else {
            panic!("{value:?}")
        };
        assert_eq!(members["a"], Object::Int(0));
        assert_eq!(members["b"], Object::Float(f64::INFINITY));
        assert_eq!(members["c"], Object::Str("😀".into()));
        assert_eq!(members.get_index_of("a"), Some(0));
        assert_eq!(loads(b"\"\\ud800\""), Ok(Object::HalfText));
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(loads(deep(DEPTH).as_bytes()).is_ok());
        assert!(loads(deep(DEPTH + 1).as_bytes()).is_err());
        assert!(loads("1".repeat(5000).as_bytes()).is_err());
    }
}
