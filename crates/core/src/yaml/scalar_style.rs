//! Which of the three styles a text is written in: plain where it reads back as the same text,
//! single-quoted where it has no character to escape, double-quoted otherwise.

use super::resolve::{Plain, resolve};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
}

/// The style PyYAML chooses for a string within block collections.
pub(super) fn style_of(text: &str, unicode: bool) -> Style {
    let whitespace = Whitespace::of(text);
    let escapes = text.chars().any(|c| !stands_as_is(c, unicode));
    if escapes || whitespace.space_before_break || whitespace.break_before_space {
        Style::Double
    } else if whitespace.at_an_end
        || text.contains(is_break)
        || has_block_indicator(text)
        || resolve(text) != Plain::Str
    {
        Style::Single
    } else {
        Style::Plain
    }
}

/// The line breaks of YAML 1.1, but for the carriage return, which is always escaped.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character needs no escape outside of double quotes; `unicode` lets those beyond ASCII
/// stand.
fn stands_as_is(c: char, unicode: bool) -> bool {
    match c {
        '\n' | ' '..='~' => true,
        '\u{FEFF}' => false,
        '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFE}' => unicode,
        _ => false,
    }
}

/// Where blanks and breaks stand that only some styles keep.
#[derive(Default)]
struct Whitespace {
    at_an_end: bool,
    space_before_break: bool,
    break_before_space: bool,
}

impl Whitespace {
    fn of(text: &str) -> Self {
        let blank = |c: char| c == ' ' || is_break(c);
        let mut found = Self {
            at_an_end: text.starts_with(blank) || text.ends_with(blank),
            ..Self::default()
        };
        for (first, second) in text.chars().zip(text.chars().skip(1)) {
            found.space_before_break |= first == ' ' && is_break(second);
            found.break_before_space |= is_break(first) && second == ' ';
        }
        found
    }
}

/// Whether a plain text would be taken for structure: a collection, a comment, a tag, a quote, a
/// document marker.
fn has_block_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let ends_word = rest.clone().next().is_none_or(is_white);
        let structure = match (c, before) {
            (':', _) => ends_word,
            ('#', Some(before)) => is_white(before),
            ('-' | '?', None) => ends_word,
            (c, None) => "#,[]{}&*!|>'\"%@`".contains(c),
            _ => false,
        };
        if structure {
            return true;
        }
        before = Some(c);
    }
    false
}

fn is_white(c: char) -> bool {
    matches!(c, '\0' | ' ' | '\t' | '\r') || is_break(c)
}
