//! How long from the start of the process to the first correct answer, and how much memory it
//! takes when nothing is asked of it? `cargo bench --bench start [RUNS]`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Starts for each runtime, when no number is given.
const RUNS: usize = 30;

/// A request of the README, and a part of its answer.
const BODY: &str = r#"{"dataframe_records": [{"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3, "petal_width": 0.3}]}"#;
const ANSWER: &str = r#"{"output_label": 0, "output_probability": {"0": 1.0, "1": 0.0, "2": 0.0}}"#;

/// What one start took.
struct Start {
    milliseconds: f64,
    /// Resident memory in MiB: all of it, and the part that is not mapped from files.
    resident: f64,
    anonymous: f64,
}

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn main() {
    let runs = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .next()
        .unwrap_or(RUNS);
    println!(
        "runtime  median ms  slowest ms  resident MiB  of it not from files MiB   ({runs} starts)"
    );
    for runtime in ["tabular", "ort"] {
        let mut starts: Vec<Start> = (0..runs).map(|_| start(runtime)).collect();
        starts.sort_by(|one, two| one.milliseconds.total_cmp(&two.milliseconds));
        let median = starts[starts.len() / 2].milliseconds;
        let slowest = starts.last().map_or(0.0, |start| start.milliseconds);
        let most = |of: fn(&Start) -> f64| starts.iter().map(of).fold(0.0, f64::max);
        let (resident, anonymous) = (most(|start| start.resident), most(|start| start.anonymous));
        println!("{runtime:7}  {median:9.1}  {slowest:10.1}  {resident:12.1}  {anonymous:24.1}");
    }
}

/// Starts the server, asks until it answers correctly, and ends it.
fn start(runtime: &str) -> Start {
    let folder = tempfile::tempdir().expect("a folder");
    let ready = folder.path().join("ready");
    let begin = Instant::now();
    let mut server = Command::new(env!("CARGO_BIN_EXE_flowgate"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "serve",
            "--model",
            "models:/iris/3",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
        ])
        .args(["--runtime", runtime, "--ready-file"])
        .arg(&ready)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let address = address(&mut server, &ready);
    let answer = ask(&address);
    let milliseconds = begin.elapsed().as_secs_f64() * 1e3;
    assert!(
        answer.ends_with(&format!("{{\"predictions\": [{ANSWER}]}}")),
        "{answer}"
    );
    let (resident, anonymous) = memory(server.id());
    server.kill().and_then(|()| server.wait()).expect("ended");
    Start {
        milliseconds,
        resident,
        anonymous,
    }
}

fn address(server: &mut Child, ready: &Path) -> String {
    let begin = Instant::now();
    loop {
        if let Ok(address) = fs_err::read_to_string(ready)
            && !address.is_empty()
        {
            return address.trim().to_owned();
        }
        let ended = server.try_wait().expect("asked");
        assert!(ended.is_none(), "the server ended: {ended:?}");
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "the server did not get ready"
        );
        std::thread::yield_now();
    }
}

fn ask(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    let head = format!(
        "POST /invocations HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    stream
        .write_all(format!("{head}{BODY}").as_bytes())
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

/// Resident memory of a process, and the part that is not mapped from files, in MiB.
fn memory(process: u32) -> (f64, f64) {
    let status = fs_err::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let mib = |key: &str| {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .expect("the key");
        let number = line
            .split_whitespace()
            .next()
            .and_then(|number| number.parse::<f64>().ok());
        number.expect("a number of KiB") / 1024.0
    };
    (mib("VmRSS:"), mib("RssAnon:"))
}
