//! Values of unlike shape side by side: NumPy's rules, which ONNX has from version 7 on.
//!
//! Dimensions that all operands walk through alike are merged, so that equal shapes, scalars, rows
//! and columns all end up as few long runs.

use super::shape::{count, strides};
use crate::op::Fault;
use flowgate_core::Shape;
use smallvec::SmallVec;

/// The common shape of `N` operands and how each is walked through.
#[derive(Debug)]
pub(super) struct Broadcast<const N: usize> {
    shape: Shape,
    count: usize,
    /// The merged dimensions but the innermost, outermost first.
    outer: SmallVec<[Level<N>; 4]>,
    inner: Level<N>,
}

#[derive(Debug, Clone, Copy)]
struct Level<const N: usize> {
    size: usize,
    /// How far each operand moves from one place to the next; 0 where it stands still.
    steps: [usize; N],
}

impl<const N: usize> Broadcast<N> {
    /// How operands of `shapes` meet.
    ///
    /// # Errors
    /// [`Fault::Refused`] when sizes differ and neither is one, or the result is too large.
    pub(super) fn new(shapes: [&[usize]; N]) -> Result<Self, Fault> {
        let shape = common(&shapes)?;
        let count = count(&shape)?;
        let mut levels: SmallVec<[Level<N>; 4]> = SmallVec::new();
        let steps = shapes.map(strides);
        for (place, size) in shape.iter().enumerate() {
            // An empty value has no runs.
            if *size == 1 || count == 0 {
                continue;
            }
            let mut level = Level {
                size: *size,
                steps: [0; N],
            };
            for ((step, operand), strides) in level.steps.iter_mut().zip(shapes).zip(&steps) {
                let missing = shape.len() - operand.len();
                if let Some(own) = place.checked_sub(missing)
                    && operand.get(own) != Some(&1)
                {
                    *step = strides.get(own).copied().unwrap_or(0);
                }
            }
            match levels.last_mut() {
                Some(last) if last.continues_with(&level) => {
                    last.size *= level.size;
                    last.steps = level.steps;
                }
                _ => levels.push(level),
            }
        }
        let inner = levels.pop().unwrap_or(Level {
            size: 1,
            steps: [0; N],
        });
        Ok(Self {
            shape,
            count,
            outer: levels,
            inner,
        })
    }

    /// The common shape.
    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements of the common shape.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many places a run has, and how far each operand moves in it from one to the next: 1,
    /// or 0 where it stands still.
    pub(super) fn run(&self) -> (usize, [usize; N]) {
        (self.inner.size, self.inner.steps)
    }

    /// Calls `run` with where each operand begins, run by run in order. It stops when `run` gives
    /// `None`.
    ///
    /// # Errors
    /// [`Fault::Failed`] when `run` gave `None`: an operand has fewer elements than its shape.
    pub(super) fn each(&self, mut run: impl FnMut([usize; N]) -> Option<()>) -> Result<(), Fault> {
        let mut places = SmallVec::from_elem(0, self.outer.len());
        let mut next = (self.count > 0).then_some([0; N]);
        while let Some(starts) = next {
            if run(starts).is_none() {
                return Err(Fault::failed("an operand is shorter than its shape"));
            }
            next = self.next(&mut places, starts);
        }
        Ok(())
    }

    /// Where the operands begin in the run after that at `places`, in which they begin at
    /// `starts`.
    #[inline(never)]
    fn next(
        &self,
        places: &mut SmallVec<[usize; 4]>,
        mut starts: [usize; N],
    ) -> Option<[usize; N]> {
        for (place, level) in places.iter_mut().zip(&self.outer).rev() {
            *place += 1;
            if *place < level.size {
                for (start, step) in starts.iter_mut().zip(level.steps) {
                    *start += step;
                }
                return Some(starts);
            }
            *place = 0;
            for (start, step) in starts.iter_mut().zip(level.steps) {
                *start -= step * (level.size - 1);
            }
        }
        None
    }
}

impl<const N: usize> Level<N> {
    /// Whether all operands walk through `inner`, the next dimension, without a jump between its
    /// end and their next place here.
    fn continues_with(&self, inner: &Self) -> bool {
        let mut pairs = self.steps.iter().zip(inner.steps);
        pairs.all(|(step, within)| *step == within * inner.size)
    }
}

impl Broadcast<2> {
    /// `function` of the elements of both operands, place by place.
    ///
    /// # Errors
    /// As [`Broadcast::each`].
    pub(super) fn zip<A: Copy, B: Copy, T>(
        &self,
        left: &[A],
        right: &[B],
        function: impl Fn(A, B) -> T,
    ) -> Result<Vec<T>, Fault> {
        let mut made = Vec::with_capacity(self.count);
        let (len, steps) = self.run();
        self.each(|[from_left, from_right]| {
            // Where both stand still there is one place, and no step.
            match steps {
                [0, 1] => {
                    let (one, many) = (*left.get(from_left)?, right.get(from_right..)?.get(..len)?);
                    made.extend(many.iter().map(|two| function(one, *two)));
                }
                [1, 0] => {
                    let (many, two) = (left.get(from_left..)?.get(..len)?, *right.get(from_right)?);
                    made.extend(many.iter().map(|one| function(*one, two)));
                }
                _ => {
                    let pairs = left.get(from_left..)?.get(..len)?.iter();
                    let pairs = pairs.zip(right.get(from_right..)?.get(..len)?);
                    made.extend(pairs.map(|(one, two)| function(*one, *two)));
                }
            }
            Some(())
        })?;
        Ok(made)
    }
}

/// The shape that all of `shapes` can be spread to.
///
/// # Errors
/// [`Fault::Refused`] when sizes differ and neither is one.
pub(super) fn common(shapes: &[&[usize]]) -> Result<Shape, Fault> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut common = Shape::from_elem(1, rank);
    for shape in shapes {
        let missing = rank - shape.len();
        for (size, other) in common.iter_mut().skip(missing).zip(*shape) {
            if *size == 1 {
                *size = *other;
            } else if *other != 1 && size != other {
                return Err(Fault::refused(format!(
                    "sizes {size} and {other} do not go together"
                )));
            }
        }
    }
    Ok(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(left: (&[usize], &[i64]), right: (&[usize], &[i64])) -> (Vec<usize>, Vec<i64>) {
        let broadcast = Broadcast::new([left.0, right.0]).expect("they go together");
        let made = broadcast.zip(left.1, right.1, |one, two| 10 * one + two);
        (broadcast.shape().to_vec(), made.expect("enough elements"))
    }

    #[test]
    fn equal_shapes_and_scalars_are_one_run() {
        for shapes in [
            [[2, 3].as_slice(), &[2, 3]],
            [&[2, 3], &[1]],
            [&[], &[2, 3]],
        ] {
            let broadcast = Broadcast::new(shapes).expect("they go together");
            assert_eq!(broadcast.run().0, 6, "{shapes:?}");
        }
    }

    #[test]
    fn rows_columns_and_what_lies_between_meet() {
        let row = sums((&[2, 2], &[1, 2, 3, 4]), (&[2], &[5, 6]));
        assert_eq!(row, (vec![2, 2], vec![15, 26, 35, 46]));
        let column = sums((&[2, 1], &[1, 2]), (&[1, 3], &[3, 4, 5]));
        assert_eq!(column, (vec![2, 3], vec![13, 14, 15, 23, 24, 25]));
        let middle = sums((&[2, 1, 2], &[1, 2, 3, 4]), (&[2, 1], &[5, 6]));
        assert_eq!(
            middle,
            (vec![2, 2, 2], vec![15, 25, 16, 26, 35, 45, 36, 46])
        );
    }

    #[test]
    fn nothing_meets_nothing_but_not_two_and_three() {
        assert_eq!(
            sums((&[0, 2], &[]), (&[1, 2], &[5, 6])),
            (vec![0, 2], vec![])
        );
        assert_eq!(sums((&[0], &[]), (&[1], &[5])), (vec![0], vec![]));
        assert!(Broadcast::new([&[2], &[3]]).is_err());
        assert!(Broadcast::new([&[0], &[2]]).is_err());
        assert!(Broadcast::new([&[1 << 20, 1], &[1, 1 << 20]]).is_err());
    }
}
