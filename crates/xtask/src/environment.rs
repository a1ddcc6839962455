//! The only reader of environment variables in this tool.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// The value of the variable `name`; `None` when it is not set or empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this tool that reads the environment"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn workspace_root() -> Outcome<PathBuf> {
    // Cargo tells a program that it runs where the package is; a binary that was copied elsewhere
    // falls back to where it was built.
    let package = variable("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.ancestors().nth(2).map(PathBuf::from);
    root.filter(|root| root.join("Cargo.lock").is_file())
        .ok_or_else(|| {
            format!(
                "`{}` is not inside the workspace; hint: run `cargo xtask` in the repository",
                package.display()
            )
            .into()
        })
}

/// How the program under test is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As the tests themselves: nothing is built twice.
    Debug,
    /// As users have it.
    Release,
}

impl Build {
    pub(crate) fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Debug }
    }
}

/// The program under test.
pub(crate) fn program(root: &Path, build: Build) -> PathBuf {
    target_folder(root).join(match build {
        Build::Debug => "debug/flowgate",
        Build::Release => "release/flowgate",
    })
}

/// The folder that cargo builds into.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    // A relative one counts from where cargo runs, which is the root.
    root.join(variable("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The cargo that runs this tool, so that a step uses the same toolchain.
pub(crate) fn cargo() -> OsString {
    variable("CARGO").unwrap_or_else(|| "cargo".into())
}
