//! `cargo xtask make-models`: makes the sample packages of `models/` again.
//!
//! The work is done by `make_models/make_models.py` in the pinned environment of [`python`]; this
//! module puts the result in place of the old packages.

use std::process::Command;

use crate::{Outcome, environment, process, python};

/// Makes every sample and replaces the folder `models/` when all of them are there.
pub(crate) fn run() -> Outcome {
    let root = environment::workspace_root()?;
    let sources = root.join("crates/xtask/make_models");
    let python = python::ensure()?;

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
