//! The tests of the model page in a real browser: `tests/browser/`, run by node's own test runner
//! with Debian's Chromium.
//!
//! Their two modules are installed into the cache folder, under the digest of the lock file, so
//! that nothing is downloaded twice and nothing lands in the repository. A browser that is missing
//! is an error: tests that nobody runs prove nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::{self, Build};
use crate::{Outcome, cache, process};

/// Where the browser is, unless `FLOWGATE_CHROMIUM` names another.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Whether what they need is there.
pub(crate) fn expect() -> Outcome {
    expect_programs(&chromium())
}

/// Runs them on the program, which is built.
pub(crate) fn run(build: Build) -> Outcome {
    let root = environment::workspace_root()?;
    let tests = root.join("tests/browser");
    process::run(
        Command::new("node")
            .current_dir(&tests)
            .args(["--test", "page.test.js", "types.test.js"])
            .env("FLOWGATE_BIN", environment::program(&root, build))
            .env("FLOWGATE_CHROMIUM", chromium())
            .env("FLOWGATE_BROWSER_MODULES", modules(&tests)?),
    )
}

fn chromium() -> PathBuf {
    environment::variable("FLOWGATE_CHROMIUM").map_or_else(|| CHROMIUM.into(), PathBuf::from)
}

fn expect_programs(chromium: &Path) -> Outcome {
    let hint = "the page is tested in a browser; hint: on Debian, \
                `apt-get install chromium nodejs npm`";
    if !chromium.is_file() {
        return Err(format!("`{}` is not there: {hint}", chromium.display()).into());
    }
    for program in ["node", "npm"] {
        if !process::works(Command::new(program).arg("--version")) {
            return Err(format!("`{program}` is not installed: {hint}").into());
        }
    }
    Ok(())
}

/// The folder with the modules that the lock file of `tests` names, installed now when it is new.
fn modules(tests: &Path) -> Outcome<PathBuf> {
    let lock = tests.join("package-lock.json");
    let digest = cache::sha256(&lock)?;
    let parent = cache::folder()?.join("browser");
    let folder = parent.join(&digest[..16]);
    if folder.join("node_modules").is_dir() {
        return Ok(folder);
    }
    fs_err::create_dir_all(&parent)?;
    // Renamed when it is whole, so that an installation that broke off is not taken for one.
    let draft = tempfile::Builder::new()
        .prefix(".install-")
        .tempdir_in(&parent)?;
    for name in ["package.json", "package-lock.json"] {
        fs_err::copy(tests.join(name), draft.path().join(name))?;
    }
    process::run(Command::new("npm").current_dir(draft.path()).args([
        "ci",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ]))?;
    fs_err::rename(draft.keep(), &folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_browser_is_an_error_that_names_the_command() {
        let error = expect_programs(Path::new("/no/such/browser")).unwrap_err();
        let error = error.to_string();
        for part in ["`/no/such/browser`", "apt-get install chromium"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
