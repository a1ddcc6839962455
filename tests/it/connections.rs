//! Connections that do nothing, that take their answers slowly, and that come and go: others are
//! answered meanwhile, and no descriptor is lost.

use crate::support::{Program, program};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

const COLUMNS: &str = r#"["sepal_length", "sepal_width", "petal_length", "petal_width"]"#;

/// A request of `rows` rows, the last on its connection.
fn request(rows: usize) -> String {
    let row = "[4.5, 2.3, 1.3, 0.3]";
    let data = vec![row; rows].join(", ");
    let body = format!(r#"{{"dataframe_split": {{"columns": {COLUMNS}, "data": [{data}]}}}}"#);
    format!(
        "POST /invocations HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn connect(server: &Program) -> TcpStream {
    let stream = TcpStream::connect(&server.address).expect("connected");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("set");
    stream
}

/// Waits until the server has no more descriptors than `count`.
#[track_caller]
fn settles(server: &Program, count: usize) {
    let start = Instant::now();
    while server.descriptors() > Some(count) {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{:?} descriptors, {count} before",
            server.descriptors()
        );
        std::thread::yield_now();
    }
}

/// How many descriptors the server has when nothing is asked.
fn at_rest(server: &Program) -> usize {
    // The first request opens what stays open.
    assert_eq!(server.get("/ping").0, 200);
    let mut before = server.descriptors();
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        before = before.min(server.descriptors());
        std::thread::yield_now();
    }
    before.expect("a system that tells")
}

#[test]
fn idle_connections_beyond_the_usual_limit_keep_nobody_out() {
    // As most systems begin a program: 1 024, here fewer, may be open, and a hard limit far above.
    let mut limited = Command::new("sh");
    let flowgate = program();
    limited
        .current_dir(flowgate.get_current_dir().expect("a folder"))
        .args(["-c", r#"ulimit -Sn 64 && exec "$0" "$@""#])
        .arg(flowgate.get_program());
    let server = Program::start(limited, &["-m", "models:/iris/3"]);
    let before = at_rest(&server);
    let idle: Vec<TcpStream> = (0..300).map(|_| connect(&server)).collect();
    let mut one = connect(&server);
    one.write_all(request(1).as_bytes()).expect("sent");
    let mut answer = String::new();
    one.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(server.descriptors() >= Some(before + 300));
    drop((idle, one));
    settles(&server, before);
}

#[test]
fn slow_readers_get_all_of_their_answers_and_others_are_answered_meanwhile() {
    let server = Program::serve(&["-m", "models:/iris/3"]);
    let before = at_rest(&server);
    let long = request(5_000);
    let slow: Vec<TcpStream> = (0..20)
        .map(|_| {
            let address: SocketAddr = server.address.parse().expect("an address");
            let mut stream = small(address);
            stream.write_all(long.as_bytes()).expect("sent");
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(server.get("/health").0, 200);
    }
    let mut lengths = Vec::new();
    for mut stream in slow {
        let mut answer = Vec::new();
        let mut part = [0; 1000];
        for _ in 0..50 {
            let got = stream.read(&mut part).expect("some of it");
            answer.extend_from_slice(&part[..got]);
            std::thread::yield_now();
        }
        stream.read_to_end(&mut answer).expect("the rest");
        assert!(answer.ends_with(b"]}"));
        lengths.push(answer.len());
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 1, "{lengths:?}");
    settles(&server, before);
}

/// A connection whose receiver holds little.
fn small(address: SocketAddr) -> TcpStream {
    use rustix::net::{AddressFamily, SocketType, connect, socket};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    // Before it is connected: the window is agreed upon then.
    set_socket_recv_buffer_size(&socket, 4096).expect("set");
    connect(&socket, &address).expect("connected");
    socket.into()
}

#[test]
fn connections_that_come_and_go_leave_nothing_behind() {
    let server = Program::serve(&["-m", "models:/iris/3"]);
    let before = at_rest(&server);
    let whole = request(1);
    for nth in 0..200 {
        let mut stream = connect(&server);
        let part = match nth % 4 {
            0 => whole.as_str(),
            1 => &whole[..whole.len() / 2],
            2 => &whole[..whole.len() - 1],
            _ => "",
        };
        stream.write_all(part.as_bytes()).expect("sent");
        if nth % 4 == 0 {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("answered");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    settles(&server, before);
    assert_eq!(server.get("/ping").0, 200);
}
