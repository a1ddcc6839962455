//! Whole bodies: which are read, as what, and why the others are not.

use super::*;
use flowgate_core::{Data, Signature, Stage, Tensor};
use proptest::prelude::*;

fn signature(inputs: &str) -> Signature {
    Signature::parse(Some(inputs), None, None).expect("a signature")
}

/// Two columns: a double and a long.
fn table() -> Signature {
    signature(r#"[{"type": "double", "name": "a"}, {"type": "long", "name": "b"}]"#)
}

/// One tensor without a name, of any number of rows of three doubles.
fn matrix() -> Signature {
    signature(r#"[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 3]}}]"#)
}

#[track_caller]
fn columns(signature: &Signature, body: &str) -> Vec<(String, Data)> {
    let decoded = json(body.as_bytes(), signature);
    let frame = decoded
        .unwrap_or_else(|refusal| panic!("{body}: {refusal}"))
        .request
        .frame;
    let column =
        |named: &flowgate_core::NamedTensor| (named.name.to_string(), named.tensor.data().clone());
    frame.tensors().iter().map(column).collect()
}

#[track_caller]
fn tensor(signature: &Signature, body: &str) -> Tensor {
    let decoded = json(body.as_bytes(), signature);
    let frame = decoded
        .unwrap_or_else(|refusal| panic!("{body}: {refusal}"))
        .request
        .frame;
    let [named] = frame.tensors() else {
        panic!("{body}: {frame:?}")
    };
    named.tensor.clone()
}

/// The codes and places of all violations.
#[track_caller]
fn refused(signature: &Signature, body: &str) -> Vec<String> {
    let refusal = json(body.as_bytes(), signature).expect_err(body);
    places(&refusal)
}

#[track_caller]
fn refused_csv(signature: &Signature, body: &str) -> Vec<String> {
    places(&csv(body.as_bytes(), signature).expect_err(body))
}

fn places(refusal: &Refusal) -> Vec<String> {
    let place = |violation: &Violation| {
        let row = violation
            .row
            .map(|row| format!(" {row}"))
            .unwrap_or_default();
        let column = violation
            .column
            .as_ref()
            .map(|column| format!(" {column}"))
            .unwrap_or_default();
        format!("{}{row}{column}", violation.code.name())
    };
    refusal.violations.iter().map(place).collect()
}

#[test]
fn every_form_of_a_table_gives_the_same_columns_in_the_order_of_the_signature() {
    let expected = vec![
        ("a".to_owned(), vec![1.5, 2.0].into()),
        ("b".to_owned(), vec![3_i64, 4].into()),
    ];
    for body in [
        r#"{"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, 3], [2, 4.0]]}}"#,
        r#"{"dataframe_split": {"data": [[3, 1.5], [4, 2]], "columns": ["b", "a"], "index": [7, 7]}}"#,
        r#"{"dataframe_split": {"columns": ["a", "b"], "data": [{"b": 3, "a": 1.5}, {"a": 2, "b": 4}]}}"#,
        r#"{"dataframe_split": {"columns": ["b", "a"], "data": {"a": [1.5, 2], "b": [3, 4]}}}"#,
        r#"{"dataframe_records": [{"a": 1.5, "b": 3}, {"b": 4, "a": 2}]}"#,
        r#"{"instances": [{"a": 1.5, "b": 3}, {"b": 4, "a": 2}]}"#,
        r#"{"inputs": [{"a": 1.5, "b": 3}, {"b": 4, "a": 2}]}"#,
        r#"{"inputs": {"b": [3, 4], "a": ["1.5", "2"]}}"#,
    ] {
        assert_eq!(columns(&table(), body), expected, "{body}");
    }
    let decoded = csv(b"b,a\n3,1.5\n\n4,2\n", &table()).expect("a table");
    let columns = decoded.request.frame;
    assert_eq!(
        columns.get("a").map(|named| named.tensor.data()),
        Some(&vec![1.5, 2.0].into())
    );
    assert_eq!(
        columns.get("b").map(|named| named.tensor.data()),
        Some(&vec![3_i64, 4].into())
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_place() {
    let body = r#"{"dataframe_records": [{"a": "x", "b": 5.7}, {"a": 1, "b": null}, {"a": true}]}"#;
    assert_eq!(
        refused(&table(), body),
        [
            "type_mismatch 0 a",
            "not_integer 0 b",
            "null_not_allowed 1 b",
            "type_mismatch 2 a",
            "null_not_allowed 2 b"
        ]
    );
    let body = format!(
        r#"{{"dataframe_split": {{"columns": ["a", "b"], "data": [{}]}}}}"#,
        vec!["[1, 0.5]"; 1000].join(", ")
    );
    let refusal = json(body.as_bytes(), &table()).expect_err("1000 fractions");
    assert_eq!(
        (refusal.count, refusal.violations.len()),
        (1000, Refusal::LISTED)
    );
}

#[test]
fn values_come_before_names_as_they_do_in_mlflow() {
    let missing = r#"{"dataframe_records": [{"a": 1.0, "c": 2, "d": 3}]}"#;
    let refusal = json(missing.as_bytes(), &table()).expect_err("no b");
    assert_eq!(
        (refusal.stage, places(&refusal)),
        (Stage::Schema, vec!["missing_column b".to_owned()])
    );
    assert_eq!(
        refusal.to_string(),
        "Model is missing inputs ['b']. Note that there were extra inputs: ['c', 'd']."
    );
    let both = r#"{"dataframe_records": [{"a": "x"}]}"#;
    let refusal = json(both.as_bytes(), &table()).expect_err("neither a nor b");
    assert_eq!(refusal.stage, Stage::Value);
    assert_eq!(places(&refusal), ["type_mismatch 0 a", "missing_column b"]);
}

#[test]
fn columns_that_nobody_declared_are_dropped_and_counted() {
    let body =
        r#"{"dataframe_records": [{"a": 1, "b": 2, "x": [{}]}, {"a": 1, "b": 2, "y": "z"}]}"#;
    let decoded = json(body.as_bytes(), &table()).expect("a table");
    assert_eq!(
        (decoded.dropped_columns, decoded.request.frame.rows()),
        (2, Some(2))
    );
}

#[test]
fn shapes_that_do_not_fit_are_refused_with_their_row() {
    for (body, expected) in [
        (
            r#"{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [1], [1, 2, 3]]}}"#,
            &["bad_shape 1", "bad_shape 2"][..],
        ),
        (
            r#"{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]], "index": [1, 2]}}"#,
            &["bad_shape index"],
        ),
        (
            r#"{"dataframe_split": {"columns": ["a", "b", "a"], "data": [[1, 2, 3]]}}"#,
            &["duplicate_column a"],
        ),
        (
            r#"{"dataframe_split": {"columns": ["a", "b"], "data": [1, 2]}}"#,
            &["type_mismatch 0", "type_mismatch 1"],
        ),
        (r#"{"inputs": {"a": [1, 2], "b": [1]}}"#, &["bad_shape"]),
        (r#"{"dataframe_records": [null]}"#, &["type_mismatch 0"]),
        (r#"{"dataframe_records": {"a": 1}}"#, &["type_mismatch"]),
    ] {
        assert_eq!(refused(&table(), body), expected, "{body}");
    }
}

#[test]
fn bodies_that_are_not_what_they_should_be_are_refused() {
    for (body, expected) in [
        ("", "bad_json"),
        ("[1]", "type_mismatch"),
        ("{}", "missing_field"),
        (
            r#"{"columns": ["a"], "data": [[1]]}"#,
            "unknown_field columns",
        ),
        (r#"{"inputs": [], "extra": 1}"#, "unknown_field extra"),
        (r#"{"inputs": [], "instances": []}"#, "missing_field"),
        (r#"{"inputs": [], "inputs": []}"#, "duplicate_key inputs"),
        (
            r#"{"dataframe_split": {"data": [], "columns": [], "data": []}}"#,
            "duplicate_key dataframe_split.data",
        ),
        (
            r#"{"dataframe_records": [{"a": 1, "b": 1, "a": 2}]}"#,
            "duplicate_column 0 a",
        ),
        (
            r#"{"dataframe_split": {"data": [], "rows": []}}"#,
            "unknown_field",
        ),
        (r#"{"inputs": [1"#, "bad_json"),
        (r#"{"inputs": [1]} x"#, "bad_json"),
        ("{\"inputs\": [1e]}", "bad_json"),
    ] {
        assert_eq!(refused(&table(), body), [expected], "{body}");
    }
    let deep = format!(r#"{{"params": {}}}"#, "[".repeat(100));
    assert_eq!(refused(&table(), &deep), ["too_deep"]);
    let latin = json(b"{\"inputs\": \"\xE9\"}", &table()).expect_err("not UTF-8");
    assert_eq!(places(&latin), ["bad_encoding"]);
}

#[test]
fn a_column_with_parts_is_checked_with_its_path() {
    let signature = signature(
        r#"[{"type": "array", "items": {"type": "long"}, "name": "tags", "required": true},
            {"type": "object", "name": "address", "properties": {"zip": {"type": "string", "required": true},
             "door": {"type": "long", "required": false}}},
            {"type": "any", "name": "rest"}]"#,
    );
    let body = r#"{"dataframe_records": [{"tags": [1, 2.0], "address": {"zip": "1", "door": null}, "rest": [{}]}]}"#;
    let found = columns(&signature, body);
    assert_eq!(found[0].1, Data::Json(["[1, 2.0]"].into_iter().collect()));
    let body = r#"{"inputs": [{"tags": [1, 0.5], "address": {"door": "x", "street": 1}}, {"tags": null, "address": 1}]}"#;
    assert_eq!(
        refused(&signature, body),
        [
            "not_integer 0 tags[1]",
            "type_mismatch 0 address.door",
            "unknown_column 0 address.street",
            "missing_column 0 address.zip",
            "null_not_allowed 1 tags",
            "type_mismatch 1 address",
        ]
    );
}

#[test]
fn tensors_keep_their_shape_and_must_be_regular() {
    let shape = |body: &str| tensor(&matrix(), body).shape().to_vec();
    assert_eq!(shape(r#"{"inputs": [[1, 2, 3], [4, 5, 6]]}"#), [2, 3]);
    assert_eq!(shape(r#"{"instances": [[1, 2, 3]]}"#), [1, 3]);
    assert_eq!(shape(r#"{"inputs": []}"#), [0, 3]);
    assert_eq!(
        shape(r#"{"dataframe_split": {"data": [[1, 2, 3]]}}"#),
        [1, 3]
    );
    assert_eq!(
        shape(r#"{"dataframe_split": {"columns": ["x", "y", "z"], "data": []}}"#),
        [0, 3]
    );
    assert_eq!(
        shape(r#"{"dataframe_split": {"columns": ["v"], "data": [[[1, 2, 3]], [[4, 5, 6]]]}}"#),
        [2, 3]
    );
    for body in [
        r#"{"inputs": [[1, 2, 3], [4, 5]]}"#,
        r#"{"inputs": [[1, 2, 3], 4]}"#,
        r#"{"inputs": [[1, 2, [3]]]}"#,
        r#"{"dataframe_split": {"columns": ["v"], "data": [[[1, 2, 3]], [[4, 5]]]}}"#,
        r#"{"dataframe_split": {"data": [[1, 2]]}}"#,
    ] {
        let found = refused(&matrix(), body);
        assert!(
            found.iter().all(|code| code.starts_with("bad_shape")),
            "{body}: {found:?}"
        );
    }
    assert_eq!(
        refused(&matrix(), r#"{"inputs": [[1, 2, 3], [1, "x", null]]}"#),
        ["type_mismatch 1"]
    );
    assert_eq!(
        refused(
            &matrix(),
            &format!(r#"{{"inputs": {}1{}}}"#, "[".repeat(20), "]".repeat(20))
        ),
        ["too_deep"]
    );
}

#[test]
fn named_tensors_may_come_whole_or_a_row_at_a_time() {
    let signature = signature(
        r#"[{"type": "tensor", "name": "ids", "tensor-spec": {"dtype": "int64", "shape": [-1, 2]}},
            {"type": "tensor", "name": "mask", "tensor-spec": {"dtype": "float32", "shape": [-1]}}]"#,
    );
    for body in [
        r#"{"inputs": {"mask": [1, 0], "ids": [[1, 2], [3, 4]], "other": [[]]}}"#,
        r#"{"instances": [{"ids": [1, 2], "mask": 1}, {"mask": 0, "ids": [3, 4]}]}"#,
        r#"{"dataframe_records": [{"ids": [1, 2], "mask": 1}, {"mask": 0, "ids": [3, 4]}]}"#,
    ] {
        let found = columns(&signature, body);
        assert_eq!(found[0].1, vec![1_i64, 2, 3, 4].into(), "{body}");
        assert_eq!(found[1].1, vec![1_f32, 0.0].into(), "{body}");
    }
    assert_eq!(
        refused(&signature, r#"{"inputs": {"ids": [[1, 2]]}}"#),
        ["missing_column mask"]
    );
    assert_eq!(
        refused(&signature, r#"{"inputs": [[1, 2]]}"#),
        ["bad_shape"]
    );
    let unlike = r#"{"instances": [{"ids": [1, 2], "mask": 1}, {"ids": [3, 4]}]}"#;
    assert_eq!(refused(&signature, unlike), ["bad_shape"]);
}

#[test]
fn without_a_signature_types_are_found() {
    let none = Signature::default();
    let found = columns(
        &none,
        r#"{"dataframe_records": [{"a": 1, "s": "x"}, {"a": 2.5, "s": "y"}]}"#,
    );
    assert_eq!(found[0], ("a".to_owned(), vec![1.0, 2.5].into()));
    assert_eq!(found[1].1, Data::Str(["x", "y"].into_iter().collect()));
    assert_eq!(
        tensor(&none, r#"{"inputs": [[1, 2], [3, 4]]}"#).shape(),
        [2, 2]
    );
    let rows = r#"{"instances": [{"x": [1.0, 2.0]}, {"x": [3.0, 4.0]}]}"#;
    assert_eq!(tensor(&none, rows).shape(), [2, 2]);
    assert_eq!(
        refused(&none, r#"{"inputs": [{"x": 1}]}"#),
        ["type_mismatch"]
    );
    assert_eq!(
        refused(&none, r#"{"inputs": [1, null]}"#),
        ["null_not_allowed"]
    );
}

#[test]
fn a_bare_object_is_a_table_where_the_signature_has_columns() {
    let signature = Signature::parse(
        Some(r#"[{"type": "string", "name": "prompt"}]"#),
        None,
        Some(r#"[{"name": "temperature", "type": "double", "default": 0.5, "shape": null}]"#),
    )
    .expect("a signature");
    let decoded = json(br#"{"prompt": "hi", "temperature": 0.9}"#, &signature).expect("a prompt");
    assert_eq!(
        (decoded.request.form, decoded.request.frame.rows()),
        (Form::Bare, Some(1))
    );
    assert_eq!(
        decoded.request.params[0].1,
        flowgate_core::ParamValue::Double(0.9)
    );
    assert_eq!(
        refused(&signature, r#"{"prompt": "hi", "inputs": ["x"]}"#),
        ["unknown_field"]
    );
    assert_eq!(refused(&matrix(), r#"{"prompt": "hi"}"#), ["missing_field"]);
}

#[test]
fn files_have_as_many_fields_as_columns_and_no_column_twice() {
    for (body, expected) in [
        ("a,b\n1,2,\n3\n", &["bad_shape 0", "bad_shape 1"][..]),
        ("a,b,a\n1,2,3\n", &["duplicate_column a"]),
        ("a,b\n\"1\",\"2\n", &["bad_csv"]),
        ("", &["bad_csv"]),
        ("a\n1\n", &["missing_column b"]),
        ("a,b\nNA,NA\n", &["null_not_allowed 0 b"]),
    ] {
        assert_eq!(refused_csv(&table(), body), expected, "{body:?}");
    }
    let empty = csv(b"a,b\n", &table()).expect("no rows");
    assert_eq!(empty.request.frame.rows(), Some(0));
    let three = csv(b"x,y,z\n1,2,3\n", &matrix()).expect("a row of three");
    assert_eq!(three.request.frame.tensors()[0].tensor.shape(), [1, 3]);
}

#[test]
fn a_short_body_cannot_ask_for_a_large_table() {
    let rows: Vec<String> = (0..20_000)
        .map(|row| format!("{{\"c{row}\": 1}}"))
        .collect();
    let body = format!(r#"{{"dataframe_records": [{}]}}"#, rows.join(","));
    assert_eq!(refused(&Signature::default(), &body), ["bad_shape"]);
    let decoded = json(
        body.replace("c0\"", "a\", \"b\": 1, \"c\"").as_bytes(),
        &table(),
    );
    assert!(
        decoded.is_err(),
        "columns that nobody declared take no room"
    );
}

proptest! {
    #[test]
    fn numbers_come_through_every_form_unchanged(rows in prop::collection::vec((any::<f64>(), any::<i64>()), 0..20)) {
        let finite: Vec<(f64, i64)> = rows.into_iter().filter(|(a, _)| a.is_finite()).collect();
        let expected = (
            Data::from(finite.iter().map(|row| row.0).collect::<Vec<_>>()),
            Data::from(finite.iter().map(|row| row.1).collect::<Vec<_>>()),
        );
        let lists: Vec<String> = finite.iter().map(|(a, b)| format!("[{a:e}, {b}]")).collect();
        let records: Vec<String> = finite.iter().map(|(a, b)| format!("{{\"b\": \"{b}\", \"a\": {a:?}}}")).collect();
        let lines: Vec<String> = finite.iter().map(|(a, b)| format!("{a:e},{b}\n")).collect();
        let split = format!(r#"{{"dataframe_split": {{"columns": ["a", "b"], "data": [{}]}}}}"#, lists.join(","));
        let signature = table();
        let mut decoded = vec![json(split.as_bytes(), &signature), csv(format!("a,b\n{}", lines.concat()).as_bytes(), &signature)];
        if !finite.is_empty() {
            let records = format!(r#"{{"dataframe_records": [{}]}}"#, records.join(","));
            decoded.push(json(records.as_bytes(), &signature));
        }
        for decoded in decoded {
            let frame = decoded.expect("numbers").request.frame;
            let found = frame.tensors().iter().map(|named| named.tensor.data().clone()).collect::<Vec<_>>();
            prop_assert_eq!((&found[0], &found[1]), (&expected.0, &expected.1));
        }
    }

    #[test]
    fn no_body_breaks_the_reader(body in ".{0,200}", keyed in "[\\[\\]{}\":,0-9a-z ]{0,100}") {
        for signature in [table(), matrix(), Signature::default()] {
            let _ = json(body.as_bytes(), &signature);
            let _ = csv(body.as_bytes(), &signature);
            for key in ["dataframe_split", "dataframe_records", "instances", "inputs"] {
                let _ = json(format!("{{\"{key}\": {keyed}}}").as_bytes(), &signature);
            }
        }
    }
}
