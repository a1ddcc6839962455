//! Operators of the domains `ai.onnx` and `com.microsoft` that stand around models of tables.

mod identity;

use crate::onnx::Entry;

/// The operators, file by file.
pub(crate) const LISTS: &[&[Entry]] = &[identity::LIST];
