//! Every recorded request that MLflow does not answer with a prediction: the strict policy gives
//! the same status and the same error code, or `tests/golden/strict.json` says what it gives
//! instead, and why.

use crate::golden::{cases, intended, package_path, packages, request};
use crate::support::{Answer, TestApp};
use serde_json::Value;
use std::collections::BTreeSet;

/// How `answer` differs from what is wanted.
fn difference(case: &Value, entry: Option<&Value>, answer: &Answer) -> Option<String> {
    let expected = &case["expect"];
    let status = entry.unwrap_or(expected)["status"]
        .as_u64()
        .expect("a status");
    let found = u64::from(answer.status.as_u16());
    if found != status {
        return Some(format!(
            "status wanted {status}, found {found}: {}",
            answer.text()
        ));
    }
    match entry {
        Some(entry) if status == 200 => {
            let found = answer.json();
            return (found != entry["json"])
                .then(|| format!("wanted {}, found {found}", entry["json"]));
        }
        Some(entry) => {
            let code = entry["code"].as_str()?;
            let found = answer.json()["error_code"].clone();
            return (found != code).then(|| format!("error code wanted {code}, found {found}"));
        }
        None => {}
    }
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        let found = answer.header(name).replace("http://test", "http://{host}");
        if value != found.as_str() {
            return Some(format!("header {name} wanted {value}, found {found:?}"));
        }
    }
    match expected["match"].as_str() {
        Some("error" | "error_kind") => {
            let wanted = &expected["error"]["error_code"];
            let found = &answer.json()["error_code"];
            (found != wanted).then(|| {
                format!(
                    "error code wanted {wanted}, found {found}: {}",
                    answer.text()
                )
            })
        }
        Some("text") => {
            let wanted = expected["text"].as_str().expect("a text");
            (answer.text() != wanted)
                .then(|| format!("text wanted {wanted:?}, found {:?}", answer.text()))
        }
        Some("json") => {
            let found = answer.json();
            (found != expected["json"])
                .then(|| format!("wanted {}, found {found}", expected["json"]))
        }
        _ => None,
    }
}

fn is_prediction(case: &Value) -> bool {
    case["path"] == "/invocations" && case["expect"]["status"] == 200
}

#[tokio::test]
async fn every_other_recorded_request_has_mlflows_status_and_code() {
    let intended = intended();
    let mut found = Vec::new();
    let mut total = 0;
    for package in packages() {
        let app = TestApp::serve(&package_path(&package), "ort").expect("served");
        for case in cases(&package)
            .into_iter()
            .filter(|case| !is_prediction(case))
        {
            total += 1;
            let id = case["id"].as_str().expect("an id");
            let answer = app.send(request(&case)).await;
            if let Some(difference) = difference(&case, intended.get(id), &answer) {
                found.push(format!("{id}: {difference}"));
            }
        }
    }
    assert!(total > 300, "{total} cases");
    assert!(
        found.is_empty(),
        "{} of {total} differ:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn every_intended_difference_is_a_recorded_case_and_has_a_reason() {
    let ids: BTreeSet<String> = packages()
        .iter()
        .flat_map(|package| cases(package))
        .map(|case| case["id"].as_str().expect("an id").to_owned())
        .collect();
    for (id, wanted) in intended() {
        assert!(ids.contains(&id), "{id} is no recorded request");
        assert!(
            wanted["why"].as_str().is_some_and(|why| !why.is_empty()),
            "{id} has no reason"
        );
    }
}
