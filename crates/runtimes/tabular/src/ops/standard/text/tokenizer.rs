//! Texts cut into tokens.

use super::super::cast::texts;
use super::super::{microsoft, shape};
use super::pattern::Pattern;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape, StringsBuilder, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[microsoft(
    "Tokenizer",
    tokenizer,
    "patterns that match the empty text, or that RE2 alone knows",
)];

/// The text before the tokens of a text, where they are marked.
const START: &str = "\u{2}";
/// The text behind them.
const END: &str = "\u{3}";

/// Cuts texts into tokens, along a new last dimension as long as the most tokens.
struct Tokenizer {
    cut: Cut,
    /// What stands behind the tokens of a text that has fewer.
    padding: String,
    /// Whether a text stands before and behind the tokens.
    mark: bool,
    /// How many characters a token has at least.
    shortest: usize,
}

/// What a token is.
enum Cut {
    /// A character.
    Characters,
    /// What is between matches of these patterns, one after the other.
    Separators(Vec<Pattern>),
    /// A match.
    Tokens(Box<Pattern>),
}

fn tokenizer(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.datatype(0)? != DataType::Str {
        return node.refuse("its input is no text");
    }
    let shortest = match usize::try_from(node.int("mincharnum", 1)?) {
        Ok(shortest) if shortest > 0 => shortest,
        _ => return node.refuse("its attribute `mincharnum` is not above zero"),
    };
    let separators = node.strings("separators")?;
    let cut = match (separators.as_slice(), node.node.string("tokenexp")?) {
        ([""], _) | ([], Some(".")) => Cut::Characters,
        ([], Some(pattern)) => Cut::Tokens(Box::new(Pattern::new(pattern)?)),
        ([], None) => return node.refuse("it has no separators and no pattern of tokens"),
        (separators, _) => {
            let patterns = separators.iter().map(|pattern| Pattern::new(pattern));
            Cut::Separators(patterns.collect::<Result<_, _>>()?)
        }
    };
    if matches!(cut, Cut::Characters) && shortest > 1 {
        return node.refuse("tokens of one character would be too short");
    }
    let tokenizer = Tokenizer {
        cut,
        padding: node
            .node
            .string("pad_value")?
            .unwrap_or_default()
            .to_owned(),
        mark: node.int("mark", 0)? != 0,
        shortest,
    };
    Ok(Lowered::one(tokenizer, DataType::Str))
}

impl Tokenizer {
    /// Whether `token` is long enough.
    fn enough(&self, token: &str) -> bool {
        token.chars().nth(self.shortest - 1).is_some()
    }

    /// Adds the tokens of `text` to `tokens`.
    fn cut<'a>(&self, text: &'a str, tokens: &mut Vec<&'a str>) {
        match &self.cut {
            Cut::Characters => {
                let begins = text.char_indices();
                tokens.extend(begins.filter_map(|(begin, character)| {
                    text.get(begin..begin + character.len_utf8())
                }));
            }
            Cut::Separators(patterns) => {
                let mut parts = vec![text];
                for pattern in patterns {
                    let mut cut = Vec::new();
                    for part in parts {
                        self.between(pattern, part, &mut cut);
                    }
                    parts = cut;
                }
                tokens.append(&mut parts);
            }
            Cut::Tokens(pattern) => {
                let mut start = 0;
                while let Some(found) = pattern.find(text, start) {
                    let token = text.get(found.clone()).unwrap_or_default();
                    if self.enough(token) {
                        tokens.push(token);
                        start = found.end;
                    } else {
                        // What is too short may begin a longer one behind its first character.
                        let first = token.chars().next().map_or(1, char::len_utf8);
                        start = found.start + first;
                    }
                }
            }
        }
    }

    /// Adds what is between matches of `pattern` in `text`.
    fn between<'a>(&self, pattern: &Pattern, text: &'a str, parts: &mut Vec<&'a str>) {
        let mut start = 0;
        loop {
            let found = pattern.find(text, start);
            let end = found.as_ref().map_or(text.len(), |found| found.start);
            let part = text.get(start..end).unwrap_or_default();
            if self.enough(part) {
                parts.push(part);
            }
            match found {
                Some(found) => start = found.end,
                None => return,
            }
        }
    }
}

impl Operator for Tokenizer {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        if !(1..=2).contains(&input.shape().len()) {
            return Err(Fault::refused(format!(
                "found a value of shape {:?}, expected one or two dimensions",
                input.shape()
            )));
        }
        let texts = texts(input)?;
        let mut made = Shape::from_slice(input.shape());
        if texts.is_empty() {
            made.truncate(made.len() - 1);
            made.push(0);
            return Ok(one(Tensor::new(made, Data::empty(DataType::Str))?));
        }
        let mut tokens = Vec::new();
        let mut ends = Vec::with_capacity(texts.len());
        for text in texts.iter() {
            self.cut(text, &mut tokens);
            ends.push(tokens.len());
        }
        let lengths = ends.iter().scan(0, |start, end| {
            let length = end - std::mem::replace(start, *end);
            Some(length)
        });
        let most = lengths.max().unwrap_or(0);
        let width = if most == 0 {
            0
        } else {
            most + if self.mark { 2 } else { 0 }
        };
        made.push(width);
        shape::count(&made)?;
        let mut laid = StringsBuilder::new();
        if width > 0 {
            let mut start = 0;
            for end in ends {
                let row = tokens.get(start..end).unwrap_or_default();
                start = end;
                if self.mark {
                    laid.push(START);
                }
                for token in row {
                    laid.push(token);
                }
                if self.mark {
                    laid.push(END);
                }
                for _ in row.len()..most {
                    laid.push(&self.padding);
                }
            }
        }
        Ok(one(Tensor::new(made, laid.finish())?))
    }
}
