//! Strings, octets and dates.

use super::{Column, cells, check, decoded};
use crate::strict::{BAD, Line, Predictions, Refused, shapes};
use flowgate_core::Data;

#[tokio::test]
async fn string() {
    let mut line = Line::of("string_label");
    for (cell, echo) in [
        ("\"zebra\"", "zebra"),
        ("\"\"", ""),
        ("\"5.0\"", "5.0"),
        ("\"null\"", "null"),
        ("5", "5"),
        ("-0", "0"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
    ] {
        let code = if echo.is_empty() { 4 } else { -1 };
        let wanted = format!(r#"[{{"code": {code}, "echo": "{echo}"}}]"#);
        line.row(&[("text", cell)], Predictions(&wanted)).await;
    }
    for (cell, code) in [
        ("5.0", "type_mismatch"),
        ("1e3", "type_mismatch"),
        ("NaN", "type_mismatch"),
        ("true", "type_mismatch"),
        ("null", "null_not_allowed"),
        (r#""\ud800""#, "bad_text"),
        (r#""\udc00\ud800""#, "bad_text"),
    ] {
        let wanted = format!("{code} 0 text");
        line.row(&[("text", cell)], Refused(BAD, &[&wanted])).await;
    }
    line.csv(
        "text\n5.0\n",
        Predictions(r#"[{"code": -1, "echo": "5.0"}]"#),
    )
    .await;
    line.done();
}

#[tokio::test]
async fn binary() {
    check(Column {
        name: "binary",
        output: "",
        taken: &[
            ("\"AQID\"", ""),
            ("\"AQ==\"", ""),
            ("\"\"", ""),
            ("\"+/+/\"", ""),
        ],
        taken_in_csv: &[("AQID", ""), ("AQ==", ""), ("\"\"", "")],
        refused: &[
            ("\"AQ\"", "bad_base64"),
            ("\"AQI\"", "bad_base64"),
            ("\"A QID\"", "bad_base64"),
            ("\"AQID\\n\"", "bad_base64"),
            ("\"-_-_\"", "bad_base64"),
            ("\"AQ==AQ==\"", "bad_base64"),
            ("\"\u{e9}\"", "bad_base64"),
            ("5", "bad_base64"),
            ("1.5", "bad_base64"),
            ("true", "bad_base64"),
            ("{}", "bad_base64"),
            ("null", "null_not_allowed"),
        ],
        refused_in_csv: &[
            ("AQI", "bad_base64"),
            ("hello!", "bad_base64"),
            ("", "null_not_allowed"),
        ],
    })
    .await;
    let frame = decoded(&shapes(&cells("binary", "\"+/8=\""))[0]);
    assert_eq!(
        frame[6],
        Data::Bytes([[0xFB_u8, 0xFF].as_slice()].into_iter().collect())
    );
}

#[tokio::test]
async fn datetime() {
    check(Column {
        name: "datetime",
        output: "",
        taken: &[
            ("\"2021-01-31\"", ""),
            ("\"2021-01-31T12:00:00\"", ""),
            ("\"2021-01-31 12:00:00.123456789\"", ""),
            ("\"2021-01-31T12:00:00Z\"", ""),
            ("\"2021-01-31T12:00:00+02:00\"", ""),
            ("\"1677-09-22\"", ""),
            ("\"2262-04-11\"", ""),
        ],
        taken_in_csv: &[("2021-01-31", ""), ("2021-01-31T12:00:00", "")],
        refused: &[
            ("1612094400", "ambiguous_unit"),
            ("1.5", "ambiguous_unit"),
            ("0", "ambiguous_unit"),
            ("\"01/02/2021\"", "bad_datetime"),
            ("\"31.01.2021\"", "bad_datetime"),
            ("\"Jan 31 2021\"", "bad_datetime"),
            ("\"2021-13-01\"", "bad_datetime"),
            ("\"2021-02-30\"", "bad_datetime"),
            ("\"2016-12-31T23:59:60\"", "bad_datetime"),
            ("\"1612094400\"", "bad_datetime"),
            ("\"\"", "bad_datetime"),
            ("\"1677-09-20\"", "out_of_range"),
            ("\"2262-04-13\"", "out_of_range"),
            ("\"9999-12-31\"", "out_of_range"),
            ("null", "null_not_allowed"),
        ],
        refused_in_csv: &[
            ("01/02/2021", "bad_datetime"),
            ("1612094400", "bad_datetime"),
            ("", "null_not_allowed"),
        ],
    })
    .await;
}

#[test]
fn a_date_is_read_for_itself_and_its_offset_converted() {
    let noon = 1_612_094_400_000_000_000;
    for (text, expected) in [
        ("2021-01-31T12:00:00", noon),
        ("2021-01-31T12:00:00Z", noon),
        ("2021-01-31T14:00:00+02:00", noon),
        ("2021-01-31T06:30:00-05:30", noon),
        ("2021-01-31 12:00:00.000000001", noon + 1),
    ] {
        let frame = decoded(&shapes(&cells("datetime", &format!("\"{text}\"")))[0]);
        assert_eq!(frame[7], Data::DateTime(vec![expected].into()), "{text}");
    }
}
