//! Rules about what is in a file.

use super::Findings;
use super::rust_code::{has_word, without_words};

/// Longer files are split into a folder of modules.
const MOST_LINES: usize = 500;

/// Where `unsafe` may stand: at a foreign library and in hand-written kernels.
const UNSAFE_FOLDERS: &[&str] = &["crates/runtimes/ort/", "crates/runtimes/tabular/"];

/// A text file ends with a newline; data is left as its maker wrote it.
pub(super) fn ends_with_a_newline(path: &str, content: &str) -> Findings {
    if is_data(path) || content.is_empty() || content.ends_with('\n') {
        return Findings::new();
    }
    vec![format!("{path}: does not end with a newline")]
}

/// No line ends with a space, a tab or a carriage return.
pub(super) fn no_trailing_whitespace(path: &str, content: &str) -> Findings {
    let looked_at = matches!(extension(path), "rs" | "toml" | "md" | "yml" | "yaml");
    if is_data(path) || !looked_at {
        return Findings::new();
    }
    let lines = content.split('\n').enumerate();
    lines
        .filter(|(_, line)| line.ends_with(char::is_whitespace))
        .map(|(at, _)| format!("{path}:{}: ends with whitespace", at + 1))
        .collect()
}

/// A Rust file fits a reader's head.
pub(super) fn rust_file_is_short(path: &str, content: &str) -> Findings {
    let lines = content.lines().count();
    if extension(path) != "rs" || lines <= MOST_LINES {
        return Findings::new();
    }
    vec![format!(
        "{path}: has {lines} lines, more than {MOST_LINES}; split it into a folder"
    )]
}

/// No test is switched off and no branch is left for later.
pub(super) fn nothing_is_left_undone(path: &str, content: &str) -> Findings {
    let mut findings = Findings::new();
    if extension(path) == "rs" {
        for (at, line) in without_words(content).lines().enumerate() {
            let compact: String = line.split_whitespace().collect();
            for undone in ["#[ignore", "todo!(", "unimplemented!("] {
                if compact.contains(undone) {
                    findings.push(format!("{path}:{}: has `{undone}`", at + 1));
                }
            }
        }
    }
    findings
}

/// `unsafe` stands where it was allowed, and nowhere else.
pub(super) fn unsafe_stays_where_it_may(path: &str, content: &str) -> Findings {
    if extension(path) != "rs" || UNSAFE_FOLDERS.iter().any(|folder| path.starts_with(folder)) {
        return Findings::new();
    }
    let code = without_words(content);
    let lines = code
        .lines()
        .enumerate()
        .filter(|(_, line)| has_word(line, "unsafe"));
    lines
        .map(|(at, _)| {
            format!(
                "{path}:{}: has `unsafe`, which only {UNSAFE_FOLDERS:?} may have",
                at + 1
            )
        })
        .collect()
}

/// What a test or a server reads and other tools wrote, not source.
fn is_data(path: &str) -> bool {
    let below_tests = path
        .split('/')
        .rev()
        .skip(1)
        .any(|folder| folder == "tests");
    let folders = ["models/", "fuzz/seeds/", "fuzz/regressions/"];
    let is_below = folders.iter().any(|folder| path.starts_with(folder));
    is_below || (below_tests && extension(path) != "rs")
}

fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [&str; 0] = [];

    #[test]
    fn a_source_without_a_last_newline_is_found_and_data_is_not() {
        assert_eq!(
            ends_with_a_newline("a.rs", "x"),
            ["a.rs: does not end with a newline"]
        );
        assert_eq!(ends_with_a_newline("tests/it/main.rs", "x").len(), 1);
        assert_eq!(ends_with_a_newline("a.rs", "x\n"), NONE);
        assert_eq!(ends_with_a_newline("a.rs", ""), NONE);
        assert_eq!(ends_with_a_newline("models/iris/1/MLmodel", "x"), NONE);
        assert_eq!(ends_with_a_newline("fuzz/seeds/json/a", "x"), NONE);
        assert_eq!(
            ends_with_a_newline("crates/x/tests/golden/a.json", "x"),
            NONE
        );
    }

    #[test]
    fn trailing_whitespace_is_found_with_its_line() {
        assert_eq!(
            no_trailing_whitespace("a.md", "x\ny \n"),
            ["a.md:2: ends with whitespace"]
        );
        assert_eq!(no_trailing_whitespace("a.toml", "x\r\n").len(), 1);
        assert_eq!(no_trailing_whitespace("a.rs", "x\n\n y\n"), NONE);
        assert_eq!(no_trailing_whitespace("a.snap", "x \n"), NONE);
        assert_eq!(no_trailing_whitespace("tests/it/a.md", "x \n"), NONE);
    }

    #[test]
    fn a_file_may_have_five_hundred_lines_and_not_one_more() {
        assert_eq!(rust_file_is_short("a.rs", &"x\n".repeat(500)), NONE);
        assert_eq!(rust_file_is_short("a.rs", &"x\n".repeat(501)).len(), 1);
        assert_eq!(rust_file_is_short("a.md", &"x\n".repeat(501)), NONE);
    }

    #[test]
    fn unfinished_code_is_found_in_code_alone() {
        assert_eq!(
            nothing_is_left_undone("a.rs", "f();\n  todo!()\n"),
            ["a.rs:2: has `todo!(`"]
        );
        assert_eq!(
            nothing_is_left_undone("a.rs", "#[ignore = \"slow\"]\n").len(),
            1
        );
        assert_eq!(
            nothing_is_left_undone("a.rs", "unimplemented! (\"later\")").len(),
            1
        );
        assert_eq!(
            nothing_is_left_undone("a.rs", "// todo!() is banned\nlet a = \"todo!()\";"),
            NONE
        );
        assert_eq!(nothing_is_left_undone("a.md", "todo!()"), NONE);
    }

    #[test]
    fn unsafe_code_is_found_outside_its_folders() {
        let code = "fn f() {\n    unsafe { g() }\n}\n";
        assert!(unsafe_stays_where_it_may("src/a.rs", code)[0].starts_with("src/a.rs:2: "));
        assert_eq!(
            unsafe_stays_where_it_may("crates/runtimes/ort/src/a.rs", code),
            NONE
        );
        assert_eq!(
            unsafe_stays_where_it_may("crates/runtimes/ort.rs", code).len(),
            1
        );
        assert_eq!(
            unsafe_stays_where_it_may("a.rs", "// unsafe\n#![forbid(unsafe_code)]\n"),
            NONE
        );
    }
}
