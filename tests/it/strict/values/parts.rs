//! Arrays, objects, maps, anything, and nothing.

use super::signature_of;
use crate::strict::{BAD, INVALID, Line, Predictions, Refused, Taken, Want};
use flowgate::scoring::decode;
use flowgate_core::Data;

#[tokio::test]
async fn array_object_and_map() {
    let mut line = Line::of("nested_schema");
    let with = |name: &'static str, cell: &'static str| {
        let plain = [
            ("x", "1.5"),
            ("z", "2"),
            ("tags", r#"["a"]"#),
            ("vec", "[0.5]"),
            ("obj", r#"{"id": 1}"#),
            ("counts", r#"{"k": 1}"#),
            ("extra", "null"),
        ];
        plain.map(|(column, plain)| (column, if column == name { cell } else { plain }))
    };
    let taken = Predictions(r#"[{"y": 3.5}]"#);
    let cases: [(&str, &str, Want<'_>); 22] = [
        ("tags", r#"["a", "", "b", 5]"#, taken),
        ("tags", "[]", taken),
        (
            "tags",
            r#"["a", null, 1.5]"#,
            Refused(
                BAD,
                &["null_not_allowed 0 tags[1]", "type_mismatch 0 tags[2]"],
            ),
        ),
        (
            "tags",
            r#"["a", ["b"]]"#,
            Refused(BAD, &["type_mismatch 0 tags[1]"]),
        ),
        ("tags", "\"a\"", Refused(BAD, &["type_mismatch 0 tags"])),
        ("tags", "null", Refused(BAD, &["null_not_allowed 0 tags"])),
        ("vec", "[1, \"2.5\", null, NaN]", taken),
        ("vec", "null", taken),
        (
            "vec",
            "[0.5, true, \"x\"]",
            Refused(BAD, &["type_mismatch 0 vec[1]", "type_mismatch 0 vec[2]"]),
        ),
        ("vec", "[1e400]", Refused(BAD, &["out_of_range 0 vec[0]"])),
        (
            "obj",
            r#"{"id": 1.0, "label": "q", "parts": [1, 2e0]}"#,
            taken,
        ),
        ("obj", r#"{"id": 1, "label": null, "parts": null}"#, taken),
        (
            "obj",
            r#"{"id": 1.5}"#,
            Refused(BAD, &["not_integer 0 obj.id"]),
        ),
        (
            "obj",
            r#"{"id": 1, "parts": [0, 0.5, "x"]}"#,
            Refused(
                BAD,
                &["not_integer 0 obj.parts[1]", "type_mismatch 0 obj.parts[2]"],
            ),
        ),
        (
            "obj",
            r#"{"id": 1, "zip": 2}"#,
            Refused(BAD, &["unknown_column 0 obj.zip"]),
        ),
        (
            "obj",
            r#"{"label": "q"}"#,
            Refused(BAD, &["missing_column 0 obj.id"]),
        ),
        (
            "obj",
            r#"{"id": null}"#,
            Refused(BAD, &["null_not_allowed 0 obj.id"]),
        ),
        ("obj", "[1]", Refused(BAD, &["type_mismatch 0 obj"])),
        ("counts", r#"{"a": 1, "b": 2.0, "": 3}"#, taken),
        (
            "counts",
            r#"{"a": 1, "b": 2.5}"#,
            Refused(BAD, &["not_integer 0 counts.b"]),
        ),
        (
            "counts",
            r#"{"a": null}"#,
            Refused(BAD, &["null_not_allowed 0 counts.a"]),
        ),
        ("counts", "1", Refused(BAD, &["type_mismatch 0 counts"])),
    ];
    for (column, cell, want) in cases {
        line.row(&with(column, cell), want).await;
    }
    line.done();
}

#[tokio::test]
async fn ragged_where_the_shape_is_fixed() {
    let mut line = Line::of("uint8_tensor");
    for body in [
        r#"{"inputs": [[[0, 1], [2]]]}"#,
        r#"{"inputs": [[[0, 1], 2]]}"#,
        r#"{"instances": [[[0, 1], [2, 3]], [[0, 1]]]}"#,
    ] {
        line.json(body, Refused(BAD, &["bad_shape - -"])).await;
    }
    line.json(
        r#"{"inputs": [[[0, 1, 2], [3, 4, 5]]]}"#,
        Refused(INVALID, &["bad_shape - -"]),
    )
    .await;
    let ragged = r#"{"dataframe_split": {"columns": ["x"], "data": [[[0, 1, 2, 3]], [[0, 1]]]}}"#;
    line.json(ragged, Refused(INVALID, &["bad_shape 1 x"]))
        .await;
    line.done();
}

#[tokio::test]
async fn any_is_used_as_it_was_sent() {
    let signature = signature_of("nested_schema");
    for cell in [
        "null",
        "true",
        "-1.50e+1",
        r#"["\u00e9", {"a": [1, 2.0]}, NaN]"#,
        r#""text""#,
    ] {
        let body = format!(
            r#"{{"dataframe_records": [{{"x": 1, "z": 2, "tags": [], "obj": {{"id": 1}}, "extra": {cell}}}]}}"#
        );
        let found = decode::json(body.as_bytes(), &signature).expect("a row");
        let extra = found
            .request
            .frame
            .get("extra")
            .expect("the column")
            .tensor
            .data()
            .clone();
        assert_eq!(extra, Data::Json([cell].into_iter().collect()));
        Line::of("nested_schema").json(&body, Taken).await;
    }
}

#[tokio::test]
async fn null() {
    let mut line = Line::of("optional_cols");
    let row = |cells: &'static [(&'static str, &'static str)], want| (cells, want);
    for (cells, want) in [
        row(
            &[("x", "null"), ("y", "1.5")],
            Predictions(r#"[{"row_sum": null}]"#),
        ),
        row(
            &[("x", "1.5"), ("y", "null")],
            Predictions(r#"[{"row_sum": null}]"#),
        ),
        row(
            &[("x", "1.5"), ("z", "null")],
            Refused(BAD, &["null_not_allowed 0 z"]),
        ),
        // Absent as a whole.
        row(&[("x", "1.5")], Predictions(r#"[{"row_sum": 1.5}]"#)),
        row(
            &[("x", "1.5"), ("z", "2")],
            Predictions(r#"[{"row_sum": 3.5}]"#),
        ),
        row(
            &[("y", "1.5"), ("z", "2")],
            Refused(INVALID, &["missing_column - x"]),
        ),
    ] {
        line.row(cells, want).await;
    }
    line.csv("x,z\n1.5,\n", Refused(BAD, &["null_not_allowed 0 z"]))
        .await;
    line.csv("x,y\n1.5,\n", Predictions(r#"[{"row_sum": null}]"#))
        .await;
    line.done();
}
