//! Operators of `ai.onnx.ml` against what others make of the same files and values: ONNX Runtime
//! (`recorded/`, `converted/`) and the ONNX standard (`node_tests/`).

mod case;
#[path = "../standard/compare.rs"]
mod compare;
mod converted;
mod hostile;
mod node_tests;
mod recorded;
mod table;
