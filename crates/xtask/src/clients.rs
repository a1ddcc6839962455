//! The tests with real clients: `tests/clients/`, run by Python's own test runner on the release
//! binary, in a virtual environment with the exact versions of its `requirements.txt`.

use std::process::Command;

use crate::{Outcome, environment, process, venv};

/// Runs them; the release binary is built and ONNX Runtime is in the cache.
pub(crate) fn run() -> Outcome {
    let root = environment::workspace_root()?;
    let tests = root.join("tests/clients");
    let python = venv::python(&tests.join("requirements.txt"))?;
    let binary = environment::target_folder(&root).join("release/flowgate");
    process::run(
        Command::new(python)
            .current_dir(&tests)
            .args(["-m", "unittest", "discover"])
            .env("FLOWGATE_BIN", binary)
            // No `__pycache__` in the work tree.
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )
}
