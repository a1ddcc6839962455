//! The real program on a real socket: starting, answering, draining, ending.

use crate::support::{Program, request};
use std::io::{Read, Write};
use std::net::TcpStream;

const ROW: &str = r#"{"inputs": [{"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3, "petal_width": 0.3}]}"#;

#[test]
fn it_serves_over_both_runtimes_and_ends_with_0_on_sigterm() {
    for runtime in ["tabular", "ort"] {
        let mut server = Program::serve(&["--model", "models:/iris/3", "--runtime", runtime]);
        let (status, body) = server.post("application/json", ROW);
        assert_eq!(status, 200, "{body}");
        assert!(
            body.starts_with("{\"predictions\": [{\"output_label\": 0"),
            "{body}"
        );
        assert_eq!(server.get("/ping"), (200, "\n".to_owned()));
        server.signal("TERM");
        assert_eq!(server.wait(), Some(0), "{}", server.log());
        assert!(server.log().contains("model loaded"), "{}", server.log());
    }
}

#[test]
fn sigint_ends_it_too_and_latest_is_the_highest_version() {
    let mut server = Program::serve(&[
        "-m",
        "models:/iris/latest",
        "--log-format",
        "json",
        "--access-log",
    ]);
    server.post("application/json", ROW);
    server.signal("INT");
    assert_eq!(server.wait(), Some(0));
    let log = server.log();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    assert!(lines.iter().any(|line| line["version"] == "3"), "{log}");
    let request = lines
        .iter()
        .find(|line| line["path"] == "/invocations")
        .expect("an access line");
    assert_eq!(
        (&request["status"], &request["method"]),
        (&200.into(), &"POST".into())
    );
}

#[test]
fn a_request_that_is_open_when_sigterm_comes_is_answered() {
    let mut server = Program::serve(&["-m", "models:/iris/3"]);
    let mut stream = TcpStream::connect(&server.address).expect("connected");
    let head = format!(
        "POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        ROW.len()
    );
    let (first, rest) = ROW.split_at(10);
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(first.as_bytes()))
        .expect("sent");
    // The server has the request once another connection, made later, was answered.
    server.get("/ping");
    server.signal("TERM");
    while TcpStream::connect(&server.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(rest.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn pipelined_requests_on_one_connection_are_answered_in_order() {
    let server = Program::serve(&["-m", "models:/iris/3"]);
    let mut stream = TcpStream::connect(&server.address).expect("connected");
    let head = "POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
    let one = format!("{head}Content-Length: {}\r\n\r\n{ROW}", ROW.len());
    let last = format!("{head}Connection: close\r\nContent-Length: 1\r\n\r\n{{");
    let all = one.repeat(3) + &last;
    stream.write_all(all.as_bytes()).expect("sent");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).expect("answered");
    let statuses: Vec<&str> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| &answer[..3])
        .collect();
    assert_eq!(statuses, ["200", "200", "200", "400"]);
}

#[test]
fn what_is_not_http_is_answered_400_and_the_server_goes_on() {
    let server = Program::serve(&["-m", "models:/iris/3"]);
    let mut stream = TcpStream::connect(&server.address).expect("connected");
    stream
        .write_all(b"\x16\x03\x01 no http\r\n\r\n")
        .expect("sent");
    let mut answer = String::new();
    // A reset instead of an answer is as good.
    let _ = stream.read_to_string(&mut answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    let mut gone = TcpStream::connect(&server.address).expect("connected");
    gone.write_all(b"POST /invocations HTTP/1.1\r\nContent-Length: 99\r\n\r\nhalf")
        .expect("sent");
    drop(gone);
    assert_eq!(server.get("/ping").0, 200);
}

#[test]
fn mlflows_own_flags_are_accepted_with_a_note() {
    let server = Program::serve(&[
        "-m",
        "models:/iris/3",
        "--env-manager",
        "local",
        "--install-mlflow",
        "-w",
        "1",
        "-t",
        "5",
    ]);
    assert_eq!(server.post("application/json", ROW).0, 200);
    let log = server.log();
    for flag in [
        "`--env-manager` is accepted",
        "`--install-mlflow` is accepted",
    ] {
        assert!(log.contains(flag), "{log}");
    }
}

#[test]
fn refusals_are_logged_without_the_data() {
    let server = Program::serve(&["-m", "models:/iris/3"]);
    let (status, _) = request(
        &server.address,
        "POST",
        "/invocations",
        "application/json",
        b"{\"secret\": 1}",
    );
    assert_eq!(status, 400);
    let log = server.log();
    assert!(
        log.contains("400") && log.contains("refused") && !log.contains("secret"),
        "{log}"
    );
}
