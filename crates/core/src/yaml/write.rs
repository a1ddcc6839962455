use std::cmp::Ordering;

use super::scalar_style::{Style, is_break, style_of};
use super::{Mapping, Value};

/// Writes a document as PyYAML's `safe_dump(value, default_flow_style=False, sort_keys=False)`
/// does: what MLflow writes an `MLmodel` and a `conda.yaml` with, once [`sort_keys`] has sorted the
/// keys. Characters beyond ASCII are escaped.
#[must_use]
pub fn emit(value: &Value) -> String {
    Writer::document(value, false)
}

/// Writes a document as [`emit`] does, but leaves characters beyond ASCII as they are
/// (`allow_unicode=True`), as MLflow does for `python_env.yaml`.
#[must_use]
pub fn emit_unicode(value: &Value) -> String {
    Writer::document(value, true)
}

/// Sorts the keys of all maps within, as PyYAML's `sort_keys=True` does: strings by their code
/// points, numbers by size, dates by day; a map whose keys cannot be compared keeps its order.
pub fn sort_keys(value: &mut Value) {
    match value {
        Value::Seq(items) => items.iter_mut().for_each(sort_keys),
        Value::Map(map) => {
            for (_, value) in map.entries_mut() {
                sort_keys(value);
            }
            let comparable = {
                let mut keys = map.keys();
                let first = keys.next();
                first.is_none_or(|first| {
                    compare(first, first).is_some() && keys.all(|key| compare(first, key).is_some())
                })
            };
            if comparable {
                map.entries_mut()
                    .sort_by(|(a, _), (b, _)| compare(a, b).unwrap_or(Ordering::Equal));
            }
        }
        _ => {}
    }
}

/// The order Python has for two keys, if it has one.
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => {
            (a.is_date() && b.is_date()).then(|| a.cmp(b))
        }
        // Integers that round to one float are told apart by their digits, and come before that
        // float, so that the order is total.
        _ => Some(
            number(a)?
                .partial_cmp(&number(b)?)?
                .then_with(|| digits(a).cmp(&digits(b))),
        ),
    }
}

fn number(key: &Value) -> Option<f64> {
    match key {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        key => key.as_f64(),
    }
}

/// Orders integers of one sign and about one size; those with more digits are the larger.
fn digits(key: &Value) -> (bool, Option<(isize, Vec<i8>)>) {
    if matches!(key, Value::Float(_) | Value::Bool(_)) {
        return (true, None);
    }
    let text = key.scalar_text();
    let sign: i8 = if text.starts_with('-') { -1 } else { 1 };
    let digits: Vec<i8> = text
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|b| sign * (b - b'0') as i8)
        .collect();
    (
        false,
        Some((isize::from(sign) * digits.len() as isize, digits)),
    )
}

/// Text beyond this column is folded at the next blank.
const WIDTH: usize = 80;

const INDENT: usize = 2;

/// A simple key, its tag as PyYAML counts it included, is shorter than this; longer ones are
/// written after a `?`.
const SIMPLE_KEY: usize = 128;

/// What a node follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// Nothing: it is the document.
    Nothing,
    /// `key:`
    Key,
    /// `-`, `?`, or the `:` on a line of its own: a collection starts on the same line.
    Mark,
}

struct Writer {
    out: String,
    /// Characters in the current line.
    column: usize,
    unicode: bool,
}

impl Writer {
    fn document(value: &Value, unicode: bool) -> String {
        let mut writer = Self {
            out: String::new(),
            column: 0,
            unicode,
        };
        writer.node(value, 0, After::Nothing);
        writer.out.push('\n');
        // A plain scalar has no end of its own.
        let open = match value {
            Value::Seq(_) | Value::Map(_) => false,
            Value::Str(text) => style_of(text, unicode) == Style::Plain,
            _ => true,
        };
        if open {
            writer.out.push_str("...\n");
        }
        writer.out
    }

    /// Writes a node within a collection indented by `indent`.
    fn node(&mut self, value: &Value, indent: usize, after: After) {
        match value {
            Value::Seq(items) if items.is_empty() => self.token("[]"),
            Value::Map(map) if map.is_empty() => self.token("{}"),
            Value::Seq(items) => {
                let indent = match after {
                    After::Nothing | After::Key => indent,
                    After::Mark => indent + INDENT,
                };
                for (index, item) in items.iter().enumerate() {
                    self.entry(indent, index == 0, after);
                    self.push("-");
                    self.node(item, indent, After::Mark);
                }
            }
            Value::Map(map) => {
                let indent = match after {
                    After::Nothing => indent,
                    After::Key | After::Mark => indent + INDENT,
                };
                self.map(map, indent, after);
            }
            scalar => self.scalar(scalar, indent + INDENT, true),
        }
    }

    fn map(&mut self, map: &Mapping, indent: usize, after: After) {
        for (index, (key, value)) in map.iter().enumerate() {
            self.entry(indent, index == 0, after);
            if is_simple_key(key) {
                self.scalar(key, indent + INDENT, false);
                self.push(":");
                self.node(value, indent, After::Key);
            } else {
                self.push("?");
                self.node(key, indent, After::Mark);
                self.line(indent);
                self.push(":");
                self.node(value, indent, After::Mark);
            }
        }
    }

    /// Goes to where an entry of a collection starts.
    fn entry(&mut self, indent: usize, first: bool, after: After) {
        match after {
            After::Nothing if first => {}
            After::Mark if first => self.pad(indent),
            _ => self.line(indent),
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize, fold: bool) {
        match value {
            Value::Str(text) => match style_of(text, self.unicode) {
                Style::Plain => self.plain(text, indent, fold),
                Style::Single => self.single_quoted(text, indent, fold),
                Style::Double => self.double_quoted(text, indent, fold),
            },
            scalar => self.plain(&scalar.scalar_text(), indent, fold),
        }
    }

    fn plain(&mut self, text: &str, indent: usize, fold: bool) {
        self.token("");
        for run in Runs(text) {
            if run == " " && fold && self.column > WIDTH {
                self.line(indent);
            } else {
                self.push(run);
            }
        }
    }

    fn single_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.token("'");
        let mut left = text.len();
        for run in Runs(text) {
            let first = left == text.len();
            left -= run.len();
            if run.starts_with(is_break) {
                // A lone line feed would be folded to a blank.
                if run.starts_with('\n') {
                    self.out.push('\n');
                }
                self.out.push_str(run);
                self.column = 0;
                self.pad(indent);
            } else if run == " " && fold && self.column > WIDTH && !first && left > 0 {
                self.line(indent);
            } else {
                self.push(&run.replace('\'', "''"));
            }
        }
        self.push("'");
    }

    fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.token("\"");
        let mut rest = text.chars();
        let mut first = true;
        let mut after_escape = false;
        while let Some(c) = rest.next() {
            let next = rest.clone().next();
            let may_fold = fold && !first && next.is_some();
            let escaped = self.escape(c);
            if let Some(escaped) = &escaped {
                self.push(escaped);
                // PyYAML measures without the last character of an escape here.
                if may_fold && self.column > WIDTH + 1 {
                    self.fold_quoted(indent, next == Some(' '));
                }
            } else {
                if may_fold && (c == ' ' || after_escape) && self.column > WIDTH {
                    self.fold_quoted(indent, c == ' ');
                }
                self.push(c.encode_utf8(&mut [0; 4]));
            }
            after_escape = escaped.is_some();
            first = false;
        }
        self.push("\"");
    }

    /// Ends a line within double quotes; a blank that starts the next one needs a guard.
    fn fold_quoted(&mut self, indent: usize, before_space: bool) {
        self.push("\\");
        self.line(indent);
        if before_space {
            self.push("\\");
        }
    }

    /// The escape of a character within double quotes, if it needs one.
    fn escape(&self, c: char) -> Option<String> {
        let letter = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{B}' => 'v',
            '\u{C}' => 'f',
            '\r' => 'r',
            '\u{1B}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            ' '..='~' => return None,
            // Beyond 16 bits everything is escaped, whatever `unicode` says.
            '\u{A0}'..='\u{FFFD}' if self.unicode && c != '\u{FEFF}' => return None,
            '\u{A0}' => '_',
            _ => {
                let code = u32::from(c);
                return Some(match code {
                    0..=0xFF => format!("\\x{code:02X}"),
                    0x100..=0xFFFF => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                });
            }
        };
        Some(format!("\\{letter}"))
    }

    /// Writes the start of a node, a blank before it where the line has something already.
    fn token(&mut self, text: &str) {
        if self.column > 0 && !self.out.ends_with(' ') {
            self.push(" ");
        }
        self.push(text);
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.column = 0;
        self.pad(indent);
    }

    fn pad(&mut self, indent: usize) {
        while self.column < indent {
            self.push(" ");
        }
    }
}

fn is_simple_key(key: &Value) -> bool {
    let tag = match key {
        Value::Null | Value::Bool(_) => "!!null",
        Value::Int(_) | Value::BigInt(_) | Value::Str(_) => "!!str",
        Value::Float(_) => "!!float",
        Value::Timestamp(_) => "!!timestamp",
        Value::Seq(_) | Value::Map(_) => return false,
    };
    let text = key.scalar_text();
    !text.is_empty() && !text.contains(is_break) && text.chars().count() + tag.len() < SIMPLE_KEY
}

/// Splits a text into runs of blanks, runs of line breaks, and what is between them.
struct Runs<'a>(&'a str);

impl<'a> Iterator for Runs<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let kind = |c: char| (c == ' ', is_break(c));
        let first = kind(self.0.chars().next()?);
        let end = self.0.find(|c| kind(c) != first).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(run)
    }
}
