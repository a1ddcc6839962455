//! Recorded requests and answers of MLflow 3.17.2's scoring server, over 45 packages that MLflow
//! wrote (`tests/golden/README.md`).
//!
//! Here: every request that MLflow answers with a prediction, through each runtime that supports
//! the package. Where the strict policy wants another answer, `tests/golden/strict.json` says
//! which, and why.

use crate::support::{TestApp, difference, root, runtimes};
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use flowgate::catalog::Loader;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Floats of 32 bits differ in their last digits between engines and machines.
const TOLERANCE: f64 = 1e-5;

fn folder() -> PathBuf {
    root().join("tests/golden")
}

pub(crate) fn packages() -> Vec<String> {
    let entries = fs_err::read_dir(folder().join("models")).expect("recorded packages");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The package called `name`.
pub(crate) fn package_path(name: &str) -> PathBuf {
    folder().join("models").join(name)
}

/// The recorded cases of a package.
pub(crate) fn cases(package: &str) -> Vec<Value> {
    let path = folder().join(format!("cases/{package}.jsonl"));
    let text = fs_err::read_to_string(path).expect("recorded cases");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect()
}

/// The recorded cases of a package that MLflow answered with a prediction.
fn predictions(package: &str) -> Vec<Value> {
    let is_prediction =
        |case: &Value| case["path"] == "/invocations" && case["expect"]["status"] == 200;
    cases(package).into_iter().filter(is_prediction).collect()
}

pub(crate) fn request(case: &Value) -> Request<Body> {
    let mut request = Request::builder()
        .header("host", "test")
        .method(case["method"].as_str().expect("a method"))
        .uri(case["path"].as_str().expect("a path"));
    for (name, value) in case["headers"].as_object().expect("headers") {
        request = request.header(name, value.as_str().expect("a header"));
    }
    let body = match case["body_b64"].as_str() {
        Some(text) => base64::engine::general_purpose::STANDARD
            .decode(text)
            .expect("base64"),
        None => case["body"].as_str().expect("a body").as_bytes().to_vec(),
    };
    request.body(Body::from(body)).expect("a request")
}

/// The answer that was recorded. Where it is no JSON for its bare `NaN` and infinities, these are
/// null: in every answer of the strict policy.
fn recorded(case: &Value) -> Value {
    let expected = &case["expect"];
    match expected["text"].as_str() {
        Some(text) => without_literals(text, |_| "null".to_owned()),
        None => expected["json"].clone(),
    }
}

/// What `text` is when each bare `NaN`, `Infinity` and `-Infinity` is written as `written` has it.
pub(crate) fn without_literals(text: &str, written: impl Fn(&str) -> String) -> Value {
    // The quoted parts are every second one: none of them has an escaped quote.
    let parts = text.split('"').enumerate().map(|(index, part)| {
        if index % 2 == 1 {
            return part.to_owned();
        }
        ["-Infinity", "Infinity", "NaN"]
            .iter()
            .fold(part.to_owned(), |part, word| {
                part.replace(word, &written(word))
            })
    });
    let json = parts.collect::<Vec<_>>().join("\"");
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// What strict answers differently on purpose: case → `{"status", "json", "why"}`.
pub(crate) fn intended() -> BTreeMap<String, Value> {
    let text = fs_err::read_to_string(folder().join("strict.json")).expect("intended differences");
    serde_json::from_str(&text).expect("JSON")
}

/// Values that a runtime refuses, where it could not give the right answer.
const REFUSED: &[(&str, &str)] = &[
    // Its texts end at a NUL.
    ("ort", "nosig_string/inputs-trailing-nul"),
    ("ort", "string_label/inputs-trailing-nul"),
    // Its pooling loses a NaN, and it has no mean of no values.
    ("tract", "cnn/nan"),
    ("tract", "tensor_free_dims/empty-2d"),
];

/// How the answers of one package differ from what is wanted.
async fn differences(
    app: &TestApp,
    runtime: &str,
    package: &str,
    intended: &BTreeMap<String, Value>,
) -> Vec<String> {
    let mut found = Vec::new();
    for case in predictions(package) {
        let id = case["id"].as_str().expect("an id").to_owned();
        let answer = app.send(request(&case)).await;
        let wanted = intended.get(&id);
        let status = match wanted {
            _ if REFUSED.contains(&(runtime, &id)) => 400,
            None => 200,
            Some(wanted) => wanted["status"].as_u64().expect("a status"),
        };
        if u64::from(answer.status.as_u16()) != status {
            found.push(format!(
                "{id}: status wanted {status}, found {}: {}",
                answer.status,
                answer.text()
            ));
            continue;
        }
        if status != 200 {
            continue;
        }
        let json = wanted.map_or_else(|| recorded(&case), |wanted| wanted["json"].clone());
        if let Some(difference) = difference(&json, &answer.json(), TOLERANCE) {
            found.push(format!("{id}: {difference}"));
        }
    }
    found
}

#[tokio::test]
async fn every_recorded_prediction_is_answered_through_ort() {
    let intended = intended();
    let mut found = Vec::new();
    let packages = packages();
    assert_eq!(packages.len(), 45);
    for package in &packages {
        match TestApp::serve(&package_path(package), "ort") {
            Ok(app) => found.extend(differences(&app, "ort", package, &intended).await),
            Err(error) => found.push(format!("{package}: not served: {error}")),
        }
    }
    assert!(
        found.is_empty(),
        "{} differences:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[tokio::test]
async fn what_tract_supports_it_answers_alike_and_the_rest_it_explains() {
    let intended = intended();
    let mut found = Vec::new();
    let mut unsupported = BTreeSet::new();
    for package in packages() {
        match TestApp::serve(&package_path(&package), "tract") {
            Ok(app) => found.extend(differences(&app, "tract", &package, &intended).await),
            Err(error) => {
                let message = error.to_string();
                assert!(
                    message.contains("does not support this model: "),
                    "{package}: {message}"
                );
                unsupported.insert(package);
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} differences:\n{}",
        found.len(),
        found.join("\n")
    );
    let expected: BTreeSet<String> = UNSUPPORTED_BY_TRACT
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(
        unsupported, expected,
        "a package more or less than the list says"
    );
}

/// The packages that tract would answer wrongly or not at all.
const UNSUPPORTED_BY_TRACT: &[&str] = &[
    // Ensembles of trees.
    "iris_dt_nozipmap_cols",
    "iris_dt_zipmap",
    "iris_str_zipmap_tensor",
    "lgbm_clf_zipmap",
    "nosig_iris",
    // LabelEncoder.
    "multi_output",
    "string_label",
    "string_tensor",
    // Scaler, ensembles of trees.
    "reg_pipeline",
    "xgb_reg_cols",
    // OneHotEncoder.
    "string_onehot",
    "titanic_tensor",
    "xgb_clf_tensor",
];

/// The packages that are no tables: networks on images.
const UNSUPPORTED_BY_TABULAR: &[&str] = &["cnn"];

#[tokio::test]
async fn every_recorded_prediction_of_a_table_is_answered_through_the_tabular_runtime() {
    let intended = intended();
    let mut found = Vec::new();
    let mut unsupported = Vec::new();
    for package in packages() {
        match TestApp::serve(&package_path(&package), "tabular") {
            Ok(app) => found.extend(differences(&app, "tabular", &package, &intended).await),
            Err(error) => {
                let message = error.to_string();
                assert!(
                    message.contains("does not support this model: "),
                    "{package}: {message}"
                );
                unsupported.push(package);
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} differences:\n{}",
        found.len(),
        found.join("\n")
    );
    assert_eq!(unsupported, UNSUPPORTED_BY_TABULAR);
}

/// The loader of these tests is the user's: a runtime that is not there is an error.
#[test]
fn both_runtimes_are_there() {
    for runtime in runtimes() {
        let checked = runtime.check();
        assert!(checked.is_ok(), "{}: {checked:?}", runtime.name());
    }
    let _: fn(&str) -> Loader = crate::support::loader;
}
