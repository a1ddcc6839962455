//! Patterns as RE2, the library of ONNX Runtime, reads them.
//!
//! It differs from the library here in what letters, digits and white space are (ASCII only, no
//! vertical tab) and in what may stand in brackets; and the operators that split texts ask it for
//! the longest of the matches that begin first. What is written in a way that only one of the two
//! knows is refused.

use crate::onnx::LowerError;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{Compiler, Config};
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use std::ops::Range;

/// How many octets the compiled form of a pattern may take.
const LARGEST: usize = 1 << 22;

/// A pattern that is looked for in texts.
pub(super) struct Pattern {
    /// Finds where the first match begins.
    first: Regex,
    /// Finds where the longest match ends that begins at a place.
    longest: DFA,
    caches: Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>,
}

/// A pattern that whole texts are compared with.
pub(super) struct FullPattern(Regex);

impl Pattern {
    /// The pattern written as `text`, which must not match nothing.
    ///
    /// # Errors
    /// When it does, is not read, or is too large.
    pub(super) fn new(text: &str) -> Result<Self, LowerError> {
        let hir = parse(text)?;
        if hir.properties().minimum_len() == Some(0) {
            return Err(LowerError("a pattern matches the empty text".to_owned()));
        }
        let nfa = Compiler::new()
            .configure(Config::new().nfa_size_limit(Some(LARGEST)))
            .build_from_hir(&hir)
            .map_err(too_large)?;
        let longest = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All))
            .build_from_nfa(nfa)
            .map_err(too_large)?;
        let maker = longest.clone();
        let make: Box<dyn Fn() -> Cache + Send + Sync> = Box::new(move || maker.create_cache());
        Ok(Self {
            first: compile(&hir)?,
            longest,
            caches: Pool::new(make),
        })
    }

    /// The longest of the matches in `text` that begin first, from `start` on.
    pub(super) fn find(&self, text: &str, start: usize) -> Option<Range<usize>> {
        if start > text.len() {
            return None;
        }
        let input = Input::new(text).span(start..text.len());
        let found = self.first.find(input)?;
        let from = Input::new(text)
            .span(found.start()..text.len())
            .anchored(Anchored::Yes);
        let mut cache = self.caches.get();
        // A search that gives up is as good as the match that was found.
        let end = match self.longest.try_search_fwd(&mut cache, &from) {
            Ok(Some(end)) => end.offset().max(found.end()),
            _ => found.end(),
        };
        Some(found.start()..end)
    }
}

impl FullPattern {
    /// The pattern written as `text`.
    ///
    /// # Errors
    /// When it is not read, or too large.
    pub(super) fn new(text: &str) -> Result<Self, LowerError> {
        Ok(Self(compile(&parse(&format!(r"\A(?:{text})\z"))?)?))
    }

    /// Whether it matches all of `text`.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn compile(hir: &Hir) -> Result<Regex, LowerError> {
    Regex::builder()
        .configure(Regex::config().nfa_size_limit(Some(LARGEST)))
        .build_from_hir(hir)
        .map_err(too_large)
}

fn too_large<E>(_: E) -> LowerError {
    LowerError("a pattern is too large".to_owned())
}

fn parse(text: &str) -> Result<Hir, LowerError> {
    let refused = || LowerError("a pattern is not read".to_owned());
    let text = translate(text).ok_or_else(refused)?;
    let mut parser = ParserBuilder::new().nest_limit(100).build();
    parser.parse(&text).map_err(|_| refused())
}

/// `text`, which is written for RE2, as the library here reads it; `None` for what is not known.
fn translate(text: &str) -> Option<String> {
    let mut made = String::new();
    let mut rest = text;
    let mut inside = false;
    while let Some(letter) = rest.chars().next() {
        let after = rest.get(letter.len_utf8()..)?;
        rest = match letter {
            '\\' => escaped(after, inside, &mut made)?,
            '[' if inside => match named(rest) {
                Some(name) => {
                    made.push_str(name);
                    rest.get(name.len()..)?
                }
                None => {
                    made.push_str(r"\[");
                    after
                }
            },
            '[' => {
                inside = true;
                made.push('[');
                // What is first in brackets does not end them.
                let rest = match after.strip_prefix('^') {
                    Some(rest) => {
                        made.push('^');
                        rest
                    }
                    None => after,
                };
                match rest.strip_prefix(']') {
                    Some(rest) => {
                        made.push_str(r"\]");
                        rest
                    }
                    None => rest,
                }
            }
            ']' if inside => {
                inside = false;
                made.push(']');
                after
            }
            '&' | '~' if inside => {
                made.push('\\');
                made.push(letter);
                after
            }
            '-' if inside && after.starts_with('-') => return None,
            '{' if !inside && !repeats(after) => {
                made.push_str(r"\{");
                after
            }
            _ => {
                made.push(letter);
                after
            }
        };
    }
    Some(made)
}

/// Adds what a backslash before `rest` stands for; gives what comes after it.
fn escaped<'a>(rest: &'a str, inside: bool, made: &mut String) -> Option<&'a str> {
    let letter = rest.chars().next()?;
    let after = rest.get(letter.len_utf8()..)?;
    match letter {
        'd' => made.push_str("[0-9]"),
        'D' => made.push_str("[^0-9]"),
        'w' => made.push_str("[0-9A-Za-z_]"),
        'W' => made.push_str("[^0-9A-Za-z_]"),
        's' => made.push_str(r"[\t\n\f\r ]"),
        'S' => made.push_str(r"[^\t\n\f\r ]"),
        'b' if !inside && !after.starts_with('{') => made.push_str(r"(?-u:\b)"),
        'A' | 'z' if !inside => {
            made.push('\\');
            made.push(letter);
        }
        '<' | '>' => made.push(letter),
        'Q' if !inside => {
            let (literal, after) = after.split_once(r"\E").unwrap_or((after, ""));
            made.push_str(&regex_syntax::escape(literal));
            return Some(after);
        }
        'a' | 'f' | 't' | 'n' | 'r' | 'v' | 'x' | 'p' | 'P' => {
            made.push('\\');
            made.push(letter);
        }
        _ if letter.is_ascii_punctuation() => {
            made.push('\\');
            made.push(letter);
        }
        _ => return None,
    }
    Some(after)
}

/// A name such as `[:alpha:]` at the beginning of `rest`.
fn named(rest: &str) -> Option<&str> {
    let end = rest.strip_prefix("[:")?.find(":]")?;
    rest.get(..end + 4)
}

/// Whether `rest` begins with numbers of repetitions and a brace.
fn repeats(rest: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(rest);
    let rest = rest.get(first..).unwrap_or_default();
    let rest = match rest.strip_prefix(',') {
        Some(rest) => rest.get(digits(rest)..).unwrap_or_default(),
        None => rest,
    };
    first > 0 && rest.starts_with('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str, text: &str) -> Vec<String> {
        let pattern = Pattern::new(pattern).expect("a pattern");
        let mut found = Vec::new();
        let mut start = 0;
        while let Some(range) = pattern.find(text, start) {
            found.push(text[range.clone()].to_owned());
            start = range.end;
        }
        found
    }

    #[test]
    fn the_longest_match_is_taken() {
        assert_eq!(all("a|ab", "abab"), ["ab", "ab"]);
        assert_eq!(all("a+?", "aaab"), ["aaa"]);
        assert_eq!(all("(?:x|xy)z?|y", "xyz"), ["xyz"]);
    }

    #[test]
    fn letters_digits_and_white_space_are_those_of_ascii() {
        assert_eq!(all(r"\w+", "aü9_ é\u{a0}x\u{b}y"), ["a", "9_", "x", "y"]);
        assert_eq!(all(r"\S+", "aü9 \u{b}x"), ["aü9", "\u{b}x"]);
        assert_eq!(all(r"\d+", "a٣3"), ["3"]);
        assert_eq!(all(r"\bo", "füo bar"), ["o"]);
        assert_eq!(all(r"[\w-]+", "ab-c d"), ["ab-c", "d"]);
        assert_eq!(all(r"[^\W\d]+", "ab1c"), ["ab", "c"]);
    }

    #[test]
    fn brackets_and_braces_are_taken_literally_where_re2_does() {
        assert_eq!(all("[a[b]+", "a[b]&&c"), ["a[b"]);
        assert_eq!(all("[a&&b]+", "a[b]&&c"), ["a", "b", "&&"]);
        assert_eq!(all("b{c", "ab{c"), ["b{c"]);
        assert_eq!(all("b{2}", "abb"), ["bb"]);
        assert_eq!(all(r"\<", "a<b"), ["<"]);
        assert_eq!(all(r"\Q.+\E", "a.+b"), [".+"]);
        assert_eq!(all("[]a]+", "b]a"), ["]a"]);
        assert_eq!(all("[[:alpha:]]+", "ab1"), ["ab"]);
    }

    #[test]
    fn what_only_one_library_knows_is_refused() {
        for pattern in [
            "x*",
            "(",
            r"\C",
            r"\Bx",
            r"[a--b]",
            r"\1",
            r"\e",
            "a|",
            &"(a|b){1,1000}".repeat(99),
        ] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn whole_texts_are_compared() {
        let pattern = FullPattern::new("a|ab").expect("a pattern");
        assert!(pattern.matches("ab") && pattern.matches("a") && !pattern.matches("abc"));
        let pattern = FullPattern::new("ab$").expect("a pattern");
        assert!(pattern.matches("ab") && !pattern.matches("ab\n"));
    }
}
