//! Parts of a value along an axis.

use super::super::blocks::blocks;
use super::super::shape::{self, Numbers};
use super::super::standard;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::{Data, Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("Split", 2, split, "")];

/// Cuts a value into so many parts.
struct Split {
    axis: i64,
    sizes: Numbers,
    parts: usize,
    /// Whether all parts but the last must be of one size, and the last may be smaller.
    uneven: bool,
}

fn split(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.datatype(0)?;
    let parts = node.node.outputs().len();
    let split = Split {
        axis: node.int("axis", 0)?,
        sizes: Numbers::of(node, "split", 1, 13)?,
        parts,
        uneven: node.opset >= 18,
    };
    let wanted = node.int("num_outputs", 0)?;
    if wanted != 0 && usize::try_from(wanted) != Ok(parts) {
        return node.refuse(format!(
            "it makes {wanted} parts of which {parts} are named"
        ));
    }
    Ok(Lowered {
        op: Box::new(split),
        outputs: vec![datatype; parts],
    })
}

impl Split {
    /// The sizes of the parts of `size`.
    fn sizes(&self, inputs: Inputs<'_>, size: usize) -> Result<Vec<usize>, Fault> {
        let parts = self.parts;
        if let Some(sizes) = self.sizes.get(inputs)? {
            let sizes: Vec<usize> = sizes
                .iter()
                .map(|size| shape::size(*size))
                .collect::<Result<_, _>>()?;
            let whole = sizes
                .iter()
                .try_fold(0_usize, |sum, size| sum.checked_add(*size));
            if whole == Some(size) && sizes.len() == parts {
                return Ok(sizes);
            }
        } else if self.uneven {
            let each = size.div_ceil(parts.max(1));
            if let Some(last) = size.checked_sub(each * parts.saturating_sub(1)) {
                let mut sizes = vec![each; parts];
                if let Some(size) = sizes.last_mut() {
                    *size = last;
                }
                return Ok(sizes);
            }
        } else if parts > 0 && size.is_multiple_of(parts) {
            return Ok(vec![size / parts; parts]);
        }
        Err(Fault::refused(format!(
            "a dimension of {size} is not cut into the {parts} parts that are asked for"
        )))
    }
}

impl Operator for Split {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let axis = shape::axis(self.axis, input.shape().len())?;
        let (outer, size, inner) = shape::around(input.shape(), axis);
        let mut from = 0;
        let part = |part: usize| {
            let mut made = Shape::from_slice(input.shape());
            if let Some(size) = made.get_mut(axis) {
                *size = part;
            }
            let start = from;
            from += part;
            let data = if shape::count(&made)? == 0 {
                Data::empty(input.datatype())
            } else if outer == 1 {
                input.data().slice(start * inner..from * inner)
            } else {
                let starts = (0..outer).map(|row| (row * size + start) * inner);
                blocks(input.data(), part * inner, starts)?
            };
            Ok(Tensor::new(made, data)?)
        };
        self.sizes(inputs, size)?.into_iter().map(part).collect()
    }
}
