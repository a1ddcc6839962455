//! The lowest or the highest of the weights of all trees.

use super::super::scores::Real;
use crate::trees::{Cells, leaves};
use flowgate_core::program::{Ensemble, Leaf, TreeNode, Weight};

/// Which weight counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extreme {
    Lowest,
    Highest,
}

/// Rows whose leaves are held at once.
const BLOCK: usize = 64;

/// Writes for every row of `cells` what counts of the weights of its leaves to `made`, with the
/// votes for each output counted after the first `outputs` of a row. Of a single output a leaf
/// without a weight has the weight 0.
pub(super) fn extremes<T: Real>(
    extreme: Extreme,
    ensemble: &Ensemble,
    cells: Cells<'_>,
    made: &mut [T],
    outputs: usize,
) {
    let width = ensemble.outputs.max(1);
    let mut has = vec![false; outputs];
    for (block, made) in made.chunks_mut(width * BLOCK).enumerate() {
        let first = block * BLOCK;
        let found = leaves(ensemble, cells, first..first + made.len() / width);
        let rows = found.chunks_exact(ensemble.roots.len().max(1));
        for (row, leaves) in made.chunks_exact_mut(width).zip(rows) {
            has.fill(false);
            let mut votes = Votes {
                extreme,
                row,
                has: &mut has,
            };
            for leaf in leaves {
                let weights = weights(ensemble, *leaf);
                if weights.is_empty() && outputs == 1 {
                    votes.count(0, T::ZERO);
                }
                for weight in weights {
                    votes.count(weight.output as usize, T::of(weight.value));
                }
            }
            // What counts is added to zero, which takes the sign from a zero.
            for score in row.iter_mut().take(outputs) {
                *score = *score + T::ZERO;
            }
        }
    }
}

/// The scores of a row in the making.
struct Votes<'a, T> {
    extreme: Extreme,
    row: &'a mut [T],
    /// Which outputs have a score; further places of the row are counters.
    has: &'a mut [bool],
}

impl<T: Real> Votes<'_, T> {
    fn count(&mut self, output: usize, weight: T) {
        let Some(score) = self.row.get_mut(output) else {
            return;
        };
        let Some(has) = self.has.get_mut(output) else {
            *score = *score + weight;
            return;
        };
        let counts = match self.extreme {
            Extreme::Lowest => weight < *score,
            Extreme::Highest => weight > *score,
        };
        if !*has || counts {
            *score = weight;
        }
        *has = true;
    }
}

fn weights(ensemble: &Ensemble, leaf: u32) -> &[Weight] {
    let Some(TreeNode::Leaf(Leaf { first, count, .. })) = ensemble.nodes.get(leaf as usize) else {
        return &[];
    };
    let weights = ensemble.weights.get(*first as usize..);
    weights
        .and_then(|weights| weights.get(..*count as usize))
        .unwrap_or_default()
}
