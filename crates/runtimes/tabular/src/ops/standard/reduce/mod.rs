//! Operators that make one element of many along axes.

pub(super) mod arg;
pub(super) mod cumsum;
pub(super) mod extreme;
mod levels;
pub(super) mod sum;
mod sums;
pub(super) mod topk;

use super::shape::{self, Axes, Numbers};
use crate::onnx::{LowerError, Lowering};
use crate::op::{Fault, Inputs};
use flowgate_core::Shape;
use levels::Levels;
pub(super) use sums::Lanes;

/// Along which axes is reduced, and what becomes of them.
struct Along {
    axes: Numbers,
    /// Whether the axes stay, with a size of one.
    keep: bool,
    /// Whether no axes means that nothing is reduced; else it means all.
    none: bool,
}

impl Along {
    /// As `node` says: its axes are an attribute before the version `since`.
    fn of(node: &Lowering<'_>, since: i64) -> Result<Self, LowerError> {
        Ok(Self {
            axes: Numbers::of(node, "axes", 1, since)?,
            keep: node.int("keepdims", 1)? != 0,
            none: node.int("noop_with_empty_axes", 0)? != 0,
        })
    }

    /// How a value of `sizes` is walked through, and the shape of what becomes of it.
    fn levels(&self, inputs: Inputs<'_>, sizes: &[usize]) -> Result<(Levels, Shape), Fault> {
        let axes: Axes = match self.axes.get(inputs)? {
            Some(axes) if !axes.is_empty() => shape::axes(&axes, sizes.len())?,
            _ if self.none => Axes::new(),
            _ => (0..sizes.len()).collect(),
        };
        let mut made = Shape::new();
        for (place, size) in sizes.iter().enumerate() {
            match (axes.contains(&place), self.keep) {
                (true, true) => made.push(1),
                (true, false) => {}
                (false, _) => made.push(*size),
            }
        }
        shape::count(&made)?;
        Ok((Levels::new(sizes, &axes), made))
    }
}
