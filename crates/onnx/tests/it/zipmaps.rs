//! Taking `ZipMap` out of a graph.

use flowgate_onnx::proto::{ModelProto, NodeProto};
use flowgate_onnx::{AI_ONNX_ML, Dim, ElemType, Labels, Model, ValueKind, build, zipmap};

use crate::{read, variant};

fn scores() -> flowgate_onnx::proto::TypeProto {
    build::tensor(ElemType::Float, &["n", "2"])
}

fn zip(from: &str, to: &str) -> NodeProto {
    build::node("ZipMap", &[from], &[to])
        .in_domain(AI_ONNX_ML)
        .with("classlabels_int64s", [3_i64, 5].as_slice())
}

fn maps() -> flowgate_onnx::proto::TypeProto {
    build::sequence_of_map(ElemType::Int64, ElemType::Float)
}

/// Operators with their inputs and outputs, of the file without its `ZipMap`s.
fn rewritten(proto: &ModelProto) -> (Model, Vec<String>) {
    let model = read(proto).expect("a sound model");
    let model = read(&zipmap::without(&model).expect("rewritten")).expect("still sound");
    let nodes = model
        .nodes()
        .map(|node| {
            format!(
                "{} {:?} {:?}",
                node.op_type(),
                node.inputs(),
                node.outputs()
            )
        })
        .collect();
    (model, nodes)
}

#[test]
fn scores_that_nobody_else_reads_are_renamed() {
    let proto = build::graph("g")
        .input("x", scores())
        .node(build::node("Softmax", &["x"], &["p"]))
        .node(zip("p", "probabilities"))
        .output("probabilities", maps())
        .model();
    let found = zipmap::find(&read(&proto).expect("a sound model")).expect("found");
    assert_eq!(
        found,
        [zipmap::ZipMap {
            output: "probabilities".to_owned(),
            input: "p".to_owned(),
            labels: Labels::Ints(vec![3, 5]),
        }]
    );
    let (model, nodes) = rewritten(&proto);
    assert_eq!(nodes, [r#"Softmax ["x"] ["probabilities"]"#]);
    assert_eq!(
        model.outputs()[0].kind,
        ValueKind::Tensor {
            elem: ElemType::Float,
            dims: Some(vec![Dim::Unknown, Dim::Unknown]),
        }
    );
}

#[test]
fn scores_that_are_read_elsewhere_go_through_an_identity() {
    let body = build::graph("body")
        .node(build::node("Neg", &["p"], &["q"]))
        .output("q", scores())
        .build();
    let also_output = build::graph("g")
        .input("x", scores())
        .node(build::node("Softmax", &["x"], &["p"]))
        .node(zip("p", "m"))
        .output("m", maps())
        .output("p", scores());
    let also_in_a_body = build::graph("g")
        .input("x", scores())
        .node(build::node("Softmax", &["x"], &["p"]))
        .node(build::node("If", &["x"], &["r"]).with("then_branch", body))
        .node(zip("p", "m"))
        .output("m", maps());
    let an_input = build::graph("g")
        .input("p", scores())
        .node(zip("p", "m"))
        .output("m", maps());
    for graph in [also_output, also_in_a_body, an_input] {
        let mut proto = graph.model();
        proto.opset_import = vec![build::opset(AI_ONNX_ML, 1)];
        let (model, nodes) = rewritten(&proto);
        assert_eq!(
            nodes.last().map(String::as_str),
            Some(r#"Identity ["p"] ["m"]"#)
        );
        assert_eq!(model.opset(""), Some(1));
    }
}

#[test]
fn two_maps_of_one_tensor_are_both_taken_out() {
    let proto = build::graph("g")
        .input("x", scores())
        .node(build::node("Softmax", &["x"], &["p"]))
        .node(zip("p", "a"))
        .node(zip("p", "b"))
        .output("b", maps())
        .output("a", maps())
        .model();
    let (_, nodes) = rewritten(&proto);
    assert_eq!(
        nodes,
        [
            r#"Softmax ["x"] ["p"]"#,
            r#"Identity ["p"] ["a"]"#,
            r#"Identity ["p"] ["b"]"#
        ]
    );
}

#[test]
fn a_map_that_is_no_output_or_has_readers_or_no_labels_is_not_taken_out() {
    let start = || {
        build::graph("g")
            .input("x", scores())
            .node(build::node("Softmax", &["x"], &["p"]))
    };
    let inner = start()
        .node(zip("p", "m"))
        .node(build::node("Use", &["m"], &["y"]))
        .output("y", scores())
        .model();
    let model = read(&inner).expect("a sound model");
    assert_eq!(zipmap::find(&model).expect("none"), []);
    assert_eq!(zipmap::without(&model).expect("unchanged"), inner);

    let used = start()
        .node(zip("p", "m"))
        .node(build::node("Use", &["m"], &["y"]))
        .output("m", maps())
        .model();
    let model = read(&used).expect("a sound model");
    assert_eq!(variant(zipmap::without(&model)), "ZipMap");

    let unlabelled = start()
        .node(build::node("ZipMap", &["p"], &["m"]).in_domain(AI_ONNX_ML))
        .output("m", maps())
        .model();
    let model = read(&unlabelled).expect("a sound model");
    assert_eq!(variant(zipmap::find(&model)), "Labels");
}
