//! Other shapes for the same elements.

use super::super::shape::{self, Numbers};
use super::super::standard;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Reshape", 1, reshape, ""),
    standard("Flatten", 1, flatten, ""),
    standard("Squeeze", 1, squeeze, ""),
    standard("Unsqueeze", 1, unsqueeze, ""),
];

/// Gives a value the sizes of a list.
struct Reshape {
    sizes: Numbers,
    /// Whether a zero in the list is a size, and not that of the value at its place.
    zero: bool,
}

/// Makes a matrix: what is before the axis times what is from it on.
struct Flatten {
    axis: i64,
}

/// Drops dimensions of one; all of them, where none are listed.
struct Squeeze {
    axes: Numbers,
}

/// Adds dimensions of one, at these places of the result.
struct Unsqueeze {
    axes: Numbers,
}

fn reshape(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let reshape = Reshape {
        sizes: Numbers::of(node, "shape", 1, 5)?,
        zero: node.int("allowzero", 0)? != 0,
    };
    Ok(Lowered::one(reshape, node.datatype(0)?))
}

fn flatten(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let axis = node.int("axis", 1)?;
    Ok(Lowered::one(Flatten { axis }, node.datatype(0)?))
}

fn squeeze(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let axes = Numbers::of(node, "axes", 1, 13)?;
    Ok(Lowered::one(Squeeze { axes }, node.datatype(0)?))
}

fn unsqueeze(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let axes = Numbers::of(node, "axes", 1, 13)?;
    Ok(Lowered::one(Unsqueeze { axes }, node.datatype(0)?))
}

/// The elements of `tensor` in `shape`.
fn reshaped(tensor: &Tensor, shape: Shape) -> Result<Outputs, Fault> {
    let count = tensor.data().len();
    if flowgate_core::element_count(&shape) != Some(count) {
        return Err(Fault::refused(format!(
            "a value of {count} elements cannot be of shape {:?}",
            shape.as_slice()
        )));
    }
    Ok(one(tensor.clone().reshape(shape)?))
}

impl Operator for Reshape {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let sizes = self.sizes.get(inputs)?;
        let sizes = sizes.ok_or_else(|| Fault::failed("there is no shape"))?;
        let mut shape = Shape::with_capacity(sizes.len().min(8));
        let mut open = None;
        for (place, size) in sizes.iter().enumerate() {
            let size = match *size {
                0 if !self.zero => *input.shape().get(place).ok_or_else(|| {
                    Fault::refused("a size is that of a dimension which is not there")
                })?,
                -1 if open.is_none() => {
                    open = Some(place);
                    1
                }
                size => shape::size(size)?,
            };
            shape.push(size);
        }
        if let Some(place) = open {
            let known = flowgate_core::element_count(&shape).unwrap_or(usize::MAX);
            if let Some(size) = shape.get_mut(place) {
                *size = input.data().len().checked_div(known).unwrap_or(0);
            }
        }
        reshaped(input, shape)
    }
}

impl Operator for Flatten {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let rank = input.shape().len();
        let axis = match usize::try_from(self.axis) {
            Ok(axis) if axis == rank => rank,
            _ => shape::axis(self.axis, rank)?,
        };
        let product = |sizes: Option<&[usize]>| {
            flowgate_core::element_count(sizes.unwrap_or_default())
                .ok_or_else(|| Fault::refused("a size is too large"))
        };
        let rows = product(input.shape().get(..axis))?;
        let columns = product(input.shape().get(axis..))?;
        reshaped(input, Shape::from_slice(&[rows, columns]))
    }
}

impl Operator for Squeeze {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let sizes = input.shape();
        let listed = match self.axes.get(inputs)? {
            Some(axes) => Some(shape::axes(&axes, sizes.len())?),
            None => None,
        };
        let mut shape = Shape::new();
        for (place, size) in sizes.iter().enumerate() {
            let dropped = match &listed {
                Some(axes) => axes.contains(&place),
                None => *size == 1,
            };
            if !dropped {
                shape.push(*size);
            } else if *size != 1 {
                return Err(Fault::refused(format!(
                    "a dimension of {size} cannot be dropped"
                )));
            }
        }
        reshaped(input, shape)
    }
}

impl Operator for Unsqueeze {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let axes = self.axes.get(inputs)?;
        let axes = axes.ok_or_else(|| Fault::failed("there are no axes"))?;
        let rank = input.shape().len() + axes.len();
        let axes = shape::axes(&axes, rank)?;
        let mut sizes = input.shape().iter();
        let mut shape = Shape::new();
        for place in 0..rank {
            if axes.contains(&place) {
                shape.push(1);
            } else {
                // Where an axis is listed twice, sizes are left over.
                shape.extend(sizes.next().copied());
            }
        }
        if shape.len() != rank {
            return Err(Fault::refused("a dimension is added twice"));
        }
        reshaped(input, shape)
    }
}
