use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::resolve::{Plain, resolve};
use super::{
    BigInt, MAX_BYTES, MAX_DEPTH, MAX_NODES, Mapping, Place, Timestamp, Value, YamlError, number,
};

/// Reads one YAML document as PyYAML's `safe_load` does; an empty text is `null`.
///
/// # Errors
///
/// For text that is not YAML, has something the module's documentation lists as refused, or passes
/// one of the limits; see [`YamlError`].
pub fn parse(text: &str) -> Result<Value, YamlError> {
    if text.len() > MAX_BYTES {
        return Err(YamlError::TooLarge {
            bytes: text.len(),
            limit: MAX_BYTES,
        });
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    refuse_unprintable(text)?;
    Reader::new(text).document()
}

fn refuse_unprintable(text: &str) -> Result<(), YamlError> {
    for (line, content) in text.split('\n').enumerate() {
        let refused = content.chars().enumerate().find(|(_, c)| !is_printable(*c));
        if let Some((column, c)) = refused {
            let at = Place {
                line: line + 1,
                column: column + 1,
            };
            return Err(YamlError::Character {
                at,
                code: u32::from(c),
            });
        }
    }
    Ok(())
}

/// The printable characters of YAML 1.1 but for its line breaks beyond ASCII.
fn is_printable(c: char) -> bool {
    match c {
        '\t' | '\r' | ' '..='~' => true,
        '\u{2028}' | '\u{2029}' => false,
        '\u{A0}'..='\u{FFFD}' | '\u{10000}'.. => true,
        _ => false,
    }
}

/// What is kept of an anchored node until the end of the document.
struct Anchored {
    value: Value,
    size: Size,
}

/// What a node and those within it count towards the limits.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// The characters of the text if its last line has no line break.
    open_end: Option<usize>,
    /// By the parser's number of the anchor. A node within its own anchor is not there yet.
    anchors: HashMap<usize, Anchored>,
    used: Size,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let text = without_blank_last_line(text);
        Self {
            parser: Parser::new_from_str(text),
            open_end: (!text.ends_with(['\n', '\r'])).then(|| text.chars().count()),
            anchors: HashMap::new(),
            used: Size::default(),
        }
    }

    fn document(mut self) -> Result<Value, YamlError> {
        let mut value = Value::Null;
        let mut found = false;
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(value),
                Event::DocumentStart(_) if found => {
                    return Err(YamlError::SeveralDocuments { at });
                }
                Event::DocumentStart(_) => {
                    found = true;
                    let (event, at) = self.next()?;
                    value = self.node(event, at, 0)?;
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Place), YamlError> {
        match self.parser.next_event() {
            Some(Ok((mut event, span))) => {
                if Some(span.end.index()) == self.open_end {
                    drop_added_break(&mut event);
                }
                Ok((event, place(&span.start)))
            }
            Some(Err(error)) => Err(syntax(&error)),
            None => Ok((Event::StreamEnd, Place { line: 1, column: 1 })),
        }
    }

    /// Reads the node an event starts, within `depth` collections.
    fn node(&mut self, event: Event<'a>, at: Place, depth: usize) -> Result<Value, YamlError> {
        let before = self.used;
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let Some(Anchored { value, size }) = self.anchors.get(&anchor) else {
                    return Err(YamlError::SelfAlias { at });
                };
                // The budget is asked first, so that nothing beyond it is copied.
                self.used = charge(self.used, *size, at)?;
                return Ok(value.clone());
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.used = charge(
                    self.used,
                    Size {
                        nodes: 1,
                        bytes: text.len(),
                    },
                    at,
                )?;
                (scalar(text, style, tag.as_deref(), at)?, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.enter(tag.as_deref(), "seq", "sequence", at, depth)?;
                (self.sequence(depth + 1)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.enter(tag.as_deref(), "map", "map", at, depth)?;
                (Value::Map(self.mapping(depth + 1)?), anchor)
            }
            // The parser's grammar lets no other event start a node.
            _ => {
                return Err(YamlError::Syntax {
                    at,
                    problem: "expected a node".to_owned(),
                });
            }
        };
        if anchor != 0 {
            let size = Size {
                nodes: self.used.nodes - before.nodes,
                bytes: self.used.bytes - before.bytes,
            };
            // The copy that is kept counts: anchors nested in anchors would hold many.
            self.used = charge(self.used, size, at)?;
            self.anchors.insert(
                anchor,
                Anchored {
                    value: value.clone(),
                    size,
                },
            );
        }
        Ok(value)
    }

    fn enter(
        &mut self,
        tag: Option<&Tag>,
        own: &'static str,
        found: &'static str,
        at: Place,
        depth: usize,
    ) -> Result<(), YamlError> {
        if depth >= MAX_DEPTH {
            return Err(YamlError::TooDeep {
                at,
                limit: MAX_DEPTH,
            });
        }
        self.used = charge(self.used, Size { nodes: 1, bytes: 0 }, at)?;
        match tag.map(Type::of) {
            None | Some(Type::Resolved) => Ok(()),
            Some(Type::Named(name)) if name == own => Ok(()),
            Some(Type::Named(expected)) => Err(YamlError::Mismatch {
                at,
                expected,
                found,
            }),
            Some(Type::Other(tag)) => Err(YamlError::Tag { at, tag }),
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Seq(items)),
                (event, at) => items.push(self.node(event, at, depth)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Mapping, YamlError> {
        let mut own = Vec::new();
        let mut seen = HashSet::new();
        let mut merged = None;
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            if is_plain(&event, "<<") {
                let (event, value_at) = self.next()?;
                let value = self.node(event, value_at, depth)?;
                if merged.replace(merge_sources(value, value_at)?).is_some() {
                    return Err(YamlError::DuplicateKey {
                        at,
                        key: "<<".to_owned(),
                    });
                }
                continue;
            }
            let key = if is_plain(&event, "=") {
                Value::from("=")
            } else {
                self.node(event, at, depth)?
            };
            let identity = Identity::of(&key).ok_or_else(|| YamlError::ComplexKey {
                at,
                found: key.type_name(),
            })?;
            if !seen.insert(identity) {
                return Err(YamlError::DuplicateKey {
                    at,
                    key: cut(&key.scalar_text()),
                });
            }
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth)?;
            own.push((key, value));
        }
        Ok(match merged {
            None => Mapping::from_distinct(own),
            Some(sources) => merge(sources, own),
        })
    }
}

/// Cuts the blanks after the last line break, if nothing else is there. In a block scalar the
/// parser would take them for one more line.
fn without_blank_last_line(text: &str) -> &str {
    let end = text.trim_end_matches([' ', '\t']);
    if end.ends_with(['\n', '\r']) {
        end
    } else {
        text
    }
}

/// The parser ends every block scalar in a line break; one that the text ends in has none.
fn drop_added_break(event: &mut Event<'_>) {
    if let Event::Scalar(text, ScalarStyle::Literal | ScalarStyle::Folded, ..) = event
        && text.ends_with('\n')
    {
        text.to_mut().pop();
    }
}

fn charge(used: Size, more: Size, at: Place) -> Result<Size, YamlError> {
    let nodes = used.nodes.saturating_add(more.nodes);
    let bytes = used.bytes.saturating_add(more.bytes);
    if nodes > MAX_NODES {
        return Err(YamlError::TooManyNodes {
            at,
            limit: MAX_NODES,
        });
    }
    if bytes > MAX_BYTES {
        return Err(YamlError::TooMuchText {
            at,
            limit: MAX_BYTES,
        });
    }
    Ok(Size { nodes, bytes })
}

fn scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
    at: Place,
) -> Result<Value, YamlError> {
    let mismatch = |expected| YamlError::Mismatch {
        at,
        expected,
        found: "scalar",
    };
    let timestamp = |text| Timestamp::new(text).ok_or(mismatch("timestamp"));
    match tag.map(Type::of) {
        None | Some(Type::Resolved) if style == ScalarStyle::Plain => Ok(match resolve(&text) {
            Plain::Null => Value::Null,
            Plain::Bool(value) => Value::Bool(value),
            Plain::Int => number::int(&text).ok_or(mismatch("int"))?,
            Plain::Float => Value::Float(number::float(&text).ok_or(mismatch("float"))?),
            Plain::Timestamp => Value::Timestamp(timestamp(&text)?),
            Plain::Merge => return Err(YamlError::Indicator { at, text: "<<" }),
            Plain::DefaultValue => return Err(YamlError::Indicator { at, text: "=" }),
            Plain::Str => Value::Str(text.into_owned()),
        }),
        None | Some(Type::Resolved) => Ok(Value::Str(text.into_owned())),
        Some(Type::Named("str")) => Ok(Value::Str(text.into_owned())),
        Some(Type::Named("null")) => Ok(Value::Null),
        Some(Type::Named("bool")) => match text.to_lowercase().as_str() {
            "yes" | "true" | "on" => Ok(Value::Bool(true)),
            "no" | "false" | "off" => Ok(Value::Bool(false)),
            _ => Err(mismatch("bool")),
        },
        Some(Type::Named("int")) => number::int(&text).ok_or(mismatch("int")),
        Some(Type::Named("float")) => number::float(&text)
            .map(Value::Float)
            .ok_or(mismatch("float")),
        Some(Type::Named("timestamp")) => timestamp(&text).map(Value::Timestamp),
        Some(Type::Named(expected)) => Err(mismatch(expected)),
        Some(Type::Other(tag)) => Err(YamlError::Tag { at, tag }),
    }
}

/// What a tag says about its node.
enum Type {
    /// `!`: resolve it as if it had no tag.
    Resolved,
    /// One of [`NAMES`].
    Named(&'static str),
    /// Anything else, cut for a message.
    Other(String),
}

const NAMES: [&str; 8] = [
    "str",
    "null",
    "bool",
    "int",
    "float",
    "timestamp",
    "map",
    "seq",
];

impl Type {
    fn of(tag: &Tag) -> Self {
        let full = format!("{}{}", tag.handle, tag.suffix);
        if full == "!" {
            return Type::Resolved;
        }
        let name = full.strip_prefix("tag:yaml.org,2002:");
        match NAMES.into_iter().find(|known| Some(*known) == name) {
            Some(known) => Type::Named(known),
            None => Type::Other(cut(&name.map_or(full.clone(), |name| format!("!!{name}")))),
        }
    }
}

/// What makes two keys one in Python: numbers are equal across types, a boolean is a number.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Null,
    Int(i64),
    BigInt(String),
    Fraction(u64),
    Str(String),
    Timestamp(Timestamp),
}

impl Identity {
    /// `None` for a collection, which cannot be a key.
    fn of(key: &Value) -> Option<Self> {
        Some(match key {
            Value::Null => Identity::Null,
            Value::Bool(value) => Identity::Int(i64::from(*value)),
            Value::Int(value) => Identity::Int(*value),
            Value::BigInt(value) => Identity::BigInt(BigInt::as_str(value).to_owned()),
            Value::Float(value) if value.fract() == 0.0 => {
                // An integral float is printed with all of its digits, and `-0` parses as 0.
                let digits = format!("{value:.0}");
                digits
                    .parse()
                    .map_or(Identity::BigInt(digits), Identity::Int)
            }
            Value::Float(value) => Identity::Fraction(value.to_bits()),
            Value::Str(text) => Identity::Str(text.clone()),
            Value::Timestamp(timestamp) => Identity::Timestamp(timestamp.clone()),
            Value::Seq(_) | Value::Map(_) => return None,
        })
    }
}

fn is_plain(event: &Event<'_>, expected: &str) -> bool {
    matches!(event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == expected)
}

/// The maps a `<<` names, in order.
fn merge_sources(value: Value, at: Place) -> Result<Vec<Mapping>, YamlError> {
    let map = |value| match value {
        Value::Map(map) => Ok(map),
        other => Err(YamlError::Merge {
            at,
            found: other.type_name(),
        }),
    };
    match value {
        Value::Seq(items) => items.into_iter().map(map).collect(),
        value => Ok(vec![map(value)?]),
    }
}

/// Puts the entries of the sources, the first source winning, before a map's own, which win over
/// all of them but take their place.
fn merge(sources: Vec<Mapping>, own: Vec<(Value, Value)>) -> Mapping {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    let mut places = HashMap::new();
    for (key, value) in sources.into_iter().flatten() {
        let Some(identity) = Identity::of(&key) else {
            continue;
        };
        places.entry(identity).or_insert_with(|| {
            entries.push((key, value));
            entries.len() - 1
        });
    }
    for (key, value) in own {
        let place = Identity::of(&key).and_then(|identity| places.get(&identity));
        match place.and_then(|place| entries.get_mut(*place)) {
            Some((_, merged)) => *merged = value,
            None => entries.push((key, value)),
        }
    }
    Mapping::from_distinct(entries)
}

fn place(mark: &Marker) -> Place {
    Place {
        line: mark.line(),
        column: mark.col() + 1,
    }
}

fn syntax(error: &ScanError) -> YamlError {
    YamlError::Syntax {
        at: place(error.marker()),
        problem: cut(error.info()),
    }
}

/// At most 80 characters of a text, for a message.
fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(80).collect();
    if cut.len() < text.len() {
        cut.push_str("...");
    }
    cut
}
