//! `cargo xtask serving`: what the server does under load, with the release binary.
//!
//! More than it can answer, a slow model beside a fast one, connections of all kinds, by
//! `benches/serving/proof.py`; and, where a folder with other servers is given, the table beside
//! them: its `run.py` starts each, checks its answers and loads it.

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, environment, process};

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model that gets more requests than it can answer: one whose runs take milliseconds
    #[arg(long)]
    model: String,
    /// A file with the body of a request to it
    #[arg(long)]
    body: PathBuf,
    /// Seconds of each load
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// A folder with `run.py` and other servers to be measured beside
    #[arg(long)]
    beside: Option<PathBuf>,
    /// The servers of that folder that are measured, with commas between them
    #[arg(
        long,
        default_value = "floor-axum,triton-py,mosec,mosec-raw,mlserver-batch,mlflow-w1"
    )]
    peers: String,
    /// Its models
    #[arg(long, default_value = "iris,gbdt,mlp,resnet,encoder")]
    models: String,
    /// Rounds of the table, each of all servers in turns
    #[arg(long, default_value_t = 3)]
    rounds: u32,
}

/// Builds the program and measures it.
pub(crate) fn run(args: &Args) -> Outcome {
    let root = environment::workspace_root()?;
    process::run(
        Command::new(environment::cargo())
            .current_dir(&root)
            .args(["build", "--release"]),
    )?;
    let program = root.join("target/release/flowgate");
    if let Some(beside) = &args.beside {
        let server = serde_json::json!({
            "name": "flowgate",
            "start": format!(
                "{} serve -m {{mlflow_dir}} --port {{port}} --host 127.0.0.1",
                program.display()
            ),
            "env": {"FLOWGATE_LOG": "warn"},
            "ready": "http://127.0.0.1:{port}/ping",
            "endpoints": {
                "tabular": [
                    ["mlflow-split", "http://127.0.0.1:{port}/invocations", "all"],
                    ["mlflow-csv", "http://127.0.0.1:{port}/invocations", "multi"],
                ],
                "tensor": [["mlflow-inputs", "http://127.0.0.1:{port}/invocations", "all"]],
            },
        });
        let description = root.join("target/serving.json");
        fs_err::write(&description, server.to_string())?;
        process::run(
            Command::new(beside.join("venvs/mlflow/bin/python"))
                .current_dir(beside)
                .arg("run.py")
                .arg("--add")
                .arg(&description)
                .args(["--only", &format!("flowgate,{}", args.peers)])
                .args(["--models", &args.models])
                .args(["--rounds", &args.rounds.to_string(), "--seconds", "3"]),
        )?;
        // What the runtime and the readers of bodies could do at best, without a server.
        process::run(
            Command::new(beside.join("venvs/mlflow/bin/python"))
                .current_dir(beside)
                .args(["limits.py", "--models", &args.models]),
        )?;
    }
    process::run(
        Command::new("python3")
            .arg(root.join("benches/serving/proof.py"))
            .arg(&program)
            .arg(&args.model)
            .arg(&args.body)
            .args(["--seconds", &args.seconds.to_string()]),
    )
}
