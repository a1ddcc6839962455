//! `bench`, as a user runs it.

use crate::support::{Program, ended, program};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// Runs `bench` with `arguments` and gives its exit code, standard error and what it measured.
#[track_caller]
fn bench(arguments: &[&str]) -> (i32, String, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("found.json");
    let (code, message) = ended(
        program()
            .args(["bench", "--json"])
            .arg(&json)
            .args(arguments),
    );
    let found = fs_err::read_to_string(&json).unwrap_or_else(|_| "null".to_owned());
    (code, message, serde_json::from_str(&found).expect("JSON"))
}

#[track_caller]
fn nobody_listens(url: &Value) {
    let url = url.as_str().expect("a url");
    let address = url
        .trim_start_matches("http://")
        .trim_end_matches("/invocations");
    assert!(
        TcpStream::connect(address).is_err(),
        "{address} still answers"
    );
}

#[test]
fn a_model_is_served_loaded_at_one_rate_and_its_server_ended() {
    let (code, message, found) =
        bench(&["-m", "models:/iris/3", "--rate", "50", "--duration", "1s"]);
    assert_eq!(code, 0, "{message}");
    let rates = found["rates"].as_array().expect("a list");
    assert_eq!(rates.len(), 1, "{found:#}");
    let rate = &rates[0];
    for (key, expected) in [("offered", 50), ("answered", 50), ("errors", 0)] {
        assert_eq!(rate[key], expected, "{key} in {rate:#}");
    }
    assert_eq!(rate["statuses"], serde_json::json!({"200": 50}));
    assert!(rate["latency_ms"]["p99"].as_f64() > Some(0.0), "{rate:#}");
    assert_eq!(found["highest_rate"], Value::Null);
    nobody_listens(&found["url"]);
}

#[test]
fn a_running_server_is_loaded_with_a_file_and_a_limit_nobody_holds_ends_with_1() {
    let server = Program::serve(&["-m", "models:/iris/3"]);
    let folder = tempfile::tempdir().expect("a folder");
    let svg = folder.path().join("found.svg");
    let csv = folder.path().join("rows.csv");
    let rows = "sepal_length,sepal_width,petal_length,petal_width\n4.5,2.3,1.3,0.3\n";
    fs_err::write(&csv, rows).expect("written");
    let url = format!("http://{}/invocations", server.address);
    let (code, message, found) = bench(&[
        "--url",
        &url,
        "--body",
        csv.to_str().expect("text"),
        "--rates",
        "20,40",
        "--p99",
        "1us",
        "--duration",
        "300ms",
        "--warm-up",
        "0s",
        "--svg",
        svg.to_str().expect("text"),
    ]);
    assert_eq!(code, 1, "{message}");
    for (at, rate, offered) in [(0, 20.0, 6), (1, 40.0, 12)] {
        let found = &found["rates"][at];
        assert_eq!(
            (&found["rate"], &found["verdict"]),
            (&rate.into(), &"slow".into())
        );
        assert_eq!(found["answered"], offered, "{found:#}");
    }
    assert_eq!(found["highest_rate"], Value::Null);
    let svg = fs_err::read_to_string(svg).expect("a picture");
    assert!(svg.starts_with("<svg") && svg.contains("p99.9"), "{svg}");
    // It was not started by the command, so it is not ended by it.
    assert_eq!(server.get("/ping").0, 200);
}

#[test]
fn refused_requests_are_counted_by_status_and_end_with_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let body = folder.path().join("body.json");
    fs_err::write(&body, "{}").expect("written");
    let (code, message, found) = bench(&[
        "-m",
        "models:/iris/3",
        "-b",
        body.to_str().expect("text"),
        "--rate",
        "20",
        "--duration",
        "300ms",
        "--warm-up",
        "0s",
    ]);
    assert_eq!(code, 1, "{message}");
    assert!(
        message.contains("the first request is answered `400`"),
        "{message}"
    );
    assert_eq!(found["rates"][0]["statuses"], serde_json::json!({"400": 6}));
    assert_eq!(found["rates"][0]["latency_ms"], Value::Null);
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_hint() {
    for (arguments, code, part) in [
        (&[] as &[&str], 2, "hint: name a model with `--model`"),
        (
            &["--url", "http://127.0.0.1:1/x"],
            2,
            "hint: give the body of a request with `--body FILE`",
        ),
        (
            &["-m", "models:/iris/3", "--url", "https://h/x"],
            2,
            "has the scheme `https`, expected `http`",
        ),
        (
            &["-m", "models:/iris/3", "--url", "http://127.0.0.1:1/x"],
            1,
            "hint: is the server running there?",
        ),
        (
            &["-m", "models:/iris/3", "--p99", "10"],
            2,
            "expected a time with its unit",
        ),
    ] {
        let (found, message, _) = bench(arguments);
        assert_eq!(found, code, "{arguments:?}: {message}");
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}

#[test]
fn ctrl_c_ends_the_server_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("found.json");
    let mut child = program()
        .args([
            "bench",
            "-m",
            "models:/iris/3",
            "--rate",
            "20",
            "--duration",
            "60s",
            "--json",
        ])
        .arg(&json)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    // The head of the table comes once the server has answered.
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let head = lines.next().expect("a line").expect("text");
    assert!(head.contains("answered/s"), "{head}");
    let process = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &process]).status();
    assert!(sent.expect("started").success());
    assert_eq!(child.wait().expect("waited for").code(), Some(1));
    let found = fs_err::read_to_string(&json).expect("a file");
    let found: Value = serde_json::from_str(&found).expect("JSON");
    nobody_listens(&found["url"]);
}

#[test]
fn http2_and_independent_arrivals_are_answered_too() {
    let (code, message, found) = bench(&[
        "-m",
        "models:/iris/3",
        "--http2",
        "--arrivals",
        "poisson",
        "--rate",
        "50",
        "--duration",
        "500ms",
        "--warm-up",
        "100ms",
        "--connections",
        "4",
        "--",
        "--sessions",
        "1",
    ]);
    assert_eq!(code, 0, "{message}");
    assert_eq!(
        (&found["http2"], &found["arrivals"]),
        (&true.into(), &"poisson".into())
    );
    let rate = &found["rates"][0];
    assert!(rate["offered"].as_u64() > Some(0), "{rate:#}");
    assert_eq!(rate["offered"], rate["answered"], "{rate:#}");
}
