//! Texts in one case, without some words.

use super::super::cast::texts;
use super::super::standard;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{DataType, Shape, StringsBuilder, Tensor};
use std::collections::HashSet;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard(
    "StringNormalizer",
    10,
    string_normalizer,
    "locales of Turkic languages and Lithuanian, and that of the machine",
)];

/// Changes the case of texts and leaves out words.
struct StringNormalizer {
    case: Option<Case>,
    /// How texts are compared with words: in a case, or as they are.
    compared: Option<Case>,
    /// Words that are left out, as they are compared.
    words: HashSet<String>,
    /// Whether only letters of ASCII have a case.
    ascii: bool,
}

/// A case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

fn string_normalizer(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.datatype(0)? != DataType::Str {
        return node.refuse("its input is no text");
    }
    let case = match node.node.string("case_change_action")?.unwrap_or("NONE") {
        "LOWER" => Some(Case::Lower),
        "UPPER" => Some(Case::Upper),
        "NONE" => None,
        _ => return node.refuse("its case is not known"),
    };
    let ascii = match node.node.string("locale")?.unwrap_or("en_US") {
        "C" | "POSIX" => true,
        "" => return node.refuse("its locale is that of the machine"),
        locale
            if ["az", "ku", "lt", "tr"]
                .iter()
                .any(|own| locale.starts_with(own)) =>
        {
            return node.refuse("its locale has cases of its own");
        }
        _ => false,
    };
    let sensitive = node.int("is_case_sensitive", 0)? != 0;
    let compared = (!sensitive).then_some(case.unwrap_or(Case::Lower));
    let words = node.strings("stopwords")?.into_iter();
    let words = words.map(|word| match compared {
        Some(case) => case.of(word, ascii),
        None => word.to_owned(),
    });
    let normalizer = StringNormalizer {
        case,
        compared,
        words: words.collect(),
        ascii,
    };
    Ok(Lowered::one(normalizer, DataType::Str))
}

impl Case {
    /// `text` in this case, character by character: one that would become several stays.
    fn of(self, text: &str, ascii: bool) -> String {
        match (self, ascii) {
            (Self::Lower, true) => text.to_ascii_lowercase(),
            (Self::Upper, true) => text.to_ascii_uppercase(),
            (Self::Lower, false) => text
                .chars()
                // The one capital letter whose small one is two characters elsewhere.
                .map(|letter| {
                    if letter == 'İ' {
                        'i'
                    } else {
                        only(letter.to_lowercase(), letter)
                    }
                })
                .collect(),
            (Self::Upper, false) => text
                .chars()
                .map(|letter| only(letter.to_uppercase(), letter))
                .collect(),
        }
    }
}

/// The only character of `letters`, else `otherwise`.
fn only(mut letters: impl Iterator<Item = char>, otherwise: char) -> char {
    match (letters.next(), letters.next()) {
        (Some(letter), None) => letter,
        _ => otherwise,
    }
}

impl Operator for StringNormalizer {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let row = match *input.shape() {
            [size] if size > 0 => false,
            [1, size] if size > 0 => true,
            ref shape => {
                return Err(Fault::refused(format!(
                    "found texts of shape {shape:?}, expected a row of one at least"
                )));
            }
        };
        let mut made = StringsBuilder::new();
        for text in texts(input)?.iter() {
            if self.words.is_empty() {
                self.push(text, &mut made);
                continue;
            }
            let kept = match self.compared {
                Some(case) => !self.words.contains(&case.of(text, self.ascii)),
                None => !self.words.contains(text),
            };
            if kept {
                self.push(text, &mut made);
            }
        }
        if made.is_empty() {
            // As ONNX Runtime has it: there is no empty row.
            made.push("");
        }
        let shape = if row {
            Shape::from_slice(&[1, made.len()])
        } else {
            Shape::from_slice(&[made.len()])
        };
        Ok(one(Tensor::new(shape, made.finish())?))
    }
}

impl StringNormalizer {
    fn push(&self, text: &str, made: &mut StringsBuilder) {
        match self.case {
            Some(case) => made.push(&case.of(text, self.ascii)),
            None => made.push(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_change_case_one_by_one() {
        assert_eq!(Case::Lower.of("ÀÉİß", false), "àéiß");
        assert_eq!(Case::Upper.of("àéßŉ", false), "ÀÉßŉ");
        assert_eq!(Case::Lower.of("AÜ", true), "aÜ");
    }
}
