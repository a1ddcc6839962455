//! Two classes, which files describe in more than one way.
//!
//! Where all weights are for one class, its score tells both: a probability where no weight is
//! below zero, else the distance from a border. Where weights are for both, ONNX Runtime 1.32
//! gives the integers 0 and 1, whatever the labels are, and looks only at the second score.

use super::super::labels::Classes;
use super::super::scores::{Other, Real, Transform};
use super::scorer::Scorer;
use flowgate_onnx::trees::Forest;

/// The rule for two classes.
pub(super) struct Two {
    /// None, one, or one a class.
    base: Vec<f64>,
    /// Whether all weights are for one class.
    of_one: bool,
    /// Whether no weight is below zero.
    positive: bool,
}

impl Two {
    /// The rule of `forest`.
    ///
    /// # Errors
    /// In words, where ONNX Runtime leaves the second score of a row unwritten.
    pub(super) fn of(
        forest: &Forest,
        scorer: &Scorer,
        transform: Transform,
    ) -> Result<Self, String> {
        let first = forest.votes.first().map(|vote| vote.output);
        let other = |output| forest.votes.iter().any(|vote| vote.output != output);
        let of_one = first.is_some_and(|output| !other(output));
        let base = forest.base_values.clone();
        let alone = base.len() < 2 && !scorer.always_has_score(1);
        if alone && transform == Transform::Probit {
            return Err("`PROBIT` of one score for two classes".to_owned());
        }
        if alone && base.len() == 1 && !of_one {
            return Err("one base value for two classes that not all leaves vote for".to_owned());
        }
        Ok(Self {
            base,
            of_one,
            positive: !forest.votes.iter().any(|vote| vote.weight < 0.0),
        })
    }

    /// What rows are told to be, of the labels in the file.
    pub(super) fn labels(&self, labels: Classes) -> Classes {
        match labels {
            Classes::Ints(_) if !self.of_one => Classes::Ints(vec![0, 1]),
            labels => labels,
        }
    }

    /// The place of the label of `row`, and the two scores.
    pub(super) fn answer<T: Real>(
        &self,
        scorer: &Scorer,
        row: &[T],
        transform: Transform,
    ) -> (usize, [f32; 2]) {
        let score = |output: usize| row.get(output).copied().unwrap_or(T::ZERO);
        let has = [scorer.has_score(row, 0), scorer.has_score(row, 1)];
        let [mut first, mut second] = [score(0), score(1)];
        let mut alone = !has[1];
        match *self.base {
            [_, base] if has[1] => {
                second = first + T::of(base);
                first = -second;
            }
            [base, _] => {
                first = first + T::of(base);
                alone = false;
            }
            [base] => first = first + T::of(base),
            _ => {}
        }
        let deciding = match has {
            [_, true] => second,
            [true, false] => first,
            [false, false] => T::ZERO,
        };
        let border = if self.of_one && self.positive {
            0.5
        } else {
            0.0
        };
        let place = usize::from(deciding > T::of(border));
        let written = |has: bool, score: T| if has { score } else { T::ZERO };
        let pair = if alone {
            let other = if self.of_one && self.positive {
                Other::Rest
            } else {
                Other::Opposite
            };
            transform.of_two(written(has[0], first), other)
        } else {
            let mut pair = [written(has[0], first), written(has[1], second)];
            transform.apply(&mut pair);
            pair
        };
        (place, pair.map(Real::narrow))
    }
}
