//! The node tests of the ONNX standard, in the folders that it lays them out in.
//!
//! A few lie in `node_tests/`; `crates/xtask/make_node_tests.py` writes all that an installed
//! `onnx` package has, and `FLOWGATE_ONNX_NODE_TESTS` names the folder where they are.

use crate::case::{Case, Failure, Values, tensor};
use crate::compare::places_off;
use flowgate_onnx::proto::{ModelProto, TensorProto};
use prost::Message;
use std::path::{Path, PathBuf};

/// What the names of cases of `ai.onnx.ml` begin with.
const PREFIX: &str = "test_ai_onnx_ml_";
/// How many places the last digit of a float may be off.
const PLACES: u64 = 2;

#[test]
fn some_node_tests_of_the_standard_come_out_right() {
    check_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ml/node_tests"));
}

#[test]
fn all_node_tests_of_the_standard_come_out_right_where_they_are() {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the cases lie is not known here"
    )]
    let folder = std::env::var_os("FLOWGATE_ONNX_NODE_TESTS");
    match folder {
        Some(folder) => check_all(Path::new(&folder)),
        None => {
            #[expect(clippy::print_stderr, reason = "who runs this should know")]
            {
                eprintln!("skipped: FLOWGATE_ONNX_NODE_TESTS names no folder");
            }
        }
    }
}

fn check_all(folder: &Path) {
    let mut cases = folders(folder, PREFIX);
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let mut wrong = Vec::new();
    for folder in &cases {
        for case in of_folder(folder) {
            if let Err(reason) = check(&case) {
                wrong.push(format!("{}: {reason}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the case comes out right; one of an operator that is not known need not.
fn check(case: &Case) -> Result<(), String> {
    let made = match case.run() {
        Ok(made) => made,
        Err(Failure::Unsupported(reason)) => {
            let table = runtime_tabular::table_of_operators();
            let known = |(domain, op_type): &(String, String)| {
                let domain = flowgate_onnx::normal_domain(domain);
                table.contains(&format!("| {domain} | `{op_type}` |"))
            };
            let known = case.operators().iter().all(known);
            return if known { Err(reason) } else { Ok(()) };
        }
        Err(Failure::Refused(reason) | Failure::Failed(reason)) => return Err(reason),
    };
    for (name, expected) in &case.expected {
        let found = made.get(name).ok_or("an output is not there")?;
        let places = places_off(&found.tensor, expected)?;
        if places > PLACES {
            return Err(format!("`{name}` is {places} places off"));
        }
    }
    Ok(())
}

/// The model of a folder with each of its sets of values.
fn of_folder(folder: &Path) -> Vec<Case> {
    let model = fs_err::read(folder.join("model.onnx")).expect("a model");
    let graph = ModelProto::decode(&*model).expect("a model").graph;
    let graph = graph.expect("a graph");
    let sets = folders(folder, "test_data_set_");
    assert!(!sets.is_empty(), "no values in {}", folder.display());
    let case = |set: &PathBuf| Case {
        name: folder.display().to_string(),
        model: model.clone(),
        inputs: values(set, "input", graph.input.iter().map(|port| port.name())),
        expected: values(set, "output", graph.output.iter().map(|port| port.name())),
    };
    sets.iter().map(case).collect()
}

fn values<'a>(set: &Path, kind: &str, names: impl Iterator<Item = &'a str>) -> Values {
    let read = |(place, name): (usize, &str)| {
        let octets = fs_err::read(set.join(format!("{kind}_{place}.pb"))).expect("a value");
        let proto = TensorProto::decode(&*octets).expect("a tensor");
        (name.to_owned(), tensor(&proto))
    };
    names.enumerate().map(read).collect()
}

/// The folders in `folder` whose names begin with `prefix`.
fn folders(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).expect("a folder of cases");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let begins = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.is_dir() && name.starts_with(prefix)
    };
    paths.filter(begins).collect()
}
