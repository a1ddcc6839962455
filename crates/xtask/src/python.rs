//! The one Python environment of this repository: a virtual environment in the cache folder with
//! the exact versions of `python/requirements.txt`, made once per content of that file.

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, cache, environment, process};

/// The Python of the environment, which is made now when it is not in the cache.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    let requirements = environment::workspace_root()?.join("crates/xtask/python/requirements.txt");
    let digest = cache::sha256(&requirements)?;
    let folder = cache::folder()?.join("venv").join(&digest[..16]);
    let python = folder.join("bin/python");
    // Written last: an environment without it was left half made.
    let complete = folder.join("complete");
    if complete.is_file() && process::works(Command::new(&python).arg("--version")) {
        return Ok(python);
    }
    // An environment holds its own path, so it is made where it will stay.
    let venv = ["-m", "venv", "--clear"];
    process::run(Command::new("python3").args(venv).arg(&folder)).map_err(|error| {
        format!(
            "{error}; hint: `python3` 3.11 or later with `venv` and `pip` is needed, \
             on Debian `apt-get install python3 python3-venv python3-pip`"
        )
    })?;
    process::run(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--only-binary=:all:", "--requirement"])
            .arg(requirements),
    )?;
    fs_err::write(&complete, "")?;
    Ok(python)
}
