//! Rates against servers that misbehave, on real sockets. What is asserted are counts and lower
//! bounds: a slow machine makes everything later, never earlier.

use super::client::Connection;
use super::schedule::Arrivals;
use super::tally::Tally;
use super::target::{Parts, Target};
use super::{Load, run};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, oneshot};
use tokio::task::{JoinSet, LocalSet};

const BODY: &[u8] = b"{}";

/// What the server does with a request.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Answers at once.
    Prompt,
    /// Answers one request of all, the hundredth, after so long, and nothing else meanwhile.
    Stall(Duration),
    /// Closes the connection after each answer, and says so.
    Close,
    /// Closes the connection without an answer.
    Drop,
    /// Answers 503 to every second request.
    Refuse,
    /// Never answers.
    Silent,
}

/// What became of `rate` requests a second, sent for one second on two connections.
fn measured(manner: Manner, rate: f64) -> Tally {
    let (sender, address) = std::sync::mpsc::channel();
    let (_end, ended) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender.send(listener.local_addr()).expect("wanted");
            tokio::select! { () = serve(listener, manner) => {}, _ = ended => {} }
        });
    });
    let address = address.recv().expect("sent").expect("an address");
    runtime().block_on(loaded(address, rate))
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

async fn target(address: SocketAddr, http2: bool) -> Target {
    let parts = Parts {
        url: &format!("http://{address}/invocations"),
        content_type: "application/json",
        headers: &[],
        body: BODY.into(),
        http2,
    };
    Target::new(parts).await.expect("a target")
}

async fn loaded(address: SocketAddr, rate: f64) -> Tally {
    let load = Load {
        target: target(address, false).await,
        connections: 2,
        warm_up: Duration::ZERO,
        duration: Duration::from_secs(1),
        drain: Duration::from_millis(500),
        arrivals: Arrivals::Constant,
    };
    run(&load, rate).await.expect("a tally")
}

/// What all connections of the server share.
#[derive(Default)]
struct Shared {
    requests: AtomicUsize,
    stall: Mutex<()>,
}

async fn serve(listener: TcpListener, manner: Manner) {
    let shared = Arc::new(Shared::default());
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(answer(stream, manner, Arc::clone(&shared)));
    }
}

async fn answer(mut stream: TcpStream, manner: Manner, shared: Arc<Shared>) -> io::Result<()> {
    let mut read = Vec::new();
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
        if !read.ends_with(b"\r\n\r\n{}") {
            continue;
        }
        read.clear();
        let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let _turn = shared.stall.lock().await;
        let (status, header) = match manner {
            Manner::Stall(time) if number == 100 => {
                tokio::time::sleep(time).await;
                ("200 OK", "")
            }
            Manner::Prompt | Manner::Stall(_) => ("200 OK", ""),
            Manner::Close => ("200 OK", "connection: close\r\n"),
            Manner::Drop => return Ok(()),
            Manner::Refuse if number.is_multiple_of(2) => ("503 Service Unavailable", ""),
            Manner::Refuse => ("200 OK", ""),
            Manner::Silent => std::future::pending().await,
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n{header}\r\nok");
        stream.write_all(answer.as_bytes()).await?;
        if matches!(manner, Manner::Close) {
            return Ok(());
        }
    }
}

#[test]
fn a_prompt_server_answers_all() {
    let tally = measured(Manner::Prompt, 200.0);
    assert_eq!(
        (tally.offered, tally.answered, tally.errors()),
        (200, 200, 0)
    );
    assert_eq!(tally.statuses.into_iter().collect::<Vec<_>>(), [(200, 200)]);
}

#[test]
fn a_stall_is_charged_with_all_that_was_due_meanwhile() {
    let tally = measured(Manner::Stall(Duration::from_millis(200)), 500.0);
    assert_eq!((tally.offered, tally.answered), (500, 500));
    // Of 500 requests 100 were due during the stall. From sent to answered only two were slow,
    // one a connection: 0.4 %, which no 99th percentile shows.
    for (percent, least) in [(82.0, 10), (90.0, 90), (99.0, 180), (99.9, 190)] {
        let found = tally.percentile(percent);
        assert!(
            found >= Duration::from_millis(least),
            "p{percent} is {found:?}"
        );
    }
    assert!(tally.waited >= 90, "{} waited", tally.waited);
}

#[test]
fn a_connection_that_was_closed_is_made_again() {
    let tally = measured(Manner::Close, 100.0);
    assert_eq!((tally.answered, tally.broken), (100, 0));
}

#[test]
fn a_connection_that_breaks_is_counted() {
    let tally = measured(Manner::Drop, 100.0);
    assert_eq!(
        (tally.offered, tally.broken, tally.errors()),
        (100, 100, 100)
    );
    assert_eq!(tally.max(), Duration::ZERO);
}

#[test]
fn refusals_are_counted_by_status_and_are_no_answers() {
    let tally = measured(Manner::Refuse, 100.0);
    assert_eq!((tally.answered, tally.errors()), (50, 50));
    let statuses: Vec<_> = tally.statuses.into_iter().collect();
    assert_eq!(statuses, [(200, 50), (503, 50)]);
}

#[test]
fn a_server_that_never_answers_does_not_keep_the_run_from_ending() {
    let tally = measured(Manner::Silent, 100.0);
    assert_eq!((tally.offered, tally.unanswered), (100, 100));
    // The first was due at the start and waited until the drain was over.
    assert!(
        tally.max() >= Duration::from_millis(1490),
        "{:?}",
        tally.max()
    );
    assert!(!tally.keeps_up());
}

#[test]
fn http2_is_spoken_where_it_was_asked_for() {
    let local = LocalSet::new();
    let asked = local.run_until(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let target = target(address, true).await;
        let (connection, accepted) = tokio::join!(Connection::open(&target), listener.accept());
        // Closed before it is read: what was not sent by now is missing, and not waited for.
        drop(connection.expect("connected"));
        let mut preface = [0; 24];
        let (mut stream, _) = accepted.expect("accepted");
        stream.read_exact(&mut preface).await.map(|_| preface)
    });
    let preface = runtime().block_on(asked).expect("a preface");
    assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}
