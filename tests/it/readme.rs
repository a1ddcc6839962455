//! The README's commands, run word by word.
//!
//! `cargo run --release --` stands for the program that is tested, but where
//! `FLOWGATE_TEST_RELEASE` is set (by `cargo xtask test --release`, which has built it): there the
//! words are run as they stand. Only the port differs, since a test takes a free one.

use crate::support::{Program, program, root};
use std::process::Command;

/// A fenced block: its language and its lines.
struct Block {
    language: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let readme = fs_err::read_to_string(root().join("README.md")).expect("the README");
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in readme.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// The commands of a shell block: lines, joined where one ends with a backslash.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    joined
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Commands that are run elsewhere: the tests themselves, and what brings their needs.
const RUN_ELSEWHERE: &[&str] = &["cargo xtask test", "cargo xtask onnxruntime"];

fn shell(command: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let command = command.replace("/tmp/", &format!("{}/", folder.path().display()));
    let command = if literally() {
        command
    } else {
        command.replace(
            "cargo run --release --",
            &format!("{:?}", program().get_program()),
        )
    };
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &command])
        .current_dir(root())
        .output()
        .expect("bash is there");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {error}");
    String::from_utf8(output.stdout).expect("text")
}

/// What `cargo run --release --` stands for. cargo becomes the program that it runs, so that ending
/// the one ends the other.
fn base() -> Command {
    if !literally() {
        return program();
    }
    let mut cargo = Command::new("cargo");
    cargo
        .args(["run", "--release", "--quiet", "--"])
        .current_dir(root());
    cargo
}

#[expect(
    clippy::disallowed_methods,
    reason = "set by `cargo xtask test --release`"
)]
fn literally() -> bool {
    std::env::var_os("FLOWGATE_TEST_RELEASE").is_some()
}

#[test]
fn every_command_works_and_every_answer_shown_is_the_answer() {
    let mut server: Option<Program> = None;
    let mut answer: Option<String> = None;
    let (mut ran, mut compared) = (0, 0);
    for block in blocks() {
        if block.language == "json" {
            let found = answer.take().expect("an answer follows its command");
            assert_eq!(found.trim(), block.text.trim());
            compared += 1;
            continue;
        }
        assert_eq!(
            block.language, "sh",
            "a block of a language that nothing checks"
        );
        for command in commands(&block.text) {
            ran += 1;
            if RUN_ELSEWHERE.contains(&command.as_str()) {
                continue;
            }
            if let Some((_, arguments)) = command.split_once(" -- serve ") {
                let arguments: Vec<&str> = arguments.split_whitespace().collect();
                server = Some(Program::start(base(), &arguments));
                continue;
            }
            let address = server
                .as_ref()
                .map_or("localhost:5000", |server| &server.address);
            answer = Some(shell(&command.replace("localhost:5000", address)));
        }
    }
    assert!(
        ran >= 6 && compared >= 3,
        "{ran} commands, {compared} answers"
    );
}
