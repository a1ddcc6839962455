//! How many allocations does a request make, and how long does it take, from the first octet read
//! to the last one written? `cargo bench --bench requests [REQUESTS]`.
//!
//! Server and client are tasks of one thread; the client sends the same octets again and again and
//! makes no allocation of its own.

use flowgate::batcher::Policy;
use flowgate::catalog::{Catalog, Loader};
use flowgate::gateway::Gateway;
use flowgate::http::{AccessLog, App, Edge, Places, serve};
use flowgate::metrics::{Metrics, MetricsCompat};
use flowgate::scoring::decode::ExtraColumns;
use flowgate::shutdown::Shutdown;
use flowgate::store::{self, DirStore};
use flowgate_core::Compat;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// Requests of a measurement, when no number is given.
const REQUESTS: usize = 10_000;

/// Requests before it: what a run costs is learned, buffers have grown.
const WARM_UP: usize = 2_000;

const COLUMNS: &str = "sepal_length,sepal_width,petal_length,petal_width";

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn main() {
    let count = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .next()
        .unwrap_or(REQUESTS);
    println!("body                  rows  allocations  octets of them  us a request");
    for (kind, body) in [
        ("application/json", split as fn(usize) -> String),
        ("text/csv", csv),
    ] {
        for rows in [1, 100, 1000] {
            let request = request(kind, &body(rows));
            let found = measure(request.as_bytes(), count / rows.min(20));
            let [allocations, octets, time] = found;
            println!("{kind:20} {rows:5} {allocations:12.1} {octets:15.0} {time:13.2}");
        }
    }
}

fn split(rows: usize) -> String {
    let columns: Vec<String> = COLUMNS
        .split(',')
        .map(|name| format!("\"{name}\""))
        .collect();
    let data = vec!["[4.5, 2.3, 1.3, 0.3]"; rows].join(", ");
    format!(
        r#"{{"dataframe_split": {{"columns": [{}], "data": [{data}]}}}}"#,
        columns.join(", ")
    )
}

fn csv(rows: usize) -> String {
    format!("{COLUMNS}\n{}", "4.5,2.3,1.3,0.3\n".repeat(rows))
}

fn request(kind: &str, body: &str) -> String {
    format!(
        "POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Allocations, their octets and microseconds of one of `count` requests.
#[expect(
    clippy::cast_precision_loss,
    reason = "a table does not need the last digit"
)]
fn measure(request: &[u8], count: usize) -> [f64; 3] {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let local = LocalSet::new();
    let (app, trigger) = app();
    let shutdown = app.shutdown.clone();
    let mut stream = local.block_on(&runtime, async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let drain = Duration::from_secs(1);
        tokio::task::spawn_local(serve(listener, Edge::new(app), shutdown, drain));
        TcpStream::connect(address).await.expect("connected")
    });
    let mut answer = vec![0; 1 << 20];
    let mut ask_all = |count: usize| {
        local.block_on(&runtime, async {
            for _ in 0..count {
                ask(&mut stream, request, &mut answer).await;
            }
        });
    };
    ask_all(WARM_UP);
    let begin = Instant::now();
    let counted = allocation_counter::measure(|| ask_all(count));
    let time = begin.elapsed().as_secs_f64() * 1e6;
    trigger.pull();
    [counted.count_total as f64, counted.bytes_total as f64, time].map(|all| all / count as f64)
}

/// Sends `request` and reads its answer to the end.
async fn ask(stream: &mut TcpStream, request: &[u8], answer: &mut [u8]) {
    stream.write_all(request).await.expect("sent");
    let mut len = 0;
    loop {
        len += stream.read(&mut answer[len..]).await.expect("answered");
        let got = &answer[..len];
        assert!(got.starts_with(b"HTTP/1.1 200"), "a prediction");
        if got.ends_with(b"]}") {
            return;
        }
    }
}

/// The sample model behind the handlers of the server.
fn app() -> (Arc<App>, flowgate::shutdown::Trigger) {
    let (trigger, shutdown) = Shutdown::new();
    let store = DirStore::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models"));
    let found = store::resolve("models:/iris/3", &store).expect("the sample");
    let loader = Loader {
        runtimes: runtimes::all(&runtimes::Settings::default()),
        runtime: Some("tabular".to_owned()),
        policy: Policy::default(),
        sessions: Some(1),
        threads: None,
        cores: 1,
        metrics: Arc::new(Metrics::new().expect("metrics")),
    };
    let catalog = Arc::new(Catalog::default());
    catalog.aspire(&found.id);
    catalog.publish(Arc::new(loader.servable(&found).expect("loaded")));
    let app = App {
        gateway: Gateway::new(catalog),
        metrics: Arc::clone(&loader.metrics),
        metrics_compat: MetricsCompat::None,
        timeout: Duration::from_secs(60),
        places: Places::new(None),
        body_limit: 64 << 20,
        rules: Compat::Strict.rules(),
        extra_columns: ExtraColumns::Warn,
        access_log: AccessLog::new(false),
        shutdown,
    };
    (Arc::new(app), trigger)
}
