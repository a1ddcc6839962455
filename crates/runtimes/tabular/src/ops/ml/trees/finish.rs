//! From the scores of trees to those of a regressor.

use super::super::scores::{Real, Transform, probit};
use super::scorer::{Scorer, Scores};

/// Writes the answers for `scores` to `made`, `[rows, outputs]`: with `base` added, one an output
/// or none at all, and transformed. An output that no leaf of a row votes for is zero.
pub(super) fn targets<T: Real, U: Real>(
    scorer: &Scorer,
    scores: &Scores<T>,
    base: &[f64],
    transform: Transform,
    made: &mut [U],
) {
    let outputs = scorer.outputs();
    if outputs == 1 {
        // A score alone is transformed by `PROBIT` only.
        let base = T::of(base.first().copied().unwrap_or(0.0));
        let rows = scores.cells.chunks_exact(scores.width.max(1));
        for (made, row) in made.iter_mut().zip(rows) {
            let score = row.first().copied().unwrap_or(T::ZERO) + base;
            *made = match transform {
                Transform::Probit => U::of(f64::from(probit(score.narrow()))),
                _ => U::of(score.wide()),
            };
        }
        return;
    }
    let mut values = vec![T::ZERO; outputs];
    let rows = scores.cells.chunks_exact(scores.width.max(1));
    for (made, row) in made.chunks_exact_mut(outputs.max(1)).zip(rows) {
        for (output, (value, score)) in values.iter_mut().zip(row).enumerate() {
            *value = if scorer.has_score(row, output) {
                match base.get(output) {
                    Some(base) => *score + T::of(*base),
                    None => *score,
                }
            } else {
                T::ZERO
            };
        }
        transform.apply(&mut values);
        for (made, value) in made.iter_mut().zip(&values) {
            *made = U::of(value.wide());
        }
    }
}
