//! The node tests of the ONNX standard: generated once from the `onnx` package that the tests with
//! real clients bring, and kept in the cache folder.

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, cache, environment, process, venv};

/// The variable in which the tests of the tabular runtime find the folder.
pub(crate) const VARIABLE: &str = "FLOWGATE_ONNX_NODE_TESTS";

/// The folder with a folder a case, made now when it is not in the cache.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    let root = environment::workspace_root()?;
    let script = root.join("crates/xtask/make_node_tests.py");
    let requirements = root.join("tests/clients/requirements.txt");
    let (made_by, made_with) = (cache::sha256(&script)?, cache::sha256(&requirements)?);
    let name = format!("{}{}", &made_by[..8], &made_with[..8]);
    let folder = cache::folder()?.join("onnx-node-tests").join(name);
    // Written last: a folder without it was left half made.
    let complete = folder.join("complete");
    if complete.is_file() {
        return Ok(folder);
    }
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    fs_err::create_dir_all(&folder)?;
    let python = venv::python(&requirements)?;
    process::run(
        Command::new(python)
            .arg(script)
            .arg(&folder)
            // No `__pycache__` in the work tree.
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    fs_err::write(&complete, "")?;
    Ok(folder)
}
