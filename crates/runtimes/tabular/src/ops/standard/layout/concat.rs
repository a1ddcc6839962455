//! Values side by side.

use super::super::blocks::each_type;
use super::super::{shape, standard};
use crate::data::elements;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, Shape, StringsBuilder, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("Concat", 4, concat, "")];

/// Joins values along an axis.
struct Concat {
    axis: i64,
}

fn concat(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let Some(axis) = node.node.int("axis")? else {
        return node.refuse("its attribute `axis` is missing");
    };
    Ok(Lowered::one(Concat { axis }, node.same_type()?))
}

impl Operator for Concat {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let first = inputs.get(0)?;
        let axis = shape::axis(self.axis, first.shape().len())?;
        Ok(one(join(&inputs.iter().collect::<Vec<_>>(), axis)?))
    }
}

/// `parts`, of which there is one at least, joined along `axis`, which the first of them has.
///
/// # Errors
/// [`Fault::Refused`] when they differ in another dimension, or the result is too large.
pub(in super::super) fn join(parts: &[&Tensor], axis: usize) -> Result<Tensor, Fault> {
    let first = parts
        .first()
        .ok_or_else(|| Fault::failed("nothing is joined"))?;
    let mut joined = Shape::from_slice(first.shape());
    for part in parts.iter().skip(1) {
        let mut unlike = joined.len() != part.shape().len();
        for (place, (size, other)) in joined.iter_mut().zip(part.shape()).enumerate() {
            if place == axis {
                *size = size.saturating_add(*other);
            } else {
                unlike |= size != other;
            }
        }
        if unlike {
            return Err(Fault::refused(format!(
                "values of shapes {:?} and {:?} cannot be joined",
                first.shape(),
                part.shape()
            )));
        }
    }
    if shape::count(&joined)? == 0 {
        return Ok(Tensor::new(joined, Data::empty(first.datatype()))?);
    }
    let (outer, ..) = shape::around(&joined, axis);
    let data = if outer == 1 {
        let parts: Vec<&Data> = parts.iter().map(|part| part.data()).collect();
        Data::concat(&parts).ok_or_else(|| Fault::failed("values of unlike types are joined"))?
    } else {
        side_by_side(parts, outer)?
    };
    Ok(Tensor::new(joined, data)?)
}

/// The first part of `outer` of each, then the second of each, and so on.
fn side_by_side(parts: &[&Tensor], outer: usize) -> Result<Data, Fault> {
    let missing = || Fault::failed("a value is shorter than its shape");
    let Some(first) = parts.first() else {
        return Err(missing());
    };
    let widths: Vec<usize> = parts.iter().map(|part| part.data().len() / outer).collect();
    let count = outer.saturating_mul(widths.iter().sum());
    Ok(each_type!(
        first.data(),
        _first => numbers(parts, &widths, (outer, count), _first)?,
        texts _first => {
            let mut made = StringsBuilder::new();
            for row in 0..outer {
                for (part, width) in parts.iter().zip(&widths) {
                    let texts = super::super::cast::texts(part)?;
                    for place in row * width..(row + 1) * width {
                        made.push(texts.get(place).ok_or_else(missing)?);
                    }
                }
            }
            made.finish()
        }
    ))
}

fn numbers<T: crate::data::Element>(
    parts: &[&Tensor],
    widths: &[usize],
    (outer, count): (usize, usize),
    _like: &[T],
) -> Result<Vec<T>, Fault> {
    let slices: Vec<&[T]> = parts
        .iter()
        .map(|part| elements(part))
        .collect::<Result<_, _>>()?;
    let mut made = Vec::with_capacity(count);
    if widths.iter().all(|width| *width == 1) {
        for row in 0..outer {
            made.extend(slices.iter().filter_map(|slice| slice.get(row).copied()));
        }
        return Ok(made);
    }
    let mut rests = slices;
    for _ in 0..outer {
        for (rest, width) in rests.iter_mut().zip(widths) {
            if let Some((row, others)) = rest.split_at_checked(*width) {
                made.extend_from_slice(row);
                *rest = others;
            }
        }
    }
    Ok(made)
}
