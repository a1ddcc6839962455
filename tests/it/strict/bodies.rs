//! "Bodies".

use super::{BAD, CSV, INVALID, JSON, Line, Predictions, Refused, Taken};
use crate::golden::package_path;
use crate::support::{Limits, TestApp, loader};
use axum::body::Body;
use axum::http::Request;
use flowgate::compression::Packing;

const ROW: &str = r#"{"dataframe_records": [{"a": 1, "b": 2, "c": 3}]}"#;
const ANSWER: &str = r#"[{"total": 6.0, "twice": 2.0}]"#;

#[tokio::test]
async fn encoding() {
    let mut line = Line::of("string_label");
    let bad = Refused(BAD, &["bad_encoding - -"]);
    for octets in [
        &b"\xE9"[..],
        b"\xC0\xAF",
        b"\xED\xA0\x80",
        b"\xF8\x88\x80\x80\x80",
        b"\xFF\xFE{\0}\0",
    ] {
        let json = [br#"{"dataframe_records": [{"text": ""#, octets, br#""}]}"#].concat();
        line.send(JSON, json, &format!("{octets:?}"), bad).await;
        let csv = [b"text\n", octets, b"\n"].concat();
        line.send(CSV, csv, &format!("{octets:?} in CSV"), bad)
            .await;
    }
    let want = Predictions(r#"[{"code": -1, "echo": "\u00e9"}]"#);
    line.json("\u{FEFF}{\"dataframe_records\": [{\"text\": \"é\"}]}", want)
        .await;
    line.csv("\u{FEFF}text\né\n", want).await;
    line.done();
}

#[tokio::test]
async fn no_json() {
    let mut line = Line::of("multi_numeric");
    for (body, place) in [
        ("", "line 1, column 1"),
        ("text", "line 1, column 1"),
        (
            "{\"dataframe_records\": [{\"a\": 1, \"b\": 2, \"c\": 3}]",
            "line 1, column 49",
        ),
        (
            "{\"dataframe_records\": [{\"a\": 1,\n \"b\": 2, \"c\": 3}],}",
            "line 2, column 19",
        ),
        ("{\n\"dataframe_records\": [\n1,]}", "line 3, column 3"),
        (
            "{\"dataframe_records\": [{\"a\": \"\u{1}\"}]}",
            "line 1, column 31",
        ),
        (
            "{\"dataframe_records\": [{\"a\": \"\n\"}]}",
            "line 1, column 31",
        ),
        (
            "{\"dataframe_records\": /* rows */ []}",
            "line 1, column 23",
        ),
        ("{\"dataframe_records\": [] // rows\n}", "line 1, column 26"),
        ("{'dataframe_records': []}", "line 1, column 2"),
        (
            "{\"dataframe_records\": [{\"a\": 01}]}",
            "line 1, column 31",
        ),
        (
            "{\"dataframe_records\": [{\"a\": .5}]}",
            "line 1, column 30",
        ),
        (
            "{\"dataframe_records\": [{\"a\": +1}]}",
            "line 1, column 30",
        ),
        (
            "{\"dataframe_records\": [{\"a\": True}]}",
            "line 1, column 30",
        ),
        (
            "{\"dataframe_records\": [{\"a\": \"\\x\"}]}",
            "line 1, column 32",
        ),
        ("{\"dataframe_records\": []} {}", "line 1, column 27"),
    ] {
        line.json(body, Refused(BAD, &["bad_json - -"])).await;
        let answer = line.app.invoke_json(body).await.json();
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(message.ends_with(place), "{body}: {message}");
    }
    line.done();
}

#[tokio::test]
async fn duplicate_keys() {
    let mut line = Line::of("nested_schema");
    for (body, path) in [
        (r#"{"inputs": [], "inputs": []}"#, "inputs"),
        (r#"{"params": {}, "inputs": [], "params": {}}"#, "params"),
        (r#"{"inputs": [], "params": {"a": 1, "a": 1}}"#, "params.a"),
        (
            r#"{"dataframe_split": {"data": [], "data": []}}"#,
            "dataframe_split.data",
        ),
        (
            r#"{"dataframe_records": [{"obj": {"id": 1, "id": 2}}]}"#,
            "dataframe_records[0].obj.id",
        ),
        (
            r#"{"dataframe_records": [{"counts": {"a": 1, "\u0061": 2}}]}"#,
            "dataframe_records[0].counts.a",
        ),
        (
            r#"{"dataframe_records": [{"extra": [0, {"b": {"c": 1, "c": 2}}]}]}"#,
            "dataframe_records[0].extra[1].b.c",
        ),
    ] {
        let wanted = format!("duplicate_key - {path}");
        line.json(body, Refused(BAD, &[&wanted])).await;
    }
    line.done();
    let mut line = Line::of("multi_numeric");
    let twice = r#"{"inputs": {"a": [1], "a": [1]}}"#;
    line.json(twice, Refused(BAD, &["duplicate_key - inputs.a"]))
        .await;
    line.done();
    let mut line = Line::of("dict_tensors");
    let twice = r#"{"inputs": {"ids": [[1, 2, 3, 0]], "ids": [[1, 2, 3, 0]]}}"#;
    line.json(twice, Refused(BAD, &["duplicate_key - inputs.ids"]))
        .await;
    line.done();
}

#[tokio::test]
async fn unknown_keys() {
    let mut line = Line::of("multi_numeric");
    for body in [
        ROW.replacen('{', "{\"extra\": 1, ", 1),
        ROW.replace("]}", "], \"extra\": {}}"),
        r#"{"extra": [[1, 2, 3]]}"#.to_owned(),
    ] {
        line.json(&body, Refused(BAD, &["unknown_field - extra"]))
            .await;
        let error = line.app.invoke_json(body).await.json()["errors"][0].clone();
        let hint = error["hint"].as_str().unwrap_or_default();
        for key in [
            "dataframe_split",
            "dataframe_records",
            "instances",
            "inputs",
            "params",
        ] {
            assert!(hint.contains(&format!("`{key}`")), "{error}");
        }
    }
    line.json(r#"{"params": {}}"#, Refused(BAD, &["missing_field - -"]))
        .await;
    let two = r#"{"inputs": [], "instances": []}"#;
    line.json(two, Refused(BAD, &["missing_field - -"])).await;
    line.done();
}

#[tokio::test]
async fn nesting() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let deep = Refused(BAD, &["too_deep - -"]);
    let mut line = Line::of("nested_schema");
    let row = |cell: &str| {
        format!(
            r#"{{"dataframe_records": [{{"x": 1, "z": 2, "tags": [], "obj": {{"id": 1}}, "extra": {cell}}}]}}"#
        )
    };
    // The body, its list and the row are three.
    line.json(&row(&nested(61)), Predictions(r#"[{"y": 3.0}]"#))
        .await;
    line.json(&row(&nested(62)), deep).await;
    line.json(&row(&nested(100_000)), deep).await;
    line.done();
    // Two dimensions, and eight more.
    let mut line = Line::of("tensor2d_f64");
    line.json(
        &format!(r#"{{"inputs": {}}}"#, nested(9)),
        Refused(INVALID, &["bad_shape - -"]),
    )
    .await;
    line.json(&format!(r#"{{"inputs": {}}}"#, nested(10)), deep)
        .await;
    line.done();
}

#[tokio::test]
async fn integers_of_very_many_digits() {
    let mut line = Line::of("nested_schema");
    let row = |cell: &str| {
        format!(
            r#"{{"dataframe_records": [{{"x": 1, "z": 2, "tags": [], "obj": {{"id": 1}}, "extra": {cell}}}]}}"#
        )
    };
    line.json(&row(&"9".repeat(400)), Taken).await;
    line.json(&row(&"9".repeat(401)), Refused(BAD, &["out_of_range - -"]))
        .await;
    line.json(
        &row(&format!("-{}", "9".repeat(5000))),
        Refused(BAD, &["out_of_range - -"]),
    )
    .await;
    line.done();
    let mut line = Line::of("all_types");
    let body = format!(
        r#"{{"dataframe_records": [{{"long": {}}}]}}"#,
        "1".repeat(401)
    );
    line.json(&body, Refused(BAD, &["out_of_range - -"])).await;
    line.done();
}

#[tokio::test]
async fn content_type() {
    let app = TestApp::serve(&package_path("multi_numeric"), "ort").expect("served");
    for (kind, status) in [
        ("application/json", 200),
        ("Application/JSON", 200),
        ("application/json; charset=utf-8", 200),
        ("application/json;charset=UTF-8", 200),
        ("application/json; charset=utf8", 200),
        ("application/json; charset=latin-1", 415),
        ("application/json; format=pandas-split", 415),
        (
            "application/json; format=pandas-records; charset=utf-8",
            415,
        ),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("", 415),
    ] {
        let answer = app.invoke(kind, ROW).await;
        assert_eq!(answer.status.as_u16(), status, "{kind}: {}", answer.text());
        if status == 415 {
            assert_eq!(
                answer.header("content-type"),
                "text/plain; charset=utf-8",
                "{kind}"
            );
        }
    }
    let none = Request::post("/invocations")
        .body(Body::from(ROW))
        .expect("a request");
    assert_eq!(app.send(none).await.status, 415);
}

#[tokio::test]
async fn csv() {
    let mut line = Line::of("string_label");
    let echo = |text: &str, code: i32| format!(r#"[{{"code": {code}, "echo": "{text}"}}]"#);
    line.csv("text\n\"\"\n", Predictions(&echo("", 4))).await;
    for word in ["NA", "null", "NaN", "None", "n/a", "<NA>", "nan", " x "] {
        line.csv(&format!("text\n{word}\n"), Predictions(&echo(word, -1)))
            .await;
        line.csv(&format!("text\n\"{word}\"\n"), Predictions(&echo(word, -1)))
            .await;
    }
    line.csv(
        "text,more\n,1\n",
        Refused(BAD, &["null_not_allowed 0 text"]),
    )
    .await;
    line.csv("text,more\n\"\",1\n", Predictions(&echo("", 4)))
        .await;
    // Header names are what they are.
    for header in [" text", "text ", "Text", "'text'"] {
        let missing = Refused(INVALID, &["missing_column - text"]);
        line.csv(&format!("{header}\ncat\n"), missing).await;
    }
    line.csv("\"text\"\ncat\n", Predictions(&echo("cat", 1)))
        .await;
    line.done();
    let mut line = Line::of("nonfinite");
    let nan = Predictions(r#"[{"log": null, "sqrt": null, "recip": null}]"#);
    for word in [
        "NA", "N/A", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND",
        "1.#QNAN", "<NA>", "NULL", "NaN", "None", "n/a", "nan", "null",
    ] {
        line.csv(&format!("x\n{word}\n"), nan).await;
    }
    line.csv("x,more\n,1\n", nan).await;
    line.csv("x\nmissing\n", Refused(BAD, &["type_mismatch 0 x"]))
        .await;
    line.done();
    // A signature with a date and octets, and one of a tensor, one row a line.
    let mut line = Line::of("all_types");
    line.csv(
        "boolean,integer,long,float,double,string,binary,datetime\ntrue,1,2,1.5,2.5,s,AQID,2021-01-01\n",
        Predictions(r#"[{"not_boolean": false, "integer_p1": 2, "long_p1": 3, "float_x2": 3.0, "double_x2": 5.0}]"#),
    )
    .await;
    line.done();
    let mut line = Line::of("tensor2d_f64");
    line.csv(
        "p,q,r\n1.5,2,3\n1,2,3\n",
        Predictions(r#"{"y": [[4.0, 5.0, 7.0], [3.0, 5.0, 7.0]]}"#),
    )
    .await;
    line.done();
    let mut line = Line::of("tensor1d_f32");
    line.csv(
        "x\n0.1\n2\n",
        Predictions(r#"{"y": [0.30000001192092896, 6.0]}"#),
    )
    .await;
    line.done();
}

#[tokio::test]
async fn content_encoding() {
    let limits = Limits {
        body: 4096,
        ..Limits::default()
    };
    let app =
        TestApp::load(&loader("ort"), &package_path("multi_numeric"), limits).expect("served");
    for packing in [Packing::Gzip, Packing::Zstd] {
        let send = async |body: &str| {
            let body = packing.pack(body.as_bytes()).expect("packed");
            assert!(body.len() < 4096);
            let request = Request::post("/invocations")
                .header("content-type", JSON)
                .header("content-encoding", packing.name());
            app.send(request.body(Body::from(body)).expect("a request"))
                .await
        };
        let answer = send(ROW).await;
        assert_eq!(answer.text(), format!("{{\"predictions\": {ANSWER}}}"));
        let answer = send(&format!("{ROW}{}", " ".repeat(4096))).await;
        assert_eq!(answer.status, 413, "{}", answer.text());
    }
}
