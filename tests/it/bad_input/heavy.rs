//! Bodies that are small to send and large to hold, or simply large: what each of them may cost
//! the real program, in memory and time.

use crate::support::Program;
use flate2::Compression;
use flate2::write::GzEncoder;
use flowgate::compression::Packing;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const ROW: &str = r#"{"inputs": [{"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3, "petal_width": 0.3}]}"#;

/// What a body may have, unless told otherwise.
const LIMIT: usize = 64 << 20;

/// No answer takes longer, with a program that is not optimised on a machine that is busy.
const LONGEST: Duration = Duration::from_secs(180);

/// A request that is heavy.
struct Heavy<'a> {
    headers: &'a str,
    body: &'a [u8],
    /// The status it is answered with.
    status: u16,
    /// What the answer says of it.
    words: &'a str,
    /// What a body may have.
    limit: usize,
    /// How many times that the program may grow by.
    growth: usize,
}

impl Heavy<'_> {
    #[track_caller]
    fn check(&self) {
        let server = Program::serve(&[
            "-m",
            "models:/iris/3",
            "--runtime",
            "tabular",
            "--timeout",
            "180",
            "--max-body-bytes",
            &self.limit.to_string(),
        ]);
        assert_eq!(server.post("application/json", ROW).0, 200);
        let before = server.peak_memory();
        let start = Instant::now();
        let (status, body) = post(&server, self.headers, self.body);
        let took = start.elapsed();
        let shown: String = body.chars().take(500).collect();
        assert_eq!(status, self.status, "{shown}");
        let refused = status >= 400;
        assert!(!refused || body.len() < 16 << 10, "{} octets", body.len());
        assert!(body.contains(self.words), "no `{}` in: {shown}", self.words);
        assert!(took < LONGEST, "it took {took:?}");
        if let (Some(before), Some(after)) = (before, server.peak_memory()) {
            let grown = after - before;
            let bound = (self.growth * self.limit) as u64;
            assert!(grown <= bound, "{} MiB more", grown >> 20);
        }
        assert_eq!(server.post("application/json", ROW).0, 200);
    }
}

/// `POST /invocations` with JSON and further `headers`; 0 where the connection was closed without
/// an answer.
fn post(server: &Program, headers: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(&server.address).expect("connected");
    stream.set_read_timeout(Some(LONGEST)).expect("set");
    let head = format!(
        "POST /invocations HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    // Who is refused early may find the connection closed.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}

#[track_caller]
fn check(body: &str, status: u16, words: &str, growth: usize) {
    Heavy {
        headers: "",
        body: body.as_bytes(),
        status,
        words,
        limit: LIMIT,
        growth,
    }
    .check();
}

const COLUMNS: &str =
    r#""columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"]"#;

#[test]
fn a_hundred_thousand_lists_inside_each_other() {
    let lists = "[".repeat(100_000) + &"]".repeat(100_000);
    for key in [
        "inputs",
        "instances",
        "dataframe_records",
        "params",
        "other",
    ] {
        check(&format!("{{\"{key}\": {lists}}}"), 400, "too_deep", 1);
    }
    let open = r#"{"a":"#.repeat(100_000);
    check(&open, 400, "too_deep", 1);
}

#[test]
fn ten_million_numbers_in_place_of_rows() {
    let numbers = "1,".repeat(10_000_000 - 1) + "1";
    check(&format!("{{\"inputs\": [{numbers}]}}"), 400, "missing", 4);
}

#[test]
fn ten_million_numbers_in_one_row() {
    let numbers = "1,".repeat(10_000_000 - 1) + "1";
    let body = format!("{{\"dataframe_split\": {{{COLUMNS}, \"data\": [[{numbers}]]}}}}");
    check(&body, 400, "bad_shape", 4);
}

#[test]
fn ten_million_numbers_that_are_two_and_a_half_million_rows() {
    let rows = "[1,1,1,1],".repeat(2_500_000 - 1) + "[1,1,1,1]";
    let body = format!("{{\"dataframe_split\": {{{COLUMNS}, \"data\": [{rows}]}}}}");
    check(&body, 200, "", 16);
}

#[test]
fn ten_million_values_that_are_all_wrong() {
    let rows = "[[],[],[],[]],".repeat(2_500_000 - 1) + "[1,1,1,1]";
    let body = format!("{{\"dataframe_split\": {{{COLUMNS}, \"data\": [{rows}]}}}}");
    check(&body, 400, "\"error_count\":9999996", 4);
}

#[test]
fn a_million_keys_of_the_body() {
    let members: String = (0..1_000_000).map(|key| format!("\"k{key}\":0,")).collect();
    let body = format!("{{{members}\"inputs\": []}}");
    check(&body, 400, "unknown_field", 4);
}

#[test]
fn a_million_keys_of_one_record() {
    let members: String = (0..1_000_000).map(|key| format!("\"k{key}\":0,")).collect();
    let body = format!("{{\"dataframe_records\": [{{{members}\"x\":0}}]}}");
    check(&body, 400, "missing", 8);
}

#[test]
fn a_million_columns() {
    let columns: String = (0..1_000_000).map(|key| format!("\"k{key}\",")).collect();
    let body = format!("{{\"dataframe_split\": {{\"columns\": [{columns}\"x\"], \"data\": []}}}}");
    check(&body, 400, "missing", 8);
}

#[test]
fn a_text_that_is_as_long_as_a_body_may_be() {
    let (start, end) = (r#"{"inputs": [{"sepal_length": ""#, "\"}]}");
    let text = "a".repeat(LIMIT - start.len() - end.len());
    check(&format!("{start}{text}{end}"), 400, "type_mismatch", 4);
    check(&format!("{start}{text}a{end}"), 413, "more than", 1);
}

#[test]
fn a_key_that_is_as_long_as_a_body_may_be() {
    let (start, end) = (r#"{"inputs": [{""#, "\": 1}]}");
    let text = "a".repeat(LIMIT - start.len() - end.len());
    check(&format!("{start}{text}{end}"), 400, "missing", 4);
}

/// A limit for bodies that are quickly unpacked to it.
const SMALL: usize = 16 << 20;

#[test]
fn bombs_of_ratio_one_thousand() {
    let octets = vec![b' '; 4 << 20];
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&octets).expect("packed");
    // A gzip file is one member after the other.
    let gzip = member.finish().expect("packed").repeat((2 * SMALL) >> 22);
    let octets = octets.repeat((2 * SMALL) >> 22);
    let zstd = Packing::Zstd.pack(&octets).expect("packed");
    for (name, packed) in [("gzip", gzip), ("zstd", zstd)] {
        assert!(
            packed.len() * 1000 < octets.len(),
            "{name}: {}",
            packed.len()
        );
        Heavy {
            headers: &format!("Content-Encoding: {name}\r\n"),
            body: &packed,
            status: 413,
            words: "when unpacked",
            limit: SMALL,
            growth: 4,
        }
        .check();
    }
}

#[test]
fn a_bomb_that_stays_below_the_limit_is_read_to_its_end() {
    let packed = Packing::Zstd.pack(&vec![b' '; SMALL]).expect("packed");
    Heavy {
        headers: "Content-Encoding: zstd\r\n",
        body: &packed,
        status: 400,
        words: "bad_json",
        limit: SMALL,
        growth: 4,
    }
    .check();
}
