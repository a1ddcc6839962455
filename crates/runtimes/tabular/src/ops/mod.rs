//! Operators of ONNX, each numerically as ONNX Runtime 1.32 computes it on a CPU.
//!
//! A file has the operators that belong together, and the list of them.

mod approximations;
mod dots;
mod ml;
mod standard;
mod wide;

use crate::onnx::Entry;

/// All operators, by family and file.
pub(crate) const LISTS: &[&[&[Entry]]] = &[standard::LISTS, ml::LISTS];
