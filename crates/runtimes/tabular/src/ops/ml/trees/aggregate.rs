//! The lowest or the highest of the weights of all trees.

use super::super::scores::Real;
use flowgate_core::program::{Ensemble, TreeNode};

/// Which weight counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extreme {
    Lowest,
    Highest,
}

/// Writes what counts of the weights of the `leaves` of every row, `[rows, trees]`, to `made`,
/// with the votes for each output counted after the first `outputs` of a row. Of a single output
/// a leaf without a weight has the weight 0.
pub(super) fn extremes<T: Real>(
    extreme: Extreme,
    ensemble: &Ensemble,
    leaves: &[u32],
    made: &mut [T],
    outputs: usize,
) {
    let mut has = vec![false; outputs];
    let rows = made.chunks_exact_mut(ensemble.outputs.max(1));
    for (row, leaves) in rows.zip(leaves.chunks_exact(ensemble.roots.len().max(1))) {
        has.fill(false);
        for leaf in leaves {
            let Some(TreeNode::Leaf(leaf)) = ensemble.nodes.get(*leaf as usize) else {
                continue;
            };
            let (first, count) = (leaf.first as usize, leaf.count as usize);
            let weights = ensemble
                .weights
                .get(first..)
                .and_then(|found| found.get(..count));
            let weights = weights.unwrap_or_default();
            let mut vote = |output: usize, weight: T| {
                let (Some(score), Some(has)) = (row.get_mut(output), has.get_mut(output)) else {
                    // A counter.
                    if let Some(counter) = row.get_mut(output) {
                        *counter = *counter + weight;
                    }
                    return;
                };
                let counts = match extreme {
                    Extreme::Lowest => weight < *score,
                    Extreme::Highest => weight > *score,
                };
                if !*has || counts {
                    *score = weight;
                }
                *has = true;
            };
            if weights.is_empty() && outputs == 1 {
                vote(0, T::ZERO);
            }
            for weight in weights {
                vote(weight.output as usize, T::of(weight.value));
            }
        }
        // What counts is added to zero, which takes the sign from a zero.
        for score in row.iter_mut().take(outputs) {
            *score = *score + T::ZERO;
        }
    }
}
