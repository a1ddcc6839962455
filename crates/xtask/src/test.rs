//! `cargo xtask test`: brings what the tests need, then runs all of them.
//!
//! The library of ONNX Runtime goes to the cache folder, where the tests find it the way a user's
//! server does. What real clients and a browser talk to is the program that the tests were built
//! with, unless the release binary is asked for: that takes as long to build as everything else.

use std::process::Command;

use crate::environment::{self, Build};
use crate::{Outcome, browser, clients, node_tests, onnxruntime, process};

/// Runs the steps; `args` go to `cargo test`. The tests in a browser need programs that cargo
/// cannot bring, and are a command of their own.
pub(crate) fn run(build: Build, args: &[String]) -> Outcome {
    let root = environment::workspace_root()?;
    println!("onnxruntime: {}", onnxruntime::ensure()?.display());
    if build == Build::Release {
        make(build)?;
    }
    let mut tests = Command::new(environment::cargo());
    tests
        .current_dir(&root)
        .args(test_arguments(args))
        .env(node_tests::VARIABLE, node_tests::ensure()?)
        // tract builds an error for every leaf of a tree; with a backtrace each is slow.
        .env_remove("RUST_BACKTRACE")
        .env_remove(LITERALLY);
    if build == Build::Release {
        tests.env(LITERALLY, "1");
    }
    process::run(&mut tests)?;
    // Whoever names some tests asks for no others.
    if args.is_empty() {
        model_check()?;
        clients::run(build)?;
    }
    Ok(())
}

/// Tries all interleavings of the queue's callers. The checker takes the place of the locks, which
/// is a build of its own.
fn model_check() -> Outcome {
    let root = environment::workspace_root()?;
    process::run(
        Command::new(environment::cargo())
            .current_dir(&root)
            .args([
                "test",
                "-p",
                "flowgate-queue",
                "--release",
                "--test",
                "model",
            ])
            .arg("--target-dir")
            .arg(root.join("target/loom"))
            .env("RUSTFLAGS", "--cfg loom"),
    )
}

/// The variable that has the README's commands run as they stand.
const LITERALLY: &str = "FLOWGATE_TEST_RELEASE";

/// The tests with real clients.
pub(crate) fn clients(build: Build) -> Outcome {
    println!("onnxruntime: {}", onnxruntime::ensure()?.display());
    make(build)?;
    clients::run(build)
}

/// The tests of the model page in a browser.
pub(crate) fn browser(build: Build) -> Outcome {
    browser::expect()?;
    println!("onnxruntime: {}", onnxruntime::ensure()?.display());
    make(build)?;
    browser::run(build)
}

/// Builds the program: with the features that the tests give its libraries, so that the two share
/// them, or the release binary.
fn make(build: Build) -> Outcome {
    let args: &[&str] = match build {
        Build::Debug => &["test", "--workspace", "--no-run"],
        Build::Release => &["build", "--release"],
    };
    process::run(
        Command::new(environment::cargo())
            .current_dir(environment::workspace_root()?)
            .args(args),
    )
}

/// All crates, unless the arguments name some: cargo ignores `-p` beside `--workspace`.
fn test_arguments(args: &[String]) -> Vec<String> {
    let own = args.iter().take_while(|arg| *arg != "--");
    let names_a_package = own
        .into_iter()
        .any(|arg| arg.starts_with("-p") || arg.starts_with("--package"));
    let scope = (!names_a_package).then(|| "--workspace".to_owned());
    std::iter::once("test".to_owned())
        .chain(scope)
        .chain(args.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &str, expected: &str) {
        let args: Vec<_> = args.split_whitespace().map(str::to_owned).collect();
        assert_eq!(test_arguments(&args).join(" "), expected);
    }

    #[test]
    fn all_crates_are_tested_unless_a_package_is_named() {
        check("", "test --workspace");
        check(
            "reload -- --nocapture",
            "test --workspace reload -- --nocapture",
        );
        check("-p flowgate-core", "test -p flowgate-core");
        check("--package=flowgate", "test --package=flowgate");
        check("-- -p", "test --workspace -- -p");
    }
}
