//! Why a model file cannot be read, and where in it.

use std::fmt::{self, Write};

/// What reading gives.
pub(crate) type Read<T> = Result<T, ReadError>;

/// The most characters of a key that are shown.
const SHOWN: usize = 40;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadError(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    /// From the inside out.
    path: Vec<Part>,
    place: Option<Place>,
    what: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Key(String),
    Item(usize),
}

/// Where reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The octet, from 0.
    Octet(usize),
    /// Line and column, from 1.
    Text { line: usize, column: usize },
}

impl ReadError {
    /// That `what` is wrong.
    #[cold]
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(Box::new(Details {
            path: Vec::new(),
            place: None,
            what: what.into(),
        }))
    }

    /// That a key is not there.
    pub(crate) fn missing(key: &str) -> Self {
        Self::new("the key is missing").under(key)
    }

    /// The same, with the place where reading stopped.
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// The same of a value under `key`.
    pub(crate) fn under(mut self, key: &str) -> Self {
        let key = key.chars().take(SHOWN).collect();
        self.0.path.push(Part::Key(key));
        self
    }

    /// The same of the item at `index`.
    pub(crate) fn item(mut self, index: usize) -> Self {
        self.0.path.push(Part::Item(index));
        self
    }
}

impl fmt::Display for ReadError {
    /// `learner.gradient_booster.model.trees[3]`, octet 812: …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { path, place, what } = &*self.0;
        if !path.is_empty() {
            f.write_char('`')?;
            for (depth, part) in path.iter().rev().enumerate() {
                match part {
                    Part::Key(key) if depth == 0 => write!(f, "{}", key.escape_debug())?,
                    Part::Key(key) => write!(f, ".{}", key.escape_debug())?,
                    Part::Item(index) => write!(f, "[{index}]")?,
                }
            }
            f.write_char('`')?;
        }
        match place {
            None => {}
            Some(place) => {
                f.write_str(if path.is_empty() { "" } else { ", " })?;
                match place {
                    Place::Octet(at) => write!(f, "octet {at}")?,
                    Place::Text { line, column } => write!(f, "line {line}, column {column}")?,
                }
            }
        }
        if !path.is_empty() || place.is_some() {
            f.write_str(": ")?;
        }
        f.write_str(what)
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_the_path_and_the_place() {
        let error = ReadError::new("a list is expected")
            .at(Place::Octet(812))
            .under("left_children")
            .item(3)
            .under("trees");
        assert_eq!(
            error.to_string(),
            "`trees[3].left_children`, octet 812: a list is expected"
        );
        let long = "x".repeat(100);
        let error = ReadError::missing(&long).to_string();
        assert_eq!(
            error,
            format!("`{}`: the key is missing", "x".repeat(SHOWN))
        );
        let place = Place::Text { line: 2, column: 1 };
        assert_eq!(
            ReadError::new("no value").at(place).to_string(),
            "line 2, column 1: no value"
        );
    }
}
