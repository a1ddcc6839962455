//! Values repeated.

use super::super::blocks::blocks;
use super::super::broadcast::{Broadcast, common};
use super::super::{shape, standard};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Expand", 8, expand, ""),
    standard("Tile", 6, tile, ""),
];

/// Spreads a value to a shape.
struct Expand;

/// Lays copies of a value behind one another, so many along each dimension.
struct Tile;

fn expand(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    listed(node)?;
    Ok(Lowered::one(Expand, node.datatype(0)?))
}

fn tile(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    listed(node)?;
    Ok(Lowered::one(Tile, node.datatype(0)?))
}

fn listed(node: &Lowering<'_>) -> Result<(), LowerError> {
    match node.datatype(1)? {
        DataType::I64 => Ok(()),
        other => node.refuse(format!("its sizes are of `{other}`")),
    }
}

impl Operator for Expand {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let wanted = shape::shape(&shape::integers(inputs.get(1)?)?)?;
        Ok(one(spread(input, &wanted)?))
    }
}

/// `tensor` spread to its shape and `wanted`.
fn spread(tensor: &Tensor, wanted: &[usize]) -> Result<Tensor, Fault> {
    let made = common(&[tensor.shape(), wanted])?;
    if made.as_slice() == tensor.shape() {
        return Ok(tensor.clone());
    }
    let count = shape::count(&made)?;
    if count == 0 {
        return Ok(Tensor::new(made, Data::empty(tensor.datatype()))?);
    }
    let broadcast = Broadcast::new([tensor.shape(), &made])?;
    let (len, [step, _]) = broadcast.run();
    let mut starts = Vec::with_capacity(count / len * if step == 0 { len } else { 1 });
    broadcast.each(|[start, _]| {
        if step == 0 {
            starts.extend(std::iter::repeat_n(start, len));
        } else {
            starts.push(start);
        }
        Some(())
    })?;
    let width = if step == 0 { 1 } else { len };
    let data = blocks(tensor.data(), width, starts.into_iter())?;
    Ok(Tensor::new(made, data)?)
}

impl Operator for Tile {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let repeats = shape::integers(inputs.get(1)?)?;
        let sizes = input.shape();
        if repeats.len() != sizes.len() {
            return Err(Fault::refused(format!(
                "found {} numbers of copies, expected {}",
                repeats.len(),
                sizes.len()
            )));
        }
        let repeats: Shape = repeats
            .iter()
            .map(|times| shape::size(*times))
            .collect::<Result<_, _>>()?;
        // Copies along a dimension are a dimension of their own before it, along which a value
        // with a one there is spread.
        let mut made = Shape::new();
        let (mut apart, mut copied) = (Shape::new(), Shape::new());
        for (size, times) in sizes.iter().zip(&repeats) {
            made.push(size.saturating_mul(*times));
            apart.extend([1, *size]);
            copied.extend([*times, *size]);
        }
        if shape::count(&made)? == 0 {
            return Ok(one(Tensor::new(made, Data::empty(input.datatype()))?));
        }
        let copies = spread(&input.clone().reshape(apart)?, &copied)?;
        Ok(one(copies.reshape(made)?))
    }
}
