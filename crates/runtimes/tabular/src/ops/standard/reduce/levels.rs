//! The dimensions of a value by what becomes of them, in the order of its elements.

use crate::op::Fault;
use smallvec::SmallVec;

/// Dimensions in runs of those that are kept and those that are reduced.
pub(super) struct Levels {
    levels: SmallVec<[(usize, bool); 4]>,
    /// How many elements are made.
    count: usize,
}

impl Levels {
    /// Those of a value of `sizes`, of which `axes` are reduced.
    pub(super) fn new(sizes: &[usize], axes: &[usize]) -> Self {
        let mut levels: SmallVec<[(usize, bool); 4]> = SmallVec::new();
        for (place, size) in sizes.iter().enumerate() {
            let reduced = axes.contains(&place);
            match levels.last_mut() {
                Some(last) if last.1 == reduced => last.0 = last.0.saturating_mul(*size),
                _ => levels.push((*size, reduced)),
            }
        }
        let kept = levels.iter().filter(|(_, reduced)| !reduced);
        let count = kept.fold(1_usize, |count, (size, _)| count.saturating_mul(*size));
        Self { levels, count }
    }

    /// The sizes, each with whether it is reduced: no two neighbours are alike.
    pub(super) fn as_slice(&self) -> &[(usize, bool)] {
        &self.levels
    }

    /// How many elements each of them is made of.
    pub(super) fn each(&self) -> usize {
        let reduced = self.levels.iter().filter(|(_, reduced)| *reduced);
        reduced.fold(1, |count, (size, _)| count.saturating_mul(*size))
    }

    /// Folds `elements` into one value for each that is made, `first` to begin with, all in the
    /// order in which they lie.
    ///
    /// # Errors
    /// [`Fault::Failed`] when there are fewer elements than the sizes say.
    pub(super) fn fold<T: Copy, A: Copy>(
        &self,
        elements: &[T],
        first: A,
        function: impl Fn(A, T) -> A,
    ) -> Result<Vec<A>, Fault> {
        let mut made = vec![first; self.count];
        let (outer, len, reduced) = self.runs();
        if len == 0 {
            return Ok(made);
        }
        let mut walk = Walk::new(outer, if reduced { 1 } else { len });
        for run in elements.chunks_exact(len) {
            let place = walk.next();
            if reduced {
                let made = made.get_mut(place).ok_or_else(missing)?;
                *made = run
                    .iter()
                    .fold(*made, |value, element| function(value, *element));
            } else {
                let made = made.get_mut(place..).and_then(|made| made.get_mut(..len));
                for (made, element) in made.ok_or_else(missing)?.iter_mut().zip(run) {
                    *made = function(*made, *element);
                }
            }
        }
        Ok(made)
    }

    /// `function` of every one of `elements` and of that of `made` which it belongs to.
    ///
    /// # Errors
    /// [`Fault::Failed`] when there are fewer elements than the sizes say.
    pub(super) fn spread<T: Copy, A: Copy, B>(
        &self,
        elements: &[T],
        made: &[A],
        function: impl Fn(T, A) -> B,
    ) -> Result<Vec<B>, Fault> {
        let mut spread = Vec::with_capacity(elements.len());
        let (outer, len, reduced) = self.runs();
        if len == 0 {
            return Ok(spread);
        }
        let mut walk = Walk::new(outer, if reduced { 1 } else { len });
        for run in elements.chunks_exact(len) {
            let place = walk.next();
            if reduced {
                let value = *made.get(place).ok_or_else(missing)?;
                spread.extend(run.iter().map(|element| function(*element, value)));
            } else {
                let values = made.get(place..).and_then(|made| made.get(..len));
                let pairs = run.iter().zip(values.ok_or_else(missing)?);
                spread.extend(pairs.map(|(element, value)| function(*element, *value)));
            }
        }
        Ok(spread)
    }

    /// All dimensions but the last, the size of the last, and whether it is reduced.
    fn runs(&self) -> (&[(usize, bool)], usize, bool) {
        match self.levels.split_last() {
            Some(((len, reduced), outer)) => (outer, *len, *reduced),
            None => (&[], 1, true),
        }
    }
}

fn missing() -> Fault {
    Fault::failed("a value is shorter than its shape")
}

/// Where what is made of a run lies, run by run.
struct Walk<'a> {
    levels: &'a [(usize, bool)],
    at: SmallVec<[usize; 4]>,
    /// How far apart neighbours lie in what is made; 0 along what is reduced.
    steps: SmallVec<[usize; 4]>,
    place: usize,
}

impl<'a> Walk<'a> {
    fn new(levels: &'a [(usize, bool)], inner: usize) -> Self {
        let mut steps: SmallVec<[usize; 4]> = SmallVec::from_elem(0, levels.len());
        let mut apart = inner;
        for (step, (size, reduced)) in steps.iter_mut().zip(levels).rev() {
            if !reduced {
                *step = apart;
                apart = apart.saturating_mul(*size);
            }
        }
        Self {
            levels,
            at: SmallVec::from_elem(0, levels.len()),
            steps,
            place: 0,
        }
    }

    fn next(&mut self) -> usize {
        let place = self.place;
        let levels = self.levels.iter().zip(&self.steps);
        for (at, ((size, _), step)) in self.at.iter_mut().zip(levels).rev() {
            *at += 1;
            if *at < *size {
                self.place += step;
                break;
            }
            *at = 0;
            self.place -= step * (size - 1);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_folded_in_their_order() {
        let elements: Vec<i64> = (0..12).collect();
        let digits = |sizes: &[usize], axes: &[usize]| {
            let levels = Levels::new(sizes, axes);
            levels
                .fold(&elements, 0_i64, |value, element| value * 13 + element)
                .expect("as many elements as the sizes say")
        };
        let of = |places: &[i64]| places.iter().fold(0_i64, |value, place| value * 13 + place);
        assert_eq!(
            digits(&[3, 4], &[0]),
            (0..4).map(|k| of(&[k, k + 4, k + 8])).collect::<Vec<_>>()
        );
        assert_eq!(
            digits(&[3, 4], &[1]),
            [of(&[0, 1, 2, 3]), of(&[4, 5, 6, 7]), of(&[8, 9, 10, 11])]
        );
        assert_eq!(
            digits(&[2, 3, 2], &[0, 2]),
            [of(&[0, 1, 6, 7]), of(&[2, 3, 8, 9]), of(&[4, 5, 10, 11])]
        );
        assert_eq!(
            digits(&[2, 3, 2], &[1]),
            [
                of(&[0, 2, 4]),
                of(&[1, 3, 5]),
                of(&[6, 8, 10]),
                of(&[7, 9, 11])
            ]
        );
        assert_eq!(digits(&[12], &[]), elements);
    }

    #[test]
    fn nothing_is_folded_to_what_it_begins_with() {
        let levels = Levels::new(&[2, 0, 3], &[1]);
        let made = levels.fold(&[] as &[f32], 7.0, |value, _| value);
        assert_eq!(made, Ok(vec![7.0; 6]));
    }
}
