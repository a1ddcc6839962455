//! Starting other programs: each is printed before it runs, and a failure names it.

use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};

use crate::Outcome;

/// Runs a program whose output the person sees.
pub(crate) fn run(command: &mut Command) -> Outcome {
    println!("$ {}", text(command));
    std::io::stdout().flush()?;
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed: {status}", text(command)).into())
}

/// Runs a program and gives what it wrote to stdout; its stderr is part of the error when it fails.
pub(crate) fn read(command: &mut Command) -> Outcome<Vec<u8>> {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&stderr);
    Err(format!(
        "`{}` failed: {status}\n{}",
        text(command),
        stderr.trim_end()
    )
    .into())
}

/// Whether a program starts and ends well; says nothing.
pub(crate) fn works(command: &mut Command) -> bool {
    let silent = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => format!("`{program}` is not installed"),
        _ => format!("`{program}` cannot be started: {error}"),
    }
}

/// The command line as a person would type it, with the variables it sets.
fn text(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.display(), quoted(value?.to_str()?)))
    });
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| quoted(&word.to_string_lossy()));
    set.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_with_its_variables_and_quotes() {
        let mut command = Command::new("cargo");
        command
            .args(["doc", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("GONE");
        assert_eq!(
            text(&command),
            "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
        );
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let error = run(&mut Command::new("no-such-program-at-all")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`no-such-program-at-all` is not installed"
        );
    }
}
