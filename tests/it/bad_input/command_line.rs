//! What users get wrong on the command line and in their files: each a clear message with what to
//! do, exit code 2 for usage and 1 for the rest, and nothing half started.

use crate::support::{ended, program, root};
use flowgate_testkit::graphs;
use std::path::Path;

/// Runs the program and gives the exit code and standard error. A server without a port of its
/// own would take the default one, which another program may have.
fn run(arguments: &[&str]) -> (i32, String) {
    let mut command = program();
    if arguments.first() == Some(&"serve") {
        command.env("FLOWGATE_PORT", "0");
    }
    ended(command.args(arguments))
}

#[track_caller]
fn check(arguments: &[&str], code: i32, parts: &[&str]) {
    let (found, message) = run(arguments);
    assert_eq!(found, code, "{arguments:?}: {message}");
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

/// A copy of the sample `iris/3` with one file replaced; `None` removes it.
fn broken(file: &str, content: Option<&[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in fs_err::read_dir(root().join("models/iris/3")).expect("the sample") {
        let entry = entry.expect("an entry");
        fs_err::copy(entry.path(), folder.path().join(entry.file_name())).expect("copied");
    }
    match content {
        Some(content) => fs_err::write(folder.path().join(file), content).expect("written"),
        None => fs_err::remove_file(folder.path().join(file)).expect("removed"),
    }
    folder
}

fn serve(folder: &Path) -> (i32, String) {
    let path = folder.display().to_string();
    run(&["serve", "--port", "0", "--model", &path])
}

#[track_caller]
fn check_package(folder: &tempfile::TempDir, parts: &[&str]) {
    let (code, message) = serve(folder.path());
    assert_eq!(code, 1, "{message}");
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

#[test]
fn a_path_that_is_not_a_package() {
    check(
        &["serve", "-m", "src"],
        1,
        &["is not a package", "it has no file `MLmodel`"],
    );
    check(
        &["serve", "-m", "Cargo.toml"],
        1,
        &["is not a package", "it is not a directory"],
    );
    check(&["serve", "-m", "nowhere"], 1, &["`nowhere` is not there"]);
}

#[test]
fn a_model_or_version_that_the_store_does_not_have() {
    check(
        &["serve", "-m", "models:/rose/1"],
        1,
        &["no model `rose`", "`iris`"],
    );
    check(
        &["serve", "-m", "models:/iris/9"],
        1,
        &["no version `9`", "`3`"],
    );
    check(
        &["serve", "-m", "models:/iris@champion"],
        1,
        &["needs a model registry"],
    );
    check(
        &["serve", "-m", "models:iris"],
        1,
        &["not a proper models:/ URI"],
    );
    check(
        &["serve", "-m", "s3://bucket/model"],
        1,
        &["scheme `s3` is not supported"],
    );
}

#[test]
fn a_manifest_that_is_not_yaml() {
    let folder = broken("MLmodel", Some(b"flavors: [onnx\n  x: {"));
    check_package(&folder, &["the manifest of", "it is not YAML"]);
    let folder = broken("MLmodel", Some(b"\xff\xfe"));
    check_package(&folder, &["it is not text in UTF-8"]);
}

#[test]
fn a_flavor_that_we_do_not_know_names_those_found_and_those_known() {
    let manifest = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n  sklearn:\n    pickled_model: model.pkl\n";
    let folder = broken("MLmodel", Some(manifest.as_bytes()));
    check_package(&folder, &["`sklearn`", "`onnx`"]);
}

#[test]
fn a_corrupt_or_truncated_model_file() {
    let model = fs_err::read(root().join("models/iris/3/model.onnx")).expect("the sample");
    let folder = broken("model.onnx", Some(&model[..model.len() / 2]));
    check_package(&folder, &["`model.onnx` cannot be read"]);
    let folder = broken("model.onnx", Some(b"no model at all"));
    check_package(&folder, &["`model.onnx` cannot be read"]);
    let folder = broken("model.onnx", Some(b""));
    check_package(&folder, &["model.onnx"]);
    let folder = broken("model.onnx", None);
    check_package(&folder, &["model.onnx"]);
}

#[test]
fn a_graph_that_no_runtime_supports_names_the_operators_and_the_way_out() {
    let folder = broken("model.onnx", Some(&graphs::octets("unknown_operator")));
    let mut command = program();
    let command = command
        .args(["serve", "--port", "0", "-m"])
        .arg(folder.path())
        // A machine without ONNX Runtime: nothing beside the program, nothing in the cache.
        .env("FLOWGATE_CACHE_DIR", "/nonexistent");
    let (code, message) = ended(command);
    assert_eq!(code, 1, "{message}");
    for part in ["NoSuchOperator", "`cargo xtask onnxruntime`"] {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

#[test]
fn a_runtime_that_was_asked_for_is_not_replaced() {
    let path = root()
        .join("tests/golden/models/reg_pipeline")
        .display()
        .to_string();
    check(
        &["serve", "--port", "0", "-m", &path, "--runtime", "tract"],
        1,
        &["`tract` does not support this model", "Scaler"],
    );
    check(
        &["serve", "-m", "models:/iris/3", "--runtime", "torch"],
        1,
        &["no runtime `torch`", "`tabular`", "`ort`", "`tract`"],
    );
    let library = root().join("Cargo.toml").display().to_string();
    check(
        &[
            "serve",
            "-m",
            "models:/iris/3",
            "--runtime",
            "ort",
            "--ort-library",
            &library,
        ],
        1,
        &["`ort` is not available", "Cargo.toml"],
    );
    check(
        &[
            "serve",
            "-m",
            "models:/iris/3",
            "--runtime",
            "ort",
            "--ort-library",
            "/nonexistent/lib.so",
        ],
        1,
        &["`ort` is not available"],
    );
}

#[test]
fn a_declared_signature_that_contradicts_the_graph() {
    let manifest =
        fs_err::read_to_string(root().join("models/iris/3/MLmodel")).expect("the sample");
    let five = manifest.replacen(
        "inputs: '[{",
        "inputs: '[{\"type\": \"double\", \"name\": \"extra\", \"required\": true}, {",
        1,
    );
    assert_ne!(five, manifest);
    check_package(
        &broken("MLmodel", Some(five.as_bytes())),
        &["contradicts the model"],
    );
    let text = manifest.replacen("\"type\": \"double\"", "\"type\": \"string\"", 1);
    assert_ne!(text, manifest);
    check_package(
        &broken("MLmodel", Some(text.as_bytes())),
        &["contradicts the model"],
    );
}

#[test]
fn a_port_in_use() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    check(
        &["serve", "-m", "models:/iris/3", "-p", &port],
        1,
        &["cannot be listened on", "hint: another program has it"],
    );
}

#[test]
fn an_unknown_flag_and_values_that_flags_do_not_take() {
    check(
        &["serve", "-m", "models:/iris/3", "--prot", "1"],
        2,
        &["--prot"],
    );
    check(
        &["serve", "-m", "models:/iris/3", "--port", "99999"],
        2,
        &["99999"],
    );
    check(
        &["serve", "-m", "models:/iris/3", "--timeout", "0"],
        2,
        &["`--timeout` must be a positive whole number"],
    );
    check(
        &[
            "serve",
            "-m",
            "models:/iris/3",
            "--host",
            "no.such.host.invalid",
        ],
        2,
        &["has no address"],
    );
    check(&["serve"], 2, &["--model"]);
    check(&["frobnicate"], 2, &["frobnicate"]);
    check(&[], 2, &["serve", "inspect", "predict", "pack"]);
}

#[test]
fn a_data_path_that_leaves_the_package() {
    let manifest =
        fs_err::read_to_string(root().join("models/iris/3/MLmodel")).expect("the sample");
    for outside in ["../model.onnx", "/etc/passwd"] {
        let text = manifest.replace("data: model.onnx", &format!("data: {outside}"));
        check_package(
            &broken("MLmodel", Some(text.as_bytes())),
            &["leaves the package"],
        );
    }
}
