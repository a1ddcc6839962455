//! `cargo xtask tidy`: the rules of the repository that no compiler checks.
//!
//! Each rule is a function from what it looks at to the list of what breaks it, so that it can be
//! tested on made-up input; only this file reads the repository. [`graph`] looks at dependencies,
//! [`text`] into files, [`layout`] at which files there are.

mod graph;
mod layout;
mod rust_code;
mod text;

use std::path::Path;
use std::process::Command;

use crate::{Outcome, environment, process};

/// What breaks a rule, one sentence each, with the place first.
type Findings = Vec<String>;

/// Checks every rule and prints all findings before it fails.
pub(crate) fn run() -> Outcome {
    let root = environment::workspace_root()?;
    let metadata = process::read(
        Command::new(environment::cargo())
            .current_dir(&root)
            // Every feature, so that optional engines are looked at as well.
            .args(["metadata", "--format-version", "1", "--all-features"]),
    )?;
    let graph = graph::Graph::parse(&metadata)?;
    let files = files(&root)?;

    let mut findings = Findings::new();
    findings.extend(graph::core_stays_plain(&graph));
    findings.extend(graph::engines_have_one_user(&graph));
    findings.extend(graph::flavors_never_execute(&graph));
    findings.extend(graph::runtimes_know_no_wire(&graph));

    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    findings.extend(layout::flavors_are_complete(&paths));
    findings.extend(layout::packages_are_complete(&paths));
    findings.extend(layout::decisions_are_numbered(&paths));

    for file in &files {
        let Some(content) = &file.content else {
            continue;
        };
        findings.extend(text::ends_with_a_newline(&file.path, content));
        findings.extend(text::no_trailing_whitespace(&file.path, content));
        findings.extend(text::rust_file_is_short(&file.path, content));
        findings.extend(text::nothing_is_left_undone(&file.path, content));
        findings.extend(text::unsafe_stays_where_it_may(&file.path, content));
        findings.extend(layout::decision_has_its_headings(&file.path, content));
    }
    let page = |name: &str| {
        let page = files.iter().find(|file| file.path == name);
        page.and_then(|file| file.content.as_deref())
    };
    findings.extend(layout::map_is_complete(
        page("ARCHITECTURE.md"),
        page("README.md"),
        &graph.crates(),
    ));

    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} files, nothing to say", files.len()),
        found => return Err(format!("tidy: {found} findings in {} files", files.len()).into()),
    }
    Ok(())
}

/// A file of the repository.
struct File {
    /// Below the root, with `/`.
    path: String,
    /// `None` when it is not text.
    content: Option<String>,
}

/// The files that are in version control or would be with the next `git add`.
fn files(root: &Path) -> Outcome<Vec<File>> {
    let listed = process::read(Command::new("git").current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let listed = String::from_utf8(listed)?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let on_disk = root.join(path);
        // A file that was deleted is still listed until that is committed; a link is no text.
        if fs_err::symlink_metadata(&on_disk).is_ok_and(|metadata| metadata.is_file()) {
            let content = String::from_utf8(fs_err::read(&on_disk)?).ok();
            let content = content.filter(|content| !content.contains('\0'));
            files.push(File {
                path: path.to_owned(),
                content,
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
