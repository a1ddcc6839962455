//! `cargo xtask trees`: how fast trees are, beside the libraries that they come from.
//!
//! Brings the libraries in a virtual environment, trains the models once into the cache folder and
//! runs `benches/trees.rs`, which alternates with `benches/trees/time.py` in one run.

use std::process::Command;

use crate::{Outcome, cache, environment, process, venv};

/// Trains what is missing and measures.
pub(crate) fn run(rounds: usize) -> Outcome {
    let root = environment::workspace_root()?;
    let sources = root.join("benches/trees");
    let requirements = sources.join("requirements.txt");
    let python = venv::python(&requirements)?;
    let (made_by, made_with) = (
        cache::sha256(&sources.join("make.py"))?,
        cache::sha256(&requirements)?,
    );
    let name = format!("{}{}", &made_by[..8], &made_with[..8]);
    let folder = cache::folder()?.join("trees").join(name);
    fs_err::create_dir_all(&folder)?;
    process::run(
        Command::new(&python)
            .arg(sources.join("make.py"))
            .arg(&folder)
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    process::run(
        Command::new(environment::cargo())
            .current_dir(&root)
            .args(["bench", "--bench", "trees", "--"])
            .arg(&folder)
            .arg(&python)
            .arg(rounds.to_string()),
    )
}
