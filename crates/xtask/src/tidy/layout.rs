//! Rules about which files there are and what pages must mention.

use std::collections::BTreeSet;

use super::Findings;
use super::graph::Crate;

const FLAVOR_FILES: &[&str] = &[
    "Cargo.toml",
    "README.md",
    "schema.json",
    "src/lib.rs",
    "tests/contract.rs",
];
const PACKAGE_FILES: &[&str] = &["MLmodel", "input_example.json", "expected.json"];
const DECISIONS: &str = "docs/decisions/";
const DECISION_HEADINGS: &[&str] = &["Context", "Decision", "Consequences", "Alternatives"];

/// Every folder of `flavors/` has the five files of a flavor.
pub(super) fn flavors_are_complete(paths: &[&str]) -> Findings {
    let below = paths
        .iter()
        .filter_map(|path| path.strip_prefix("flavors/"));
    let folders = below.filter_map(|rest| Some(format!("flavors/{}/", rest.split_once('/')?.0)));
    missing(paths, folders, FLAVOR_FILES)
}

/// Every `<name>/<version>/` of `models/` is a package with an example and its answer.
pub(super) fn packages_are_complete(paths: &[&str]) -> Findings {
    let below = paths.iter().filter_map(|path| path.strip_prefix("models/"));
    let folders = below.filter_map(|rest| {
        let (name, rest) = rest.split_once('/')?;
        // A file directly below the name gives a folder without a version, in which all is missing.
        let version = rest
            .split_once('/')
            .map_or("<version>", |(version, _)| version);
        Some(format!("models/{name}/{version}/"))
    });
    missing(paths, folders, PACKAGE_FILES)
}

/// Decision records are `NNNN-title.md`, counted from 0001 without a gap or a double.
pub(super) fn decisions_are_numbered(paths: &[&str]) -> Findings {
    let mut findings = Findings::new();
    let records = paths.iter().filter_map(|path| path.strip_prefix(DECISIONS));
    let mut records: Vec<_> = records.filter(|name| *name != "README.md").collect();
    records.sort_unstable();
    for (name, wanted) in records.iter().zip(1..) {
        let wanted = format!("{wanted:04}");
        if decision_number(name).is_none() {
            findings.push(format!("{DECISIONS}{name}: is not named `NNNN-title.md`"));
        } else if decision_number(name) != Some(&wanted) {
            findings.push(format!("{DECISIONS}{name}: the next number is {wanted}"));
            break;
        }
    }
    findings
}

/// A decision record has the four headings.
pub(super) fn decision_has_its_headings(path: &str, content: &str) -> Findings {
    if path
        .strip_prefix(DECISIONS)
        .and_then(decision_number)
        .is_none()
    {
        return Findings::new();
    }
    let headings: Vec<&str> = content
        .lines()
        .filter_map(|line| Some(line.strip_prefix("##")?.trim_start_matches('#').trim()))
        .collect();
    let missing = DECISION_HEADINGS
        .iter()
        .filter(|wanted| !headings.contains(wanted));
    missing
        .map(|wanted| format!("{path}: has no heading `{wanted}`"))
        .collect()
}

/// The map of ARCHITECTURE.md has every crate, by name or folder, and README.md leads to it.
pub(super) fn map_is_complete(
    architecture: Option<&str>,
    readme: Option<&str>,
    crates: &[Crate],
) -> Findings {
    let mut findings = Findings::new();
    match readme {
        None => findings.push("README.md: does not exist".to_owned()),
        Some(readme) if !readme.contains("ARCHITECTURE.md") => {
            findings.push("README.md: does not mention `ARCHITECTURE.md`".to_owned());
        }
        Some(_) => {}
    }
    let Some(architecture) = architecture else {
        findings.push("ARCHITECTURE.md: does not exist".to_owned());
        return findings;
    };
    for Crate { name, folder } in crates {
        let mentions = [name.clone(), folder.clone(), format!("{folder}/")];
        let mentions = mentions.iter().filter(|mention| mention.len() > 1);
        if !mentions
            .map(|it| format!("`{it}`"))
            .any(|it| architecture.contains(&it))
        {
            findings.push(format!(
                "ARCHITECTURE.md: does not mention the crate `{name}` in `{folder}/`"
            ));
        }
    }
    findings
}

/// A finding for each file that one of the folders lacks.
fn missing(paths: &[&str], folders: impl Iterator<Item = String>, wanted: &[&str]) -> Findings {
    let folders: BTreeSet<String> = folders.collect();
    let mut findings = Findings::new();
    for folder in folders {
        for file in wanted {
            if !paths.contains(&format!("{folder}{file}").as_str()) {
                findings.push(format!("{folder}: has no `{file}`"));
            }
        }
    }
    findings
}

/// The number of a decision record's file name.
fn decision_number(name: &str) -> Option<&str> {
    let (number, title) = name.strip_suffix(".md")?.split_once('-')?;
    let is_number = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_title = !title.is_empty() && !title.contains('/');
    (is_number && is_title).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [&str; 0] = [];

    #[test]
    fn a_flavor_lacks_a_file() {
        let mut paths = vec![
            "flavors/Cargo.toml",
            "flavors/lib.rs",
            "flavors/onnx/Cargo.toml",
            "flavors/onnx/README.md",
            "flavors/onnx/schema.json",
            "flavors/onnx/src/lib.rs",
        ];
        assert_eq!(
            flavors_are_complete(&paths),
            ["flavors/onnx/: has no `tests/contract.rs`"]
        );
        paths.push("flavors/onnx/tests/contract.rs");
        assert_eq!(flavors_are_complete(&paths), NONE);
    }

    #[test]
    fn a_package_lacks_its_answer() {
        let mut paths = vec![
            "models/README.md",
            "models/iris/1/MLmodel",
            "models/iris/1/input_example.json",
        ];
        assert_eq!(
            packages_are_complete(&paths),
            ["models/iris/1/: has no `expected.json`"]
        );
        paths.push("models/iris/1/expected.json");
        assert_eq!(packages_are_complete(&paths), NONE);
        assert_eq!(packages_are_complete(&["models/iris/MLmodel"]).len(), 3);
    }

    #[test]
    fn a_gap_a_double_and_a_wrong_name_among_decisions_are_found() {
        let first = "docs/decisions/0001-a.md";
        assert_eq!(
            decisions_are_numbered(&[first, "docs/decisions/0002-b.md"]),
            NONE
        );
        assert_eq!(
            decisions_are_numbered(&["docs/decisions/README.md", first]),
            NONE
        );
        let found = |name: &str| {
            let path = format!("docs/decisions/{name}");
            decisions_are_numbered(&[first, &path]).join("\n")
        };
        for bad in ["0003-b.md", "0001-b.md"] {
            assert!(found(bad).ends_with("the next number is 0002"), "{bad}");
        }
        for bad in [
            "2-b.md",
            "0002-.md",
            "0002-b/c.md",
            "0002-b.txt",
            "000x-b.md",
        ] {
            assert!(
                found(bad).ends_with("is not named `NNNN-title.md`"),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_decision_lacks_a_heading() {
        let path = "docs/decisions/0001-a.md";
        let whole = "# A\n## Context\n## Decision\n## Consequences\n### Alternatives\n";
        assert_eq!(decision_has_its_headings(path, whole), NONE);
        let found = decision_has_its_headings(
            path,
            "# A\n## Context\n## Decision\n## Consequences\nAlternatives\n",
        );
        assert_eq!(
            found,
            ["docs/decisions/0001-a.md: has no heading `Alternatives`"]
        );
        assert_eq!(decision_has_its_headings("docs/a.md", ""), NONE);
    }

    #[test]
    fn a_crate_is_missing_from_the_map() {
        let crates = [
            Crate {
                name: "flowgate".to_owned(),
                folder: String::new(),
            },
            Crate {
                name: "flowgate-core".to_owned(),
                folder: "crates/core".to_owned(),
            },
        ];
        let readme = Some("see [the map](ARCHITECTURE.md)");
        assert_eq!(
            map_is_complete(Some("`flowgate` and `crates/core/`"), readme, &crates),
            NONE
        );
        let found = map_is_complete(Some("`flowgate` and flowgate-core"), readme, &crates);
        assert_eq!(
            found,
            ["ARCHITECTURE.md: does not mention the crate `flowgate-core` in `crates/core/`"]
        );
        assert_eq!(map_is_complete(None, None, &crates).len(), 2);
        assert_eq!(
            map_is_complete(Some("`flowgate` `flowgate-core`"), Some(""), &crates).len(),
            1
        );
    }
}
