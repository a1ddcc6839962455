//! Booleans, integers and floats.

use super::{Column, cells, check};
use crate::strict::{BAD, Line, Predictions, Refused, shapes};

#[tokio::test]
async fn boolean() {
    check(Column {
        name: "boolean",
        output: "not_boolean",
        taken: &[
            ("true", "false"),
            ("false", "true"),
            ("1", "false"),
            ("0", "true"),
        ],
        taken_in_csv: &[
            ("true", "false"),
            ("TRUE", "false"),
            ("True", "false"),
            ("fAlse", "true"),
            ("false", "true"),
            ("1", "false"),
            ("0", "true"),
        ],
        refused: &[
            ("2", "type_mismatch"),
            ("-1", "type_mismatch"),
            ("0.5", "type_mismatch"),
            ("1e400", "type_mismatch"),
            ("NaN", "type_mismatch"),
            ("\"true\"", "type_mismatch"),
            ("\"1\"", "type_mismatch"),
            ("\"\"", "type_mismatch"),
            ("null", "null_not_allowed"),
        ],
        refused_in_csv: &[
            ("yes", "type_mismatch"),
            ("2", "type_mismatch"),
            ("", "null_not_allowed"),
        ],
    })
    .await;
}

#[tokio::test]
async fn integer_and_long() {
    let refused = [
        ("1.7", "not_integer"),
        ("\"1.7\"", "not_integer"),
        ("1e-1", "not_integer"),
        ("9223372036854775808", "out_of_range"),
        ("-9223372036854775809", "out_of_range"),
        ("1e19", "out_of_range"),
        ("1e400", "out_of_range"),
        ("\"1e400\"", "out_of_range"),
        ("null", "null_not_allowed"),
        ("\"1_0\"", "type_mismatch"),
        ("\"0x10\"", "type_mismatch"),
        ("\"ten\"", "type_mismatch"),
        ("\"\"", "type_mismatch"),
        ("true", "type_mismatch"),
        ("false", "type_mismatch"),
    ];
    let refused_in_csv = [
        ("1.7", "not_integer"),
        ("1e19", "out_of_range"),
        ("", "null_not_allowed"),
        ("NA", "null_not_allowed"),
        ("1_0", "type_mismatch"),
        ("True", "type_mismatch"),
    ];
    check(Column {
        name: "integer",
        output: "integer_p1",
        taken: &[
            ("5", "6"),
            ("5.0", "6"),
            ("1e3", "1001"),
            ("1.5e1", "16"),
            ("-0", "1"),
            ("\"5\"", "6"),
            ("\" 5.0 \"", "6"),
            ("\"1e3\"", "1001"),
            ("-2147483648", "-2147483647"),
            ("2147483646", "2147483647"),
        ],
        taken_in_csv: &[("5", "6"), ("5.0", "6"), (" 5", "6"), ("1e3", "1001")],
        refused: &[
            refused.as_slice(),
            &[
                ("2147483648", "out_of_range"),
                ("-2147483649", "out_of_range"),
            ],
        ]
        .concat(),
        refused_in_csv: &refused_in_csv,
    })
    .await;
    check(Column {
        name: "long",
        output: "long_p1",
        taken: &[
            ("5", "6"),
            ("9007199254740993", "9007199254740994"),
            ("9007199254740993.0", "9007199254740994"),
            ("\"9007199254740993\"", "9007199254740994"),
            ("9.223372036854775806e18", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775807"),
        ],
        taken_in_csv: &[("9007199254740993", "9007199254740994")],
        refused: &refused,
        refused_in_csv: &refused_in_csv,
    })
    .await;
}

#[tokio::test]
async fn a_null_among_integers_comes_with_a_hint() {
    let line = Line::of("all_types");
    let body = &shapes(&cells("integer", "null"))[0];
    let answer = line.app.invoke_json(body.clone()).await;
    let hint = answer.json()["errors"][0]["hint"].clone();
    assert!(
        hint.as_str().is_some_and(|hint| hint.contains("`double`")),
        "{hint}"
    );
}

#[tokio::test]
async fn tensors_of_integers() {
    let mut line = Line::of("int32_tensor");
    for (cells, want) in [
        ("[1, 5.0]", Predictions(r#"{"y": [[2, 6]]}"#)),
        ("[1e3, \" 7 \"]", Predictions(r#"{"y": [[1001, 8]]}"#)),
        ("[1, 1.9]", Refused(BAD, &["not_integer 0 x"])),
        ("[1, 2147483648]", Refused(BAD, &["out_of_range 0 x"])),
        ("[1, null]", Refused(BAD, &["null_not_allowed 0 x"])),
        ("[1, \"1_0\"]", Refused(BAD, &["type_mismatch 0 x"])),
        (
            "[true, \"0x10\"]",
            Refused(BAD, &["type_mismatch 0 x", "type_mismatch 0 x"]),
        ),
    ] {
        line.json(&format!("{{\"inputs\": [{cells}]}}"), want).await;
        line.json(&format!("{{\"instances\": [{{\"x\": {cells}}}]}}"), want)
            .await;
    }
    line.done();
    let mut line = Line::of("uint8_tensor");
    let scaled = r#"{"y": [[[0.0, 0.003921568859368563], [1.0, 0.007843137718737125]]]}"#;
    line.json(
        r#"{"inputs": [[[0, 1.0], ["255", 2]]]}"#,
        Predictions(scaled),
    )
    .await;
    let outside = Refused(BAD, &["out_of_range 0 -", "out_of_range 0 -"]);
    line.json(r#"{"inputs": [[[0, 256], [-1, 2]]]}"#, outside)
        .await;
    line.done();
}

#[tokio::test]
async fn float_and_double() {
    let refused = [
        ("1e400", "out_of_range"),
        ("-1e309", "out_of_range"),
        ("\"1e400\"", "out_of_range"),
        ("\"1_0\"", "type_mismatch"),
        ("\"0x10\"", "type_mismatch"),
        ("\"one\"", "type_mismatch"),
        ("\"\"", "type_mismatch"),
        ("true", "type_mismatch"),
        ("false", "type_mismatch"),
    ];
    let refused_in_csv = [
        ("1e400", "out_of_range"),
        ("one", "type_mismatch"),
        ("True", "type_mismatch"),
    ];
    check(Column {
        name: "float",
        output: "float_x2",
        taken: &[
            ("0.1", "0.20000000298023224"),
            ("5", "10.0"),
            ("16777217", "33554432.0"),
            // Just under the middle of two floats: the double is the middle, and goes to the even.
            ("1.00000017881393432617187499", "2.000000476837158"),
            ("1e-400", "0.0"),
            ("\"0.1\"", "0.20000000298023224"),
            ("\" 5 \"", "10.0"),
            ("\"nan\"", "null"),
            ("NaN", "null"),
            ("Infinity", "null"),
            ("-Infinity", "null"),
            ("null", "null"),
        ],
        taken_in_csv: &[
            ("0.1", "0.20000000298023224"),
            ("", "null"),
            ("NA", "null"),
            ("inf", "null"),
        ],
        refused: &[
            refused.as_slice(),
            &[("3.5e38", "out_of_range"), ("-1e39", "out_of_range")],
        ]
        .concat(),
        refused_in_csv: &refused_in_csv,
    })
    .await;
    check(Column {
        name: "double",
        output: "double_x2",
        taken: &[
            ("0.1", "0.2"),
            ("0.30000000000000004", "0.6000000000000001"),
            ("5", "10.0"),
            ("9007199254740993", "1.8014398509481984e+16"),
            ("1e39", "2e+39"),
            ("5e-324", "1e-323"),
            ("\"0.1\"", "0.2"),
            ("NaN", "null"),
            ("null", "null"),
        ],
        taken_in_csv: &[("0.1", "0.2"), ("1e39", "2e+39"), ("null", "null")],
        refused: &refused,
        refused_in_csv: &refused_in_csv,
    })
    .await;
}

#[tokio::test]
async fn tensors_of_floats() {
    let mut line = Line::of("f16_tensor");
    for (cells, want) in [
        (
            "[0.333333, \"1.5\", 2]",
            Predictions(r#"{"y": [[0.66650390625, 3.0, 4.0]]}"#),
        ),
        (
            "[null, NaN, Infinity]",
            Predictions(r#"{"y": [[null, null, null]]}"#),
        ),
        ("[70000, 1, 1]", Refused(BAD, &["out_of_range 0 -"])),
        (
            "[\"x\", 1, true]",
            Refused(BAD, &["type_mismatch 0 -", "type_mismatch 0 -"]),
        ),
    ] {
        line.json(&format!("{{\"inputs\": [{cells}]}}"), want).await;
    }
    line.done();
}
