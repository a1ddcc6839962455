//! What the tests share: a loaded app without a socket, the real program with one, comparing JSON.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use flowgate::batcher::Policy;
use flowgate::catalog::{Catalog, LoadError, Loader};
use flowgate::gateway::Gateway;
use flowgate::http::{AccessLog, App, Edge, Places};
use flowgate::metrics::{Metrics, MetricsCompat};
use flowgate::scoring::decode::ExtraColumns;
use flowgate::shutdown::Shutdown;
use flowgate::store::{Found, ModelVersion};
use flowgate_core::{Compat, Runtime};
use http_body_util::BodyExt;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The runtimes that a user would have: ONNX Runtime from the cache folder, and tract.
pub(crate) fn runtimes() -> Vec<Arc<dyn Runtime>> {
    let ort_search = runtimes::ort_search(None, flowgate::config::cache_folder().as_deref());
    runtimes::all(&runtimes::Settings {
        ort_library: None,
        ort_search,
        tree_kernel: None,
    })
}

/// A loader that uses the runtime called `runtime` and no other.
pub(crate) fn loader(runtime: &str) -> Loader {
    loader_with(runtimes(), Some(runtime), Policy::default())
}

/// A loader over any runtimes.
pub(crate) fn loader_with(
    runtimes: Vec<Arc<dyn Runtime>>,
    runtime: Option<&str>,
    policy: Policy,
) -> Loader {
    Loader {
        runtimes,
        runtime: runtime.map(str::to_owned),
        policy,
        sessions: None,
        threads: None,
        cores: 2,
        metrics: Arc::new(Metrics::new().expect("metrics with names of their own")),
    }
}

/// The package in `path`, under the name and version of its folders.
pub(crate) fn found(path: &Path) -> Found {
    let part = |path: &Path| {
        path.file_name()
            .expect("a last part")
            .to_string_lossy()
            .into_owned()
    };
    let name = path.parent().map(part).expect("a folder above");
    Found {
        id: ModelVersion {
            name,
            version: part(path),
        },
        path: path.to_owned(),
    }
}

/// A server without a socket.
pub(crate) struct TestApp {
    edge: Edge,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// Limits of a test server.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) body: usize,
    pub(crate) concurrency: Option<usize>,
    pub(crate) metrics_compat: MetricsCompat,
    pub(crate) compat: Compat,
    pub(crate) extra_columns: ExtraColumns,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            body: 64 << 20,
            concurrency: None,
            metrics_compat: MetricsCompat::None,
            compat: Compat::Strict,
            extra_columns: ExtraColumns::default(),
        }
    }
}

impl TestApp {
    /// Serves the package in `path` with the runtime called `runtime`.
    pub(crate) fn serve(path: &Path, runtime: &str) -> Result<Self, LoadError> {
        Self::load(&loader(runtime), path, Limits::default())
    }

    /// Serves what `loader` loads.
    pub(crate) fn load(loader: &Loader, path: &Path, limits: Limits) -> Result<Self, LoadError> {
        let (_, shutdown) = Shutdown::new();
        let catalog = Arc::new(Catalog::default());
        let found = found(path);
        catalog.aspire(&found.id);
        catalog.publish(Arc::new(loader.servable(&found)?));
        let app = Arc::new(App {
            gateway: Gateway::new(catalog),
            metrics: Arc::clone(&loader.metrics),
            metrics_compat: limits.metrics_compat,
            timeout: limits.timeout,
            places: Places::new(limits.concurrency),
            body_limit: limits.body,
            rules: limits.compat.rules(),
            extra_columns: limits.extra_columns,
            access_log: AccessLog::new(false),
            shutdown,
        });
        Ok(Self {
            edge: Edge::new(app),
        })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.edge.answer(request).await;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("a body in memory")
            .to_bytes()
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// `POST /invocations`.
    pub(crate) async fn invoke(&self, content_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/invocations").header("content-type", content_type);
        self.send(request.body(body.into()).expect("a request"))
            .await
    }

    /// `POST /invocations` with JSON.
    pub(crate) async fn invoke_json(&self, body: impl Into<Body>) -> Answer {
        self.invoke("application/json", body).await
    }

    /// `GET path`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }
}

/// How two JSON values differ, if they do: floats within `relative`, whole numbers and texts
/// exactly, keys in their order, 1 and 1.0 told apart.
pub(crate) fn difference(wanted: &Value, found: &Value, relative: f64) -> Option<String> {
    differ("$", wanted, found, relative)
}

fn differ(path: &str, wanted: &Value, found: &Value, relative: f64) -> Option<String> {
    let plain = || (wanted != found).then(|| format!("{path}: wanted {wanted}, found {found}"));
    match (wanted, found) {
        (Value::Number(one), Value::Number(two)) if one.is_f64() && two.is_f64() => {
            let (one, two) = (one.as_f64()?, two.as_f64()?);
            let close = (one - two).abs() <= (relative * one.abs()).max(1e-6 * one.abs().min(1.0));
            (!close).then(|| format!("{path}: wanted {one:e}, found {two:e}"))
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => one
            .iter()
            .zip(two)
            .enumerate()
            .find_map(|(index, (one, two))| {
                differ(&format!("{path}[{index}]"), one, two, relative)
            }),
        (Value::Object(one), Value::Object(two)) if one.keys().eq(two.keys()) => one
            .iter()
            .zip(two.values())
            .find_map(|((key, one), two)| differ(&format!("{path}.{key}"), one, two, relative)),
        _ => plain(),
    }
}

/// The folders two levels below `models/`: every sample package.
pub(crate) fn samples() -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs_err::read_dir(path).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let mut found: Vec<PathBuf> = folders(&root().join("models"))
        .iter()
        .flat_map(|model| folders(model))
        .collect();
    found.sort();
    found
}

/// The real program on a socket of its own, ended with the test.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: String,
    folder: tempfile::TempDir,
}

/// How long a test waits for the program to do what it must.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program that the tests run.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flowgate"));
    command.current_dir(root());
    command
}

/// Runs `command`, which must end by itself and soon, and gives its exit code and standard error.
#[track_caller]
pub(crate) fn ended(command: &mut Command) -> (i32, String) {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let process = child.id().to_string();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(PATIENCE) else {
        let _ = Command::new("kill").arg(process).status();
        panic!("it does not end");
    };
    let output = output.expect("waited for");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().expect("it ended by itself"), message)
}

impl Program {
    /// `flowgate serve` with `arguments`, on a free port, once it is ready.
    pub(crate) fn serve(arguments: &[&str]) -> Self {
        Self::start(program(), arguments)
    }

    /// `command serve` with `arguments`.
    pub(crate) fn start(mut command: Command, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ready = folder.path().join("ready");
        let log = fs_err::File::create(folder.path().join("log")).expect("a file");
        let mut child = command
            .args([
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--ready-file",
            ])
            .arg(&ready)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.into_parts().0)
            .spawn()
            .expect("started");
        let start = Instant::now();
        let address = loop {
            if let Ok(address) = fs_err::read_to_string(&ready) {
                break address;
            }
            if let Some(status) = child.try_wait().expect("asked") {
                let log = fs_err::read_to_string(folder.path().join("log")).unwrap_or_default();
                panic!("the server ended with {status}: {log}");
            }
            assert!(start.elapsed() < PATIENCE, "the server did not get ready");
            std::thread::yield_now();
        };
        Self {
            child,
            address,
            folder,
        }
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        fs_err::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Sends `signal` (`TERM`, `INT`) to it.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args(["-s", signal, &self.child.id().to_string()])
            .status()
            .expect("`kill` is there");
        assert!(status.success(), "the signal was sent");
    }

    /// The most memory that it ever held, in octets; `None` where the system does not tell.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = format!("/proc/{}/status", self.child.id());
        let status = fs_err::read_to_string(status).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes << 10)
    }

    /// How many descriptors it has open; `None` where the system does not tell.
    pub(crate) fn descriptors(&self) -> Option<usize> {
        let open = fs_err::read_dir(format!("/proc/{}/fd", self.child.id())).ok()?;
        Some(open.count())
    }

    /// Waits for its end and gives the exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("asked") {
                return status.code();
            }
            assert!(start.elapsed() < PATIENCE, "the server did not end");
            std::thread::yield_now();
        }
    }

    /// `POST /invocations` over a real connection: status and body.
    pub(crate) fn post(&self, content_type: &str, body: &str) -> (u16, String) {
        request(
            &self.address,
            "POST",
            "/invocations",
            content_type,
            body.as_bytes(),
        )
    }

    /// `GET path` over a real connection.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        request(&self.address, "GET", path, "", b"")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request on one connection, by hand: the status and the body.
pub(crate) fn request(
    address: &str,
    method: &str,
    path: &str,
    content_type: &str,
    body: &[u8],
) -> (u16, String) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    let kind = if content_type.is_empty() {
        String::new()
    } else {
        format!("Content-Type: {content_type}\r\n")
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{kind}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body))
        .expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("a status");
    (status, body.to_owned())
}
