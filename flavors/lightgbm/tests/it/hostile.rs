//! Texts and files that were cut off, changed, or announce more than they have. `Ok` is allowed (a
//! changed number is still a number); a panic or a wait is not.

use crate::case::folder;
use crate::changed::{Changed, with_entry};
use std::time::{Duration, Instant};

fn octets(case: &str, file: &str) -> Vec<u8> {
    fs_err::read(folder(case).join(file)).expect("a model")
}

#[test]
fn a_text_that_ends_before_its_trees_do_is_refused_with_the_line() {
    for (case, step) in [
        ("own_constant", 1),
        ("own_category_codes", 29),
        ("own_linear_tree", 31),
    ] {
        let whole = octets(case, "model.lgb");
        let text = String::from_utf8(whole.clone()).expect("text");
        let trees = text.find("end of trees").expect("an end");
        for end in (0..trees + "end of trees".len()).step_by(step) {
            let refusal = Changed::case(case).octets(&whole[..end]).refusal();
            assert!(
                refusal.contains("`model.lgb` cannot be read: line "),
                "{end}: {refusal}"
            );
        }
    }
}

#[test]
fn changed_texts_do_no_harm() {
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    let mut refused = 0;
    for turn in 0..600 {
        let case = [
            "multiclass_iris",
            "categorical_codes",
            "own_linear_tree",
            "own_pandas_numbers",
            "own_column_types",
        ][turn % 5];
        let mut text = octets(case, "model.lgb");
        for _ in 0..=random.below(4) {
            let at = random.below(text.len());
            match random.below(5) {
                0 => text[at] = random.below(256) as u8,
                1 => text[at] ^= 1 << random.below(8),
                2 => text[at] = b"0123456789 -\n=.e:"[random.below(17)],
                3 => text.insert(at, b'9'),
                _ => {
                    let end = (at + 1 + random.below(400)).min(text.len());
                    text.drain(at..end);
                }
            }
        }
        refused += usize::from(looked_at(&Changed::case(case).octets(&text)));
    }
    assert!((100..600).contains(&refused), "{refused} were refused");
}

#[test]
fn changed_files_of_skops_do_no_harm() {
    let mut random = Xorshift(0x2545_f491_4f6c_dd1d);
    for turn in 0..300 {
        let case = ["own_skops_three_texts", "own_skops_numpy_texts"][turn % 2];
        let mut file = octets(case, "model.skops");
        match turn % 3 {
            0 => {
                for _ in 0..=random.below(4) {
                    let at = random.below(file.len());
                    file[at] ^= 1 << random.below(8);
                }
            }
            1 => {
                let at = random.below(file.len());
                file.truncate(at);
            }
            _ => {
                file = with_entry(&file, "schema.json", |mut schema| {
                    for _ in 0..=random_place(turn, 4) {
                        let at = random_place(turn * 7, schema.len());
                        schema[at] = b"{}[]\",:0a\\ \n"[random_place(turn, 12)];
                    }
                    schema
                });
            }
        }
        looked_at(&Changed::case(case).octets(&file));
    }
}

#[test]
fn what_is_announced_takes_neither_time_nor_memory() {
    let start = Instant::now();
    for (case, from, to) in [
        ("huber", "num_leaves=8", "num_leaves=10000000"),
        ("huber", "num_leaves=8", "num_leaves=18446744073709551615"),
        ("huber", "num_leaves=8", "num_leaves=0"),
        ("huber", "num_cat=0", "num_cat=10000000"),
        ("huber", "num_cat=0", "num_cat=18446744073709551615"),
        ("huber", "num_class=1", "num_class=1000000"),
        (
            "own_custom_objective",
            "num_class=3\nnum_tree_per_iteration=3",
            "num_class=1000000\nnum_tree_per_iteration=1000000",
        ),
        (
            "own_custom_objective",
            "num_class=3\nnum_tree_per_iteration=3",
            "num_class=2\nnum_tree_per_iteration=2",
        ),
        (
            "own_custom_objective",
            "num_class=3\nnum_tree_per_iteration=3",
            "num_class=0\nnum_tree_per_iteration=0",
        ),
        ("huber", "max_feature_idx=", "max_feature_idx=99999999"),
        ("huber", "max_feature_idx=", "max_feature_idx=-"),
        (
            "categorical_codes",
            "cat_boundaries=0 1",
            "cat_boundaries=0 4000000000",
        ),
        (
            "categorical_codes",
            "cat_boundaries=0 1",
            "cat_boundaries=1 0",
        ),
        ("categorical_codes", "num_cat=6", "num_cat=5"),
        (
            "categorical_codes",
            "threshold=0 1 2",
            "threshold=0 1 2000000000",
        ),
        ("categorical_codes", "threshold=0 1 2", "threshold=0 1 0.5"),
        ("categorical_codes", "threshold=0 1 2", "threshold=0 1 -1"),
        (
            "categorical_codes",
            "decision_type=9 9",
            "decision_type=9 13",
        ),
        (
            "own_linear_tree",
            "num_features=",
            "num_features=18446744073709551615 ",
        ),
        ("own_linear_tree", "leaf_features=", "leaf_features=77 "),
        ("huber", "split_feature=", "split_feature=9"),
        ("huber", "tree_sizes=", "tree_sizes=1 "),
        ("huber", "Tree=0", "Tree=7"),
        ("huber", "leaf_value=", "leaf_value=1 "),
        ("huber", "leaf_value=", "leaf_value=x"),
        ("huber", "threshold=", "threshold=nan "),
        ("huber", "shrinkage", "num_cat=0\nshrinkage"),
        ("huber", "version=v4", "version=v4\nversion=v4"),
        ("huber", "num_class=1\n", ""),
        ("huber", "end of trees", "end of all"),
    ] {
        let refusal = Changed::case(case).text(from, to).refusal();
        assert!(refusal.contains("cannot be read: line "), "{to}: {refusal}");
        assert!(refusal.len() < 500, "{refusal}");
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn nodes_that_lead_round_or_to_one_place_are_refused() {
    // Five nodes with two ways and six leaves.
    let changed = |left: &str, right: &str| {
        let text = String::from_utf8(octets("own_goss", "model.lgb")).expect("text");
        let line = |key: &str| {
            let line = text.lines().find(|line| line.starts_with(key));
            line.expect("a line").to_owned()
        };
        Changed::case("own_goss")
            .text(&line("left_child="), &format!("left_child={left}"))
            .text(&line("right_child="), &format!("right_child={right}"))
    };
    assert!(
        changed("1 2 3 4 -1", "-2 -3 -4 -5 -6").plan().is_ok(),
        "a chain"
    );
    for (left, right, reason) in [
        (
            "0 2 3 4 -1",
            "-2 -3 -4 -5 -6",
            "one is reached twice, or never",
        ),
        (
            "1 2 3 1 -1",
            "-2 -3 -4 -5 -6",
            "one is reached twice, or never",
        ),
        (
            "1 2 3 4 -1",
            "-1 -3 -4 -5 -6",
            "one is reached twice, or never",
        ),
        (
            "-1 2 3 4 -1",
            "-2 -3 -4 -5 -6",
            "one is reached twice, or never",
        ),
        (
            "-1 -2 -3 -4 -5",
            "-6 -1 -2 -3 -4",
            "one is reached twice, or never",
        ),
        (
            "1 2 3 5 -1",
            "-2 -3 -4 -5 -6",
            "a node or a leaf that is not there",
        ),
        (
            "1 2 3 4 -7",
            "-2 -3 -4 -5 -6",
            "a node or a leaf that is not there",
        ),
    ] {
        let refusal = changed(left, right).refusal();
        assert!(refusal.contains(reason), "{left} / {right}: {refusal}");
    }
}

#[test]
fn a_npy_file_that_lies_about_its_shape_is_refused() {
    let file = octets("own_skops_numpy_texts", "model.skops");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file.as_slice())).expect("a zip");
    let names: Vec<String> = (0..archive.len())
        .map(|index| {
            let entry = archive.by_index(index).expect("an entry");
            entry.name().expect("a name").into_owned()
        })
        .filter(|name| name.ends_with(".npy"))
        .collect();
    let changed = names.iter().fold(file, |file, name| {
        with_entry(&file, name, |npy| {
            let text: Vec<u8> = npy;
            let at = text.windows(4).position(|window| window == b"(2,)");
            let Some(at) = at else { return text };
            let mut lie = text.clone();
            lie[at..at + 4].copy_from_slice(b"(9,)");
            lie
        })
    });
    let refusal = Changed::case("own_skops_numpy_texts")
        .octets(&changed)
        .refusal();
    assert!(refusal.contains("an array of shape [9]"), "{refusal}");
}

/// Whether it is refused, and if so shortly.
fn looked_at(changed: &Changed) -> bool {
    let start = Instant::now();
    let plan = changed.plan();
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "it takes too long"
    );
    if let Err(refusal) = &plan {
        assert!(refusal.len() < 1_000, "{refusal}");
    }
    plan.is_err()
}

fn random_place(seed: usize, bound: usize) -> usize {
    Xorshift(seed as u64 * 0x9e37_79b9 + 0x1234_5678).below(bound)
}

/// Marsaglia's xorshift: the same changes on every run.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below a usize")
    }
}
