//! From the trees of a file to those of the kernels.

use super::membership::Membership;
use flowgate_core::program::{
    BelowZero, CategorySet, Ensemble, Leaf, Missing, Precision, Side, Split, Test, TreeNode, Weight,
};
use flowgate_onnx::trees::{Branch, Comparison, Forest, ForestNode};

/// The most features and outputs: what a row of an ensemble is allocated for.
const MOST: usize = 1 << 20;

/// Kernels' trees, and what their rows and sums mean.
pub(super) struct Prepared {
    pub(super) ensemble: Ensemble,
    /// How cells become those of the ensemble.
    pub(super) membership: Membership,
    /// One an output of the file.
    pub(super) scored: Vec<Scored>,
}

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

/// The trees of `forest`, on cells of the type `cells`.
///
/// # Errors
/// In words, for what the kernels or the rules of this operator do not take.
pub(super) fn prepare(forest: &Forest, cells: Precision) -> Result<Prepared, String> {
    if !forest.roots_first {
        return Err("its trees do not begin with their roots".to_owned());
    }
    if forest.doubles && cells == Precision::F32 {
        return Err("its numbers are of 64 bits, its input is not".to_owned());
    }
    let features = usize::try_from(forest.features)
        .unwrap_or(usize::MAX)
        .max(1);
    if features > MOST || forest.outputs > MOST || forest.outputs == 0 {
        let outputs = forest.outputs;
        return Err(format!("it has {features} features and {outputs} outputs"));
    }
    let membership = Membership::of(forest, features)?;
    let scored = scored(forest);
    let counted = scored
        .iter()
        .filter(|scored| matches!(scored, Scored::Counted(_)));
    let outputs = forest.outputs + counted.count();
    let mut made = Ensemble {
        features: membership.width(),
        cells,
        sums: cells,
        outputs,
        start: vec![0.0; outputs],
        nodes: Vec::with_capacity(forest.nodes.len()),
        roots: Vec::with_capacity(forest.roots.len()),
        weights: Vec::with_capacity(forest.votes.len()),
        sets: membership.category_sets(),
        linear: Vec::new(),
    };
    let too_many = || "it has more nodes or weights than are numbered".to_owned();
    let number = |place: usize| u32::try_from(place).map_err(|_| too_many());
    for root in &forest.roots {
        made.roots.push(number(*root)?);
    }
    for node in &forest.nodes {
        made.nodes.push(match node {
            ForestNode::Branch(branch) => TreeNode::Split(split(branch, &membership)?),
            ForestNode::Leaf { first, count } => {
                let start = made.weights.len();
                // Of the votes of a leaf for the only output, the first counts.
                let count = if forest.outputs == 1 {
                    (*count).min(1)
                } else {
                    *count
                };
                let votes = forest
                    .votes
                    .get(*first..)
                    .and_then(|votes| votes.get(..count));
                for vote in votes.unwrap_or_default() {
                    made.weights.push(Weight {
                        output: number(vote.output)?,
                        value: vote.weight,
                    });
                    if let Some(Scored::Counted(counter)) = scored.get(vote.output) {
                        made.weights.push(Weight {
                            output: number(*counter)?,
                            value: 1.0,
                        });
                    }
                }
                TreeNode::Leaf(Leaf {
                    first: number(start)?,
                    count: number(made.weights.len() - start)?,
                    linear: None,
                })
            }
        });
    }
    Ok(Prepared {
        ensemble: made,
        membership,
        scored,
    })
}

/// A branch as a question of the kernels, whose ways may change sides.
fn split(branch: &Branch, membership: &Membership) -> Result<Split, String> {
    // No number is below the least there is: as with a threshold that is not a number.
    let never = Test::Less(f64::NEG_INFINITY);
    let or_never = |threshold: f64, test: fn(f64) -> Test| {
        if threshold.is_nan() {
            never
        } else {
            test(threshold)
        }
    };
    let mut column = usize::try_from(branch.feature).unwrap_or(usize::MAX);
    let (test, yes_is_true) = match branch.comparison {
        Comparison::Leq(threshold) => (or_never(threshold, Test::LessOrEqual), true),
        Comparison::Lt(threshold) => (or_never(threshold, Test::Less), true),
        Comparison::Eq(threshold) => (or_never(threshold, Test::Equal), true),
        Comparison::Neq(threshold) => (or_never(threshold, Test::Equal), false),
        Comparison::Gte(threshold) if threshold.is_nan() => (never, true),
        Comparison::Gte(threshold) => (Test::Less(threshold), false),
        Comparison::Gt(threshold) if threshold.is_nan() => (never, true),
        Comparison::Gt(threshold) => (Test::LessOrEqual(threshold), false),
        Comparison::Member(set) => {
            let question = membership.question(set, column);
            column = question.column;
            (question.test, true)
        }
    };
    // NaN is unequal to all, and answers every other question with no.
    let nan_is_true = branch.missing_true || matches!(branch.comparison, Comparison::Neq(_));
    let number = |place: usize| {
        u32::try_from(place).map_err(|_| "it has more nodes than are numbered".to_owned())
    };
    let (on_true, on_false) = (number(branch.on_true)?, number(branch.on_false)?);
    let (yes, no) = if yes_is_true {
        (on_true, on_false)
    } else {
        (on_false, on_true)
    };
    let side = if nan_is_true == yes_is_true {
        Side::Yes
    } else {
        Side::No
    };
    Ok(Split {
        feature: number(column)?,
        test,
        missing: Missing::Nan(side),
        yes,
        no,
    })
}

/// Which outputs have scores. One that every leaf of a tree votes for always has; what cannot be
/// told is counted, after the outputs of the file.
fn scored(forest: &Forest) -> Vec<Scored> {
    if forest.outputs == 1 {
        // A leaf without a vote is one for zero.
        return vec![Scored::Always];
    }
    let mut voted = vec![false; forest.outputs];
    let mut always = vec![false; forest.outputs];
    // Of the tree at hand: leaves that vote for an output, and the last of them.
    let mut counts = vec![(0_usize, usize::MAX); forest.outputs];
    let ends = forest
        .roots
        .iter()
        .skip(1)
        .copied()
        .chain([forest.nodes.len()]);
    for (root, end) in forest.roots.iter().zip(ends) {
        let mut leaves = 0;
        let mut touched = Vec::new();
        let nodes = forest.nodes.get(*root..end).unwrap_or_default();
        for (place, node) in nodes.iter().enumerate() {
            let ForestNode::Leaf { first, count } = node else {
                continue;
            };
            leaves += 1;
            let votes = forest
                .votes
                .get(*first..)
                .and_then(|votes| votes.get(..*count));
            for vote in votes.unwrap_or_default() {
                let Some((count, last)) = counts.get_mut(vote.output) else {
                    continue;
                };
                if *last != place {
                    if *count == 0 {
                        touched.push(vote.output);
                    }
                    *count += 1;
                    *last = place;
                }
            }
        }
        for output in touched {
            if let (Some(count), Some(voted), Some(always)) = (
                counts.get_mut(output),
                voted.get_mut(output),
                always.get_mut(output),
            ) {
                *voted = true;
                *always |= count.0 == leaves;
                *count = (0, usize::MAX);
            }
        }
    }
    let mut counter = forest.outputs;
    let outputs = voted.into_iter().zip(always);
    let scored = outputs.map(|outputs| match outputs {
        (_, true) => Scored::Always,
        (false, false) => Scored::Never,
        (true, false) => {
            counter += 1;
            Scored::Counted(counter - 1)
        }
    });
    scored.collect()
}

/// A set of the kernels: whole numbers, and cells whose fraction is cut off first.
pub(super) fn category_set(mut members: Vec<u32>) -> CategorySet {
    members.sort_unstable();
    members.dedup();
    CategorySet {
        members,
        below_zero: BelowZero::Truncated,
    }
}
