//! Ensembles of trees: which are taken, and what they answer.

use crate::bench::{File, floats, graph, ints, x};
use flowgate_core::{Data, Runtime, RuntimeError};
use flowgate_onnx::ElemType::{Double, Float, Int64};
use flowgate_onnx::build::{node, tensor};
use flowgate_onnx::proto::NodeProto;
use flowgate_onnx::{AI_ONNX_ML, ElemType};
use runtime_tract::Tract;

/// One branch on the first feature at 0.5, with a leaf on each side.
struct Stump {
    mode: &'static str,
    labels: Vec<i64>,
    transform: &'static str,
    on_true: i64,
    base: Vec<f32>,
    /// Class and weight of the leaf on the true side, then the other.
    votes: [(i64, f32); 2],
    elem: ElemType,
    missing: i64,
}

impl Default for Stump {
    fn default() -> Self {
        Self {
            mode: "BRANCH_LEQ",
            labels: vec![10, 20, 30],
            transform: "NONE",
            on_true: 1,
            base: Vec::new(),
            votes: [(0, 1.0), (2, 1.0)],
            elem: Float,
            missing: 0,
        }
    }
}

impl Stump {
    fn node(&self) -> NodeProto {
        let [(first, first_weight), (second, second_weight)] = self.votes;
        let node = node("TreeEnsembleClassifier", &["x"], &["l", "y"])
            .in_domain(AI_ONNX_ML)
            .with("classlabels_int64s", &self.labels[..])
            .with("post_transform", self.transform)
            .with("nodes_treeids", &[0_i64, 0, 0][..])
            .with("nodes_nodeids", &[0_i64, 1, 2][..])
            .with("nodes_featureids", &[0_i64, 0, 0][..])
            .with("nodes_values", &[0.5_f32, 0.0, 0.0][..])
            .with("nodes_modes", &[self.mode, "LEAF", "LEAF"][..])
            .with("nodes_missing_value_tracks_true", &[self.missing, 0, 0][..])
            .with("nodes_truenodeids", &[self.on_true, 0, 0][..])
            .with("nodes_falsenodeids", &[2_i64, 0, 0][..])
            .with("class_treeids", &[0_i64, 0][..])
            .with("class_nodeids", &[1_i64, 2][..])
            .with("class_ids", &[first, second][..])
            .with("class_weights", &[first_weight, second_weight][..]);
        if self.base.is_empty() {
            node
        } else {
            node.with("base_values", &self.base[..])
        }
    }

    fn file(&self) -> File {
        let graph = graph(tensor(self.elem, &["n", "1"]), tensor(Float, &["n", "c"]));
        File::model(
            &graph
                .output("l", tensor(Int64, &["n"]))
                .node(self.node())
                .model(),
        )
    }
}

#[test]
fn three_classes_are_told_with_missing_values_on_their_side() {
    let values = vec![0.5_f32, 0.6, f32::NAN];
    for (mode, missing, labels) in [
        ("BRANCH_LEQ", 0, [10, 30, 30]),
        ("BRANCH_LEQ", 1, [10, 30, 10]),
        ("BRANCH_LT", 0, [30, 30, 30]),
        ("BRANCH_GT", 0, [30, 10, 30]),
        ("BRANCH_EQ", 1, [10, 30, 10]),
    ] {
        let stump = Stump {
            mode,
            missing,
            ..Stump::default()
        };
        let outputs = stump.file().run(x(&[3, 1], values.clone())).expect("a run");
        assert_eq!(ints(&outputs, "l"), labels, "{mode} {missing}");
    }
}

#[test]
fn a_class_that_no_tree_speaks_of_is_not_chosen_over_a_negative_score() {
    let stump = Stump {
        votes: [(1, -1.0), (2, -2.0)],
        transform: "LOGISTIC",
        ..Stump::default()
    };
    let outputs = stump.file().run(x(&[1, 1], vec![0.0_f32])).expect("a run");
    assert_eq!(ints(&outputs, "l"), [20]);
    let scores = floats(&outputs, "y");
    assert!(
        (scores[1] - 0.268_941_4).abs() < 1e-6 && scores[0] == 0.5,
        "{scores:?}"
    );
    let stump = Stump {
        base: vec![0.0, 0.0, 3.0],
        ..stump
    };
    let outputs = stump.file().run(x(&[1, 1], vec![0.0_f32])).expect("a run");
    assert_eq!(ints(&outputs, "l"), [30]);
}

#[test]
fn integers_are_compared_as_numbers() {
    let stump = Stump {
        elem: Int64,
        ..Stump::default()
    };
    let outputs = stump.file().run(x(&[2, 1], vec![0_i64, 1])).expect("a run");
    assert_eq!(ints(&outputs, "l"), [10, 30]);
}

#[test]
fn forms_that_nobody_has_proven_right_are_refused() {
    let stump = Stump::default;
    let forms = [
        (
            "two classes",
            Stump {
                labels: vec![0, 1],
                votes: [(0, 1.0), (1, 1.0)],
                ..stump()
            },
        ),
        (
            "two classes in one",
            Stump {
                labels: vec![0, 1],
                votes: [(0, 1.0), (0, 0.0)],
                ..stump()
            },
        ),
        (
            "BRANCH_GTE",
            Stump {
                mode: "BRANCH_GTE",
                ..stump()
            },
        ),
        (
            "BRANCH_NEQ",
            Stump {
                mode: "BRANCH_NEQ",
                ..stump()
            },
        ),
        (
            "probit",
            Stump {
                transform: "PROBIT",
                ..stump()
            },
        ),
        (
            "zeros apart",
            Stump {
                transform: "SOFTMAX_ZERO",
                ..stump()
            },
        ),
        (
            "one base value",
            Stump {
                base: vec![0.5],
                ..stump()
            },
        ),
        (
            "doubles",
            Stump {
                elem: Double,
                ..stump()
            },
        ),
        (
            "a weight that is no number",
            Stump {
                votes: [(0, f32::NAN), (1, 1.0)],
                ..stump()
            },
        ),
        (
            "a class that is not there",
            Stump {
                votes: [(0, 1.0), (3, 1.0)],
                ..stump()
            },
        ),
        (
            "a child that is not there",
            Stump {
                on_true: 7,
                ..stump()
            },
        ),
        (
            "a walk without end",
            Stump {
                on_true: 0,
                ..stump()
            },
        ),
    ];
    for (what, stump) in forms {
        let refusal = stump.file().refusal();
        assert_eq!(
            refusal.operators,
            ["ai.onnx.ml:TreeEnsembleClassifier"],
            "{what}"
        );
    }
}

#[test]
fn texts_for_labels_are_refused() {
    let mut node = Stump::default().node();
    node.attribute
        .retain(|one| one.name() != "classlabels_int64s");
    let node = node.with("classlabels_strings", &["a", "b", "c"][..]);
    let graph = graph(tensor(Float, &["n", "1"]), tensor(Float, &["n", "c"])).node(node);
    let file = File::model(&graph.model());
    assert_eq!(
        file.refusal().operators,
        ["ai.onnx.ml:TreeEnsembleClassifier"]
    );
}

#[test]
fn fewer_features_than_the_trees_read_are_refused() {
    let graph = graph(tensor(Float, &["n", "m"]), tensor(Float, &["n", "c"]));
    let graph = graph
        .output("l", tensor(Int64, &["n"]))
        .node(Stump::default().node());
    let file = File::model(&graph.model());
    assert!(file.run(x(&[1, 2], vec![0.0_f32, 9.0])).is_ok());
    let answer = file.run(x(&[1, 0], Data::empty(flowgate_core::DataType::F32)));
    assert!(
        matches!(answer, Err(RuntimeError::InvalidInput { .. })),
        "{answer:?}"
    );
    assert_eq!(Tract::new().name(), "tract");
}
