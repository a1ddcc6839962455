//! Operators of the domain `ai.onnx.ml`.

use crate::onnx::Entry;

/// The operators, file by file.
pub(crate) const LISTS: &[&[Entry]] = &[];
