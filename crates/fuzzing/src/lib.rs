//! What the fuzzers run on any octets, one function a target; the tests run the same functions
//! on the seeds and on everything that was once found.
//!
//! Responsible for what must hold whatever is sent: no panic, frames that are whole, refusals that
//! count and repeat nothing. Time and memory are bounded by the fuzzer; `fuzz/` has its programs.

mod accepted;
mod case;
mod columnar;
mod graph;
mod native;
mod package;
mod panics;
mod refused;
mod rows;

pub use columnar::{arrow, parquet};
pub use graph::onnx;
pub use native::{lightgbm, npy, skops, ubj, xgboost_json};
pub use package::{manifest, signature};
pub use panics::let_readers_panic;
pub use rows::{csv, json};

/// A function that panics where something that must hold does not.
pub type Target = fn(&[u8]);

/// Every target by the name of its program in `fuzz/fuzz_targets/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("manifest", manifest),
    ("signature", signature),
    ("json", json),
    ("csv", csv),
    ("parquet", parquet),
    ("arrow", arrow),
    ("onnx", onnx),
    ("ubj", ubj),
    ("xgboost_json", xgboost_json),
    ("lightgbm", lightgbm),
    ("skops", skops),
    ("npy", npy),
];
