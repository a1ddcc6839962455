//! `cargo xtask test`: brings what the tests need, then runs all of them.
//!
//! The library of ONNX Runtime goes to the cache folder, where the tests find it the way a user's
//! server does; the release binary is what the test of the README's commands runs, and what real
//! clients talk to.

use std::process::Command;

use crate::{Outcome, browser, clients, environment, node_tests, onnxruntime, process};

/// Runs the steps; `args` go to `cargo test`. The tests in a browser need programs that cargo
/// cannot bring, and are a command of their own.
pub(crate) fn run(args: &[String]) -> Outcome {
    let root = environment::workspace_root()?;
    build()?;
    process::run(
        Command::new(environment::cargo())
            .current_dir(&root)
            .args(test_arguments(args))
            // The README's commands are run as they stand: `cargo run --release` has been built.
            .env("FLOWGATE_TEST_RELEASE", "1")
            .env(node_tests::VARIABLE, node_tests::ensure()?)
            // tract builds an error for every leaf of a tree; with a backtrace each is slow.
            .env_remove("RUST_BACKTRACE"),
    )?;
    // Whoever names some tests asks for no others.
    if args.is_empty() {
        clients::run()?;
    }
    Ok(())
}

/// The tests with real clients.
pub(crate) fn clients() -> Outcome {
    build()?;
    clients::run()
}

/// The tests of the model page in a browser.
pub(crate) fn browser() -> Outcome {
    browser::expect()?;
    build()?;
    browser::run()
}

/// Brings ONNX Runtime and builds the release binary.
fn build() -> Outcome {
    println!("onnxruntime: {}", onnxruntime::ensure()?.display());
    process::run(
        Command::new(environment::cargo())
            .current_dir(environment::workspace_root()?)
            .args(["build", "--release"]),
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
