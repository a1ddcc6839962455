//! Reading comma-separated values (RFC 4180), without a copy of what is not quoted.
//!
//! As pandas reads them: `\n`, `\r\n` and `\r` end a record, a quote counts only at the start of
//! a field, blank lines are passed over. What a field means is not decided here.

use flowgate_core::ErrorKind;
use std::borrow::Cow;

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its text, without quotes.
    pub text: Cow<'a, str>,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

/// Why a text is no CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// A quoted field that does not end.
    #[error("the quoted field that begins in line {line} does not end")]
    Unterminated {
        /// The line, from 1.
        line: usize,
    },
    /// Text between a closing quote and the next comma.
    #[error("text follows a closing quote in line {line}")]
    AfterQuote {
        /// The line, from 1.
        line: usize,
    },
}

impl CsvError {
    /// Always whoever sent the text.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unterminated { .. } | Self::AfterQuote { .. } => ErrorKind::InvalidInput,
        }
    }
}

/// A position in a text.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `text`, after a byte order mark if there is one.
    pub fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        Self {
            text,
            at: 0,
            line: 1,
        }
    }

    /// Reads the next record that is not blank into `fields`; `false` at the end.
    ///
    /// # Errors
    /// When a quoted field does not end, or is followed by more text.
    pub fn record(&mut self, fields: &mut Vec<Field<'a>>) -> Result<bool, CsvError> {
        while self.at < self.text.len() {
            fields.clear();
            loop {
                fields.push(self.field()?);
                match self.text.as_bytes().get(self.at) {
                    Some(b',') => self.at += 1,
                    _ => break,
                }
            }
            self.end_of_line();
            if !matches!(fields.as_slice(), [only] if only.text.is_empty() && !only.quoted) {
                return Ok(true);
            }
        }
        fields.clear();
        Ok(false)
    }

    fn field(&mut self) -> Result<Field<'a>, CsvError> {
        if self.text.as_bytes().get(self.at) == Some(&b'"') {
            let text = self.quoted()?;
            return Ok(Field { text, quoted: true });
        }
        let rest = &self.text.as_bytes()[self.at..];
        let stop = |byte: &u8| matches!(byte, b',' | b'\n' | b'\r');
        let end = self.at + rest.iter().position(stop).unwrap_or(rest.len());
        let text = Cow::Borrowed(&self.text[self.at..end]);
        self.at = end;
        Ok(Field {
            text,
            quoted: false,
        })
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, CsvError> {
        let start = self.line;
        let mut from = self.at + 1;
        let mut unescaped = String::new();
        loop {
            let rest = &self.text[from..];
            let length = rest
                .find('"')
                .ok_or(CsvError::Unterminated { line: start })?;
            let part = &rest[..length];
            self.line += part.bytes().filter(|byte| *byte == b'\n').count();
            let behind = from + length + 1;
            match self.text.as_bytes().get(behind) {
                Some(b'"') => {
                    unescaped.push_str(part);
                    unescaped.push('"');
                    from = behind + 1;
                }
                None | Some(b',' | b'\n' | b'\r') => {
                    self.at = behind;
                    if unescaped.is_empty() {
                        return Ok(Cow::Borrowed(part));
                    }
                    unescaped.push_str(part);
                    return Ok(Cow::Owned(unescaped));
                }
                Some(_) => return Err(CsvError::AfterQuote { line: self.line }),
            }
        }
    }

    fn end_of_line(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return,
        };
        self.at += length;
        self.line += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<Vec<String>>, CsvError> {
        let mut reader = Reader::new(text);
        let (mut fields, mut records) = (Vec::new(), Vec::new());
        while reader.record(&mut fields)? {
            records.push(
                fields
                    .iter()
                    .map(|field| field.text.clone().into_owned())
                    .collect(),
            );
        }
        Ok(records)
    }

    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        assert_eq!(read(text).expect(text), expected, "{text:?}");
    }

    #[test]
    fn records_end_with_any_line_end_and_blank_lines_are_passed_over() {
        check("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]);
        check("a,b\r\n1,2\r3,4", &[&["a", "b"], &["1", "2"], &["3", "4"]]);
        check("\n\na\n\r\n1\n\n", &[&["a"], &["1"]]);
        check("\u{FEFF}a\n", &[&["a"]]);
        check("", &[]);
    }

    #[test]
    fn fields_may_be_empty_and_a_trailing_comma_makes_one_more() {
        check("a,b\n,\n1,2,\n", &[&["a", "b"], &["", ""], &["1", "2", ""]]);
        check("\"\"\n", &[&[""]]);
    }

    #[test]
    fn quoted_fields_hold_commas_line_ends_and_quotes() {
        check("\"a,b\",\"c\nd\",\"e\"\"f\"\n", &[&["a,b", "c\nd", "e\"f"]]);
        check("ab\"c,'d'\n", &[&["ab\"c", "'d'"]]);
        check("\"\"\"\"\n", &[&["\""]]);
    }

    #[test]
    fn broken_quotes_are_refused_with_their_line() {
        assert_eq!(read("a\n\"b\nc"), Err(CsvError::Unterminated { line: 2 }));
        assert_eq!(
            read("a\n\"b\nc\"d\n"),
            Err(CsvError::AfterQuote { line: 3 })
        );
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(records in prop::collection::vec(prop::collection::vec(".*", 2..4), 0..5)) {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let lines = records.iter().map(|record| record.iter().map(quote).collect::<Vec<_>>().join(","));
            let text = lines.collect::<Vec<_>>().join("\r\n");
            prop_assert_eq!(read(&text), Ok(records));
        }

        #[test]
        fn no_text_breaks_the_reader(text: String) {
            let _ = read(&text);
        }
    }
}
