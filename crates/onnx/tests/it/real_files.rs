//! Files that real converters wrote, and what is read from them.

use std::fmt::Write;

use flowgate_onnx::trees::{self, PostTransform};
use flowgate_onnx::{Dim, Labels, Limits, Model, ValueInfo, ValueKind, encode, zipmap};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../data/", $name, ".onnx")))),+]
    };
}

/// Name and bytes of every file in `tests/data`.
pub(crate) const FILES: &[(&str, &[u8])] = files![
    "cnn",
    "dict_tensors",
    "iris_dt_nozipmap_cols",
    "iris_dt_zipmap",
    "lgbm_clf_zipmap",
    "nosig_iris",
    "string_onehot",
    "xgb_clf_tensor",
];

pub(crate) fn bytes(name: &str) -> &'static [u8] {
    FILES
        .iter()
        .find(|(file, _)| *file == name)
        .map(|(_, bytes)| *bytes)
        .expect("a file of the list")
}

fn model(name: &str) -> Model {
    Model::read(bytes::Bytes::from_static(bytes(name)), &Limits::default()).expect("a sound model")
}

/// Inputs and outputs in one line: `x tensor(float) [?, 4]`.
fn values(values: &[ValueInfo]) -> String {
    let mut text = String::new();
    for (at, value) in values.iter().enumerate() {
        let gap = if at == 0 { "" } else { "; " };
        write!(text, "{gap}{} {}", value.name, value.kind).expect("writes to a string");
        if let ValueKind::Tensor { dims, .. } = &value.kind {
            let dims: Vec<String> = dims
                .iter()
                .flatten()
                .map(|dim| match dim {
                    Dim::Fixed(extent) => extent.to_string(),
                    Dim::Symbol(name) => name.clone(),
                    Dim::Unknown => "?".to_owned(),
                })
                .collect();
            write!(text, " [{}]", dims.join(", ")).expect("writes to a string");
        }
    }
    text
}

#[test]
fn inputs_and_outputs_are_those_of_the_graph() {
    for (name, inputs, outputs) in [
        (
            "cnn",
            "image tensor(float) [?, 1, 8, 8]",
            "logits tensor(float) [?, 4]; probs tensor(float) [?, 4]",
        ),
        (
            "dict_tensors",
            "ids tensor(int64) [?, 4]; mask tensor(float) [?, 4]",
            "pooled tensor(float) [?, 3]; count tensor(float) [?]",
        ),
        (
            "iris_dt_nozipmap_cols",
            "float_input tensor(float) [?, 4]",
            "label tensor(int64) [?]; probabilities tensor(float) [?, 3]",
        ),
        (
            "iris_dt_zipmap",
            "float_input tensor(float) [?, 4]",
            "output_label tensor(int64) [?]; output_probability seq(map(int64,tensor(float)))",
        ),
        (
            "lgbm_clf_zipmap",
            "input tensor(float) [?, 4]",
            "label tensor(int64) [1]; probabilities seq(map(int64,tensor(float)))",
        ),
        (
            "nosig_iris",
            "float_input tensor(float) [?, 4]",
            "label tensor(int64) [?]; probabilities tensor(float) [?, 3]",
        ),
        (
            "string_onehot",
            "input tensor(string) [?, 2]",
            "variable tensor(float) [?, 6]",
        ),
        (
            "xgb_clf_tensor",
            "input tensor(float) [?, 4]",
            "label tensor(int64) [?]; probabilities tensor(float) [?, 2]",
        ),
    ] {
        let model = model(name);
        assert_eq!(values(model.inputs()), inputs, "{name}");
        assert_eq!(values(model.outputs()), outputs, "{name}");
    }
}

#[test]
fn versions_and_operator_sets_are_told() {
    let lgbm = model("lgbm_clf_zipmap");
    assert_eq!(lgbm.ir_version(), 4);
    assert_eq!(
        (lgbm.opset(""), lgbm.opset("ai.onnx.ml")),
        (Some(9), Some(1))
    );
    let xgb = model("xgb_clf_tensor");
    assert_eq!((xgb.opset(""), xgb.opset("ai.onnx.ml")), (None, Some(1)));
    assert_eq!(model("cnn").opsets().len(), 1);
}

#[test]
fn weights_in_another_file_are_named() {
    let cnn = model("cnn");
    let found: Vec<_> = cnn.external_data().iter().map(String::as_str).collect();
    assert_eq!(found, ["f6a75d12-e758-11f1-8c80-02fc00000001.data"]);
    let bytes: u64 = cnn
        .graph()
        .initializers()
        .filter_map(|tensor| tensor.external().expect("a location"))
        .filter_map(|external| Some(external.offset + external.length?))
        .max()
        .expect("external tensors");
    // the length of that file
    assert_eq!(bytes, 4_608);
    for (name, _) in FILES.iter().filter(|(name, _)| *name != "cnn") {
        assert!(model(name).external_data().is_empty());
    }
}

#[test]
fn a_file_is_written_back_in_as_many_bytes_and_reads_the_same() {
    for (name, bytes) in FILES {
        let first = model(name);
        let written = encode(&first.to_proto());
        // fields that are not known here would be missing
        assert_eq!(written.len(), bytes.len(), "{name}");
        let again = Model::read(written.into(), &Limits::default()).expect("a sound model");
        assert_eq!(again.into_proto(), first.into_proto(), "{name}");
    }
}

#[test]
fn raw_data_is_not_copied_out_of_the_file() {
    let file = bytes::Bytes::from_static(bytes("dict_tensors"));
    let range = file.as_ptr_range();
    let model = Model::read(file, &Limits::default()).expect("a sound model");
    let raw: Vec<_> = model
        .graph()
        .initializers()
        .filter_map(|tensor| tensor.proto().raw_data.clone())
        .collect();
    assert!(!raw.is_empty());
    assert!(raw.iter().all(|data| range.contains(&data.as_ptr())));
}

#[test]
fn every_constant_of_the_files_can_be_read() {
    for (name, _) in FILES {
        let model = model(name);
        for tensor in model.graph().initializers() {
            tensor.contents().expect("contents");
        }
    }
}

#[test]
fn trees_of_three_libraries_are_trees() {
    for (name, trees, nodes, classes, post, single) in [
        (
            "iris_dt_nozipmap_cols",
            1,
            15,
            3,
            PostTransform::None,
            false,
        ),
        ("iris_dt_zipmap", 1, 15, 3, PostTransform::None, false),
        ("lgbm_clf_zipmap", 15, 131, 3, PostTransform::Softmax, false),
        ("nosig_iris", 5, 51, 3, PostTransform::None, false),
        ("xgb_clf_tensor", 6, 70, 2, PostTransform::Logistic, true),
    ] {
        let model = model(name);
        let node = model
            .nodes()
            .find(|node| node.is("ai.onnx.ml", "TreeEnsembleClassifier"))
            .expect("an ensemble");
        let summary = trees::check(node).expect("trees");
        assert_eq!((summary.n_trees, summary.n_nodes), (trees, nodes), "{name}");
        assert_eq!(summary.n_classes, classes, "{name}");
        assert_eq!(summary.post_transform, post, "{name}");
        assert_eq!(summary.single_class_id, single, "{name}");
        assert!(summary.roots_first && !summary.has_nan, "{name}");
    }
}

#[test]
fn maps_are_taken_out_and_the_outputs_keep_their_names() {
    for (name, outputs) in [
        (
            "iris_dt_zipmap",
            "output_label tensor(int64) [?]; output_probability tensor(float) [?, ?]",
        ),
        (
            "lgbm_clf_zipmap",
            "label tensor(int64) [1]; probabilities tensor(float) [?, ?]",
        ),
    ] {
        let before = model(name);
        let found = zipmap::find(&before).expect("found");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].labels, Labels::Ints(vec![0, 1, 2]));
        assert_eq!(found[0].output, before.outputs()[1].name);
        let file = encode(&zipmap::without(&before).expect("rewritten"));
        let after = Model::read(file.into(), &Limits::default()).expect("a sound model");
        assert_eq!(values(after.outputs()), outputs, "{name}");
        assert_eq!(after.nodes().len() + 1, before.nodes().len(), "{name}");
        assert!(after.operators().keys().all(|o| o.op_type != "ZipMap"));
    }
    assert_eq!(zipmap::find(&model("cnn")).expect("none"), []);
}
