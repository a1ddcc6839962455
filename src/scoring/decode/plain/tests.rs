//! The short way and the long way.

use super::super::{csv as csv_body, json};
use super::*;
use proptest::prelude::*;
use proptest::sample::select;

const COLUMNS: &str = r#"[{"type":"double","name":"a"},{"type":"float","name":"b"},
    {"type":"long","name":"c"},{"type":"integer","name":"d"}]"#;

fn signature(inputs: &str) -> Signature {
    Signature::parse(Some(inputs), None, None).expect("a signature")
}

/// What is read of `body`, the short way where it can be, and the long way.
fn both_ways(body: &str, inputs: &str) -> [String; 2] {
    let signature = signature(inputs);
    let short = Terms::from(&signature);
    let long = Terms {
        can_be_plain: false,
        ..short
    };
    // In words: NaN is not equal to itself.
    [short, long].map(|terms| format!("{:?}", json(body.as_bytes(), terms)))
}

#[track_caller]
fn check(body: &str) {
    let [short, long] = both_ways(body, COLUMNS);
    assert_eq!(short, long, "{body}");
}

/// The same of CSV.
#[track_caller]
fn check_csv(text: &str, inputs: &str) {
    let signature = signature(inputs);
    let short = Terms::from(&signature);
    let long = Terms {
        can_be_plain: false,
        ..short
    };
    let [short, long] =
        [short, long].map(|terms| format!("{:?}", csv_body(text.as_bytes(), terms)));
    assert_eq!(short, long, "{text:?}");
}

#[test]
fn csv_that_is_not_plain_is_what_it_is_the_long_way() {
    let is_plain = |text: &str| {
        let signature = signature(COLUMNS);
        csv(text, Terms::from(&signature)).is_some()
    };
    for (text, plain) in [
        ("a,b,c,d\n1.5,2.5,3,4\n", true),
        ("a,b,c,d\r\n1.5,2.5,3,4\r\n-0,-0,-0,-0", true),
        ("a,b,c,d\n1.5,0.1,3,4\n\n5,6,7,8", false),
        ("a,b,c,d\n1.5,2.5,3,4\n  ", false),
        ("a,b,c,d\n1.5, 2.5,3,4\n", false),
        ("a,b,c,d\n1.5,2.5,3 ,4\n", false),
        ("a,b,c,d\n1.5,2.5,3,4,\n", false),
        ("a,b,c,d\n1.5,2.5,3,4\r5,6,7,8\n", false),
        ("a,b,c,d\n1.5,,3,4\n", false),
        ("a,b,c,d\n1.5,2.5,3.0,4\n", false),
        ("a,b,c,d\n1.5,2.5,3,4294967296\n", false),
        ("a,b,c,d\n1.5,2.5,03,4\n", false),
        ("a,b,c,d\n1e5,2.5,3,4\n", false),
        ("a,b,c,d\n1.5,2.5,3\n", false),
        ("a,b,c,d\n\"1.5\",2.5,3,4\n", false),
        ("a,b,c,d\n", false),
        ("a,b,c,d", false),
        ("a,b,d,c\n1.5,2.5,3,4\n", false),
        ("a,b,c,d,e\n1.5,2.5,3,4,5\n", false),
        ("a,b,c,dd\n1.5,2.5,3,4\n", false),
        ("\u{FEFF}a,b,c,d\n1.5,2.5,3,4\n", true),
        ("", false),
    ] {
        assert_eq!(is_plain(text), plain, "{text:?}");
        check_csv(text, COLUMNS);
    }
    let comma = r#"[{"type":"double","name":"a,b"}]"#;
    check_csv("a,b\n1\n", comma);
    check_csv("\"a,b\"\n1\n", comma);
}

proptest! {
    #[test]
    fn csv_is_read_alike_both_ways(
        rows in prop::collection::vec((any::<f64>(), any::<f32>(), any::<i64>(), any::<i32>()), 0..6),
        digits in 0_usize..20,
    ) {
        let lines = rows.iter().map(|(a, b, c, d)| format!("{a:.digits$},{b},{c},{d}\n"));
        check_csv(&format!("a,b,c,d\n{}", lines.collect::<String>()), COLUMNS);
    }
}

#[test]
fn columns_of_unlike_names_and_of_numbers_can_be_plain() {
    assert!(can_be_plain(&signature(COLUMNS)));
    for inputs in [
        r#"[{"type":"double","name":"a"},{"type":"double","name":"a"}]"#,
        r#"[{"type":"double","name":"a"},{"type":"string","name":"b"}]"#,
        r#"[{"type":"double","name":"\"a"}]"#,
        r#"[{"type":"double"}]"#,
        r#"[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,4]}}]"#,
    ] {
        assert!(!can_be_plain(&signature(inputs)), "{inputs}");
    }
}

#[test]
fn what_is_not_plain_is_what_it_is_the_long_way() {
    let rows = "[1.5, 2.5, 3, 4], [5, 6, 7, 8]";
    let columns = r#""columns": ["a", "b", "c", "d"]"#;
    for inside in [
        format!(r#"{columns}, "data": [{rows}]"#),
        format!(r#""data": [{rows}], {columns}"#),
        format!(r#"{columns}, "data": [{rows}], {columns}"#),
        format!(r#"{columns}, "data": [{rows}], "data": [{rows}]"#),
        format!(r#"{columns}, "index": [0, 1], "data": [{rows}]"#),
        format!(r#"{columns}, "data": [{rows}], "index": [0]"#),
        format!(r#"{columns}, "data": []"#),
        format!(r#"{columns}, "data": null"#),
        format!(r#"{columns}, "data": 1"#),
        format!(r#"{columns}, "data": {{"a": [1], "b": [2], "c": [3], "d": [4]}}"#),
        format!(r#"{columns}, "data": [{rows}, {{"a": 1}}]"#),
        format!(r#"{columns}, "data": [{rows}, [1, 2, 3]]"#),
        format!(r#"{columns}, "data": [{rows}, [1, 2, 3, 4, 5]]"#),
        format!(r#"{columns}, "data": [{rows}, [1, 2, 3.5, 4]]"#),
        format!(r#"{columns}, "data": [{rows}, null]"#),
        format!(r#"{columns}, "data": [{rows},]"#),
        format!(r#"{columns}, "data": [{rows}"#),
        format!(r#"{columns}, "data": [{rows}], "other": 1"#),
        columns.to_owned(),
        format!(r#""columns": ["a", "b", "d", "c"], "data": [{rows}]"#),
        format!(r#""columns": ["a", "b", "c"], "data": [{rows}]"#),
        format!(r#""columns": ["a", "b", "c", "d", "e"], "data": [{rows}]"#),
        format!(r#""columns": ["a", "b", "c", "\u0064"], "data": [{rows}]"#),
    ] {
        check(&format!(r#"{{"dataframe_split": {{{inside}}}}}"#));
    }
}

#[test]
fn what_stands_around_a_plain_table_is_seen() {
    let inside = r#""columns": ["a", "b", "c", "d"], "data": [[1.5, 2.5, 3, 4]]"#;
    let table = format!(r#""dataframe_split": {{{inside}}}"#);
    for body in [
        format!("{{{table}}}"),
        format!("\u{FEFF} {{{table}}} \n"),
        format!("{{{table}}} 1"),
        format!("{{{table}}}}}"),
        format!("{{{table},}}"),
        format!("{{{table}"),
        format!(r#"{{{table}, "params": {{}}}}"#),
        format!(r#"{{"params": {{}}, {table}}}"#),
        format!(r#"{{{table}, "other": 1}}"#),
        format!("{{{table}, {table}}}"),
        format!(r#"{{{table}, "instances": [1]}}"#),
        format!(r#"{{"dataframe_splits": {{{inside}}}}}"#),
        format!(r#"[{{{table}}}]"#),
    ] {
        check(&body);
    }
}

proptest! {
    #[test]
    fn the_short_way_and_the_long_way_read_the_same(
        rows in prop::collection::vec(
            prop::collection::vec(select(&[
                "1", "2", "-3", "0", "-0", "7", "12345678", "42", "0.1", "5.0", "72.36067977499789",
                "1e5", "1e400", "2147483648", "9223372036854775808", "01", "null", "true", "NaN",
                r#""1""#, "[]",
            ][..]), 4),
            0..6,
        ),
        odd in 0_usize..8,
        comma in select(&[",", ", ", " ,\n"][..]),
    ) {
        // Most rows are of what every column takes.
        let row = |(at, cells): (usize, &Vec<&str>)| {
            let plain = ["1.5", "2.5", "3", "4"];
            let cells = if at == odd { cells.clone() } else { plain.to_vec() };
            format!("[{}]", cells.join(comma))
        };
        let rows: Vec<String> = rows.iter().enumerate().map(row).collect();
        let body = format!(
            r#"{{"dataframe_split": {{"columns": ["a", "b", "c", "d"], "data": [{}]}}}}"#,
            rows.join(comma),
        );
        let [short, long] = both_ways(&body, COLUMNS);
        prop_assert_eq!(short, long, "{}", body);
    }
}
