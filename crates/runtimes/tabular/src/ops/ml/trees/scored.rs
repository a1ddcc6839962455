//! Which outputs of a row have a score: ONNX Runtime keeps an output that no leaf votes for apart
//! from one whose votes come to zero.

use flowgate_onnx::trees::{Forest, ForestNode, Vote};

/// Whether a row has a score for an output: whether one of its leaves votes for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scored {
    /// Every row has.
    Always,
    /// No row has.
    Never,
    /// Where the sum at this place, which counts the votes, is not zero.
    Counted(usize),
}

/// Which outputs of `forest` have scores. One that every leaf of a tree votes for always has; what
/// cannot be told is counted, after the outputs of the file.
pub(super) fn scored(forest: &Forest) -> Vec<Scored> {
    if forest.outputs == 1 {
        // A leaf without a vote is one for zero.
        return vec![Scored::Always];
    }
    let mut found = vec![Found::default(); forest.outputs];
    let ends = forest.roots.iter().skip(1).copied();
    let ends = ends.chain([forest.nodes.len()]);
    for (root, end) in forest.roots.iter().zip(ends) {
        let nodes = forest.nodes.get(*root..end).unwrap_or_default();
        tree(forest, nodes, &mut found);
    }
    let mut counter = forest.outputs;
    let scored = found.into_iter().map(|found| match found {
        Found { always: true, .. } => Scored::Always,
        Found { voted: false, .. } => Scored::Never,
        _ => {
            counter += 1;
            Scored::Counted(counter - 1)
        }
    });
    scored.collect()
}

/// The votes of the leaf that has `count` of them from `first` on.
pub(super) fn votes(forest: &Forest, first: usize, count: usize) -> &[Vote] {
    let votes = forest.votes.get(first..);
    votes
        .and_then(|votes| votes.get(..count))
        .unwrap_or_default()
}

/// What is known of an output.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    /// Whether a leaf votes for it.
    voted: bool,
    /// Whether every leaf of some tree does.
    always: bool,
    /// How many leaves of the tree at hand do, and the number of the last of them.
    leaves: usize,
    last: usize,
}

fn tree(forest: &Forest, nodes: &[ForestNode], found: &mut [Found]) {
    let mut leaves = 0;
    let mut touched = Vec::new();
    for node in nodes {
        let ForestNode::Leaf { first, count } = node else {
            continue;
        };
        leaves += 1;
        for vote in votes(forest, *first, *count) {
            if let Some(found) = found.get_mut(vote.output)
                && (found.leaves == 0 || found.last != leaves)
            {
                if found.leaves == 0 {
                    touched.push(vote.output);
                }
                found.leaves += 1;
                found.last = leaves;
            }
        }
    }
    for output in touched {
        if let Some(found) = found.get_mut(output) {
            found.voted = true;
            found.always |= found.leaves == leaves;
            found.leaves = 0;
        }
    }
}
