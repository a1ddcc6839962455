//! Ranges of dimensions, forwards and backwards.

use super::super::blocks::blocks;
use super::super::shape::{self, Numbers};
use super::super::standard;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, Shape, Tensor};
use smallvec::SmallVec;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("Slice", 1, slice, "")];

/// Takes ranges: from the starts to before the ends of these axes, all from the first on where
/// none are listed.
struct Slice {
    starts: Numbers,
    ends: Numbers,
    axes: Numbers,
    steps: Numbers,
}

fn slice(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let numbers = |name, place| Numbers::of(node, name, place, 10);
    let slice = Slice {
        starts: numbers("starts", 1)?,
        ends: numbers("ends", 2)?,
        axes: numbers("axes", 3)?,
        steps: if node.opset < 10 {
            Numbers::Absent
        } else {
            Numbers::input(node, 4)?
        },
    };
    Ok(Lowered::one(slice, node.datatype(0)?))
}

/// What is taken of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    start: usize,
    step: i64,
    len: usize,
}

impl Range {
    /// From `start` to before `end` of `size` places, each `step` from the last; negative numbers
    /// count from the end, what lies outside is cut off. `None` for a step of zero.
    fn of(size: usize, start: i64, end: i64, step: i64) -> Option<Self> {
        let size = i64::try_from(size).ok()?;
        let from_end = |place: i64| {
            if place < 0 {
                place.saturating_add(size)
            } else {
                place
            }
        };
        let (start, end) = (from_end(start), from_end(end));
        let (start, end) = if step > 0 {
            (start.clamp(0, size), end.clamp(0, size))
        } else {
            (start.min(size - 1).max(0), end.clamp(-1, size - 1))
        };
        let (distance, step_size) = match step {
            0 => return None,
            1.. => (end.saturating_sub(start), step.unsigned_abs()),
            _ => (start.saturating_sub(end), step.unsigned_abs()),
        };
        let len = u64::try_from(distance).unwrap_or(0).div_ceil(step_size);
        Some(Self {
            start: usize::try_from(start).unwrap_or(0),
            step,
            len: if size == 0 {
                0
            } else {
                usize::try_from(len).ok()?
            },
        })
    }

    /// The places in order.
    fn places(self) -> impl Iterator<Item = usize> + Clone {
        let step = self.step;
        (0..self.len).map(move |nth| {
            let moved = isize::try_from(step)
                .unwrap_or(0)
                .saturating_mul(nth.cast_signed());
            self.start.saturating_add_signed(moved)
        })
    }
}

impl Slice {
    /// What is taken of each dimension.
    fn ranges(&self, inputs: Inputs<'_>, sizes: &[usize]) -> Result<SmallVec<[Range; 4]>, Fault> {
        let missing = || Fault::failed("a range has no start or no end");
        let starts = self.starts.get(inputs)?.ok_or_else(missing)?;
        let ends = self.ends.get(inputs)?.ok_or_else(missing)?;
        let axes = match self.axes.get(inputs)? {
            Some(axes) => shape::axes(&axes, sizes.len())?,
            None => (0..starts.len()).collect(),
        };
        let steps = self.steps.get(inputs)?;
        let steps = steps.unwrap_or_else(|| vec![1; starts.len()].into());
        let unlike = [ends.len(), axes.len(), steps.len()] != [starts.len(); 3];
        let twice = (1..axes.len()).any(|place| axes[..place].contains(&axes[place]));
        if unlike || twice {
            return Err(Fault::refused("ranges and axes do not go together"));
        }
        let whole = |size: &usize| Range {
            start: 0,
            step: 1,
            len: *size,
        };
        let mut ranges: SmallVec<[Range; 4]> = sizes.iter().map(whole).collect();
        let listed = starts
            .iter()
            .zip(ends.iter())
            .zip(axes.iter().zip(steps.iter()));
        for ((start, end), (axis, step)) in listed {
            let (Some(range), Some(size)) = (ranges.get_mut(*axis), sizes.get(*axis)) else {
                return Err(Fault::refused("there are more ranges than dimensions"));
            };
            *range = Range::of(*size, *start, *end, *step)
                .ok_or_else(|| Fault::refused("a range has no step"))?;
        }
        Ok(ranges)
    }
}

impl Operator for Slice {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let sizes = input.shape();
        let ranges = self.ranges(inputs, sizes)?;
        let made: Shape = ranges.iter().map(|range| range.len).collect();
        if shape::count(&made)? == 0 {
            return Ok(one(Tensor::new(made, Data::empty(input.datatype()))?));
        }
        // The last dimensions that are taken whole, and the range before them, are one block.
        let mut width = 1;
        let mut cut = ranges.len();
        while let Some(range) = cut.checked_sub(1).and_then(|place| ranges.get(place)) {
            if range.step != 1 {
                break;
            }
            width *= range.len;
            cut -= 1;
            if sizes.get(cut) != Some(&range.len) {
                break;
            }
        }
        let steps = shape::strides(sizes);
        let begin: usize = ranges
            .iter()
            .zip(&steps)
            .skip(cut)
            .map(|(range, step)| range.start * step)
            .sum();
        let mut starts = vec![begin];
        for (range, step) in ranges.iter().zip(&steps).take(cut) {
            let places = range.places();
            starts = starts
                .iter()
                .flat_map(|start| places.clone().map(move |place| start + place * step))
                .collect();
        }
        let data = match *starts.as_slice() {
            [start] if start + width <= input.data().len() => {
                input.data().slice(start..start + width)
            }
            _ => blocks(input.data(), width, starts.into_iter())?,
        };
        Ok(one(Tensor::new(made, data)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_off_at_the_ends() {
        let places = |size, start, end, step| -> Vec<usize> {
            let range = Range::of(size, start, end, step).expect("a step");
            range.places().collect()
        };
        assert_eq!(places(5, 1, 4, 2), [1, 3]);
        assert_eq!(places(5, -2, i64::MAX, 1), [3, 4]);
        assert_eq!(places(5, i64::MAX, i64::MIN, -2), [4, 2, 0]);
        assert_eq!(places(5, 3, 1, -1), [3, 2]);
        assert!(places(5, 3, 1, 1).is_empty());
        assert!(places(0, -1, i64::MIN, -1).is_empty());
        assert_eq!(places(5, 0, 5, i64::MAX), [0]);
        assert_eq!(places(5, 4, i64::MIN, i64::MIN), [4]);
        assert_eq!(Range::of(5, 0, 5, 0), None);
    }
}
