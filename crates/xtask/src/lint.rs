//! `cargo xtask lint`: every check of continuous integration but the tests, in its order.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, cache, environment, process, tidy};

/// The version of cargo-deny that reads `deny.toml`; built from crates.io once, into the cache.
const CARGO_DENY: &str = "0.20.2";

/// Runs the steps one after the other; the first that fails ends it.
pub(crate) fn run() -> Outcome {
    let root = environment::workspace_root()?;
    let cargo = |args: &str| cargo(&root, args);
    process::run(&mut cargo("fmt --all --check"))?;
    process::run(&mut cargo(
        "clippy --workspace --all-targets -- -D warnings",
    ))?;
    // A build without any engine must stand.
    process::run(&mut cargo(
        "clippy -p flowgate --no-default-features -- -D warnings",
    ))?;
    process::run(
        cargo("doc --workspace --no-deps --document-private-items")
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    process::run(
        Command::new(cargo_deny()?)
            .current_dir(&root)
            // Duplicate versions are warned of; the tree of each would bury everything else.
            .args([
                "--workspace",
                "check",
                "--hide-inclusion-graph",
                "licenses",
                "bans",
                "sources",
            ]),
    )?;
    tidy::run()
}

fn cargo(root: &Path, args: &str) -> Command {
    let mut command = Command::new(environment::cargo());
    command.current_dir(root).args(args.split(' '));
    command
}

/// The path of cargo-deny, which is built now when it is neither installed nor in the cache.
fn cargo_deny() -> Outcome<PathBuf> {
    let on_path = process::read(Command::new("cargo-deny").arg("--version"));
    let wanted = format!("cargo-deny {CARGO_DENY}");
    if on_path.is_ok_and(|version| String::from_utf8_lossy(&version).trim() == wanted) {
        return Ok("cargo-deny".into());
    }
    let folder = cache::folder()?
        .join("tools")
        .join(format!("cargo-deny-{CARGO_DENY}"));
    let program = folder.join("bin").join("cargo-deny");
    if !program.is_file() {
        process::run(
            Command::new(environment::cargo())
                // Not optimised: it is built more slowly than it runs.
                .args(["install", "--quiet", "--locked", "--debug", "--root"])
                .arg(&folder)
                .arg(format!("cargo-deny@{CARGO_DENY}"))
                // Else a target folder that is set for this workspace would be used.
                .env_remove("CARGO_TARGET_DIR"),
        )?;
    }
    Ok(program)
}
