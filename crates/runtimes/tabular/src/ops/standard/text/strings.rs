//! Texts joined, split and compared with a pattern.

use super::super::cast::texts;
use super::super::{broadcast::Broadcast, shape, standard};
use super::pattern::FullPattern;
use crate::data::tensor;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{DataType, Shape, StringsBuilder, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("StringConcat", 20, concat, ""),
    standard("StringSplit", 20, split, ""),
    standard(
        "RegexFullMatch",
        20,
        full_match,
        "patterns that RE2 alone knows",
    ),
];

/// One text behind the other.
struct Concat;

/// Parts of texts, along a new last dimension, and how many they are.
struct Split {
    /// What is between parts; any number of spaces where it is empty.
    delimiter: String,
    /// How often a text is cut at most.
    most: usize,
}

/// Whether whole texts match.
struct FullMatch(FullPattern);

fn concat(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.same_type()? {
        DataType::Str => Ok(Lowered::one(Concat, DataType::Str)),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn split(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.datatype(0)? != DataType::Str {
        return node.refuse("its input is no text");
    }
    let most = match node.node.int("maxsplit")? {
        Some(most) => usize::try_from(most).ok(),
        None => Some(usize::MAX - 1),
    };
    let Some(most) = most else {
        return node.refuse("its attribute `maxsplit` is negative");
    };
    let delimiter = node
        .node
        .string("delimiter")?
        .unwrap_or_default()
        .to_owned();
    Ok(Lowered {
        op: Box::new(Split { delimiter, most }),
        outputs: vec![DataType::Str, DataType::I64],
    })
}

fn full_match(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.datatype(0)? != DataType::Str {
        return node.refuse("its input is no text");
    }
    let pattern = FullPattern::new(node.node.string("pattern")?.unwrap_or_default())?;
    Ok(Lowered::one(FullMatch(pattern), DataType::Bool))
}

impl Operator for Concat {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (left, right) = (inputs.get(0)?, inputs.get(1)?);
        let broadcast = Broadcast::new([left.shape(), right.shape()])?;
        let (left, right) = (texts(left)?, texts(right)?);
        let (len, [step, other]) = broadcast.run();
        let mut made = StringsBuilder::new();
        let mut joined = String::new();
        broadcast.each(|[from, and]| {
            for place in 0..len {
                joined.clear();
                joined.push_str(left.get(from + place * step)?);
                joined.push_str(right.get(and + place * other)?);
                made.push(&joined);
            }
            Some(())
        })?;
        let shape = Shape::from_slice(broadcast.shape());
        Ok(one(Tensor::new(shape, made.finish())?))
    }
}

impl Split {
    /// The parts of `text`.
    fn parts<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut parts = Vec::new();
        if text.is_empty() {
            return parts;
        }
        if !self.delimiter.is_empty() {
            parts.extend(text.splitn(self.most.saturating_add(1), &self.delimiter));
            return parts;
        }
        let mut rest = text.trim_matches(' ');
        while !rest.is_empty() {
            let end = if parts.len() == self.most {
                rest.len()
            } else {
                rest.find(' ').unwrap_or(rest.len())
            };
            let (part, behind) = rest.split_at(end);
            parts.push(part);
            rest = behind.trim_start_matches(' ');
        }
        parts
    }
}

impl Operator for Split {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let rows: Vec<Vec<&str>> = texts(input)?.iter().map(|text| self.parts(text)).collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut made = Shape::from_slice(input.shape());
        made.push(width);
        shape::count(&made)?;
        let mut laid = StringsBuilder::new();
        let mut counts = Vec::with_capacity(rows.len());
        for row in &rows {
            for part in row {
                laid.push(part);
            }
            for _ in row.len()..width {
                laid.push("");
            }
            counts.push(i64::try_from(row.len()).unwrap_or(i64::MAX));
        }
        let mut outputs = one(Tensor::new(made, laid.finish())?);
        outputs.push(tensor::<i64>(input.shape(), counts)?);
        Ok(outputs)
    }
}

impl Operator for FullMatch {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let texts = texts(input)?.iter();
        let made = texts.map(|text| self.0.matches(text)).collect();
        Ok(one(tensor::<bool>(input.shape(), made)?))
    }
}
