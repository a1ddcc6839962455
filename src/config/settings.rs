//! What is meant: parsed, cross-checked, complete.

use super::{cache_folder, variable};
use crate::batcher::Policy;
use crate::cli::args::{LoadArgs, PackArgs, ServeArgs};
use crate::metrics::MetricsCompat;
use crate::scoring::decode::ExtraColumns;
use crate::store::DirStore;
use flowgate_core::Compat;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// MLflow's default port.
const PORT: u16 = 5000;

/// Seconds that a request may take (MLflow's default).
const TIMEOUT: u64 = 60;

/// Octets that a body may have.
const BODY_LIMIT: usize = 64 << 20;

/// What a command that loads a model needs to know.
#[derive(Debug, Clone)]
pub struct LoadSettings {
    /// What is to be loaded: a model URI or a path.
    pub model: String,
    /// Where `models:/` URIs are looked up.
    pub store: DirStore,
    /// The runtime that was asked for.
    pub runtime: Option<String>,
    /// Where the runtimes look for their libraries.
    pub runtimes: runtimes::Settings,
    /// Threads inside one run.
    pub threads: Option<usize>,
    /// Cores that the process may use.
    pub cores: usize,
}

/// What the server needs to know.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// What it loads.
    pub load: LoadSettings,
    /// How it answers.
    pub http: HttpSettings,
    /// How it batches.
    pub policy: Policy,
    /// Sessions of the model, where not the runtime's own number.
    pub sessions: Option<usize>,
    /// Threads that read and write sockets.
    pub workers: usize,
    /// Where the address is written once the server is ready.
    pub ready_file: Option<PathBuf>,
    /// Whether to listen before the model is loaded.
    pub listen_early: bool,
}

/// What the HTTP side needs to know.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Where it listens.
    pub address: SocketAddr,
    /// Time that a request may take.
    pub timeout: Duration,
    /// How many requests may be answered at the same time.
    pub max_concurrency: Option<usize>,
    /// Octets that a body may have.
    pub body_limit: usize,
    /// Whose answer to values that are not exactly what the signature asks for.
    pub compat: Compat,
    /// What becomes of columns that the signature does not have.
    pub extra_columns: ExtraColumns,
    /// Under whose names metrics are told.
    pub metrics_compat: MetricsCompat,
    /// Whether every request is logged.
    pub access_log: bool,
    /// Time for open requests after shutting down was asked for.
    pub drain_timeout: Duration,
}

/// A setting that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A value that is not what the flag takes.
    #[error("`{flag}` must be {expected}")]
    Bad {
        /// The flag.
        flag: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// A host name that has no address.
    #[error("the host `{host}` has no address")]
    Host {
        /// The name.
        host: String,
    },
}

impl LoadSettings {
    /// What `args` mean.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn new(args: &LoadArgs) -> Result<Self, SettingsError> {
        Ok(Self {
            model: args.which.model.clone(),
            store: DirStore::new(&args.which.store),
            runtime: args.runtime.clone(),
            runtimes: runtimes_settings(args.ort_library.clone(), args.tree_kernel.clone()),
            threads: positive(args.threads, "--threads")?,
            cores: cores(),
        })
    }

    /// What `args` mean for running the example of a new package.
    pub fn for_pack(args: &PackArgs) -> Self {
        Self {
            model: args.output.display().to_string(),
            store: DirStore::new(""),
            runtime: args.runtime.clone(),
            runtimes: runtimes_settings(args.ort_library.clone(), None),
            threads: None,
            cores: cores(),
        }
    }
}

impl ServeSettings {
    /// What `args` mean.
    ///
    /// # Errors
    /// When a number is out of its range or the host has no address.
    pub fn new(args: &ServeArgs) -> Result<Self, SettingsError> {
        let load = LoadSettings::new(&args.load)?;
        let timeout = or_mlflow(
            args.timeout,
            "MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT",
            "--timeout",
        )?;
        let workers = or_mlflow(args.workers, "MLFLOW_MODELS_WORKERS", "--workers")?;
        let default = Policy::default();
        let policy = Policy {
            batch: args.batch.into(),
            delay: args.batch_delay,
            run_limit: Duration::from_secs(timeout.unwrap_or(TIMEOUT)),
            queue_requests: positive(args.max_queue_requests, "--max-queue-requests")?
                .unwrap_or(default.queue_requests),
            queue_rows: positive(args.max_queue_rows, "--max-queue-rows")?
                .unwrap_or(default.queue_rows),
            ..default
        };
        let http = HttpSettings {
            address: address(args)?,
            timeout: Duration::from_secs(timeout.unwrap_or(TIMEOUT)),
            max_concurrency: positive(args.max_concurrency, "--max-concurrency")?,
            body_limit: positive(args.max_body_bytes, "--max-body-bytes")?.unwrap_or(BODY_LIMIT),
            compat: args.compat,
            extra_columns: args.extra_columns,
            metrics_compat: args.metrics_compat,
            access_log: args.access_log,
            drain_timeout: Duration::from_secs(args.drain_timeout),
        };
        Ok(Self {
            workers: workers.unwrap_or(load.cores),
            sessions: positive(args.sessions, "--sessions")?,
            load,
            http,
            policy,
            ready_file: args.ready_file.clone(),
            listen_early: args.listen_early,
        })
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Where the runtimes look: a library that was named, and no other; else beside the program and in
/// the cache folder.
fn runtimes_settings(
    ort_library: Option<PathBuf>,
    tree_kernel: Option<String>,
) -> runtimes::Settings {
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent);
    let ort_search = runtimes::ort_search(folder, cache_folder().as_deref());
    runtimes::Settings {
        ort_library,
        ort_search,
        tree_kernel,
    }
}

fn address(args: &ServeArgs) -> Result<SocketAddr, SettingsError> {
    let port = match (args.port, variable("MLFLOW_PORT")) {
        (Some(port), _) => port,
        (None, Some(port)) => port.parse().map_err(|_| SettingsError::Bad {
            flag: "MLFLOW_PORT",
            expected: "a port",
        })?,
        (None, None) => PORT,
    };
    let host = args.host.clone().or_else(|| variable("MLFLOW_HOST"));
    let Some(host) = host else {
        return Ok((IpAddr::V4(Ipv4Addr::LOCALHOST), port).into());
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = (bare, port)
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next());
    found.ok_or(SettingsError::Host { host })
}

/// The flag, else MLflow's variable; a positive number either way.
fn or_mlflow<T: std::str::FromStr + PartialOrd + From<u8>>(
    flag: Option<T>,
    variable_name: &'static str,
    name: &'static str,
) -> Result<Option<T>, SettingsError> {
    if flag.is_some() {
        return positive(flag, name);
    }
    let expected = "a positive whole number";
    let value = variable(variable_name).map(|text| {
        text.parse().map_err(|_| SettingsError::Bad {
            flag: variable_name,
            expected,
        })
    });
    positive(value.transpose()?, variable_name)
}

fn positive<T: PartialOrd + From<u8>>(
    value: Option<T>,
    flag: &'static str,
) -> Result<Option<T>, SettingsError> {
    match value {
        Some(value) if value < T::from(1) => Err(SettingsError::Bad {
            flag,
            expected: "a positive whole number",
        }),
        value => Ok(value),
    }
}
