//! Operators that are on the list and not.

use crate::bench::{File, floats, graph, one, x};
use flowgate_core::RuntimeError;
use flowgate_onnx::ElemType::{Double, Float, Int64, String as Text};
use flowgate_onnx::build::{self, node, tensor};

#[test]
fn an_operator_is_known_with_its_domain_only() {
    for (domain, named) in [
        ("my.custom", "my.custom:Relu"),
        ("com.microsoft", "com.microsoft:Relu"),
        ("ai.onnx.ml", "ai.onnx.ml:Relu"),
    ] {
        let values = || tensor(Float, &["n"]);
        let mut model = graph(values(), values())
            .node(node("Relu", &["x"], &["y"]).in_domain(domain))
            .model();
        model.opset_import.push(build::opset(domain, 1));
        if domain == "ai.onnx.ml" {
            model.opset_import.pop();
        }
        assert_eq!(File::model(&model).refusal().operators, [named]);
    }
}

#[test]
fn every_operator_in_the_way_is_named_once_in_order_with_the_reasons() {
    let values = || tensor(Float, &["n", "3"]);
    let model = graph(values(), values())
        .node(node("Softplus", &["x"], &["a"]))
        .node(node("Scaler", &["a"], &["b"]).in_domain("ai.onnx.ml"))
        .node(node("Softplus", &["b"], &["c"]))
        .node(node("Relu", &["c"], &["d"]))
        .node(node("Clip", &["d"], &["y"]))
        .model();
    let refusal = File::model(&model).refusal();
    assert_eq!(refusal.operators, ["Clip", "Softplus", "ai.onnx.ml:Scaler"]);
    assert_eq!(refusal.reasons.len(), 3, "{refusal}");
    let error = File::model(&model).load().err();
    assert!(matches!(error, Some(RuntimeError::Unsupported { .. })));
}

#[test]
fn operators_in_subgraphs_are_in_the_way_too() {
    let body = || {
        build::graph("body")
            .output("z", tensor(Float, &["n"]))
            .node(node("Mystery", &["x"], &["z"]).in_domain("my.custom"))
            .build()
    };
    let model = build::graph("g")
        .input("x", tensor(Float, &["n"]))
        .output("y", tensor(Float, &["n"]))
        .initializer("c", build::bools(&[], &[true]))
        .node(
            node("If", &["c"], &["y"])
                .with("then_branch", body())
                .with("else_branch", body()),
        );
    let mut model = model.model();
    model.opset_import.push(build::opset("my.custom", 1));
    let refusal = File::model(&model).refusal();
    assert_eq!(refusal.operators, ["If", "my.custom:Mystery"]);
}

#[test]
fn unknown_attributes_types_and_versions_are_refused() {
    let floats = || tensor(Float, &["n", "3"]);
    let odd = graph(floats(), floats()).node(node("Relu", &["x"], &["y"]).with("alpha", 1.0_f32));
    assert!(
        File::model(&odd.model())
            .refusal()
            .to_string()
            .contains("`alpha`")
    );
    assert_eq!(one("Relu", Int64).refusal().operators, ["Relu"]);
    assert_eq!(one("Neg", Text).refusal().operators, ["Neg"]);
    for version in [7, 24] {
        let mut model = graph(floats(), floats())
            .node(node("Relu", &["x"], &["y"]))
            .model();
        model.opset_import = vec![build::opset("", version)];
        let refusal = File::model(&model).refusal();
        assert!(refusal.operators.is_empty() && !refusal.reasons.is_empty());
    }
}

#[test]
fn inputs_of_unlike_types_and_contradicting_outputs_are_refused() {
    let model = build::graph("g")
        .input("x", tensor(Float, &["n"]))
        .input("z", tensor(Double, &["n"]))
        .output("y", tensor(Float, &["n"]))
        .node(node("Add", &["x", "z"], &["y"]));
    assert_eq!(File::model(&model.model()).refusal().operators, ["Add"]);
    let model =
        graph(tensor(Float, &["n"]), tensor(Int64, &["n"])).node(node("Relu", &["x"], &["y"]));
    let refusal = File::model(&model.model()).refusal();
    assert!(refusal.to_string().contains("declared"), "{refusal}");
}

#[test]
fn constants_that_the_engine_would_compute_away_are_refused() {
    let floats = || tensor(Float, &["n", "3"]);
    let with = |op: &str, constant: &[f32]| {
        let constant = build::floats(&[i64::try_from(constant.len()).expect("few")], constant);
        graph(floats(), floats())
            .initializer("c", constant)
            .node(node(op, &["x", "c"], &["y"]))
            .model()
    };
    assert_eq!(
        File::model(&with("Mul", &[0.0])).refusal().operators,
        ["Mul"]
    );
    assert_eq!(
        File::model(&with("Pow", &[0.5])).refusal().operators,
        ["Pow"]
    );
    assert!(File::model(&with("Mul", &[0.0, 1.0, 0.0])).load().is_ok());
    assert!(File::model(&with("Pow", &[2.0])).load().is_ok());
    let made = graph(floats(), floats())
        .initializer("c", build::floats(&[1], &[1.0]))
        .node(node("Floor", &["c"], &["d"]))
        .node(node("Mul", &["x", "d"], &["y"]))
        .model();
    assert_eq!(File::model(&made).refusal().operators, ["Mul"]);
}

#[test]
fn a_linear_classifier_of_one_row_is_logistic_or_refused() {
    let build = |rows: usize, transform: &str| {
        let labels: Vec<i64> = (0..2).collect();
        let node = node("LinearClassifier", &["x"], &["l", "y"])
            .in_domain("ai.onnx.ml")
            .with("classlabels_ints", &labels[..])
            .with("coefficients", &vec![1.0_f32; rows * 3][..])
            .with("intercepts", &vec![0.0_f32; rows][..])
            .with("post_transform", transform);
        let graph = graph(tensor(Float, &["n", "3"]), tensor(Float, &["n", "2"])).node(node);
        File::model(&graph.output("l", tensor(Int64, &["n"])).model())
    };
    for transform in ["NONE", "SOFTMAX"] {
        assert_eq!(
            build(1, transform).refusal().operators,
            ["ai.onnx.ml:LinearClassifier"]
        );
        assert!(build(2, transform).load().is_ok());
    }
    let outputs = build(1, "LOGISTIC").run(x(&[2, 3], vec![0.0_f32, 0.0, 0.0, 1.0, 1.0, 1.0]));
    let outputs = outputs.expect("a run");
    let scores = floats(&outputs, "y");
    assert_eq!(scores[..2], [0.5, 0.5]);
    assert!((scores[3] - 0.952_574_13).abs() < 1e-6, "{scores:?}");
}
