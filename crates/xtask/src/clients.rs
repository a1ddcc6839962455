//! The tests with real clients: `tests/clients/`, run by Python's own test runner on the
//! program, in a virtual environment with the exact versions of its `requirements.txt`.

use std::process::Command;

use crate::environment::{self, Build};
use crate::{Outcome, process, venv};

/// Runs them; the program is built and ONNX Runtime is in the cache.
pub(crate) fn run(build: Build) -> Outcome {
    let root = environment::workspace_root()?;
    let tests = root.join("tests/clients");
    let python = venv::python(&tests.join("requirements.txt"))?;
    process::run(
        Command::new(python)
            .current_dir(&tests)
            .args(["-m", "unittest", "discover"])
            .env("FLOWGATE_BIN", environment::program(&root, build))
            // No `__pycache__` in the work tree.
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )
}
