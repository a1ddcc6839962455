//! A short run of every target, the same on every machine: its seeds, what was once found, and
//! some changes of both.

use flowgate_fuzzing::{TARGETS, Target};
use std::path::{Path, PathBuf};

/// Changed copies of one file that are tried.
const CHANGES: usize = 24;

/// Where inputs of a target lie that were not made for it: the folder and their extension.
const BORROWED: &[(&str, &str, &str)] = &[
    ("parquet", "tests/columnar", "parquet"),
    ("arrow", "tests/columnar", "arrow"),
    ("onnx", "crates/onnx/tests/data", "onnx"),
    ("ubj", "flavors/xgboost/tests/data", "ubj"),
    ("xgboost_json", "flavors/xgboost/tests/data", "json"),
    ("lightgbm", "flavors/lightgbm/tests/data", "lgb"),
    ("skops", "flavors/lightgbm/tests/data", "skops"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files = paths(&root().join(folder));
    files.retain(|path| path.is_file());
    files
}

/// What lies in a folder, in order.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

/// Every input of the target called `name`.
fn corpus(name: &str) -> Vec<PathBuf> {
    let mut found = files(&format!("fuzz/seeds/{name}"));
    found.extend(files(&format!("fuzz/regressions/{name}")));
    for (_, folder, extension) in BORROWED.iter().filter(|(target, ..)| *target == name) {
        let of_kind = |path: &PathBuf| {
            let is_answer = path.ends_with("expected.json");
            !is_answer && path.extension().is_some_and(|found| found == *extension)
        };
        let folder = root().join(folder);
        let cases = paths(&folder).into_iter().filter(|path| path.is_dir());
        let cases = cases.flat_map(|case| paths(&case));
        let direct = paths(&folder).into_iter().filter(|path| path.is_file());
        found.extend(direct.chain(cases).filter(of_kind));
    }
    found
}

/// Runs `target` on `data` and says which file it was, where it does not hold.
fn run(target: Target, data: &[u8], what: &str) {
    let done = std::panic::catch_unwind(|| target(data));
    assert!(done.is_ok(), "{what} does not hold");
}

fn target(name: &str) -> Target {
    let found = TARGETS.iter().find(|(target, _)| *target == name);
    found.expect("a target of the list").1
}

#[track_caller]
fn check(name: &str) {
    let (target, corpus) = (target(name), corpus(name));
    assert!(corpus.len() > 3, "{} inputs for `{name}`", corpus.len());
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    for path in corpus {
        let file = fs_err::read(&path).expect("a file");
        let path = path.display();
        run(target, &file, &path.to_string());
        for turn in 0..CHANGES {
            let changed = random.change(file.clone());
            run(target, &changed, &format!("change {turn} of {path}"));
        }
    }
}

#[test]
fn whatever_a_manifest_says() {
    check("manifest");
}

#[test]
fn whatever_a_signature_says() {
    check("signature");
}

#[test]
fn whatever_is_sent_as_json() {
    check("json");
}

#[test]
fn whatever_is_sent_as_csv() {
    check("csv");
}

#[test]
fn whatever_is_sent_as_parquet() {
    check("parquet");
}

#[test]
fn whatever_is_sent_as_arrow() {
    check("arrow");
}

#[test]
fn whatever_is_in_an_onnx_file() {
    check("onnx");
}

#[test]
fn whatever_is_in_a_file_of_xgboost_in_ubjson() {
    check("ubj");
}

#[test]
fn whatever_is_in_a_file_of_xgboost_in_json() {
    check("xgboost_json");
}

#[test]
fn whatever_is_in_a_text_of_lightgbm() {
    check("lightgbm");
}

#[test]
fn whatever_is_in_a_file_of_skops() {
    check("skops");
}

#[test]
fn whatever_is_in_an_array_of_numpy() {
    check("npy");
}

#[test]
fn every_target_has_a_program_and_every_folder_a_target() {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    let manifest = fs_err::read_to_string(root().join("fuzz/Cargo.toml")).expect("a manifest");
    for name in &names {
        let program = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
        let program = fs_err::read_to_string(program).expect("a program");
        assert!(program.contains(&format!("flowgate_fuzzing::{name}(data)")));
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
    for folder in ["fuzz/seeds", "fuzz/regressions"] {
        for entry in fs_err::read_dir(root().join(folder)).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            let known = names.iter().any(|known| name == **known);
            assert!(known || name == "README.md", "{folder}/{name:?}");
        }
    }
}

/// Marsaglia's xorshift: the same changes on every run.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).expect("below a usize")
    }

    fn change(&mut self, mut file: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(3) {
            let at = self.below(file.len());
            let end = (at + 1 + self.below(16)).min(file.len());
            match self.below(6) {
                0 => file.truncate(at),
                1 => drop(file.drain(at..end)),
                2 => file.insert(at, self.below(256) as u8),
                3 => file.extend_from_within(at..end),
                4 if at < file.len() => file[at] ^= 1 << self.below(8),
                _ if at < file.len() => file[at] = self.below(256) as u8,
                _ => {}
            }
        }
        file
    }
}
