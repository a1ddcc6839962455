//! Scans of version 8: one for each entry of the first dimension, of lengths of their own.

use super::super::blocks::zeros;
use super::super::layout::concat::join;
use super::super::shape;
use super::scan::{Scan, row, slice};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::{Shape, Tensor};
use flowgate_onnx::AI_ONNX;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[Entry {
    domain: AI_ONNX,
    op_type: "Scan",
    versions: (8, 8),
    lower: batches,
    limits: "bodies that read what is made outside of them",
}];

/// A scan of each entry.
struct Batches {
    scan: Scan,
    states: usize,
}

fn batches(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let (scan, types) = Scan::of(node, 1, ("directions", ""))?;
    let states = scan.states();
    Ok(Lowered {
        op: Box::new(Batches { scan, states }),
        outputs: types,
    })
}

impl Operator for Batches {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        let values: Vec<&Tensor> = inputs.0.iter().skip(1).copied().flatten().collect();
        let entries = values.first().and_then(|value| value.rows()).unwrap_or(0);
        if entries == 0 || values.iter().any(|value| value.rows() != Some(entries)) {
            return Err(Fault::refused(
                "values are scanned together that are of unlike number",
            ));
        }
        for value in &values {
            shape::worthwhile(entries, value.data().len())?;
        }
        let longest = values
            .last()
            .and_then(|value| value.shape().get(1))
            .copied();
        let longest = longest.ok_or_else(|| Fault::refused("a value has no length"))?;
        let lengths = match inputs.optional(0) {
            Some(lengths) => shape::integers(lengths)?,
            None => vec![i64::try_from(longest).unwrap_or(i64::MAX); entries],
        };
        if lengths.len() != entries {
            return Err(Fault::refused(format!(
                "found {} lengths, expected {entries}",
                lengths.len()
            )));
        }
        let mut made: Vec<Vec<Tensor>> = Vec::new();
        for (nth, length) in lengths.into_iter().enumerate() {
            let length = shape::size(length)?;
            let taken = values.iter().enumerate().map(|(place, value)| {
                let entry = slice(value, nth)?;
                if place < self.states {
                    return Ok(entry);
                }
                let part = entry.slice_rows(0, length);
                part.ok_or_else(|| Fault::refused("a length is more than there is"))
            });
            let taken: Vec<Tensor> = taken.collect::<Result<_, _>>()?;
            let given = self.scan.scan(taken, context)?;
            made.resize(given.len(), Vec::new());
            for (place, (made, given)) in made.iter_mut().zip(given).enumerate() {
                let given = if place < self.states {
                    given
                } else {
                    filled(given, longest)?
                };
                made.push(row(given)?);
            }
        }
        let joined = made
            .iter()
            .map(|entries| join(&entries.iter().collect::<Vec<_>>(), 0));
        joined.collect()
    }
}

/// `tensor` with zeros behind it up to `rows` rows.
fn filled(tensor: Tensor, rows: usize) -> Result<Tensor, Fault> {
    let missing = rows.saturating_sub(tensor.rows().unwrap_or(0));
    if missing == 0 {
        return Ok(tensor);
    }
    let mut shape = Shape::from_slice(tensor.shape());
    if let Some(size) = shape.first_mut() {
        *size = missing;
    }
    join(&[&tensor, &zeros(tensor.datatype(), shape)?], 0)
}
