//! `predict`, `inspect` and `pack`, as a user runs them.

use crate::support::{TestApp, difference, program, root};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

/// Runs the program and gives standard output; it must end with 0.
#[track_caller]
fn run(arguments: &[&str]) -> String {
    let output = program().args(arguments).output().expect("started");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

fn text(path: impl AsRef<Path>) -> String {
    fs_err::read_to_string(root().join(path.as_ref())).expect("a file")
}

#[test]
fn predict_answers_json_from_a_file_as_mlflow_does() {
    let found = run(&[
        "predict",
        "-m",
        "models:/iris/3",
        "-i",
        "models/iris/3/serving_input_example.json",
    ]);
    assert_eq!(found, text("models/iris/3/expected.json"));
}

#[test]
fn predict_answers_csv_from_standard_input_into_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("answer.json");
    let mut child = program()
        .args(["predict", "-m", "models:/iris/3", "-t", "csv", "-o"])
        .arg(&target)
        .stdin(Stdio::piped())
        .spawn()
        .expect("started");
    let csv = b"sepal_length,sepal_width,petal_length,petal_width\n4.5,2.3,1.3,0.3\n";
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(csv)
        .expect("sent");
    assert!(child.wait().expect("ended").success());
    assert_eq!(
        text(&target),
        r#"{"predictions": [{"output_label": 0, "output_probability": {"0": 1.0, "1": 0.0, "2": 0.0}}]}"#
    );
}

#[test]
fn predict_refuses_what_the_server_refuses() {
    let mut child = program()
        .args(["predict", "-m", "models:/iris/3"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(b"{\"inputs\": {\"sepal_length\": [1]}}")
        .expect("sent");
    let output = child.wait_with_output().expect("ended");
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("Model is missing inputs"), "{message}");
}

#[test]
fn inspect_shows_the_signature_the_flavors_the_sizes_and_the_choice() {
    let found = run(&["inspect", "-m", "models:/iris/3"]);
    for part in [
        "iris version 3",
        "onnx, python_function",
        "sepal_length",
        "double",
        "required",
        "model.onnx",
        "sha256:",
        "the first that is there and supports the model",
        "MLflow 3.17.2",
    ] {
        assert!(found.contains(part), "no `{part}` in\n{found}");
    }
}

#[test]
fn inspect_json_says_why_a_runtime_is_not_used() {
    let found = run(&[
        "inspect",
        "-m",
        "tests/golden/models/reg_pipeline",
        "--json",
    ]);
    let found: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(found["runtime"]["name"], "tabular", "{found:#}");
    let found = program()
        .args(["inspect", "-m", "tests/golden/models/cnn", "--json"])
        .env("FLOWGATE_CACHE_DIR", "/nonexistent")
        .output()
        .expect("started");
    let found: Value = serde_json::from_slice(&found.stdout).expect("JSON");
    assert_eq!(found["runtime"]["name"], "tract");
    let considered = found["runtimes"].as_array().expect("a list");
    let tabular = considered.iter().find(|one| one["name"] == "tabular");
    let obstacle = &tabular.expect("it was considered")["obstacle"];
    assert!(obstacle.to_string().contains("further files"), "{obstacle}");
}

#[tokio::test]
async fn a_packed_model_is_served_with_the_columns_of_its_example() {
    let folder = tempfile::tempdir().expect("a folder");
    let csv = folder.path().join("rows.csv");
    fs_err::write(
        &csv,
        "sepal_length,sepal_width,petal_length,petal_width\n4.5,2.3,1.3,0.3\n5.4,3.0,4.5,1.5\n",
    )
    .expect("written");
    let package = folder.path().join("iris").join("1");
    let output = run(&[
        "pack",
        "models/iris/3/model.onnx",
        "-o",
        &package.display().to_string(),
        "-e",
        &csv.display().to_string(),
    ]);
    assert!(
        output.contains("the example gives") && output.contains("\"output_label\": 0"),
        "{output}"
    );
    let manifest = text(package.join("MLmodel"));
    for part in [
        "loader_module: mlflow.onnx",
        "\"sepal_length\"",
        "serving_input_path: serving_input_example.json",
        "type: dataframe",
        "model_uuid: ",
    ] {
        assert!(manifest.contains(part), "no `{part}` in\n{manifest}");
    }
    let app = TestApp::serve(&package, "tabular").expect("loaded");
    let answer = app
        .invoke_json(text(package.join("serving_input_example.json")))
        .await;
    let whole: Value = serde_json::from_str(&text("models/iris/3/expected.json")).expect("JSON");
    let wanted =
        serde_json::json!({"predictions": whole["predictions"].as_array().expect("a list")[..2]});
    assert_eq!(difference(&wanted, &answer.json(), 1e-6), None);
}

#[test]
fn a_model_packed_without_an_example_has_the_signature_of_its_graph() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = folder.path().join("digits");
    run(&[
        "pack",
        "models/digits/1/model.onnx",
        "-o",
        &package.display().to_string(),
    ]);
    let manifest = text(package.join("MLmodel"));
    assert!(
        manifest.contains("\"float32\"") && manifest.contains("64"),
        "{manifest}"
    );
    assert!(
        package.join("model.onnx.data").is_file(),
        "the weights came along"
    );
    let again = program()
        .args(["pack", "models/digits/1/model.onnx", "-o"])
        .arg(&package)
        .output()
        .expect("started");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is already there"));
}

#[test]
fn an_example_that_contradicts_the_graph_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let csv = folder.path().join("rows.csv");
    fs_err::write(&csv, "name\nrose\n").expect("written");
    let package = folder.path().join("p");
    let output = program()
        .args(["pack", "models/iris/3/model.onnx", "-e"])
        .arg(&csv)
        .arg("-o")
        .arg(&package)
        .output()
        .expect("started");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("contradicts the model"));
    assert_eq!(
        fs_err::read_dir(folder.path()).expect("listed").count(),
        1,
        "only the example is there"
    );
}

#[test]
fn help_reads_well_for_every_command() {
    for command in ["serve", "inspect", "predict", "validate", "pack"] {
        let help = run(&[command, "--help"]);
        assert!(help.contains("Usage: flowgate"), "{help}");
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{help}"
        );
    }
    assert!(run(&["--version"]).starts_with("flowgate 0."));
}
