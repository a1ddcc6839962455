//! "Errors".

use super::{BAD, INVALID, Line, Refused, shapes, violations_of};
use crate::golden::{package_path, packages};
use crate::support::TestApp;
use flowgate_core::{Package, Schema};
use serde_json::json;
use std::collections::BTreeSet;

fn app(package: &str) -> TestApp {
    TestApp::serve(&package_path(package), "ort").expect("served")
}

#[tokio::test]
async fn the_envelope_is_mlflows_with_the_violations_and_their_number() {
    let body = r#"{"dataframe_records": [{"a": 1, "b": 2, "c": 1.7}, {"a": "x", "b": 2, "c": 3}, {"a": 1, "b": true, "c": 3}]}"#;
    let answer = app("multi_numeric").invoke_json(body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({
            "error_code": "BAD_REQUEST",
            "message": "3 values do not fit the signature; first: row 0, column `c` wants `long`, got a number with a fraction",
            "sqlstate": "KAM00",
            "error_class": "INVALID_PARAMETER_VALUE",
            "errors": [
                {"row": 0, "column": "c", "code": "not_integer", "expected": "long", "got": "number with a fraction"},
                {"row": 1, "column": "a", "code": "type_mismatch", "expected": "float", "got": "string that is not a number"},
                {"row": 2, "column": "b", "code": "type_mismatch", "expected": "double", "got": "boolean"},
            ],
            "error_count": 3,
        })
    );
}

#[tokio::test]
async fn the_message_is_one_sentence_with_the_count() {
    let app = app("multi_numeric");
    for (cells, message) in [
        (
            [("a", "1"), ("b", "2"), ("c", "1.7")],
            "1 value does not fit the signature: row 0, column `c` wants `long`, got a number with a fraction",
        ),
        (
            [("a", "true"), ("b", "true"), ("c", "1.7")],
            "3 values do not fit the signature; first: row 0, column `a` wants `float`, got a boolean",
        ),
    ] {
        let answer = app.invoke_json(shapes(&cells)[0].clone()).await;
        assert_eq!(answer.json()["message"], message);
    }
}

#[tokio::test]
async fn the_first_20_are_listed_and_all_are_counted() {
    let row = r#"{"a": 1, "b": 2, "c": null}"#;
    let rows = vec![row; 1000].join(", ");
    let body = format!(r#"{{"dataframe_records": [{rows}]}}"#);
    let answer = app("multi_numeric").invoke_json(body).await.json();
    assert_eq!(answer["error_count"], 1000);
    let wanted: Vec<String> = (0..20)
        .map(|row| format!("null_not_allowed {row} c"))
        .collect();
    assert_eq!(violations_of(&answer), wanted);
    assert!(
        answer["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("1000 values"))
    );
}

#[tokio::test]
async fn the_error_code_is_mlflows_for_the_situation() {
    let mut line = Line::of("params_model");
    line.json("no json", Refused(BAD, &["bad_json - -"])).await;
    line.row(&[("x", "\"text\"")], Refused("", &["type_mismatch 0 x"]))
        .await;
    line.row(&[("y", "1")], Refused(INVALID, &["missing_column - x"]))
        .await;
    let params = r#"{"dataframe_records": [{"x": 1}], "params": {"top_k": "text"}}"#;
    line.json(params, Refused(INVALID, &["type_mismatch - top_k"]))
        .await;
    line.done();
    let mut line = Line::of("tensor2d_f64");
    let shape = Refused(INVALID, &["bad_shape - -"]);
    line.json(r#"{"inputs": [[1, 2]]}"#, shape).await;
    line.done();
}

#[tokio::test]
async fn all_rows_and_columns_are_checked_before_the_answer() {
    let mut line = Line::of("multi_numeric");
    // Values, lengths of rows and names, in one answer.
    line.json(
        r#"{"dataframe_split": {"columns": ["a", "c", "a"], "index": [0], "data": [[1, 2.5, 1], [true, 2], [1, "x", null]]}}"#,
        Refused(
            BAD,
            &[
                "not_integer 0 c",
                "type_mismatch 1 a",
                "bad_shape 1 -",
                "type_mismatch 2 c",
                "bad_shape - index",
                "duplicate_column - a",
                "missing_column - b",
            ],
        ),
    )
    .await;
    line.csv(
        "a,c\nx,1\n1\n1,0.5\n",
        Refused(
            BAD,
            &[
                "type_mismatch 0 a",
                "bad_shape 1 -",
                "not_integer 2 c",
                "missing_column - b",
            ],
        ),
    )
    .await;
    // But for where the body cannot be read further.
    let broken = r#"{"dataframe_records": [{"a": true, "b": 2, "c": 3}, {"a": 1, "b": }]}"#;
    line.json(broken, Refused(BAD, &["bad_json - -"])).await;
    line.done();
}

/// Every kind of value that JSON has, each with something that is found again.
const SECRETS: [&str; 9] = [
    r#""s3cr3t""#,
    "918273645.5",
    "-918273645918273645918273645",
    "918273645e400",
    "true",
    r#"["s3cr3t", 918273645.5]"#,
    r#"{"k": "s3cr3t", "l": {"m": 918273645.5}}"#,
    r#""s3cr3t\ud800""#,
    "null",
];

/// The kinds of things that `got` may name.
const KINDS: &[&str] = &[
    "NaN",
    "another text",
    "boolean",
    "column twice",
    "date before 1677 or after 2262",
    "infinity",
    "key twice",
    "list",
    "list of objects",
    "null",
    "number",
    "number other than 0 and 1",
    "number out of range",
    "number that is not whole",
    "number with a fraction",
    "object",
    "others",
    "property that it does not have",
    "single value",
    "string",
    "string that is not a number",
    "text that is not base64 with padding",
    "text with half a character",
    "nothing",
    "another value",
    "list without names",
    "table of another shape",
    "values by name",
];

/// `got` without the shape that it may end with: sizes are no data.
fn kind(got: &str) -> &str {
    if got.starts_with("shape [") {
        "shape"
    } else {
        got
    }
}

#[tokio::test]
async fn no_answer_repeats_a_value_and_got_is_a_kind_from_a_list() {
    let (mut refused, mut unknown) = (0, BTreeSet::new());
    for package in packages() {
        let names = columns(&package);
        let app = app(&package);
        for secret in SECRETS {
            let cells: Vec<(&str, &str)> =
                names.iter().map(|name| (name.as_str(), secret)).collect();
            let mut bodies = shapes(&cells).to_vec();
            bodies.push(format!("{{\"inputs\": {secret}}}"));
            bodies.push(format!("{{\"instances\": [{secret}, {secret}]}}"));
            bodies.push(format!(
                "{{\"dataframe_split\": {{\"data\": [[{secret}]]}}}}"
            ));
            bodies.push(format!("{{\"dataframe_records\": {secret}}}"));
            for body in bodies {
                let answer = app.invoke_json(body.clone()).await;
                if answer.status == 200 {
                    continue;
                }
                // A model may fail over a text that it was not trained on.
                let status = answer.status.as_u16();
                assert!(
                    matches!(status, 400 | 500),
                    "{package}: {body}: {}",
                    answer.text()
                );
                refused += 1;
                for part in ["s3cr3t", "918273645"] {
                    assert!(
                        !answer.text().contains(part),
                        "{package}: {body}: {}",
                        answer.text()
                    );
                }
                let answer = answer.json();
                for error in answer["errors"].as_array().into_iter().flatten() {
                    let got = error["got"].as_str().expect("a kind");
                    if !KINDS.contains(&got) && kind(got) != "shape" {
                        unknown.insert(got.to_owned());
                    }
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(refused > 1000, "{refused}");
}

/// The names of what a package takes; some, where it does not say.
fn columns(package: &str) -> Vec<String> {
    let package = Package::open(package_path(package)).expect("a package");
    let name = |name: Option<&str>| name.unwrap_or("x").to_owned();
    match &package.manifest().signature().inputs {
        Some(Schema::Columns(columns)) => columns
            .iter()
            .map(|column| name(column.name.as_deref()))
            .collect(),
        Some(Schema::Tensors(tensors)) => tensors
            .iter()
            .map(|tensor| name(tensor.name.as_deref()))
            .collect(),
        None => vec!["a".to_owned(), "b".to_owned()],
    }
}
