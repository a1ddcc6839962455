//! The lines of a text, with their numbers.

use super::{END_OF_TREES, Fault};

/// A line without what ends it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) text: &'a str,
}

/// Lines, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    parts: std::str::Split<'a, char>,
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            parts: text.split('\n'),
            number: 0,
        }
    }

    /// That the text ends before its trees do.
    pub(super) fn cut_off(&self) -> Fault {
        let reason = format!("the text ends before `{END_OF_TREES}`");
        Fault::at(self.number, reason)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let text = self.parts.next()?;
        self.number += 1;
        Some(Line {
            number: self.number,
            text: text.strip_suffix('\r').unwrap_or(text),
        })
    }
}

impl<'a> Line<'a> {
    /// What stands before and behind the first `=`.
    pub(super) fn entry(self) -> Option<(&'a str, Self)> {
        let (key, text) = self.text.split_once('=')?;
        let number = self.number;
        Some((key, Self { number, text }))
    }

    /// What is wrong with this line.
    pub(super) fn fault(self, reason: impl Into<String>) -> Fault {
        Fault::at(self.number, reason)
    }
}
