//! `cargo xtask make-models`: makes the sample packages of `models/` again.
//!
//! The work is done by `make_models/make_models.py` in a virtual environment with the exact
//! versions of `make_models/requirements.txt`; this module brings the environment, once per content
//! of that file, and puts the result in place of the old packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, cache, environment, process};

/// Makes every sample and replaces the folder `models/` when all of them are there.
pub(crate) fn run() -> Outcome {
    let root = environment::workspace_root()?;
    let sources = root.join("crates/xtask/make_models");
    let python = virtual_environment(&sources.join("requirements.txt"))?;

    // Beside the folder that it becomes, so that it can be renamed into place.
    let made = tempfile::Builder::new()
        .prefix(".models-")
        .tempdir_in(&root)?;
    let packages = made.path().join("new");
    fs_err::create_dir(&packages)?;
    process::run(
        Command::new(python)
            .arg(sources.join("make_models.py"))
            .arg(&packages)
            // No `__pycache__` in the work tree.
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;

    let models = root.join("models");
    if models.exists() {
        fs_err::rename(&models, made.path().join("old"))?;
    }
    fs_err::rename(&packages, &models)?;
    println!("{}", models.display());
    Ok(())
}

/// The Python of the environment with these requirements, made now when it is not in the cache.
fn virtual_environment(requirements: &Path) -> Outcome<PathBuf> {
    let digest = cache::sha256(requirements)?;
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
