//! Tree ensembles: a sound one, and each way to be no tree.

use flowgate_onnx::proto::{AttributeProto, NodeProto};
use flowgate_onnx::trees::{self, Mode, PostTransform, TreeFault, TreeKind};
use flowgate_onnx::{AI_ONNX_ML, Labels, Node, OnnxError, build};

/// Two trees: one of a root (node 0) and two leaves, one that is a leaf.
fn ensemble() -> NodeProto {
    let ints = |list: &[i64]| AttributeProto::from(list);
    build::node("TreeEnsembleClassifier", &["x"], &["label", "scores"])
        .in_domain(AI_ONNX_ML)
        .with("nodes_treeids", ints(&[0, 0, 0, 1]))
        .with("nodes_nodeids", ints(&[0, 1, 2, 0]))
        .with("nodes_featureids", ints(&[6, 0, 0, 0]))
        .with(
            "nodes_modes",
            ["BRANCH_LEQ", "LEAF", "LEAF", "LEAF"].as_slice(),
        )
        .with("nodes_values", [0.5_f32, 0.0, 0.0, 0.0].as_slice())
        .with("nodes_truenodeids", ints(&[1, 0, 0, 0]))
        .with("nodes_falsenodeids", ints(&[2, 0, 0, 0]))
        .with("class_treeids", ints(&[0, 0, 1]))
        .with("class_nodeids", ints(&[1, 2, 0]))
        .with("class_ids", ints(&[0, 1, 1]))
        .with("class_weights", [1.0_f32, 2.0, 3.0].as_slice())
        .with("classlabels_strings", ["no", "yes"].as_slice())
        .with("post_transform", "LOGISTIC")
}

/// The sound ensemble with one attribute exchanged or added.
fn with(name: &str, value: impl Into<AttributeProto>) -> NodeProto {
    let mut node = ensemble();
    node.attribute.retain(|attribute| attribute.name() != name);
    node.with(name, value)
}

fn fault(node: &NodeProto) -> TreeFault {
    match trees::check(Node::new(node)) {
        Err(OnnxError::Tree { fault, .. }) => fault,
        other => panic!("expected a fault, got {other:?}"),
    }
}

#[test]
fn a_sound_ensemble_is_summed_up() {
    let node = with("base_values", [f32::NAN, 0.0].as_slice());
    let summary = trees::check(Node::new(&node)).expect("trees");
    assert_eq!(summary.kind, TreeKind::Classifier);
    assert_eq!((summary.n_trees, summary.n_nodes, summary.depth), (2, 4, 2));
    assert_eq!((summary.n_classes, summary.n_features_used), (2, 7));
    let modes: Vec<_> = summary.modes.into_iter().collect();
    assert_eq!(modes, [Mode::BranchLeq, Mode::Leaf]);
    assert_eq!(summary.post_transform, PostTransform::Logistic);
    let labels = ["no", "yes"].map(str::to_owned).to_vec();
    assert_eq!(summary.labels, Some(Labels::Strings(labels)));
    assert_eq!(summary.base_values, Some(2));
    assert!(summary.has_nan && summary.roots_first);
    assert!(!summary.single_class_id && !summary.doubles && !summary.missing_tracks_true);

    let node = with("class_ids", [1_i64, 1, 1].as_slice());
    let summary = trees::check(Node::new(&node)).expect("trees");
    assert!(summary.single_class_id && !summary.has_nan);
}

#[test]
fn thresholds_may_be_doubles_in_a_tensor() {
    let data: Vec<u8> = [0.1_f64, 0.0, 0.0, 0.0]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let tensor = build::raw(flowgate_onnx::ElemType::Double, &[4], data);
    let mut node = ensemble();
    node.attribute.retain(|a| a.name() != "nodes_values");
    let node = node.with("nodes_values_as_tensor", tensor.clone());
    assert!(trees::check(Node::new(&node)).expect("trees").doubles);
    let both = ensemble().with("nodes_values_as_tensor", tensor);
    assert!(matches!(fault(&both), TreeFault::Floats { .. }));
}

#[test]
fn a_regressor_has_targets() {
    let mut node = ensemble();
    node.op_type = Some("TreeEnsembleRegressor".to_owned());
    for attribute in &mut node.attribute {
        let name = attribute.name().replace("class_", "target_");
        attribute.name = Some(name);
    }
    let summary = trees::check(Node::new(&node)).expect("trees");
    assert_eq!((summary.kind, summary.n_classes), (TreeKind::Regressor, 2));
    assert_eq!(summary.labels, None);
    let one = node.clone().with("n_targets", 1_i64);
    assert_eq!(fault(&one), TreeFault::ClassId { id: 1, count: 1 });
    let none = node.with("n_targets", 0_i64);
    assert_eq!(fault(&none), TreeFault::Targets { found: 0 });
}

#[test]
fn each_way_to_be_no_tree_has_its_own_fault() {
    let ints = |name: &str, list: &[i64]| with(name, list);
    assert_eq!(fault(&build::node("Add", &[], &[])), TreeFault::Operator);
    assert_eq!(fault(&ints("nodes_treeids", &[])), TreeFault::Empty);
    for list in [
        "nodes_nodeids",
        "nodes_featureids",
        "nodes_truenodeids",
        "nodes_falsenodeids",
        "nodes_missing_value_tracks_true",
        "class_treeids",
        "class_nodeids",
    ] {
        let TreeFault::Length { list: told, .. } = fault(&ints(list, &[0])) else {
            panic!("{list}");
        };
        assert_eq!(told, list);
    }
    for list in ["nodes_values", "nodes_hitrates", "class_weights"] {
        let node = with(list, [0.0_f32].as_slice());
        assert!(matches!(fault(&node), TreeFault::Length { .. }), "{list}");
    }
    let node = with("nodes_modes", ["LEAF"].as_slice());
    assert!(matches!(fault(&node), TreeFault::Length { .. }));
    let node = with(
        "nodes_modes",
        ["BRANCH_LEQ", "LEAF", "LEAF", "TWIG"].as_slice(),
    );
    assert!(matches!(fault(&node), TreeFault::Word { .. }));
    assert!(matches!(
        fault(&with("post_transform", "SQUARE")),
        TreeFault::Word { .. }
    ));
    assert_eq!(
        fault(&ints("nodes_nodeids", &[0, 1, 1, 0])),
        TreeFault::DuplicateNode { tree: 0, node: 1 }
    );
    assert_eq!(
        fault(&ints("nodes_truenodeids", &[9, 0, 0, 0])),
        TreeFault::NoChild {
            tree: 0,
            node: 0,
            child: 9
        }
    );
    assert_eq!(
        fault(&ints("nodes_truenodeids", &[2, 0, 0, 0])),
        TreeFault::ReachedTwice { tree: 0, node: 2 }
    );
    assert_eq!(
        fault(&ints("nodes_truenodeids", &[0, 0, 0, 0])),
        TreeFault::Cycle { tree: 0 }
    );
    let node = with("nodes_modes", ["LEAF", "LEAF", "LEAF", "LEAF"].as_slice());
    assert_eq!(fault(&node), TreeFault::SeveralRoots { tree: 0 });
    assert_eq!(
        fault(&ints("nodes_featureids", &[-1, 0, 0, 0])),
        TreeFault::Feature {
            tree: 0,
            node: 0,
            feature: -1
        }
    );
    assert_eq!(
        fault(&ints("class_nodeids", &[0, 2, 0])),
        TreeFault::NotALeaf { tree: 0, node: 0 }
    );
    assert_eq!(
        fault(&ints("class_treeids", &[7, 0, 1])),
        TreeFault::NotALeaf { tree: 7, node: 1 }
    );
    assert_eq!(
        fault(&ints("class_ids", &[0, 1, 2])),
        TreeFault::ClassId { id: 2, count: 2 }
    );
    assert_eq!(
        fault(&ints("class_ids", &[0, 1, -1])),
        TreeFault::ClassId { id: -1, count: 2 }
    );
    let node = ensemble().with("classlabels_int64s", [1_i64, 2].as_slice());
    assert!(matches!(
        trees::check(Node::new(&node)),
        Err(OnnxError::Labels { found: 2, .. })
    ));
}

#[test]
fn nodes_that_lead_to_each_other_are_a_cycle() {
    // a leaf as the root, and beside it two branches with a leaf each that lead to each other
    let ints = |list: &[i64]| AttributeProto::from(list);
    let cycle =
        |trees: &[i64], nodes: &[i64], modes: &[&str], on_true: &[i64], on_false: &[i64]| {
            build::node("TreeEnsembleRegressor", &["x"], &["y"])
                .in_domain(AI_ONNX_ML)
                .with("nodes_treeids", ints(trees))
                .with("nodes_nodeids", ints(nodes))
                .with("nodes_featureids", ints(&vec![0; nodes.len()]))
                .with("nodes_modes", modes)
                .with("nodes_values", vec![0.0_f32; nodes.len()].as_slice())
                .with("nodes_truenodeids", ints(on_true))
                .with("nodes_falsenodeids", ints(on_false))
        };
    let modes = ["LEAF", "BRANCH_LT", "BRANCH_LT", "LEAF", "LEAF"];
    let with_root = cycle(
        &[3; 5],
        &[0, 1, 2, 3, 4],
        &modes,
        &[0, 2, 1, 0, 0],
        &[0, 3, 4, 0, 0],
    );
    assert_eq!(fault(&with_root), TreeFault::Cycle { tree: 3 });
    let without_root = cycle(
        &[3; 4],
        &[1, 2, 3, 4],
        &modes[1..],
        &[2, 1, 0, 0],
        &[3, 4, 0, 0],
    );
    assert_eq!(fault(&without_root), TreeFault::Cycle { tree: 3 });
}

#[test]
fn a_tree_as_deep_as_it_has_nodes_is_followed_without_recursion() {
    let branches = 200_000_i64;
    let last = 2 * branches;
    // even ids are branches (and the last leaf), odd ids their true leaves
    let ids: Vec<i64> = (0..=last).collect();
    let is_branch = |id: i64| id % 2 == 0 && id < last;
    let next = |step: i64| -> Vec<i64> {
        ids.iter()
            .map(|id| if is_branch(*id) { id + step } else { 0 })
            .collect()
    };
    let modes: Vec<&str> = ids
        .iter()
        .map(|id| if is_branch(*id) { "BRANCH_GT" } else { "LEAF" })
        .collect();
    let zeros = vec![0_i64; ids.len()];
    let node = build::node("TreeEnsembleRegressor", &["x"], &["y"])
        .in_domain(AI_ONNX_ML)
        .with("nodes_treeids", zeros.as_slice())
        .with("nodes_nodeids", ids.as_slice())
        .with("nodes_featureids", zeros.as_slice())
        .with("nodes_modes", modes.as_slice())
        .with("nodes_values", vec![0.0_f32; ids.len()].as_slice())
        .with("nodes_truenodeids", next(1).as_slice())
        .with("nodes_falsenodeids", next(2).as_slice());
    let summary = trees::check(Node::new(&node)).expect("trees");
    assert_eq!(summary.depth, 200_001);
}
