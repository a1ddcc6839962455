//! The flags as they are typed, each with its variable.

use super::bench_args::BenchArgs;
use super::values::{BatchArg, time};
use crate::metrics::MetricsCompat;
use crate::scoring::Format;
use crate::scoring::decode::ExtraColumns;
use crate::telemetry::LogFormat;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use flowgate_core::Compat;
use std::path::PathBuf;
use std::time::Duration;

/// package, register and serve machine-learning models in MLflow's format, with no python at serve time
#[derive(Debug, Parser)]
#[command(
    name = "flowgate",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// serve a model over HTTP (POST /invocations)
    Serve(ServeArgs),
    /// show what a package is: signature, flavors, sizes, and which runtime runs it
    Inspect(InspectArgs),
    /// predict a file once, without a server
    Predict(PredictArgs),
    /// tell everything in a file that would be refused, without a prediction and without a runtime
    Validate(ValidateArgs),
    /// compare predictions with recorded ones: what to run before switching
    Verify(VerifyArgs),
    /// make a package of a model file
    Pack(PackArgs),
    /// load a model or a server at fixed rates: latencies, and the highest rate that holds a p99
    Bench(BenchArgs),
}

/// Which model.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// the model: `models:/name/version`, `models:/name/latest` or a directory
    #[arg(
        long,
        short = 'm',
        visible_alias = "model-uri",
        env = "FLOWGATE_MODEL",
        value_name = "URI"
    )]
    pub model: String,

    /// where `models:/` URIs are looked up: a directory with `name/version/MLmodel`
    #[arg(
        long,
        env = "FLOWGATE_STORE",
        default_value = "models",
        value_name = "DIR"
    )]
    pub store: PathBuf,
}

/// Which model, and who runs it.
#[derive(Debug, Args)]
pub struct LoadArgs {
    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub which: ModelArgs,

    /// the runtime to use, and no other: tabular, ort or tract [default: the first that is there and supports the model]
    #[arg(long, env = "FLOWGATE_RUNTIME", value_name = "NAME")]
    pub runtime: Option<String>,

    /// the shared library of ONNX Runtime [default: lib/ beside the program, then the cache folder]
    #[arg(long, env = "ORT_DYLIB_PATH", value_name = "FILE")]
    pub ort_library: Option<PathBuf>,

    /// threads inside one run of the model [default: the runtime's choice]
    #[arg(long, env = "FLOWGATE_THREADS", value_name = "N")]
    pub threads: Option<usize>,

    /// how the tabular runtime follows trees, for comparisons: one, eight, sixteen, sweep-portable,
    /// sweep-avx2 or sweep-avx512; answers do not depend on it [default: the fastest for each batch]
    #[arg(
        long,
        env = "FLOWGATE_TREE_KERNEL",
        value_name = "NAME",
        hide_short_help = true
    )]
    pub tree_kernel: Option<String>,
}

/// Flags of MLflow's own command that have nothing to do here.
#[derive(Debug, Args)]
pub struct MlflowArgs {
    /// accepted from `mlflow models serve`; there is no environment to set up
    #[arg(long, value_name = "NAME", help_heading = "Accepted for MLflow's sake")]
    pub env_manager: Option<String>,

    /// accepted from `mlflow models serve`; there is no environment to set up
    #[arg(long, help_heading = "Accepted for MLflow's sake")]
    pub no_conda: bool,

    /// accepted from `mlflow models serve`; MLflow is not needed
    #[arg(long, help_heading = "Accepted for MLflow's sake")]
    pub install_mlflow: bool,

    /// accepted from `mlflow models serve`; this is the server
    #[arg(long, help_heading = "Accepted for MLflow's sake")]
    pub enable_mlserver: bool,
}

impl MlflowArgs {
    /// The flags that were given, to be told that nothing is to be set up.
    pub fn given(&self) -> Vec<&'static str> {
        [
            (self.env_manager.is_some(), "--env-manager"),
            (self.no_conda, "--no-conda"),
            (self.install_mlflow, "--install-mlflow"),
            (self.enable_mlserver, "--enable-mlserver"),
        ]
        .into_iter()
        .filter_map(|(given, flag)| given.then_some(flag))
        .collect()
    }
}

/// Flags of `serve`.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct ServeArgs {
    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub load: LoadArgs,

    /// the address to listen on [default: 127.0.0.1]
    #[arg(long, short = 'h', env = "FLOWGATE_HOST", value_name = "HOST")]
    pub host: Option<String>,

    /// the port to listen on; 0 takes a free one [default: 5000]
    #[arg(long, short = 'p', env = "FLOWGATE_PORT", value_name = "PORT")]
    pub port: Option<u16>,

    /// threads that read requests and write answers [default: one a core]
    #[arg(long, short = 'w', env = "FLOWGATE_WORKERS", value_name = "N")]
    pub workers: Option<usize>,

    /// seconds that a request may take [default: 60]
    #[arg(long, short = 't', env = "FLOWGATE_TIMEOUT", value_name = "SECONDS")]
    pub timeout: Option<u64>,

    /// whose answer to values that are not exactly what the signature asks for: `strict` refuses them, `mlflow` bends them as MLflow's server does
    #[arg(long, env = "FLOWGATE_COMPAT", default_value_t, value_name = "POLICY")]
    pub compat: Compat,

    /// sessions of the model that run at the same time [default: the runtime's choice]
    #[arg(long, env = "FLOWGATE_SESSIONS", value_name = "N")]
    pub sessions: Option<usize>,

    /// the most rows of waiting requests that are run together: `auto` learns it from what runs
    /// cost, 1 joins none
    #[arg(
        long,
        env = "FLOWGATE_BATCH",
        visible_alias = "max-batch-rows",
        default_value = "auto",
        value_name = "auto|N"
    )]
    pub batch: BatchArg,

    /// how long a run that is not full waits for more requests, such as 500us or 2ms; without it
    /// nothing waits for a timer
    #[arg(long, env = "FLOWGATE_BATCH_DELAY", value_name = "TIME", value_parser = time)]
    pub batch_delay: Option<Duration>,

    /// metrics under the names of another server as well: `triton` adds `nv_inference_*`
    #[arg(
        long,
        env = "FLOWGATE_METRICS_COMPAT",
        default_value = "none",
        value_name = "SERVER"
    )]
    pub metrics_compat: MetricsCompat,

    /// the most requests that are answered at the same time; one more is answered 429 before its
    /// body is read [default: no limit]
    #[arg(long, env = "FLOWGATE_MAX_CONCURRENCY", value_name = "N")]
    pub max_concurrency: Option<usize>,

    /// the most requests that wait; one more is answered 429 [default: 1024]
    #[arg(long, env = "FLOWGATE_MAX_QUEUE_REQUESTS", value_name = "N")]
    pub max_queue_requests: Option<usize>,

    /// the most rows that wait; more are answered 429 [default: 65536]
    #[arg(long, env = "FLOWGATE_MAX_QUEUE_ROWS", value_name = "N")]
    pub max_queue_rows: Option<usize>,

    /// the most bytes of a request body; more are answered 413 [default: 67108864]
    #[arg(long, env = "FLOWGATE_MAX_BODY_BYTES", value_name = "N")]
    pub max_body_bytes: Option<usize>,

    /// what becomes of columns that the signature does not have: warn drops and counts them, ignore
    /// drops them, refuse answers 400
    #[arg(
        long,
        env = "FLOWGATE_EXTRA_COLUMNS",
        value_enum,
        default_value_t,
        value_name = "POLICY"
    )]
    pub extra_columns: ExtraColumns,

    /// log every request, not only refusals and failures
    #[arg(long, env = "FLOWGATE_ACCESS_LOG")]
    pub access_log: bool,

    /// how log lines look
    #[arg(
        long,
        env = "FLOWGATE_LOG_FORMAT",
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,

    /// what is logged: error, warn, info, debug, trace, or a filter such as `flowgate=debug,warn`
    #[arg(
        long,
        env = "FLOWGATE_LOG",
        default_value = "info,ort=warn",
        value_name = "FILTER"
    )]
    pub log: String,

    /// a file into which the address is written once the server is ready
    #[arg(long, env = "FLOWGATE_READY_FILE", value_name = "FILE")]
    pub ready_file: Option<PathBuf>,

    /// listen before the model is loaded: live at once, ready later
    #[arg(long, env = "FLOWGATE_LISTEN_EARLY")]
    pub listen_early: bool,

    /// seconds for open requests after SIGTERM
    #[arg(
        long,
        env = "FLOWGATE_DRAIN_TIMEOUT",
        default_value_t = 30,
        value_name = "SECONDS"
    )]
    pub drain_timeout: u64,

    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub mlflow: MlflowArgs,

    /// print help
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,
}

/// Flags of `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub load: LoadArgs,

    /// run the model with 1, 2, 4 and more rows, and show what that costs and how requests would
    /// be joined by it
    #[arg(long)]
    pub batching: bool,

    /// print JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `predict`.
#[derive(Debug, Args)]
pub struct PredictArgs {
    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub load: LoadArgs,

    /// the file to predict; `-` is standard input
    #[arg(
        long,
        short = 'i',
        visible_alias = "input-path",
        default_value = "-",
        value_name = "FILE"
    )]
    pub input: PathBuf,

    /// where the predictions go; `-` is standard output
    #[arg(
        long,
        short = 'o',
        visible_alias = "output-path",
        default_value = "-",
        value_name = "FILE"
    )]
    pub output: PathBuf,

    /// what becomes of columns that the signature does not have: warn drops them and says so, ignore
    /// drops them, refuse is an error
    #[arg(
        long,
        env = "FLOWGATE_EXTRA_COLUMNS",
        value_enum,
        default_value_t,
        value_name = "POLICY"
    )]
    pub extra_columns: ExtraColumns,

    /// what the file holds [default: what its name ends in, else json]
    #[arg(long, short = 't', value_enum, value_name = "TYPE")]
    pub content_type: Option<ContentType>,

    /// whose answer to values that are not exactly what the signature asks for: strict or mlflow
    #[arg(long, env = "FLOWGATE_COMPAT", default_value_t, value_name = "POLICY")]
    pub compat: Compat,

    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub mlflow: MlflowArgs,
}

/// Flags of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub which: ModelArgs,

    /// the file to check; `-` is standard input
    #[arg(
        long,
        short = 'i',
        visible_alias = "input-path",
        default_value = "-",
        value_name = "FILE"
    )]
    pub input: PathBuf,

    /// what the file holds [default: what its name ends in, else json]
    #[arg(long, short = 't', value_enum, value_name = "TYPE")]
    pub content_type: Option<ContentType>,

    /// whose answer to values that are not exactly what the signature asks for: strict or mlflow
    #[arg(long, env = "FLOWGATE_COMPAT", default_value_t, value_name = "POLICY")]
    pub compat: Compat,

    /// print the report that `POST /validate` answers
    #[arg(long)]
    pub json: bool,
}

/// Flags of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub load: LoadArgs,

    /// the file to predict; `-` is standard input
    #[arg(
        long,
        short = 'i',
        visible_alias = "input-path",
        default_value = "-",
        value_name = "FILE"
    )]
    pub input: PathBuf,

    /// what the file holds [default: what its name ends in, else json]
    #[arg(long, short = 't', value_enum, value_name = "TYPE")]
    pub content_type: Option<ContentType>,

    /// the recorded predictions in JSON: an answer of `/invocations`, or what stands in it
    #[arg(long, value_name = "FILE")]
    pub expect: PathBuf,

    /// where the predictions stand in the recorded file, keys with dots between them [default: `predictions`, else all of it]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,

    /// how far two floats may be apart, in units of the last place of the output's type
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub max_ulp: u64,

    /// whose answer to values that are not exactly what the signature asks for: strict or mlflow
    #[arg(long, env = "FLOWGATE_COMPAT", default_value_t, value_name = "POLICY")]
    pub compat: Compat,

    /// print JSON
    #[arg(long)]
    pub json: bool,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ContentType {
    /// A request body in JSON.
    Json,
    /// A table in CSV, with a header.
    Csv,
    /// A Parquet file.
    Parquet,
    /// A stream in Arrow's inter-process format.
    Arrow,
}

impl ContentType {
    /// The format of a body.
    pub fn format(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Csv => Format::Csv,
            Self::Parquet => Format::Parquet,
            Self::Arrow => Format::Arrow,
        }
    }
}

/// Flags of `pack`.
#[derive(Debug, Args)]
pub struct PackArgs {
    /// the model file: ONNX (.onnx), XGBoost (.ubj, .json) or LightGBM (.txt, .lgb)
    #[arg(value_name = "FILE")]
    pub source: PathBuf,

    /// what kind of file it is: onnx, xgboost or lightgbm [default: what its name and its content say]
    #[arg(long, value_name = "NAME")]
    pub flavor: Option<String>,

    /// the package to make: a directory that is not there yet
    #[arg(long, short = 'o', value_name = "DIR")]
    pub output: PathBuf,

    /// an input example, a CSV table or a request body in JSON: the columns of the signature are
    /// made from it, it is stored in the package and run
    #[arg(long, short = 'e', value_name = "FILE")]
    pub example: Option<PathBuf>,

    /// the runtime that runs the example [default: the first that is there and supports the model]
    #[arg(long, env = "FLOWGATE_RUNTIME", value_name = "NAME")]
    pub runtime: Option<String>,

    /// the shared library of ONNX Runtime
    #[arg(long, env = "ORT_DYLIB_PATH", value_name = "FILE")]
    pub ort_library: Option<PathBuf>,
}
