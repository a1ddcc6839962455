//! Values and tables that no column takes, and some that look so and are taken: through the whole
//! server, without a socket.

use crate::support::{TestApp, root};
use serde_json::Value;

/// A model that takes one column of each scalar type and gives some of them back.
fn types() -> TestApp {
    TestApp::serve(&root().join("tests/golden/models/all_types"), "ort").expect("loaded")
}

fn iris() -> TestApp {
    TestApp::serve(&root().join("models/iris/3"), "tabular").expect("loaded")
}

/// One row in which `column` has `value`, as JSON writes it.
fn row(column: &str, value: &str) -> String {
    let mut cells = [
        ("boolean", "true"),
        ("integer", "1"),
        ("long", "2"),
        ("float", "1.5"),
        ("double", "2.5"),
        ("string", "\"s\""),
        ("binary", "\"AQID\""),
        ("datetime", "\"2021-01-01T00:00:00\""),
    ];
    let cell = cells.iter_mut().find(|(name, _)| *name == column);
    cell.expect("a column").1 = value;
    let cells = cells.map(|(name, value)| format!("\"{name}\": {value}"));
    format!("{{\"dataframe_records\": [{{{}}}]}}", cells.join(", "))
}

#[tokio::test]
async fn numbers_that_no_type_holds_are_refused_at_their_column() {
    let app = types();
    let digits = "7".repeat(5_000);
    let just = "7".repeat(400);
    for (column, value, code) in [
        ("double", "1e400", "out_of_range"),
        ("double", "-1e400", "out_of_range"),
        ("float", "1e39", "out_of_range"),
        ("long", "9223372036854775808", "out_of_range"),
        ("long", "-9223372036854775809", "out_of_range"),
        ("long", "18446744073709551616", "out_of_range"),
        ("long", "1e400", "out_of_range"),
        ("long", "\"9223372036854775808\"", "out_of_range"),
        ("long", "1e-400", "not_integer"),
        ("integer", "2147483648", "out_of_range"),
        ("long", &just, "out_of_range"),
        ("boolean", "18446744073709551616", "type_mismatch"),
        ("datetime", "9223372036854775808", "ambiguous_unit"),
    ] {
        let answer = app.invoke_json(row(column, value)).await;
        assert_eq!(answer.status.as_u16(), 400, "{column} {value}");
        let error = &answer.json()["errors"][0];
        let found = (&error["row"], &error["column"], &error["code"]);
        let wanted = (&Value::from(0), &column.into(), &code.into());
        assert_eq!(found, wanted, "{column} {value}");
        assert!(!answer.text().contains(value.trim_matches('"')), "{value}");
    }
    // A number of so many digits ends the reading.
    for column in ["long", "double", "string", "boolean"] {
        let answer = app.invoke_json(row(column, &digits)).await;
        assert_eq!(answer.status.as_u16(), 400, "{column}");
        assert_eq!(answer.json()["errors"][0]["code"], "out_of_range");
        assert!(!answer.text().contains("777"), "{}", answer.text());
    }
}

#[tokio::test]
async fn numbers_at_the_end_of_their_type_are_taken() {
    let app = types();
    for (column, value, output, wanted) in [
        (
            "long",
            "9223372036854775806",
            "long_p1",
            "9223372036854775807",
        ),
        (
            "long",
            "-9223372036854775808",
            "long_p1",
            "-9223372036854775807",
        ),
        ("long", "-0", "long_p1", "1"),
        ("long", "-0.0e5", "long_p1", "1"),
        ("double", "-0", "double_x2", "-0.0"),
        ("double", "-0.0", "double_x2", "-0.0"),
        ("double", "1e-400", "double_x2", "0.0"),
        ("double", "8e307", "double_x2", "1.6e+308"),
    ] {
        let answer = app.invoke_json(row(column, value)).await;
        let text = answer.text();
        assert_eq!(answer.status.as_u16(), 200, "{column} {value}: {text}");
        let part = format!("\"{output}\": {wanted}");
        assert!(text.contains(&part), "no `{part}` in: {text}");
    }
}

#[tokio::test]
async fn texts_that_are_no_unicode_are_refused() {
    let app = types();
    for text in ["\\ud800", "\\udc00\\ud800", "a\\ud83dz", "\\ud83d\\u0041"] {
        let answer = app.invoke_json(row("string", &format!("\"{text}\""))).await;
        assert_eq!(answer.status.as_u16(), 400, "{text}");
        assert_eq!(answer.json()["errors"][0]["code"], "bad_text", "{text}");
    }
    let answer = app.invoke_json("{\"\\ud800\": 1}").await;
    assert_eq!(answer.json()["errors"][0]["code"], "bad_text");
    let pair = app.invoke_json(row("string", "\"\\ud83d\\ude00\"")).await;
    assert_eq!(pair.status.as_u16(), 200, "{}", pair.text());
}

#[tokio::test]
async fn octets_that_are_no_utf8_are_refused() {
    let app = types();
    let (before, after) = (b"{\"inputs\": [{\"string\": \"".to_vec(), b"\"}]}");
    for octets in [
        // Overlong forms of `/`, of NUL, and in three and four octets.
        &b"\xC0\xAF"[..],
        b"\xC0\x80",
        b"\xE0\x80\xAF",
        b"\xF0\x80\x80\xAF",
        // Surrogates, beyond Unicode, cut off, alone.
        b"\xED\xA0\x80",
        b"\xF4\x90\x80\x80",
        b"\xE2\x82",
        b"\x80",
        b"\xFF\xFE",
    ] {
        let body = [&before, octets, &after[..]].concat();
        for kind in ["application/json", "text/csv"] {
            let answer = app.invoke(kind, body.clone()).await;
            assert_eq!(answer.status.as_u16(), 400, "{octets:?}");
            let code = &answer.json()["errors"][0]["code"];
            assert_eq!(code, "bad_encoding", "{octets:?}");
        }
    }
}

const HEADER: &str = "sepal_length,sepal_width,petal_length,petal_width";

const EXPECTED: &str = r#"{"predictions": [{"output_label": 0, "output_probability": {"0": 1.0, "1": 0.0, "2": 0.0}}]}"#;

fn split(data: &str) -> String {
    let columns: Vec<String> = HEADER.split(',').map(|name| format!("{name:?}")).collect();
    let columns = columns.join(", ");
    format!("{{\"dataframe_split\": {{\"columns\": [{columns}], \"data\": {data}}}}}")
}

#[tokio::test]
async fn one_byte_order_mark_is_dropped_and_no_more() {
    let app = iris();
    let json = split("[[4.5, 2.3, 1.3, 0.3]]");
    let csv = format!("{HEADER}\n4.5,2.3,1.3,0.3\n");
    for (kind, body, code) in [
        ("application/json", &json, "bad_json"),
        ("text/csv", &csv, "missing_column"),
    ] {
        let answer = app.invoke(kind, format!("\u{FEFF}{body}")).await;
        assert_eq!((answer.status.as_u16(), &*answer.text()), (200, EXPECTED));
        let twice = app.invoke(kind, format!("\u{FEFF}\u{FEFF}{body}")).await;
        assert_eq!(twice.status.as_u16(), 400, "{kind}");
        assert_eq!(twice.json()["errors"][0]["code"], code);
        let wide: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = [&b"\xFF\xFE"[..], &wide].concat();
        let answer = app.invoke(kind, wide).await;
        assert_eq!(answer.json()["errors"][0]["code"], "bad_encoding");
    }
}

#[tokio::test]
async fn ragged_rows_are_told_by_their_number() {
    let app = iris();
    let json = split("[[1, 2, 3, 4], [1, 2, 3], [1, 2, 3, 4, 5], []]");
    let csv = format!("{HEADER}\n1,2,3,4\n1,2,3\n1,2,3,4,5\n");
    for (kind, body, rows) in [
        ("application/json", json, &[1, 2, 3][..]),
        ("text/csv", csv, &[1, 2]),
    ] {
        let answer = app.invoke(kind, body).await;
        assert_eq!(answer.status.as_u16(), 400, "{kind}");
        let errors = answer.json()["errors"].as_array().cloned();
        let errors = errors.unwrap_or_default();
        let found: Vec<_> = errors.iter().filter_map(|it| it["row"].as_u64()).collect();
        assert_eq!(found, rows, "{kind}");
        assert!(errors.iter().all(|error| error["code"] == "bad_shape"));
    }
}

#[tokio::test]
async fn no_rows_are_no_answers() {
    let app = iris();
    let none = r#"{"predictions": []}"#;
    let csv = format!("{HEADER}\n");
    for (kind, body) in [
        ("application/json", split("[]")),
        ("application/json", "{\"dataframe_records\": []}".to_owned()),
        ("text/csv", csv),
    ] {
        let answer = app.invoke(kind, body.clone()).await;
        let text = answer.text();
        if answer.status.as_u16() == 400 {
            assert!(text.contains("missing_column"), "{body}: {text}");
        } else {
            assert_eq!((answer.status.as_u16(), &*text), (200, none), "{body}");
        }
    }
}

#[tokio::test]
async fn no_columns_are_all_of_them_missing() {
    let app = iris();
    for (kind, body) in [
        (
            "application/json",
            r#"{"dataframe_split": {"columns": [], "data": []}}"#,
        ),
        (
            "application/json",
            r#"{"dataframe_split": {"columns": [], "data": [[], []]}}"#,
        ),
        ("application/json", r#"{"dataframe_records": [{}, {}]}"#),
        ("application/json", r#"{"inputs": {}}"#),
        ("text/csv", "\n\n\n"),
        ("text/csv", ""),
    ] {
        let answer = app.invoke(kind, body).await;
        assert_eq!(answer.status.as_u16(), 400, "{body:?}: {}", answer.text());
        let code = answer.json()["errors"][0]["code"].clone();
        let wanted = if kind == "text/csv" {
            "bad_csv"
        } else {
            "missing_column"
        };
        assert_eq!(code, wanted, "{body:?}");
    }
}
