//! The commands of this repository, run as `cargo xtask <command>`.
//!
//! This file only dispatches: one module per command. What several commands share is in [`cache`]
//! (where downloads and built tools are kept), [`process`] (starting other programs) and
//! [`environment`] (the only reader of environment variables).
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool for developers: what it prints is its result"
)]
#![expect(
    clippy::print_stderr,
    reason = "a command-line tool for developers: it tells its failure on stderr"
)]

mod browser;
mod cache;
mod clients;
mod environment;
mod lint;
mod make_models;
mod node_tests;
mod onnxruntime;
mod process;
mod serving;
mod test;
mod tidy;
mod trees;
mod venv;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use environment::Build;

/// What a command gives: nothing, or a message for the person who ran it.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[derive(Parser)]
#[command(
    name = "xtask",
    bin_name = "cargo xtask",
    about = "the commands of this repository"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the library of ONNX Runtime into the cache folder and print its path
    Onnxruntime,
    /// Make the sample packages of models/ with scikit-learn and MLflow
    MakeModels,
    /// Bring what the tests need and run all tests
    Test {
        /// Run the commands of the README and the tests with real clients with the release binary
        #[arg(long)]
        release: bool,
        /// Passed on to `cargo test`: `cargo xtask test -- -p flowgate-core`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Test the server with MLflow's and pandas' own clients
    Clients {
        /// With the release binary
        #[arg(long)]
        release: bool,
    },
    /// Test the model page in a browser
    Browser {
        /// With the release binary
        #[arg(long)]
        release: bool,
    },
    /// Measure the tree kernels beside XGBoost, LightGBM and ONNX Runtime
    Trees {
        /// Rounds of each measurement
        #[arg(long, default_value_t = 7)]
        rounds: usize,
    },
    /// Measure the server under load, also more than it can answer, and beside others
    Serving(serving::Args),
    /// Check the invariants of the architecture, file ends and required files
    Tidy,
    /// Run every check but the tests: format, clippy, docs, licences, tidy
    Lint,
    /// Run what continuous integration runs: lint, test, browser
    Ci,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Onnxruntime => onnxruntime::run(),
        Command::MakeModels => make_models::run(),
        Command::Test { release, args } => test::run(Build::of(release), &args),
        Command::Clients { release } => test::clients(Build::of(release)),
        Command::Browser { release } => test::browser(Build::of(release)),
        Command::Trees { rounds } => trees::run(rounds),
        Command::Serving(args) => serving::run(&args),
        Command::Tidy => tidy::run(),
        Command::Lint => lint::run(),
        Command::Ci => lint::run()
            .and_then(|()| test::run(Build::Debug, &[]))
            .and_then(|()| test::browser(Build::Debug)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
