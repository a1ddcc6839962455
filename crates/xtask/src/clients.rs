//! The tests with the clients that people have, MLflow's own among them: `tests/clients/`, run by
//! Python's own test runner in the pinned environment of [`python`].

use std::process::Command;

use crate::{Outcome, environment, process, python};

/// Runs them on the release binary, which is built.
pub(crate) fn run() -> Outcome {
    let root = environment::workspace_root()?;
    let python = python::ensure()?;
    process::run(
        Command::new(python)
            .current_dir(root.join("tests/clients"))
            // What the libraries warn of among themselves is not ours to hear.
            .args(["-W", "ignore", "-m", "unittest", "--verbose"])
            .env(
                "FLOWGATE_BIN",
                environment::target_folder(&root).join("release/flowgate"),
            )
            // No `__pycache__` in the work tree.
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )
}
