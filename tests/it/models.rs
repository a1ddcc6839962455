//! Every package of the sample store answers its own example with what MLflow answered.

use crate::support::{TestApp, difference, root, samples};
use serde_json::Value;

/// Every sample that `runtime` is expected to run; those of native flavors have one only.
async fn check(runtime: &str, is_expected: impl Fn(&str) -> bool) {
    let samples = samples();
    assert!(samples.len() >= 8, "the store holds its samples");
    for path in samples {
        let name = path
            .strip_prefix(root())
            .expect("below")
            .display()
            .to_string();
        if !is_expected(&name) {
            continue;
        }
        let app = TestApp::serve(&path, runtime).unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = |file: &str| fs_err::read(path.join(file)).expect("a file of the package");
        let answer = app.invoke_json(read("serving_input_example.json")).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let expected: Value = serde_json::from_slice(&read("expected.json")).expect("JSON");
        assert_eq!(
            difference(&expected, &answer.json(), 1e-5),
            None,
            "{name} through {runtime}"
        );
    }
}

fn is_native(sample: &str) -> bool {
    ["models/cancer", "models/wine"]
        .iter()
        .any(|native| sample.starts_with(native))
}

#[tokio::test]
async fn every_onnx_sample_answers_through_ort_as_mlflow_does() {
    check("ort", |sample| !is_native(sample)).await;
}

#[tokio::test]
async fn every_onnx_sample_without_trees_answers_through_tract_as_mlflow_does() {
    let trees = ["models/iris/2", "models/iris/3"];
    check("tract", |sample| {
        !is_native(sample) && !trees.contains(&sample)
    })
    .await;
}

#[tokio::test]
async fn every_sample_of_a_table_answers_through_the_tabular_runtime_as_mlflow_does() {
    check("tabular", |sample| !sample.starts_with("models/digits")).await;
}

#[tokio::test]
async fn the_decision_tree_answers_to_the_byte() {
    let path = root().join("models/iris/3");
    let expected = fs_err::read_to_string(path.join("expected.json")).expect("recorded");
    let body = fs_err::read(path.join("serving_input_example.json")).expect("recorded");
    for runtime in ["ort", "tabular"] {
        let app = TestApp::serve(&path, runtime).expect("loaded");
        assert_eq!(
            app.invoke_json(body.clone()).await.text(),
            expected,
            "{runtime}"
        );
    }
}
