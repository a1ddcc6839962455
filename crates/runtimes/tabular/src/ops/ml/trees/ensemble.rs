//! From the trees of a file to those of the kernels.

use super::membership::Membership;
use super::scored::{Scored, scored, votes};
use flowgate_core::program::{
    BelowZero, CategorySet, Ensemble, Leaf, Missing, Precision, Side, Split, Test, TreeNode, Weight,
};
use flowgate_onnx::trees::{Branch, Comparison, Forest, ForestNode, Vote};

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
    for root in &forest.roots {
        made.roots.push(number(*root)?);
    }
    for node in &forest.nodes {
        let node = match node {
            ForestNode::Branch(branch) => TreeNode::Split(split(branch, &membership)?),
            ForestNode::Leaf { first, count } => {
                // Of the votes of a leaf for the only output, the first counts.
                let most = if forest.outputs == 1 { 1 } else { usize::MAX };
                let votes = votes(forest, *first, (*count).min(most));
                TreeNode::Leaf(leaf(votes, &scored, &mut made.weights)?)
            }
        };
        made.nodes.push(node);
    }
    Ok(Prepared {
        ensemble: made,
        membership,
        scored,
    })
}

/// A leaf whose `votes` are added to `weights`, and counted where it matters.
fn leaf(votes: &[Vote], scored: &[Scored], weights: &mut Vec<Weight>) -> Result<Leaf, String> {
    let first = weights.len();
    for vote in votes {
        let mut add = |output: usize, value: f64| {
            let output = number(output)?;
            weights.push(Weight { output, value });
            Ok::<_, String>(())
        };
        add(vote.output, vote.weight)?;
        if let Some(Scored::Counted(counter)) = scored.get(vote.output) {
            add(*counter, 1.0)?;
        }
    }
    Ok(Leaf {
        first: number(first)?,
        count: number(weights.len() - first)?,
        linear: None,
    })
}

/// A place as the kernels number it.
fn number(place: usize) -> Result<u32, String> {
    u32::try_from(place).map_err(|_| "it has more nodes or weights than are numbered".to_owned())
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

/// A set of the kernels: whole numbers, and cells whose fraction is cut off first.
pub(super) fn category_set(mut members: Vec<u32>) -> CategorySet {
    members.sort_unstable();
    members.dedup();
    CategorySet {
        members,
        below_zero: BelowZero::Truncated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::program::{Op, ProgramBuilder};
    use flowgate_core::{Port, PortKind};
    use flowgate_onnx::proto::{AttributeProto, NodeProto};
    use flowgate_onnx::{AI_ONNX_ML, ElemType, Node, build};
    use std::sync::Arc;

    /// A tree with a branch of every mode, the next on the true side of each.
    fn every_mode(values: &[f32]) -> NodeProto {
        const MODES: [&str; 6] = [
            "BRANCH_LEQ",
            "BRANCH_LT",
            "BRANCH_GTE",
            "BRANCH_GT",
            "BRANCH_EQ",
            "BRANCH_NEQ",
        ];
        let nodes = 13;
        let ints = |number: &dyn Fn(i64) -> i64| {
            let numbers: Vec<i64> = (0..nodes).map(number).collect();
            AttributeProto::from(numbers.as_slice())
        };
        let modes = (0..13).map(|at| MODES.get(at).copied().unwrap_or("LEAF"));
        let leaves: Vec<i64> = (6..nodes).collect();
        let modes: Vec<&str> = modes.collect();
        let values: Vec<f32> = (0..13).map(|at| values[at % values.len()]).collect();
        build::node("TreeEnsembleRegressor", &["x"], &["y"])
            .in_domain(AI_ONNX_ML)
            .with("n_targets", 3_i64)
            .with("nodes_treeids", ints(&|_| 0))
            .with("nodes_nodeids", ints(&|at| at))
            .with("nodes_featureids", ints(&|at| at % 3))
            .with("nodes_modes", modes.as_slice())
            .with("nodes_values", values.as_slice())
            .with("nodes_truenodeids", ints(&|at| at + 1))
            .with("nodes_falsenodeids", ints(&|at| at + 7))
            .with("nodes_missing_value_tracks_true", ints(&|at| at % 2))
            .with("target_treeids", [0_i64; 7].as_slice())
            .with("target_nodeids", leaves.as_slice())
            .with("target_ids", [0_i64, 1, 0, 1, 0, 1, 0].as_slice())
            .with("target_weights", [0.5_f32; 7].as_slice())
    }

    fn sets() -> NodeProto {
        let ints = |list: &[i64]| AttributeProto::from(list);
        let members = [
            7.0,
            f32::NAN,
            1.0,
            2.0,
            f32::NAN,
            1.5,
            2.0,
            f32::NAN,
            40.0,
            f32::NAN,
            -3.0,
            50.0,
        ];
        build::node("TreeEnsemble", &["x"], &["y"])
            .in_domain(AI_ONNX_ML)
            .with("n_targets", 1_i64)
            .with("tree_roots", ints(&[0]))
            .with(
                "nodes_modes",
                build::raw(ElemType::Uint8, &[5], vec![6_u8; 5]),
            )
            .with("nodes_featureids", ints(&[0, 1, 0, 1, 0]))
            .with("nodes_splits", build::floats(&[5], &[0.0; 5]))
            .with("nodes_truenodeids", ints(&[1, 2, 3, 4, 0]))
            .with("nodes_trueleafs", ints(&[0, 0, 0, 0, 1]))
            .with("nodes_falsenodeids", ints(&[0, 0, 0, 0, 1]))
            .with("nodes_falseleafs", ints(&[1; 5]))
            .with("leaf_targetids", ints(&[0, 0]))
            .with("leaf_weights", build::floats(&[2], &[1.0, 2.0]))
            .with("membership_values", build::floats(&[12], &members))
    }

    /// What the kernels expect of an ensemble is what a program is checked for.
    fn check(node: &NodeProto) -> Prepared {
        let forest = Forest::read(Node::new(node)).expect("trees");
        let prepared = prepare(&forest, Precision::F32).expect("trees for the kernels");
        let (mut builder, inputs) = ProgramBuilder::new(vec![Port {
            name: "x".into(),
            kind: PortKind::Tensor(flowgate_core::DataType::F32),
            shape: None,
        }]);
        let sums = builder.step(Op::Trees(Arc::new(prepared.ensemble.clone())), &inputs);
        builder.output("y", sums);
        builder.finish().expect("an ensemble that can be followed");
        prepared
    }

    #[test]
    fn every_comparison_becomes_a_question_of_the_kernels() {
        for values in [&[0.5_f32, -1.0][..], &[f32::NAN], &[f32::INFINITY, -0.0]] {
            let prepared = check(&every_mode(values));
            assert_eq!(prepared.ensemble.nodes.len(), 13);
            // The third is never voted for, of the others one leaf in two votes.
            assert_eq!(
                prepared.scored,
                [Scored::Counted(3), Scored::Counted(4), Scored::Never]
            );
        }
    }

    #[test]
    fn columns_are_added_for_sets_that_the_kernels_do_not_have() {
        let prepared = check(&sets());
        // For small whole numbers, for others, and for those below zero.
        assert_eq!(prepared.membership.features(), 2);
        assert_eq!(prepared.membership.width(), 5);
        let mut made = Vec::new();
        for row in [[-3.5_f32, 2.0, 9.0], [2.0, 1.5, 9.0], [f32::NAN, 1.0, 9.0]] {
            prepared.membership.extend(&row, &mut made);
        }
        let text: Vec<String> = made.iter().map(ToString::to_string).collect();
        assert_eq!(text.join(" "), "-3.5 2 2 0 1 2 1.5 -1 1 0 NaN 1 1 NaN NaN");
    }
}
