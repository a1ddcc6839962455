//! Tree ensembles of all versions in one form.

use flowgate_onnx::proto::{AttributeProto, NodeProto};
use flowgate_onnx::trees::{
    Aggregate, Branch, Comparison, Forest, ForestNode, PostTransform, TreeFault, Vote,
};
use flowgate_onnx::{AI_ONNX_ML, ElemType, Node, OnnxError, build};

/// Two trees whose nodes are not in the order of their branches: 5 is the root of the second.
fn regressor() -> NodeProto {
    let ints = |list: &[i64]| AttributeProto::from(list);
    build::node("TreeEnsembleRegressor", &["x"], &["y"])
        .in_domain(AI_ONNX_ML)
        .with("nodes_treeids", ints(&[0, 0, 0, 0, 0, 7]))
        .with("nodes_nodeids", ints(&[0, 4, 2, 3, 1, 5]))
        .with("nodes_featureids", ints(&[6, 9, 1, 0, 0, 0]))
        .with(
            "nodes_modes",
            ["BRANCH_LEQ", "LEAF", "BRANCH_NEQ", "LEAF", "LEAF", "LEAF"].as_slice(),
        )
        .with(
            "nodes_values",
            [0.5_f32, 0.0, f32::NAN, 0.0, 0.0, 0.0].as_slice(),
        )
        .with("nodes_truenodeids", ints(&[2, 0, 3, 0, 0, 0]))
        .with("nodes_falsenodeids", ints(&[1, 0, 4, 0, 0, 0]))
        .with("nodes_missing_value_tracks_true", ints(&[1, 1, 2, 0, 0, 0]))
        .with("target_treeids", ints(&[7, 0, 0, 0]))
        .with("target_nodeids", ints(&[5, 4, 1, 4]))
        .with("target_ids", ints(&[1, 0, 1, 1]))
        .with("target_weights", [10.0_f32, 1.0, 2.0, 3.0].as_slice())
        .with("base_values", [0.25_f32, -1.0].as_slice())
        .with("n_targets", 2_i64)
        .with("aggregate_function", "AVERAGE")
}

fn vote(output: usize, weight: f64) -> Vote {
    Vote { output, weight }
}

#[test]
fn nodes_lie_behind_their_parents_and_votes_by_leaf() {
    let node = regressor();
    let forest = Forest::read(Node::new(&node)).expect("trees");
    assert_eq!(forest.roots, [0, 5]);
    assert_eq!((forest.features, forest.outputs), (7, 2));
    assert_eq!(forest.base_values, [0.25, -1.0]);
    assert_eq!(forest.aggregate, Aggregate::Average);
    assert!(forest.roots_first && !forest.doubles && forest.sets.is_empty());
    let [root, inner, ref leaves @ ..] = *forest.nodes else {
        panic!("{:?}", forest.nodes);
    };
    assert_eq!(
        root,
        ForestNode::Branch(Branch {
            feature: 6,
            comparison: Comparison::Leq(0.5),
            missing_true: true,
            on_true: 1,
            on_false: 4,
        })
    );
    let ForestNode::Branch(inner) = inner else {
        panic!("{inner:?}");
    };
    assert!(matches!(inner.comparison, Comparison::Neq(value) if value.is_nan()));
    // Only 1 sends missing values to the true side.
    assert!(!inner.missing_true);
    assert_eq!((inner.on_true, inner.on_false), (2, 3));
    // Those of the nodes 3, 4 and 1, then of the other tree.
    let votes: Vec<&[Vote]> = leaves
        .iter()
        .map(|leaf| match leaf {
            ForestNode::Leaf { first, count } => &forest.votes[*first..first + count],
            ForestNode::Branch(_) => panic!("{leaf:?}"),
        })
        .collect();
    assert_eq!(votes[0], []);
    assert_eq!(votes[1], [vote(0, 1.0), vote(1, 3.0)]);
    assert_eq!(votes[2], [vote(1, 2.0)]);
    assert_eq!(votes[3], [vote(1, 10.0)]);
}

/// A branch on a set, then one on a threshold; leaves 0 and 1, the latter twice.
fn version_5() -> NodeProto {
    let ints = |list: &[i64]| AttributeProto::from(list);
    build::node("TreeEnsemble", &["x"], &["y"])
        .in_domain(AI_ONNX_ML)
        .with("n_targets", 2_i64)
        .with("tree_roots", ints(&[1, 2]))
        .with(
            "nodes_modes",
            build::raw(ElemType::Uint8, &[3], vec![2_u8, 6, 1]),
        )
        .with("nodes_featureids", ints(&[3, 0, 0]))
        .with("nodes_splits", build::floats(&[3], &[1.5, 0.0, 0.0]))
        .with("nodes_truenodeids", ints(&[1, 0, 0]))
        .with("nodes_trueleafs", ints(&[1, 0, 1]))
        .with("nodes_falsenodeids", ints(&[0, 1, 0]))
        .with("nodes_falseleafs", ints(&[1, 1, 1]))
        .with("leaf_targetids", ints(&[0, 1]))
        .with("leaf_weights", build::floats(&[2], &[5.0, 6.0]))
        .with(
            "membership_values",
            build::floats(&[3], &[7.0, 2.5, f32::NAN]),
        )
        .with("post_transform", 1_i64)
}

fn with(name: &str, value: impl Into<AttributeProto>) -> NodeProto {
    let mut node = version_5();
    node.attribute.retain(|attribute| attribute.name() != name);
    node.with(name, value)
}

#[test]
fn version_5_is_read_from_its_roots() {
    let node = version_5();
    let forest = Forest::read(Node::new(&node)).expect("trees");
    assert_eq!(forest.sets, [[7.0, 2.5]]);
    assert_eq!((forest.features, forest.outputs), (4, 2));
    assert_eq!(forest.post_transform, PostTransform::Softmax);
    assert_eq!(forest.aggregate, Aggregate::Sum);
    assert_eq!(forest.votes, [vote(0, 5.0), vote(1, 6.0)]);
    // The second tree leads to one leaf on both sides, and so is that leaf.
    assert_eq!(forest.roots, [0, 5]);
    let leaf = |first| ForestNode::Leaf { first, count: 1 };
    let branch = |feature, comparison, on_true, on_false| {
        ForestNode::Branch(Branch {
            feature,
            comparison,
            missing_true: false,
            on_true,
            on_false,
        })
    };
    assert_eq!(
        forest.nodes,
        [
            branch(0, Comparison::Member(0), 1, 4),
            branch(3, Comparison::Gte(1.5), 2, 3),
            leaf(1),
            leaf(0),
            leaf(1),
            leaf(0),
        ]
    );
}

#[test]
fn what_is_no_tree_of_version_5_is_refused() {
    let fault = |node: &NodeProto| match Forest::read(Node::new(node)) {
        Err(OnnxError::Tree { fault, .. }) => fault,
        other => panic!("expected a fault, got {other:?}"),
    };
    let ints = |name: &str, list: &[i64]| fault(&with(name, list));
    assert_eq!(ints("nodes_featureids", &[]), TreeFault::Empty);
    assert_eq!(ints("tree_roots", &[]), TreeFault::Empty);
    assert!(matches!(
        ints("tree_roots", &[-1]),
        TreeFault::NoChild { .. }
    ));
    assert!(matches!(
        ints("tree_roots", &[9]),
        TreeFault::NoChild { .. }
    ));
    assert!(matches!(
        ints("tree_roots", &[1, 1]),
        TreeFault::ReachedTwice { tree: 1, node: 1 }
    ));
    assert!(matches!(
        ints("nodes_featureids", &[-3, 0, 0]),
        TreeFault::Feature { feature: -3, .. }
    ));
    assert!(matches!(
        ints("nodes_truenodeids", &[2, 0, 0]),
        TreeFault::NoChild { child: 2, .. }
    ));
    assert!(matches!(
        ints("nodes_truenodeids", &[-1, 0, 0]),
        TreeFault::NoChild { .. }
    ));
    // The branches lead to each other.
    let mut cycle = with("nodes_trueleafs", [0_i64, 0, 1].as_slice());
    for attribute in &mut cycle.attribute {
        if attribute.name() == "nodes_truenodeids" {
            attribute.ints = vec![1, 0, 0];
        }
    }
    assert!(matches!(fault(&cycle), TreeFault::ReachedTwice { .. }));
    assert!(matches!(
        ints("leaf_targetids", &[0, 2]),
        TreeFault::ClassId { id: 2, count: 2 }
    ));
    for list in [
        "leaf_targetids",
        "nodes_trueleafs",
        "nodes_missing_value_tracks_true",
    ] {
        assert!(
            matches!(ints(list, &[0]), TreeFault::Length { .. }),
            "{list}"
        );
    }
    for attribute in ["post_transform", "aggregate_function"] {
        let node = with(attribute, 9_i64);
        assert_eq!(fault(&node), TreeFault::Word { attribute });
    }
    let modes = build::raw(ElemType::Uint8, &[3], vec![2_u8, 7, 1]);
    let unknown = TreeFault::Word {
        attribute: "nodes_modes",
    };
    assert_eq!(fault(&with("nodes_modes", modes)), unknown);
    let none = TreeFault::Word {
        attribute: "membership_values",
    };
    let members = build::floats(&[1], &[f32::NAN]);
    assert_eq!(fault(&with("membership_values", members)), none);
    let mut node = version_5();
    node.attribute
        .retain(|attribute| attribute.name() != "n_targets");
    assert_eq!(fault(&node), TreeFault::Targets { found: 0 });
}

#[test]
fn a_tree_of_version_5_as_deep_as_it_has_branches_is_followed_without_recursion() {
    const DEPTH: usize = 200_000;
    let count = DEPTH as i64;
    let ints = |numbers: Vec<i64>| AttributeProto::from(numbers.as_slice());
    let floats = |count: usize| build::floats(&[count as i64], &vec![0.5; count]);
    let node = build::node("TreeEnsemble", &["x"], &["y"])
        .in_domain(AI_ONNX_ML)
        .with("n_targets", 1_i64)
        .with("tree_roots", ints(vec![0]))
        .with(
            "nodes_modes",
            build::raw(ElemType::Uint8, &[count], vec![0; DEPTH]),
        )
        .with("nodes_featureids", ints(vec![0; DEPTH]))
        .with("nodes_splits", floats(DEPTH))
        .with("nodes_truenodeids", ints((1..count).chain([0]).collect()))
        .with(
            "nodes_trueleafs",
            ints((1..count).map(|_| 0).chain([1]).collect()),
        )
        .with("nodes_falsenodeids", ints(vec![0; DEPTH]))
        .with("nodes_falseleafs", ints(vec![1; DEPTH]))
        .with("leaf_targetids", ints(vec![0]))
        .with("leaf_weights", floats(1));
    let forest = Forest::read(Node::new(&node)).expect("a tree");
    assert_eq!(forest.nodes.len(), 2 * DEPTH + 1);
}
