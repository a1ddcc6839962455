//! Clients that say one thing and send another, stop, go away, or send in crumbs: each is answered
//! or cut off, and others are served meanwhile.

use crate::support::Program;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

const ROW: &str = r#"{"inputs": [{"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3, "petal_width": 0.3}]}"#;

/// Much longer than any answer here may take.
const LONGEST: Duration = Duration::from_secs(60);

fn server(more: &[&str]) -> Program {
    let arguments = ["-m", "models:/iris/3", "--runtime", "tabular"];
    Program::serve(&[&arguments[..], more].concat())
}

fn connect(server: &Program) -> TcpStream {
    let stream = TcpStream::connect(&server.address).expect("connected");
    stream.set_read_timeout(Some(LONGEST)).expect("set");
    stream
}

/// What is answered until the server closes the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // Closed with a reset is closed as well; an end of patience is not.
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of all answers in `text`.
fn statuses(text: &str) -> Vec<&str> {
    let answers = text.split("HTTP/1.1 ").skip(1);
    answers.map(|answer| &answer[..3]).collect()
}

const HEAD: &str = "POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nConnection: close\r\n";

/// Sends what `headers` and `body` say, and waits; gives the statuses until the connection ends.
fn send(server: &Program, headers: &str, body: &[u8]) -> Vec<String> {
    answers(begin(server, headers, body))
}

/// Sends what `headers` and `body` say, and no more.
fn begin(server: &Program, headers: &str, body: &[u8]) -> TcpStream {
    let mut stream = connect(server);
    let head = format!("{HEAD}{headers}\r\n");
    // Who is refused early may find the connection closed.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
    stream
}

fn answers(stream: TcpStream) -> Vec<String> {
    let answer = rest(stream);
    statuses(&answer).into_iter().map(str::to_owned).collect()
}

#[track_caller]
fn still_serves(server: &Program) {
    assert_eq!(server.post("application/json", ROW).0, 200);
}

#[test]
fn a_body_that_ends_before_its_length_gets_no_answer_of_the_model() {
    let server = server(&[]);
    let length = |octets: usize| format!("Content-Length: {octets}\r\n");
    let whole = length(ROW.len());
    assert_eq!(send(&server, &whole, ROW.as_bytes()), ["200"]);
    let ends = [0, 1, ROW.len() / 2, ROW.len() - 1];
    let ends = ends.map(|end| (whole.clone(), &ROW.as_bytes()[..end]));
    let longer = (length(ROW.len() + 1), ROW.as_bytes());
    for (headers, body) in ends.into_iter().chain([longer]) {
        let stream = begin(&server, &headers, body);
        // Nothing more will come, and an answer could still be read.
        stream.shutdown(Shutdown::Write).expect("closed");
        let found = answers(stream);
        assert!(found.is_empty() || found == ["400"], "{headers}: {found:?}");
    }
    still_serves(&server);
}

#[test]
fn a_body_that_stops_is_waited_for_no_longer_than_a_request_may_take() {
    let server = server(&["--timeout", "1"]);
    let start = Instant::now();
    for body in ["", &ROW[..20]] {
        for headers in [
            format!("Content-Length: {}\r\n", ROW.len()),
            "Transfer-Encoding: chunked\r\n".to_owned(),
        ] {
            // The connection stays open, and nothing more comes.
            let found = send(&server, &headers, body.as_bytes());
            if headers.starts_with("Content-Length") || body.is_empty() {
                assert_eq!(found, ["408"], "{headers}{body}");
            } else {
                // What is sent is no chunk.
                assert!(found.is_empty() || found == ["400"], "{found:?}");
            }
        }
    }
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    still_serves(&server);
}

#[test]
fn a_length_that_is_too_short_cuts_the_body_and_leaves_no_second_request() {
    let server = server(&[]);
    let short = format!("Content-Length: {}\r\n", ROW.len() - 1);
    let found = send(&server, &short, ROW.as_bytes());
    // The answer may be lost with the connection, which is closed upon an octet that nobody reads.
    assert!(found.is_empty() || found == ["400"], "{found:?}");
    still_serves(&server);
}

#[test]
fn lengths_that_are_no_lengths_are_refused() {
    let server = server(&[]);
    let length = ROW.len();
    for headers in [
        "Content-Length: -1\r\n".to_owned(),
        "Content-Length: 1e2\r\n".to_owned(),
        "Content-Length: 99999999999999999999999\r\n".to_owned(),
        "Content-Length: \r\n".to_owned(),
        format!(
            "Content-Length: {length}\r\nContent-Length: {}\r\n",
            length - 1
        ),
        format!("Content-Length: +{length}\r\n"),
        "Transfer-Encoding: gzip\r\n".to_owned(),
    ] {
        let found = send(&server, &headers, ROW.as_bytes());
        let refused = found.first().is_none_or(|status| status.starts_with('4'));
        assert!(
            refused && !found.contains(&"200".to_owned()),
            "{headers}: {found:?}"
        );
    }
    // Larger than a body may be, and refused before a single octet of it.
    let found = send(&server, "Content-Length: 18446744073709551614\r\n", b"");
    assert!(
        found.is_empty() || found == ["413"] || found == ["431"],
        "{found:?}"
    );
    still_serves(&server);
}

/// `body` in chunks of one octet, six on the wire for each.
fn crumbs(body: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(body.len() * 6 + 5);
    for octet in body {
        sent.extend_from_slice(&[b'1', b'\r', b'\n', *octet, b'\r', b'\n']);
    }
    sent.extend_from_slice(b"0\r\n\r\n");
    sent
}

#[test]
fn chunks_of_one_octet_are_one_body() {
    let server = server(&[]);
    let chunked = "Transfer-Encoding: chunked\r\n";
    assert_eq!(send(&server, chunked, &crumbs(ROW.as_bytes())), ["200"]);

    // One packet an octet.
    let mut stream = connect(&server);
    stream.set_nodelay(true).expect("set");
    let whole = format!("{HEAD}Content-Length: {}\r\n\r\n{ROW}", ROW.len());
    for octet in whole.as_bytes() {
        stream.write_all(&[*octet]).expect("sent");
    }
    assert_eq!(statuses(&rest(stream)), ["200"]);
}

/// A list of the pieces would take some forty octets for each of them.
#[test]
fn many_chunks_of_one_octet_take_little_more_memory_than_one() {
    const OCTETS: usize = 1 << 18;
    let server = server(&[]);
    still_serves(&server);
    let before = server.peak_memory();
    let body = format!("{ROW}{}", " ".repeat(OCTETS));
    let found = send(
        &server,
        "Transfer-Encoding: chunked\r\n",
        &crumbs(body.as_bytes()),
    );
    assert_eq!(found, ["200"]);
    if let (Some(before), Some(after)) = (before, server.peak_memory()) {
        let grown = after - before;
        assert!(grown < 8 * OCTETS as u64, "{} MiB more", grown >> 20);
    }
}

#[test]
fn chunks_that_are_no_chunks_are_refused() {
    let server = server(&[]);
    for body in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "-1\r\n{}\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}no end\r\n0\r\n\r\n",
        "2\r\n{}\r\n",
    ] {
        let stream = begin(&server, "Transfer-Encoding: chunked\r\n", body.as_bytes());
        stream.shutdown(Shutdown::Write).expect("closed");
        let found = answers(stream);
        assert!(found.is_empty() || found == ["400"], "{body:?}: {found:?}");
    }
    // More than a body may have, in one chunk that only says so: cut off when the limit is passed.
    let huge = [&b"4000001\r\n"[..], &vec![b' '; (64 << 20) + 1]].concat();
    let found = send(&server, "Transfer-Encoding: chunked\r\n", &huge);
    assert!(found.is_empty() || found == ["413"], "{found:?}");
    still_serves(&server);
}

#[test]
fn heads_without_end_are_cut_off() {
    let server = server(&[]);
    still_serves(&server);
    let before = server.peak_memory();
    let many: String = (0..100_000).map(|at| format!("X-{at}: 1\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(16 << 20));
    for headers in [many, long] {
        let headers = format!("Content-Length: {}\r\n{headers}", ROW.len());
        let found = send(&server, &headers, ROW.as_bytes());
        assert!(found.is_empty() || found == ["431"], "{found:?}");
    }
    let mut stream = connect(&server);
    let line = format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "a".repeat(1 << 20));
    let _ = stream.write_all(line.as_bytes());
    let answer = rest(stream);
    let found = statuses(&answer);
    assert!(
        found.is_empty() || found == ["414"] || found == ["431"],
        "{found:?}"
    );
    if let (Some(before), Some(after)) = (before, server.peak_memory()) {
        let grown = after - before;
        assert!(grown < 16 << 20, "{} MiB more", grown >> 20);
    }
    still_serves(&server);
}

#[test]
fn a_hundred_clients_that_go_away_harm_nobody() {
    let server = server(&[]);
    let whole = format!("{HEAD}Content-Length: {}\r\n\r\n{ROW}", ROW.len());
    for turn in 0..100 {
        let mut stream = connect(&server);
        // In the head, in the body, and before the answer was read.
        let sent = whole.len() * (turn % 4 + 1) / 4;
        stream.write_all(&whole.as_bytes()[..sent]).expect("sent");
        drop(stream);
    }
    still_serves(&server);
}
