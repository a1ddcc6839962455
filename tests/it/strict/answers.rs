//! "Answers".

use super::{JSON, Line, Predictions};
use crate::golden::package_path;
use crate::support::{Program, TestApp};
use std::path::Path;

#[tokio::test]
async fn tables_are_records_and_arrays_are_lists() {
    let mut line = Line::of("multi_output");
    line.json(
        r#"{"inputs": {"x": [1.5, -3], "y": [2, 0.5]}}"#,
        Predictions(
            r#"[{"sum": 3.5, "prod": 3.0, "positive": true, "label": "positif \u2713"}, {"sum": -2.5, "prod": -1.5, "positive": false, "label": "n\u00e9gatif"}]"#,
        ),
    )
    .await;
    line.done();
    let mut line = Line::of("string_tensor");
    let lists = Predictions(r#"{"code": [-1, 1], "echo": ["hello", "abc"]}"#);
    line.json(r#"{"inputs": ["hello", "abc"]}"#, lists).await;
    line.done();
}

#[tokio::test]
async fn numbers_are_printed_as_python_prints_them() {
    let mut line = Line::of("all_types");
    for (sent, printed) in [
        ("8e15", "1.6e+16"),
        ("4e15", "8000000000000000.0"),
        ("5e-6", "1e-05"),
        ("5e-5", "0.0001"),
        ("1e300", "2e+300"),
        ("-0.0", "-0.0"),
        ("61728394.5", "123456789.0"),
        ("0.15", "0.3"),
    ] {
        let body = format!(
            r#"{{"dataframe_records": [{{"boolean": true, "integer": 1, "long": 2, "float": 0.05, "double": {sent}, "string": "s", "binary": "", "datetime": "2021-01-01"}}]}}"#
        );
        let wanted = format!(
            r#"[{{"not_boolean": false, "integer_p1": 2, "long_p1": 3, "float_x2": 0.10000000149011612, "double_x2": {printed}}}]"#
        );
        line.json(&body, Predictions(&wanted)).await;
    }
    line.done();
}

#[tokio::test]
async fn nan_and_infinities_are_null() {
    let mut line = Line::of("nonfinite");
    line.json(
        r#"{"dataframe_split": {"columns": ["x"], "data": [[4], [0], [-1]]}}"#,
        Predictions(
            r#"[{"log": 1.3862943611198906, "sqrt": 2.0, "recip": 0.25}, {"log": null, "sqrt": 0.0, "recip": null}, {"log": null, "sqrt": null, "recip": -1.0}]"#,
        ),
    )
    .await;
    line.done();
    let mut line = Line::of("tensor1d_f32");
    line.json(
        r#"{"inputs": [1, NaN]}"#,
        Predictions(r#"{"y": [3.0, null]}"#),
    )
    .await;
    line.done();
}

#[tokio::test]
async fn an_output_of_several_values_a_row_is_a_list_a_row() {
    let mut line = Line::of("int32_cols");
    let rows = r#"{"dataframe_split": {"columns": ["p", "q"], "data": [[1, 2], [3, 4]]}}"#;
    line.json(rows, Predictions(r#"[{"y": [2, 3]}, {"y": [4, 5]}]"#))
        .await;
    line.done();
}

#[tokio::test]
async fn a_label_with_its_probabilities_is_a_record_a_row() {
    let mut line = Line::of("iris_dt_nozipmap_cols");
    line.csv(
        "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n5.1,3.5,1.4,0.2\n6.2,2.9,4.3,1.3\n",
        Predictions(
            r#"[{"label": 0, "probabilities": [1.0, 0.0, 0.0]}, {"label": 1, "probabilities": [0.0, 1.0, 0.0]}]"#,
        ),
    )
    .await;
    line.done();
}

async fn mismatches(app: &TestApp) -> String {
    let metrics = app.get("/metrics").await.text();
    let line = metrics
        .lines()
        .find(|line| line.starts_with("flowgate_output_mismatches_total{"));
    let value = line.and_then(|line| line.rsplit(' ').next());
    value.unwrap_or("none").to_owned()
}

/// `tensor1d_f32` with `outputs` in its signature, in `folder`.
fn declaring(outputs: &str, folder: &Path) -> TestApp {
    let source = package_path("tensor1d_f32");
    for entry in fs_err::read_dir(&source).expect("a package") {
        let path = entry.expect("an entry").path();
        fs_err::copy(&path, folder.join(path.file_name().expect("a name"))).expect("copied");
    }
    let manifest = fs_err::read_to_string(folder.join("MLmodel")).expect("a manifest");
    let declared = manifest.replace("outputs: null", &format!("outputs: '{outputs}'"));
    assert_ne!(declared, manifest);
    fs_err::write(folder.join("MLmodel"), declared).expect("written");
    TestApp::serve(folder, "ort").expect("served")
}

#[tokio::test]
async fn outputs_that_are_not_as_declared_are_counted_once() {
    for (shape, datatype, before, after) in [
        ("[-1]", "float32", "0", "0"),
        // A row of zeros at load has one.
        ("[1]", "float32", "0", "1"),
        ("[-1]", "float64", "1", "1"),
        ("[-1, 1]", "float32", "1", "1"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = format!(
            r#"[{{"type": "tensor", "tensor-spec": {{"dtype": "{datatype}", "shape": {shape}}}}}]"#
        );
        let app = declaring(&outputs, folder.path());
        assert_eq!(mismatches(&app).await, before, "{outputs}");
        for _ in 0..3 {
            let answer = app.invoke(JSON, r#"{"inputs": [1, 2]}"#).await;
            assert_eq!(answer.text(), r#"{"predictions": {"y": [3.0, 6.0]}}"#);
        }
        assert_eq!(mismatches(&app).await, after, "{outputs}");
    }
    for (package, count) in [
        ("iris_dt_zipmap", "1"),
        ("iris_named_tensor", "0"),
        ("multi_numeric", "0"),
        ("nosig_double", "0"),
    ] {
        let app = TestApp::serve(&package_path(package), "ort").expect("served");
        assert_eq!(mismatches(&app).await, count, "{package}");
    }
}

#[test]
fn outputs_that_are_not_as_declared_are_logged_once() {
    let server = Program::serve(&["-m", "tests/golden/models/iris_dt_zipmap"]);
    let body = r#"{"instances": [{"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}]}"#;
    for _ in 0..3 {
        assert_eq!(server.post(JSON, body).0, 200);
    }
    let log = server.log();
    let told = log
        .matches("answers are not what its signature declares")
        .count();
    assert_eq!(told, 1, "{log}");
    assert!(
        log.contains("`output_probability` wants no such output"),
        "{log}"
    );
}
