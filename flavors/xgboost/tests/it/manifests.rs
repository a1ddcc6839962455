//! What a manifest says of a model: read, or refused by name.

use crate::packages::{cases, plan_of};
use flowgate_core::{Answer, Format, InputAdapter, LoadOptions, Plan};
use std::path::PathBuf;

fn case(name: &str) -> PathBuf {
    let mut cases = cases().into_iter();
    let case = cases.find(|case| case.ends_with(name));
    case.unwrap_or_else(|| panic!("no case `{name}`"))
}

fn manifest(data: &str, section: &str, rest: &str) -> String {
    format!(
        "flavors:\n  python_function:\n    data: {data}\n    loader_module: mlflow.xgboost\n  \
         xgboost:\n    data: {data}\n{section}{rest}"
    )
}

/// The plan, or the error in words, of the UBJSON of the case `name`.
fn plan(name: &str, data: &str, section: &str, rest: &str) -> Result<Plan, String> {
    let octets = fs_err::read(case(name).join("model.ubj")).expect("a model");
    let manifest = manifest(data, section, rest);
    plan_of(&octets, data, &manifest).map_err(|error| error.to_string())
}

const BINARY: &str = "early_stopping_sklearn_binary";

fn class(name: &str) -> String {
    format!("    model_class: xgboost.sklearn.{name}\n")
}

#[test]
fn a_plan_has_the_program_and_the_methods_of_its_class() {
    let classifier = plan(BINARY, "model.ubj", &class("XGBClassifier"), "").expect("a plan");
    assert_eq!(classifier.artifact.format, Format::Program);
    assert!(classifier.artifact.companions.is_empty());
    assert_eq!(classifier.options, LoadOptions::default());
    assert!(matches!(classifier.inputs, InputAdapter::Numbers(_)));
    let names = |plan: &Plan| match &plan.answer {
        Answer::Array(methods) => methods.iter().map(|method| method.name).collect(),
        Answer::Frame => Vec::new(),
    };
    assert_eq!(names(&classifier), ["predict", "predict_proba"]);
    let booster = plan(BINARY, "model.ubj", "", "").expect("a plan");
    assert_eq!(names(&booster), ["predict"]);
    let trees = |plan: &Plan| {
        format!("{:?}", plan.artifact.program)
            .matches("roots")
            .count()
    };
    assert_eq!(trees(&booster), trees(&classifier));
    assert_ne!(booster.artifact.program, classifier.artifact.program);
}

#[test]
fn hints_come_from_the_metadata() {
    let rest = "metadata:\n  flowgate.runtime: tabular\n  flowgate.max_batch_rows: 7\n  flowgate.sessions: 3\n  flowgate.threads: 2\n  flowgate.max_queue_rows: 100\n  flowgate.max_queue_requests: 10\n";
    let hints = plan(BINARY, "model.ubj", "", rest).expect("a plan").hints;
    assert_eq!(hints.runtime.as_deref(), Some("tabular"));
    assert_eq!(hints.max_batch_rows, Some(7));
    assert_eq!((hints.sessions, hints.threads), (Some(3), Some(2)));
    assert_eq!(hints.max_queue_rows, Some(100));
    assert_eq!(hints.max_queue_requests, Some(10));
    for key in [
        "sessions",
        "threads",
        "max_queue_rows",
        "max_queue_requests",
    ] {
        let rest = format!("metadata:\n  flowgate.{key}: 0\n");
        let error = plan(BINARY, "model.ubj", "", &rest).expect_err(key);
        assert!(error.contains(key), "{error}");
    }
    for key in ["sessions", "threads"] {
        let rest = format!("metadata:\n  flowgate.{key}: 1025\n");
        let error = plan(BINARY, "model.ubj", "", &rest).expect_err(key);
        assert!(error.contains("from 1 to 1024"), "{error}");
    }
}

#[test]
fn classes_that_do_not_fit_are_refused_by_name() {
    for (name, expected) in [
        ("XGBModel", "`xgboost.sklearn.XGBModel`"),
        ("XGBRegressor", "the file holds a classifier"),
    ] {
        let error = plan(BINARY, "model.ubj", &class(name), "").expect_err(name);
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("model_class"), "{error}");
    }
}

#[test]
fn pickles_are_refused_with_the_way_to_save_the_model_again() {
    let format = "    model_format: pickle\n";
    for (data, section) in [("model.pkl", ""), ("model.xgb", format)] {
        let error = plan(BINARY, data, section, "").expect_err("a pickle");
        assert!(error.contains("pickle"), "{error}");
        assert!(error.contains("hint: save it again"), "{error}");
    }
}

#[test]
fn a_file_is_read_whatever_it_is_called() {
    assert!(plan(BINARY, "model.xgb", "    model_format: xgb\n", "").is_ok());
}

#[test]
fn a_loader_of_another_flavor_is_refused() {
    let manifest = manifest("model.ubj", "", "").replace("mlflow.xgboost", "mlflow.sklearn");
    let octets = fs_err::read(case(BINARY).join("model.ubj")).expect("a model");
    let error = plan_of(&octets, "model.ubj", &manifest).expect_err("another loader");
    assert!(error.to_string().contains("mlflow.sklearn"), "{error}");
}

#[test]
fn a_signature_of_other_columns_contradicts_the_model() {
    let inputs = |columns: &str| format!("signature:\n  inputs: '[{columns}]'\n");
    let error = plan(
        BINARY,
        "model.ubj",
        "",
        &inputs("{\"type\": \"double\", \"name\": \"mean_texture\"}"),
    );
    let error = error.expect_err("another column");
    assert!(error.contains("contradicts the model"), "{error}");
    assert!(error.contains("`mean_radius`"), "{error}");
    let tensor = |width: usize| {
        inputs(&format!(
            "{{\"type\": \"tensor\", \"tensor-spec\": {{\"dtype\": \"float32\", \"shape\": [-1, \
             {width}]}}}}"
        ))
    };
    assert!(plan(BINARY, "model.ubj", "", &tensor(10)).is_ok());
    assert!(plan(BINARY, "model.ubj", "", &tensor(9)).is_err());
}

#[test]
fn an_unknown_objective_or_booster_is_refused_by_name_with_a_hint() {
    let text = fs_err::read_to_string(case("binary_hinge").join("model.json")).expect("a model");
    for (from, to, expected) in [
        ("binary:hinge", "binary:fringe", "`binary:fringe`"),
        ("\"gbtree\"", "\"gbforest\"", "hint: known are `gbtree`"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from} is there");
        let manifest = manifest("model.json", "", "");
        let error = plan_of(changed.as_bytes(), "model.json", &manifest).expect_err(to);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("hint:"), "{error}");
    }
}

#[test]
fn keys_that_nobody_knows_and_keys_that_are_there_twice_do_no_harm() {
    let text = fs_err::read_to_string(case("binary_hinge").join("model.json")).expect("a model");
    let manifest = manifest("model.json", "", "");
    let read = |text: &str| plan_of(text.as_bytes(), "model.json", &manifest);
    let program = |text: &str| read(text).expect("a plan").artifact.program;
    let original = program(&text);
    let unknown = text.replacen('{', "{\"x\": [{\"y\": null}, NaN], ", 1);
    assert_eq!(program(&unknown), original);
    // The last of two equal keys counts in JSON.
    let twice = text.replacen('{', "{\"learner\": {}, ", 1);
    assert_eq!(program(&twice), original);
}
