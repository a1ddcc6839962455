//! Why a text cannot be read as JSON, and where.

use flowgate_core::{Code, ErrorKind, Refusal, Stage, Violation};

/// Where reading stopped, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} at line {}, column {}", .0.fault, .0.line, .0.column)]
pub struct Error(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    fault: Fault,
    line: usize,
    column: usize,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The octets are not UTF-8.
    #[error("the body is not text in UTF-8")]
    Encoding,
    /// The grammar asks for something else.
    #[error("the body is not JSON: expected {0}")]
    Syntax(&'static str),
    /// A whole number of so many digits that no type holds it.
    #[error("a number has more than {0} digits")]
    TooLong(usize),
    /// Nested deeper than the limit.
    #[error("the body is nested deeper than {0} levels")]
    TooDeep(usize),
    /// A key that is no Unicode text.
    #[error("a key is not Unicode text")]
    BadKey,
    /// One key twice in one object.
    #[error("the key `{0}` is there twice")]
    DuplicateKey(String),
}

impl Error {
    /// `fault` at the octet `offset` of `text`; the column counts characters.
    #[cold]
    pub(super) fn new(fault: Fault, text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let is_start = |byte: &&u8| **byte & 0xC0 != 0x80;
        let column = before[start..].iter().filter(is_start).count() + 1;
        Self(Box::new(Details {
            fault,
            line,
            column,
        }))
    }

    /// The same of a value that is under `key`: the path of a key that is there twice begins there.
    #[must_use]
    pub fn under(mut self, key: &str) -> Self {
        if let Fault::DuplicateKey(path) = &mut self.0.fault {
            let dot = if path.starts_with('[') { "" } else { "." };
            *path = format!("{key}{dot}{path}");
        }
        self
    }

    /// What is wrong.
    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The character in the line, from 1.
    pub fn column(&self) -> usize {
        self.0.column
    }

    /// The same error with `prefix` before the path of a duplicate key.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        if let Fault::DuplicateKey(path) = &mut self.0.fault {
            let dot = if path.starts_with('[') { "" } else { "." };
            *path = format!("{prefix}{dot}{path}");
        }
        self
    }

    /// Always whoever sent the text.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

impl From<Error> for Refusal {
    /// As the body of a request.
    fn from(error: Error) -> Self {
        unreadable(&error)
    }
}

/// A body that cannot be read as JSON.
fn unreadable(error: &Error) -> Refusal {
    let place = format!("line {}, column {}", error.line(), error.column());
    let violation = match error.fault() {
        Fault::Encoding => Violation::new(Code::BadEncoding, "text in UTF-8", "other octets"),
        Fault::Syntax(expected) => Violation::new(
            Code::BadJson,
            *expected,
            format!("something else at {place}"),
        ),
        Fault::TooLong(digits) => {
            Violation::new(Code::OutOfRange, format!("at most {digits} digits"), "more")
        }
        Fault::TooDeep(limit) => {
            Violation::new(Code::TooDeep, format!("at most {limit} levels"), "more")
        }
        Fault::BadKey => Violation::new(Code::BadText, "a key of Unicode text", "half a character"),
        Fault::DuplicateKey(path) => {
            Violation::new(Code::DuplicateKey, "each key once", "a key twice").in_column(path)
        }
    };
    Refusal::new(Stage::Body, violation).with_summary(match error.fault() {
        Fault::DuplicateKey(_) => format!("a key is there twice at {place}"),
        _ => error.to_string(),
    })
}
