//! Broken files give an error or a program, in bounded time and without a panic.

use crate::packages::{cases, models, plan_of};
use flowgate_core::ErrorKind;
use std::time::{Duration, Instant};

/// How long one file of some kilobytes may take; most take a thousandth.
const LIMIT: Duration = Duration::from_secs(2);

const MANIFEST: &str = "flavors:\n  xgboost:\n    data: model.ubj\n";

/// Whether the file is taken for a model.
#[track_caller]
fn survives(octets: &[u8], what: &str) -> bool {
    let start = Instant::now();
    let plan = plan_of(octets, "model.ubj", MANIFEST);
    if let Err(error) = &plan {
        assert_eq!(error.kind(), ErrorKind::InvalidPackage, "{what}: {error}");
        let text = error.to_string();
        assert!(text.len() < 1000, "{what}: {text}");
    }
    assert!(start.elapsed() < LIMIT, "{what} took {:?}", start.elapsed());
    plan.is_ok()
}

/// A sequence of numbers that looks like chance and is the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

#[test]
fn files_that_are_cut_off_are_refused() {
    for case in cases() {
        for model in models(&case) {
            let octets = fs_err::read(&model).expect("a model");
            let step = octets.len().div_ceil(15);
            for end in (0..octets.len() - 1).step_by(step) {
                let what = format!("{} up to {end}", model.display());
                assert!(
                    !survives(&octets[..end], &what),
                    "{what} is taken for a model"
                );
            }
        }
    }
}

#[test]
fn files_with_an_octet_of_another_value_do_no_harm() {
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    for case in cases() {
        for model in models(&case) {
            let octets = fs_err::read(&model).expect("a model");
            for _ in 0..20 {
                let mut broken = octets.clone();
                let at = numbers.next(broken.len());
                broken[at] = match numbers.next(3) {
                    0 => broken[at] ^ (1 << numbers.next(8)),
                    1 => 0xFF,
                    _ => numbers.next(256) as u8,
                };
                survives(&broken, &format!("{} at {at}", model.display()));
            }
        }
    }
}

#[test]
fn parts_that_are_doubled_or_left_out_do_no_harm() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for case in cases() {
        for model in models(&case) {
            let octets = fs_err::read(&model).expect("a model");
            for _ in 0..8 {
                let start = numbers.next(octets.len());
                let end = (start + 1 + numbers.next(64)).min(octets.len());
                let mut without = octets.clone();
                without.drain(start..end);
                survives(&without, &format!("{} without {start}", model.display()));
                let twice = [&octets[..end], &octets[start..]].concat();
                survives(&twice, &format!("{} twice {start}", model.display()));
            }
        }
    }
}

/// A UBJSON file of one tree that announces `nodes` nodes in its first list.
fn announcing(nodes: i64) -> Vec<u8> {
    let long = |length: i64| [b"L".as_slice(), &length.to_be_bytes()].concat();
    let key = |name: &str| [long(name.len() as i64).as_slice(), name.as_bytes()].concat();
    [
        b"{".as_slice(),
        &key("learner"),
        b"{",
        &key("gradient_booster"),
        b"{",
        &key("model"),
        b"{",
        &key("trees"),
        b"[#",
        &long(nodes),
        b"{",
        &key("left_children"),
        b"[$l#",
        &long(nodes),
    ]
    .concat()
}

#[test]
fn announced_lengths_are_compared_with_what_is_there() {
    for nodes in [1, 1 << 20, 1 << 40, i64::MAX, -1, i64::MIN] {
        survives(&announcing(nodes), &format!("{nodes} announced"));
    }
    let deep = "[".repeat(100_000);
    survives(
        format!("{{\"learner\": {{\"attributes\": {{\"x\": {deep}}}}}").as_bytes(),
        "lists in lists",
    );
    for (key, value) in [("num_class", "4000000000"), ("num_feature", "4000000000")] {
        let text = format!(
            "{{\"learner\": {{\"learner_model_param\": {{\"base_score\": \"0.5\", \
             \"num_feature\": \"1\", \"{key}\": \"{value}\"}}, \"objective\": \
             {{\"name\": \"reg:squarederror\"}}, \"gradient_booster\": {{\"name\": \
             \"gblinear\", \"model\": {{\"weights\": []}}}}}}}}"
        );
        survives(text.as_bytes(), key);
    }
}
