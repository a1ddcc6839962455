//! `POST /validate` and `flowgate validate`: everything that would be refused, and nothing run.

use crate::golden::{cases, package_path, packages, request};
use crate::support::{Answer, Limits, TestApp, loader, program, root};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use flowgate::compression::Packing;
use flowgate::validate::LISTED;
use flowgate_core::Compat;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Output, Stdio};

const HEADER: &str = "sepal_length,sepal_width,petal_length,petal_width\n";

fn iris() -> TestApp {
    TestApp::serve(&root().join("models/iris/3"), "tabular").expect("loaded")
}

async fn send(app: &TestApp, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/validate");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(body.into()).expect("a request"))
        .await
}

/// The report of a body of this type: always 200.
#[track_caller]
fn report(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

async fn of(app: &TestApp, kind: &str, body: impl Into<Body>) -> Value {
    report(&send(app, &[("content-type", kind)], body).await)
}

/// CSV of so many rows with a wrong value in each.
fn wrong(rows: usize) -> String {
    format!("{HEADER}{}", "1,2,secret,4\n".repeat(rows))
}

#[tokio::test]
async fn what_fits_is_told_with_its_size_and_what_nobody_would_use() {
    let found = of(&iris(), "text/csv", format!("{HEADER}1,2,3,4\n5,6,7,8\n")).await;
    assert_eq!(
        found,
        json!({"valid": true, "rows": 2, "columns": 4, "warnings": []})
    );
    let more = "sepal_length,sepal_width,petal_length,petal_width,a,b\n1,2,3,4,5,6\n";
    let found = of(&iris(), "text/csv", more).await;
    assert_eq!(
        (&found["valid"], &found["columns"]),
        (&json!(true), &json!(4))
    );
    assert_eq!(found["warnings"][0]["code"], "unknown_column");
    assert_eq!(found["warnings"][0]["count"], 2);
}

#[tokio::test]
async fn what_would_be_refused_is_a_matter_of_policy() {
    let app = |compat| {
        let limits = Limits {
            compat,
            ..Limits::default()
        };
        TestApp::load(&loader("tract"), &package_path("int64_only"), limits).expect("loaded")
    };
    let body = r#"{"dataframe_split": {"columns": ["a", "b", "c"], "data": [[1.9, 2, 3]]}}"#;
    let strict = of(&app(Compat::Strict), "application/json", body).await;
    assert_eq!(strict["errors"][0]["code"], "not_integer");
    let mlflow = of(&app(Compat::Mlflow), "application/json", body).await;
    assert_eq!(
        (&mlflow["valid"], &mlflow["rows"]),
        (&json!(true), &json!(1))
    );
    let body = body.replace("1.9", "\"x\"");
    let mlflow = of(&app(Compat::Mlflow), "application/json", body).await;
    assert_eq!(
        (&mlflow["valid"], &mlflow["error_count"]),
        (&json!(false), &json!(1))
    );
    let message = mlflow["message"].as_str().expect("a message");
    assert!(
        message.contains("Failed to convert column a to type 'int64'"),
        "{message}"
    );
}

#[tokio::test]
async fn every_violation_is_listed_where_a_prediction_lists_the_first() {
    let app = iris();
    let found = of(&app, "text/csv", wrong(1000)).await;
    let refused = app.invoke("text/csv", wrong(1000)).await;
    assert_eq!(refused.status, 400);
    let refused = refused.json();
    let length = |report: &Value| report["errors"].as_array().expect("a list").len();
    assert_eq!((length(&refused), length(&found)), (20, 1000));
    for key in [
        "error_code",
        "message",
        "sqlstate",
        "error_class",
        "error_count",
    ] {
        assert_eq!(found[key], refused[key], "{key}");
    }
    assert_eq!(
        found["errors"][999],
        json!({"row": 999, "column": "petal_length", "code": "type_mismatch", "expected": "double", "got": "string that is not a number"})
    );
    assert!(!found.to_string().contains("secret"));
}

#[tokio::test]
async fn a_report_has_a_bound_and_its_count_has_none() {
    let found = of(&iris(), "text/csv", wrong(LISTED + 50)).await;
    assert_eq!(found["errors"].as_array().map(Vec::len), Some(LISTED));
    assert_eq!(found["error_count"], LISTED + 50);
}

#[tokio::test]
async fn values_names_and_counts_are_told_in_one_report() {
    let body = "sepal_length,sepal_width,petal_width\n1,x,3\n1,2,3,4\n";
    let found = of(&iris(), "text/csv", body).await;
    let errors = found["errors"].as_array().expect("a list");
    let mut codes: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["code"].as_str())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["bad_shape", "missing_column", "type_mismatch"]);
    assert_eq!(found["error_count"], 3);
    assert_eq!(
        found["error_code"], "BAD_REQUEST",
        "wrong values come first"
    );
}

#[tokio::test]
async fn a_wrong_param_does_not_hide_wrong_values() {
    let app = TestApp::serve(&package_path("params_model"), "ort").expect("loaded");
    let example = cases("params_model")
        .into_iter()
        .find(|case| case["expect"]["status"] == 200 && case["body"].is_string())
        .expect("a prediction");
    let mut body: Value =
        serde_json::from_str(example["body"].as_str().expect("a body")).expect("JSON");
    body["params"] = json!({"top_k": "many"});
    let data = [
        "dataframe_split",
        "dataframe_records",
        "inputs",
        "instances",
    ]
    .into_iter()
    .find(|key| body.get(key).is_some())
    .expect("data");
    let found = of(&app, "application/json", body.to_string()).await;
    assert_eq!(found["error_count"], 1, "{found}");
    body[data] = json!({"columns": ["a"], "data": [["x"]]});
    let both = of(&app, "application/json", body.to_string()).await;
    assert!(both["error_count"].as_u64() > Some(1), "{both}");
    assert_eq!(both["errors"][0], found["errors"][0]);
    assert_eq!(both["error_code"], "INVALID_PARAMETER_VALUE");
}

#[tokio::test]
async fn a_body_that_is_not_what_it_is_said_to_be_has_a_report_too() {
    let app = iris();
    for (kind, body, code) in [
        ("application/json", "{", "bad_json"),
        ("application/json", "[]", "type_mismatch"),
        ("text/csv", "", "bad_csv"),
        ("application/vnd.apache.parquet", "{}", ""),
        ("application/vnd.apache.arrow.stream", "{}", ""),
    ] {
        let found = of(&app, kind, body).await;
        assert_eq!(found["valid"], false, "{kind}");
        assert_eq!(found["error_code"], "BAD_REQUEST", "{kind}");
        assert_eq!(found["error_count"], 1, "{kind}");
        let told = found["errors"][0]["code"].as_str().expect("a code");
        assert!(told.contains(code), "{kind}: {told}");
    }
    for packing in ["gzip", "zstd"] {
        let headers = [("content-type", "text/csv"), ("content-encoding", packing)];
        let found = report(&send(&app, &headers, "not packed").await);
        assert_eq!(found["errors"][0]["code"], "bad_encoding", "{packing}");
        let message = found["message"].as_str().expect("a sentence");
        assert!(message.contains(packing), "{message}");
    }
}

#[tokio::test]
async fn bodies_are_packed_and_reports_too_as_for_a_prediction() {
    let app = iris();
    let packed = Packing::Gzip.pack(wrong(1000).as_bytes()).expect("packed");
    let headers = [
        ("content-type", "text/csv"),
        ("content-encoding", "gzip"),
        ("accept-encoding", "zstd"),
    ];
    let answer = send(&app, &headers, packed).await;
    assert_eq!(answer.header("content-encoding"), "zstd");
    let text = Packing::Zstd
        .unpack(&answer.body, 1 << 20)
        .expect("a report");
    let found: Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(found["error_count"], 1000);
}

#[tokio::test]
async fn what_keeps_a_body_from_being_read_is_an_error_as_ever() {
    let limits = Limits {
        body: 1000,
        ..Limits::default()
    };
    let app =
        TestApp::load(&loader("tabular"), &root().join("models/iris/3"), limits).expect("loaded");
    let text = send(&app, &[("content-type", "text/plain")], "x").await;
    assert_eq!(text.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let none = send(&app, &[], "x").await;
    assert_eq!(none.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = send(&app, &[("content-type", "text/csv")], wrong(1000)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let packed = Packing::Gzip.pack(wrong(1000).as_bytes()).expect("packed");
    assert!(packed.len() < 1000);
    let headers = [("content-type", "text/csv"), ("content-encoding", "gzip")];
    let large = send(&app, &headers, packed).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let get = Request::builder().method(Method::GET).uri("/validate");
    let get = app.send(get.body(Body::empty()).expect("a request")).await;
    assert_eq!((get.status.as_u16(), get.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn nothing_is_run_and_what_is_counted_is_the_request() {
    let app = iris();
    of(&app, "text/csv", wrong(3)).await;
    of(&app, "text/csv", format!("{HEADER}1,2,3,4\n")).await;
    let metrics = app.get("/metrics").await.text();
    for line in [
        "flowgate_requests_total{model=\"iris\",protocol=\"validate\",status=\"200\",version=\"3\"} 2",
        "flowgate_rows_total{model=\"iris\",version=\"3\"} 0",
        "flowgate_refused_values_total{model=\"iris\",version=\"3\"} 0",
        "flowgate_batch_rows_count{model=\"iris\",version=\"3\"} 0",
    ] {
        assert!(metrics.contains(line), "no `{line}` in\n{metrics}");
    }
}

/// Requests that only the run refuses: what nothing that is declared forbids.
const REFUSED_BY_THE_RUN: &[&str] = &[
    // An index beyond the table that the graph looks it up in.
    "dict_tensors/out-of-range",
    // Unlike numbers of rows, which some graphs take.
    "nosig_multi/inputs-mismatched-batch",
    // ONNX Runtime's texts end at a NUL.
    "nosig_string/inputs-trailing-nul",
    "string_label/inputs-trailing-nul",
    "titanic_tensor/batch-mismatch",
];

#[tokio::test]
async fn the_report_and_the_prediction_agree_on_every_recorded_request() {
    let mut by_the_run = Vec::new();
    let mut compared = 0;
    for package in packages() {
        let app = TestApp::serve(&package_path(&package), "ort").expect("loaded");
        for mut case in cases(&package) {
            if case["path"] != "/invocations" || case["method"] != "POST" {
                continue;
            }
            let id = case["id"].as_str().expect("an id").to_owned();
            let predicted = app.send(request(&case)).await;
            case["path"] = json!("/validate");
            let validated = app.send(request(&case)).await;
            if predicted.status == 415 {
                assert_eq!(validated.status, 415, "{id}");
                continue;
            }
            compared += 1;
            let report = report(&validated);
            if predicted.status == 200 {
                assert_eq!(report["valid"], true, "{id}: {report}");
                continue;
            }
            assert_eq!(predicted.status, 400, "{id}");
            if report["valid"] == true {
                by_the_run.push(id);
                continue;
            }
            let predicted = predicted.json();
            for key in ["error_code", "message", "error_class"] {
                assert_eq!(report[key], predicted[key], "{id}: {key}");
            }
            let listed = report["errors"].as_array().expect("a list").len();
            assert_eq!(report["error_count"], listed, "{id}");
        }
    }
    assert!(compared > 700, "{compared}");
    assert_eq!(by_the_run, REFUSED_BY_THE_RUN);
}

// === the command ===

fn validate(arguments: &[&str], input: &str) -> Output {
    let mut child = program()
        .arg("validate")
        .args(arguments)
        // No runtime is looked for, so that none has to be there.
        .env("FLOWGATE_CACHE_DIR", "/nonexistent")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input.as_bytes()).expect("sent");
    drop(stdin);
    child.wait_with_output().expect("ended")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("text")
}

#[test]
fn the_command_tells_a_person_one_line_a_violation_and_ends_with_1() {
    let input = format!("{HEADER}1,2,x,4\n1,2,3\n1,2,3,4\n");
    let output = validate(&["-m", "models:/iris/3", "-t", "csv"], &input);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let told = text(&output.stdout);
    let lines: Vec<Vec<&str>> = told
        .lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    assert_eq!(
        told.lines().next(),
        Some(
            "refused: 2 values do not fit the signature; first: row 0, column `petal_length` wants `double`, got a string that is not a number"
        )
    );
    assert_eq!(
        lines[2],
        ["row", "column", "expected", "got", "code", "hint"]
    );
    assert_eq!(
        lines[3],
        [
            "0",
            "petal_length",
            "`double`",
            "a string that is not a number",
            "type_mismatch"
        ]
    );
    assert_eq!(lines[4][0], "1");
    assert_eq!(lines.len(), 5, "{told}");
}

#[test]
fn the_command_takes_a_file_by_its_ending_and_ends_with_0_when_it_fits() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rows.csv");
    fs_err::write(&file, format!("{HEADER}1,2,3,4\n")).expect("written");
    let file = file.display().to_string();
    let output = validate(&["-m", "models:/iris/3", "-i", &file], "");
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(0), "valid: 1 row, 4 columns\n".to_owned())
    );
    let columns = "sepal_length,sepal_width,petal_length,petal_width,id\n1,2,3,4,5\n";
    fs_err::write(&file, columns).expect("written");
    let output = validate(&["-m", "models:/iris/3", "-i", &file], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("warning: 1 column that the signature does not have"));
    let example = "models/iris/3/serving_input_example.json";
    let output = validate(&["-m", "models/iris/3", "-i", example], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let output = validate(
        &["-m", "models:/iris/3", "-i", "tests/columnar/iris.parquet"],
        "",
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[tokio::test]
async fn the_command_prints_the_report_of_the_server_for_machines() {
    let output = validate(&["-m", "models:/iris/3", "-t", "csv", "--json"], &wrong(30));
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told, of(&iris(), "text/csv", wrong(30)).await);
    assert_eq!(told["errors"].as_array().map(Vec::len), Some(30));
}

#[test]
fn a_command_that_cannot_be_meant_ends_with_2_and_a_file_that_is_not_there_with_1() {
    let output = validate(&["-m", "models:/iris/3", "-t", "xml"], "");
    assert_eq!(output.status.code(), Some(2));
    let output = validate(&["-m", "models:/iris/3", "-i", "/no/such/file.csv"], "");
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(1), "")
    );
    assert!(text(&output.stderr).starts_with("error: "));
}
