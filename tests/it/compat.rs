//! `--compat mlflow`: every recorded request, through ONNX Runtime, answered as MLflow's server
//! answered it: values, statuses, codes, and its own words where it has words of its own.
//!
//! Not asked for are accidents of Python that no client can want ([`ACCIDENTS`]), and the words of
//! pandas, numpy and Python, of which only the kind is.

use crate::golden::{cases, package_path, packages, request, without_literals};
use crate::support::{Answer, Limits, TestApp, difference, loader};
use flowgate_core::Compat;
use serde_json::Value;

/// Floats of 32 bits differ in their last digits between engines and machines.
const TOLERANCE: f64 = 1e-5;

/// What a request shows of Python's inside; the answer is then the strict one.
const ACCIDENTS: [&str; 12] = [
    "crash-500",
    "python-internal-message",
    "python-number-text",
    "json-utf16",
    "index-broadcast",
    "index-must-have-0",
    "csv-implicit-index",
    "csv-on-tensor",
    "nul-stripped",
    "pandas-version",
    "int-wrap",
    "base64-not-decoded",
];

fn is_accident(case: &Value) -> bool {
    let quirks = case["quirks"].as_array().expect("quirks");
    quirks
        .iter()
        .any(|quirk| ACCIDENTS.contains(&quirk.as_str().expect("a name")))
}

/// MLflow's own part of a message: without the data and the schema that it repeats before it, and
/// with what Python prints in any order sorted.
fn core(message: &str) -> String {
    let mut text = message;
    if let Some(rest) = text.strip_prefix("Failed to predict data '") {
        text = rest
            .split_once("'. \nError: ")
            .map_or(text, |(_, text)| text);
    }
    if text.starts_with("Failed to enforce schema of data '") {
        text = text
            .split_once("]'. Error: ")
            .map_or(text, |(_, text)| text);
    }
    let end = [
        text.starts_with("Invalid input. Ensure that input is a valid JSON")
            .then(|| text.find("\nInput: ").map(|at| at + 1))
            .flatten(),
        text.find(" IMPORTANT: The MLflow Model scoring protocol has changed"),
    ];
    let end = end.into_iter().flatten().min().unwrap_or(text.len());
    sorted(
        sorted(text[..end].to_owned(), "{'", "'}"),
        "extra inputs: [",
        "].",
    )
}

/// The comma-separated parts between `open` and the next `close`, sorted.
fn sorted(text: String, open: &str, close: &str) -> String {
    let Some(start) = text.find(open).map(|at| at + open.len()) else {
        return text;
    };
    let Some(length) = text[start..].find(close) else {
        return text;
    };
    let inside = &text[start..start + length];
    // A name may have a comma in it: only those between two quotes part names.
    let between = if open == "{'" { "', '" } else { ", " };
    let mut parts: Vec<&str> = inside.split(between).collect();
    parts.sort_unstable();
    format!(
        "{}{}{}",
        &text[..start],
        parts.join(between),
        &text[start + length..]
    )
}

/// The kinds of messages whose words are not MLflow's own, by how they begin.
const KINDS: [(&str, &str); 8] = [
    (
        "json_encoding",
        "Invalid input. Ensure that input is a valid JSON formatted string. Error: 'U",
    ),
    ("frame_build", "Invalid input. Provided dataframe_"),
    (
        "column_convert",
        "Invalid input. Data is not compatible with model signature. Failed to convert",
    ),
    ("tf_convert", "Invalid input. Failed to convert data"),
    (
        "tf_convert",
        "Invalid input. Ensure that the input is a valid JSON",
    ),
    (
        "csv_utf8",
        "Invalid input. Ensure that input is a valid UTF-8",
    ),
    ("frame_cast", "This model contains a column-based signature"),
    ("tf_value", "Invalid input. "),
];

fn kind(core: &str) -> &'static str {
    if core.starts_with("Failed to parse input as a Pandas DataFrame") {
        return if core.contains("to_csv") {
            "csv_parse"
        } else {
            "parquet_parse"
        };
    }
    if core.starts_with("Invalid parameters found") || core.starts_with("Parameters must be") {
        return "params";
    }
    let known = KINDS.iter().find(|(_, begin)| core.starts_with(begin));
    known.map_or("other", |(kind, _)| kind)
}

/// How `answer` differs from what was recorded.
fn differs(case: &Value, answer: &Answer) -> Option<String> {
    let expected = &case["expect"];
    let unlike = |what: &str, wanted: &Value, found: &Value| {
        (wanted != found).then(|| format!("{what} wanted {wanted}, found {found}"))
    };
    let status = u64::from(answer.status.as_u16());
    if expected["status"] != status {
        return Some(format!(
            "status wanted {}, found {status}: {}",
            expected["status"],
            answer.text()
        ));
    }
    if expected["match"] == "status" {
        return None;
    }
    let content_type = expected["content_type"].as_str().unwrap_or_default();
    if answer.header("content-type") != content_type {
        return Some(format!("content-type wanted {content_type:?}"));
    }
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        let found = answer.header(name).replace("http://test", "http://{host}");
        if let Some(difference) = unlike(name, value, &found.into()) {
            return Some(difference);
        }
    }
    match expected["match"].as_str().expect("how to compare") {
        "text" => unlike("text", &expected["text"], &answer.text().into()),
        "json" => difference(&expected["json"], &answer.json(), TOLERANCE),
        "json_nonfinite" => {
            // Other words, of which none is part of another.
            let literal = |word: &str| format!("\"{}\"", word.to_lowercase());
            let wanted = expected["text"].as_str().expect("a text");
            difference(
                &without_literals(wanted, literal),
                &without_literals(&answer.text(), literal),
                TOLERANCE,
            )
        }
        _ => error_differs(expected, &answer.json()),
    }
}

fn error_differs(expected: &Value, found: &Value) -> Option<String> {
    for key in ["error_code", "sqlstate", "error_class"] {
        if found[key] != expected["json"][key] {
            return Some(format!(
                "{key} wanted {}, found {found}",
                expected["json"][key]
            ));
        }
    }
    let traced = |json: &Value| json.get("stack_trace").is_some();
    if traced(&expected["json"]) != traced(found) {
        return Some(format!("stack_trace wanted {}", traced(&expected["json"])));
    }
    let message = core(found["message"].as_str().expect("a message"));
    if expected["match"] == "error" {
        let wanted = core(expected["json"]["message"].as_str().expect("a message"));
        return (wanted != message).then(|| format!("wanted {wanted:?}, found {message:?}"));
    }
    let wanted = expected["error"]["kind"].as_str().expect("a kind");
    (wanted != kind(&message)).then(|| format!("kind wanted {wanted}, found {message:?}"))
}

#[tokio::test]
async fn every_recorded_request_is_answered_as_mlflow_answered_it() {
    let mut found = Vec::new();
    let mut total = 0;
    for package in packages() {
        let limits = Limits {
            compat: Compat::Mlflow,
            ..Limits::default()
        };
        let app = TestApp::load(&loader("ort"), &package_path(&package), limits).expect("served");
        for case in cases(&package) {
            if is_accident(&case) {
                continue;
            }
            total += 1;
            let answer = app.send(request(&case)).await;
            if let Some(difference) = differs(&case, &answer) {
                found.push(format!("{}: {difference}", case["id"]));
            }
        }
    }
    assert!(total > 880, "{total} cases");
    assert!(
        found.is_empty(),
        "{} of {total} differ:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[tokio::test]
async fn accidents_of_python_have_the_strict_answer() {
    let intended = crate::golden::intended();
    let mut found = Vec::new();
    for package in packages() {
        let served = |compat| {
            let limits = Limits {
                compat,
                ..Limits::default()
            };
            TestApp::load(&loader("ort"), &package_path(&package), limits).expect("served")
        };
        let accidents: Vec<Value> = cases(&package).into_iter().filter(is_accident).collect();
        if accidents.is_empty() {
            continue;
        }
        let (strict, mlflow) = (served(Compat::Strict), served(Compat::Mlflow));
        for case in accidents {
            let (one, two) = (
                strict.send(request(&case)).await,
                mlflow.send(request(&case)).await,
            );
            // Where MLflow's own answer is no accident, either will do.
            if one.status != two.status && differs(&case, &two).is_some() {
                found.push(format!(
                    "{}: strict {}, mlflow {}: {} ({:?})",
                    case["id"],
                    one.status,
                    two.status,
                    two.text(),
                    intended.get(case["id"].as_str().expect("an id"))
                ));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} differ:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn the_part_of_a_message_that_is_compared_is_mlflows_own() {
    assert_eq!(
        core(
            "Failed to predict data '  a\n0 1'. \nError: Failed to enforce schema of data '  a\n0 1' \
             with schema '['x': double (required)]'. Error: Model is missing inputs ['x']. Note \
             that there were extra inputs: ['b', 'a']."
        ),
        "Model is missing inputs ['x']. Note that there were extra inputs: ['a', 'b']."
    );
    assert_eq!(
        core("with exactly one of {'inputs', 'dataframe_split'}. Received a list."),
        "with exactly one of {'dataframe_split', 'inputs'}. Received a list."
    );
    assert_eq!(kind("Invalid input. float() argument"), "tf_value");
}
