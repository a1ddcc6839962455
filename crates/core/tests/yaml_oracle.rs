//! The reader and the writer against what PyYAML 6.0.4 itself reads and writes.
//!
//! `yaml/oracle.json` is recorded by `yaml/oracle.py`.

use flowgate_core::yaml::{
    BigInt, Mapping, Timestamp, Value, emit, emit_unicode, parse, sort_keys,
};
use serde_json::Value as Json;

/// Documents PyYAML reads and we refuse, each on purpose.
const REFUSED_BY_US: &[(&str, &str)] = &[
    ("a: 1\na: 2", "a duplicate key is ambiguous"),
    ("{a: 1, 'a': 2}", "a duplicate key is ambiguous"),
    ("1: a\n1.0: b", "equal numbers are one key in python"),
    ("1: a\ntrue: b", "a boolean is a number in python"),
    ("!!int '0o17'", "only the forms of yaml 1.1 are integers"),
    ("a: \"\\ud83d\"", "half of a surrogate pair is not text"),
    (
        "a: \u{feff}b",
        "yaml 1.2 allows a byte order mark at the start only",
    ),
    ("?", "yaml 1.2 wants a blank after the indicator"),
];

/// Documents PyYAML refuses and we read, since the grammar is that of YAML 1.2.
const READ_BY_US_ALONE: &[&str] = &["a: ...", "...", ": a"];

#[test]
fn a_document_is_read_as_pyyaml_reads_it() {
    let mut wrong = Vec::new();
    for case in cases("read") {
        let text = case["yaml"].as_str().expect("text");
        let ours = parse(text);
        let refused = REFUSED_BY_US.iter().any(|(yaml, _)| *yaml == text);
        let alone = READ_BY_US_ALONE.contains(&text);
        let right = match (&ours, case.get("value")) {
            (Ok(value), Some(expected)) => !refused && same(value, &untag(expected)),
            (Err(_), None) => !alone,
            (Ok(_), None) => alone,
            (Err(_), Some(_)) => refused,
        };
        if !right {
            wrong.push(format!("{text:?}: pyyaml {case}, ours {ours:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_difference_to_pyyaml_is_still_one() {
    let read: Vec<Json> = cases("read");
    for text in REFUSED_BY_US
        .iter()
        .map(|(text, _)| text)
        .chain(READ_BY_US_ALONE)
    {
        assert!(
            read.iter().any(|case| case["yaml"] == **text),
            "{text:?} is not recorded"
        );
    }
}

#[test]
fn a_value_is_written_as_pyyaml_writes_it() {
    let mut wrong = Vec::new();
    for case in cases("write") {
        let value = untag(&case["value"]);
        let ascii = case["ascii"].as_str().expect("text");
        let unicode = case
            .get("unicode")
            .map_or(ascii, |text| text.as_str().expect("text"));
        for (ours, expected) in [(emit(&value), ascii), (emit_unicode(&value), unicode)] {
            if ours != expected {
                wrong.push(format!("pyyaml\n{expected:?}\nours\n{ours:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_pyyaml_wrote_is_read_back() {
    let mut wrong = Vec::new();
    for case in cases("write") {
        let value = untag(&case["value"]);
        let text = case["ascii"].as_str().expect("text");
        let read = parse(text);
        if !read.as_ref().is_ok_and(|read| same(read, &value)) {
            wrong.push(format!("{text:?}: {read:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn keys_are_sorted_as_pyyaml_sorts_them() {
    for case in cases("sort") {
        let mut value = untag(&case["value"]);
        sort_keys(&mut value);
        assert_eq!(emit(&value), case["sorted"].as_str().expect("text"));
    }
}

fn cases(group: &str) -> Vec<Json> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/yaml/oracle.json");
    let text = fs_err::read_to_string(path).expect("the recorded file");
    let mut recorded: Json = serde_json::from_str(&text).expect("json");
    match recorded[group].take() {
        Json::Array(cases) if !cases.is_empty() => cases,
        other => panic!("{group}: {other}"),
    }
}

/// A value from its recorded form `{type: content}`.
fn untag(tagged: &Json) -> Value {
    let (tag, content) = tagged
        .as_object()
        .and_then(|map| map.iter().next())
        .expect("one tag");
    let text = || content.as_str().expect("text");
    match tag.as_str() {
        "null" => Value::Null,
        "bool" => Value::Bool(content.as_bool().expect("a boolean")),
        "int" => BigInt::parse(text()).expect("an integer"),
        "float" => Value::Float(text().parse().expect("a float")),
        "str" => Value::from(text()),
        "timestamp" => Value::Timestamp(Timestamp::new(text()).expect("a timestamp")),
        "seq" => Value::Seq(
            content
                .as_array()
                .expect("items")
                .iter()
                .map(untag)
                .collect(),
        ),
        "map" => {
            let mut map = Mapping::new();
            for entry in content.as_array().expect("entries") {
                map.insert_scalar(untag(&entry[0]), untag(&entry[1]))
                    .expect("a scalar key");
            }
            Value::Map(map)
        }
        other => panic!("{other}"),
    }
}

/// Equality with NaN equal to itself, and with timestamps by what PyYAML keeps of a date; a time
/// it rewrites, and so only the year is compared.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => {
            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
        }
        (Value::Timestamp(a), Value::Timestamp(b)) => {
            a.is_date() == b.is_date()
                && (a == b || !a.is_date() && a.as_str()[..4] == b.as_str()[..4])
        }
        (Value::Seq(a), Value::Seq(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b.iter())
                    .all(|((k, v), (l, w))| same(k, l) && same(v, w))
        }
        (a, b) => a == b,
    }
}
