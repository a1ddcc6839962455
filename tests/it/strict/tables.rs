//! "Tables".

use super::{BAD, CSV, INVALID, JSON, Line, Predictions, Refused, violations_of};
use crate::golden::package_path;
use crate::support::{Limits, Program, TestApp, loader, program};
use flowgate::scoring::decode::ExtraColumns;

#[tokio::test]
async fn missing_column() {
    let mut line = Line::of("multi_numeric");
    let missing = Refused(INVALID, &["missing_column - b", "missing_column - c"]);
    line.row(&[("a", "1"), ("d", "2")], missing).await;
    line.csv("a,d\n1,2\n", missing).await;
    let answer = line.app.invoke(CSV, "a,d\n1,2\n").await;
    assert_eq!(
        answer.json()["message"],
        "Model is missing inputs ['b', 'c']. Note that there were extra inputs: ['d']."
    );
    line.done();
    let mut line = Line::of("dict_tensors");
    let missing = Refused(INVALID, &["missing_column - mask"]);
    line.json(r#"{"inputs": {"ids": [[1, 2, 3, 0]]}}"#, missing)
        .await;
    line.done();
}

/// A table and tensors with more than is asked for, and how much more.
const EXTRA: [(&str, &str, &str, usize); 5] = [
    (
        "multi_numeric",
        JSON,
        r#"{"dataframe_records": [{"a": 1, "b": 2, "c": 3, "d": "x", "e": null}]}"#,
        2,
    ),
    (
        "multi_numeric",
        JSON,
        r#"{"dataframe_split": {"columns": ["d", "a", "b", "c"], "data": [[[], 1, 2, 3]]}}"#,
        1,
    ),
    (
        "multi_numeric",
        JSON,
        r#"{"inputs": {"a": [1], "b": [2], "c": [3], "d": [4]}}"#,
        1,
    ),
    ("multi_numeric", CSV, "a,d,b,c\n1,x,2,3\n", 1),
    (
        "dict_tensors",
        JSON,
        r#"{"inputs": {"d": [0], "ids": [[1, 2, 3, 0]], "mask": [[1, 1, 1, 0]]}}"#,
        1,
    ),
];

fn with(package: &str, extra_columns: ExtraColumns) -> TestApp {
    let limits = Limits {
        extra_columns,
        ..Limits::default()
    };
    TestApp::load(&loader("ort"), &package_path(package), limits).expect("served")
}

async fn dropped(app: &TestApp) -> String {
    let metrics = app.get("/metrics").await.text();
    let line = metrics
        .lines()
        .find(|line| line.starts_with("flowgate_dropped_columns_total{"));
    let value = line.and_then(|line| line.rsplit(' ').next());
    value.unwrap_or("none").to_owned()
}

#[tokio::test]
async fn extra_columns_are_dropped_and_counted() {
    assert_eq!(ExtraColumns::default(), ExtraColumns::Warn);
    for (package, kind, body, count) in EXTRA {
        let app = with(package, ExtraColumns::Warn);
        let answer = app.invoke(kind, body).await;
        let count = count.to_string();
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-flowgate-warnings")),
            (200, &*count),
            "{body}"
        );
        assert_eq!(dropped(&app).await, count, "{body}");
    }
}

#[tokio::test]
async fn extra_columns_are_ignored_where_that_is_asked_for() {
    for (package, kind, body, _) in EXTRA {
        let app = with(package, ExtraColumns::Ignore);
        let answer = app.invoke(kind, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-flowgate-warnings")),
            (200, ""),
            "{body}"
        );
        assert_eq!(dropped(&app).await, "0", "{body}");
    }
}

#[tokio::test]
async fn extra_columns_are_refused_where_that_is_asked_for() {
    for (package, kind, body, count) in EXTRA {
        let wanted = &["unknown_column - d", "unknown_column - e"][..count];
        let mut line = Line::over(with(package, ExtraColumns::Refuse));
        line.send(kind, body, body, Refused(INVALID, wanted)).await;
        line.done();
    }
    // With all else that is wrong, in one answer; and nothing else is refused.
    let mut line = Line::over(with("multi_numeric", ExtraColumns::Refuse));
    line.row(
        &[("a", "\"x\""), ("b", "1"), ("d", "2")],
        Refused(
            "",
            &[
                "type_mismatch 0 a",
                "missing_column - c",
                "unknown_column - d",
            ],
        ),
    )
    .await;
    let whole = Predictions(r#"[{"total": 6.0, "twice": 2.0}]"#);
    line.row(&[("c", "3"), ("b", "2"), ("a", "1")], whole).await;
    line.done();
}

#[test]
fn the_flag_says_what_becomes_of_extra_columns() {
    let model = ["-m", "tests/golden/models/multi_numeric"];
    let (_, _, body, _) = EXTRA[0];
    for (policy, status) in [("warn", 200), ("ignore", 200), ("refuse", 400)] {
        let arguments = [model.as_slice(), &["--extra-columns", policy]].concat();
        let server = Program::serve(&arguments);
        assert_eq!(server.post(JSON, body).0, status, "{policy}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rows.json");
    fs_err::write(&file, body).expect("written");
    for (policy, code, said) in [
        ("warn", 0, "2 columns of the input are not in the signature"),
        ("ignore", 0, ""),
        (
            "refuse",
            1,
            "2 columns were sent that the signature does not have",
        ),
    ] {
        let output = program()
            .arg("predict")
            .args(model)
            .args(["--extra-columns", policy, "-i"])
            .arg(&file)
            .output()
            .expect("started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{policy}: {errors}");
        assert!(errors.contains(said), "{policy}: {errors}");
        assert_eq!(
            errors.contains("columns"),
            !said.is_empty(),
            "{policy}: {errors}"
        );
    }
}

#[tokio::test]
async fn the_same_column_twice() {
    let mut line = Line::of("multi_numeric");
    let twice = Refused(INVALID, &["duplicate_column - a"]);
    line.json(
        r#"{"dataframe_split": {"columns": ["a", "b", "c", "a"], "data": [[1, 2, 3, 4]]}}"#,
        twice,
    )
    .await;
    line.csv("a,b,c,a\n1,2,3,4\n", twice).await;
    // Also one that is dropped.
    let twice = Refused(INVALID, &["duplicate_column - d"]);
    line.csv("a,b,c,d,d\n1,2,3,4,4\n", twice).await;
    for key in ["dataframe_records", "instances", "inputs"] {
        let body = format!(
            r#"{{"{key}": [{{"a": 1, "b": 2, "c": 3}}, {{"a": 1, "b": 2, "a": 1, "c": 3}}, {{"a": 1, "b": true, "c": 3, "d": 1, "d": 1}}]}}"#
        );
        let twice = [
            "type_mismatch 2 b",
            "duplicate_column 1 a",
            "duplicate_column 2 d",
        ];
        line.json(&body, Refused(BAD, &twice)).await;
    }
    line.done();
}

#[tokio::test]
async fn rows_that_are_shorter_or_longer() {
    let mut line = Line::of("multi_numeric");
    let split = |rows: &str| {
        format!(r#"{{"dataframe_split": {{"columns": ["a", "b", "c"], "data": [{rows}]}}}}"#)
    };
    let rows = "[1, 2, 3], [1, 2], [], [1, 2, 3, 4], [1, 2, 3]";
    let places = Refused(BAD, &["bad_shape 1 -", "bad_shape 2 -", "bad_shape 3 -"]);
    line.json(&split(rows), places).await;
    let lines = "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,\n1,2,3\n";
    let places = Refused(BAD, &["bad_shape 1 -", "bad_shape 2 -", "bad_shape 3 -"]);
    line.csv(lines, places).await;
    line.done();
    let mut line = Line::of("unnamed_cols");
    let rows = r#"{"dataframe_split": {"data": [[1, 2, 3], [1, 2]]}}"#;
    line.json(rows, Refused(BAD, &["bad_shape 1 -"])).await;
    line.done();
}

#[tokio::test]
async fn index() {
    let mut line = Line::of("multi_numeric");
    let split = |index: &str| {
        format!(
            r#"{{"dataframe_split": {{"columns": ["a", "b", "c"], "index": {index}, "data": [[1, 2, 3], [2, 3, 4]]}}}}"#
        )
    };
    let both = Predictions(r#"[{"total": 6.0, "twice": 2.0}, {"total": 9.0, "twice": 4.0}]"#);
    for index in ["[0, 1]", "[7, 7]", r#"["x", null]"#, "[[1], {}]", "null"] {
        line.json(&split(index), both).await;
    }
    for index in ["[]", "[0]", "[0, 1, 2]"] {
        line.json(&split(index), Refused(BAD, &["bad_shape - index"]))
            .await;
    }
    line.done();
}

#[tokio::test]
async fn zero_rows() {
    let mut line = Line::of("multi_numeric");
    for body in [
        r#"{"dataframe_split": {"columns": ["a", "b", "c"], "data": []}}"#,
        r#"{"inputs": {"a": [], "b": [], "c": []}}"#,
    ] {
        line.json(body, Predictions("[]")).await;
    }
    line.csv("a,b,c\n", Predictions("[]")).await;
    line.done();
    let mut line = Line::of("tensor2d_f64");
    for body in [r#"{"inputs": []}"#, r#"{"instances": []}"#] {
        line.json(body, Predictions(r#"{"y": []}"#)).await;
    }
    line.done();
    let mut line = Line::of("iris_named_tensor");
    let none = Predictions(r#"{"label": [], "probabilities": []}"#);
    line.json(r#"{"inputs": {"float_input": []}}"#, none).await;
    line.done();
}

#[tokio::test]
async fn columns_in_another_order() {
    let mut line = Line::of("multi_numeric");
    let want = Predictions(r#"[{"total": 6.0, "twice": 2.0}]"#);
    line.row(&[("c", "3"), ("a", "1"), ("b", "2")], want).await;
    line.csv("b,c,a\n2,3,1\n", want).await;
    line.done();
}

#[tokio::test]
async fn unnamed_signature() {
    let mut line = Line::of("unnamed_cols");
    let want = Predictions(r#"[{"row_sum": 7.0}]"#);
    line.json(r#"{"dataframe_split": {"data": [[1.5, 2.5, 3]]}}"#, want)
        .await;
    line.json(
        r#"{"dataframe_split": {"columns": ["c", "a", "b"], "data": [[1.5, 2.5, 3]]}}"#,
        want,
    )
    .await;
    line.json(
        r#"{"dataframe_records": [{"z": 1.5, "y": 2.5, "x": 3}]}"#,
        want,
    )
    .await;
    line.json(r#"{"inputs": [[1.5, 2.5, 3]]}"#, want).await;
    line.csv("z,y,x\n1.5,2.5,3\n", want).await;
    line.json(
        r#"{"inputs": [[1.5, 2.5, 3.5]]}"#,
        Refused(BAD, &["not_integer 0 2"]),
    )
    .await;
    line.csv("z,y\n1.5,2.5\n", Refused(INVALID, &["missing_column - 2"]))
        .await;
    line.done();
}

#[tokio::test]
async fn no_signature() {
    let mut line = Line::of("nosig_double");
    let want = Predictions(r#"[{"row_sum": 3.5}, {"row_sum": 7.5}]"#);
    line.json(
        r#"{"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, 2], [3, 4.5]]}}"#,
        want,
    )
    .await;
    line.json(
        r#"{"dataframe_records": [{"a": 1.5, "b": 2}, {"a": 3, "b": 4.5}]}"#,
        want,
    )
    .await;
    line.csv("a,b\n1.5,2\n3,4.5\n", want).await;
    line.csv(
        "a,b\n1.5,\n,4.5\n",
        Predictions(r#"[{"row_sum": null}, {"row_sum": null}]"#),
    )
    .await;
    for (cells, place) in [
        ("[1.5, true]", "type_mismatch 1 a"),
        ("[1.5, \"x\"]", "type_mismatch 1 a"),
        ("[\"x\", null]", "null_not_allowed 1 a"),
        ("[true, null]", "null_not_allowed 1 a"),
        ("[null, null]", "null_not_allowed 0 a"),
        ("[null, [1]]", "type_mismatch 1 a"),
        ("[0.5, 9007199254740993]", "out_of_range 1 a"),
        ("[18446744073709551616]", "out_of_range 0 a"),
        ("[-1, 9223372036854775808]", "out_of_range 0 a"),
        ("[1e400]", "out_of_range 0 a"),
        ("[\"\\ud800\"]", "bad_text 0 a"),
        ("[[1]]", "type_mismatch 0 a"),
    ] {
        let body = format!(r#"{{"dataframe_split": {{"data": {{"a": {cells}}}}}}}"#);
        line.json(&body, Refused(BAD, &[place])).await;
    }
    line.done();
    let mut line = Line::of("nosig_string");
    line.json(
        r#"{"instances": ["x", "y"]}"#,
        Predictions(r#"{"out": ["x", "y"]}"#),
    )
    .await;
    let body = r#"{"inputs": ["a", null]}"#;
    let answer = line.app.invoke_json(body).await;
    assert_eq!(
        violations_of(&answer.json()),
        ["null_not_allowed - -"],
        "{}",
        answer.text()
    );
    line.done();
}
