//! The command line: what was typed, and one file a command.
//!
//! Exit codes: 0 done, 2 for a wrong use of the command line, 1 for everything else.

pub mod args;
mod bench;
pub mod bench_args;
mod input;
mod inspect;
mod pack;
mod predict;
mod screen;
mod serve;
mod validate;
pub mod values;
mod verify;

use args::{Cli, Command};
use clap::Parser;
use comfy_table::{ContentArrangement, Table, presets};
use std::ffi::OsString;
use std::fmt;
use std::process::ExitCode;

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// The command line cannot be meant.
    Usage(String),
    /// Anything else.
    Failed(String),
    /// Anything else that was told already, on standard output.
    Told,
}

impl Failure {
    /// A failure with the text of `error`.
    pub fn failed(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// The same failure, with what was being done in front.
    fn within(self, doing: &str) -> Self {
        match self {
            Self::Usage(message) => Self::Usage(format!("{doing}: {message}")),
            Self::Failed(message) => Self::Failed(format!("{doing}: {message}")),
            Self::Told => Self::Told,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Failed(message) => f.write_str(message),
            Self::Told => Ok(()),
        }
    }
}

/// Runs the command that `arguments` ask for.
#[expect(
    clippy::print_stderr,
    reason = "errors of a command go to standard error"
)]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help and version to standard output, mistakes to standard error.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let done = match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Pack(args) => pack::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Told) => ExitCode::FAILURE,
        Err(Failure::Usage(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
        Err(Failure::Failed(message)) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// A table without lines, as wide as what is in it.
fn table() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table
}
