//! The operators of ONNX that are known here.

use super::node::{LowerError, Lowered, Lowering};
use crate::ops;
use flowgate_onnx::AI_ONNX;
use std::fmt::Write;

/// An operator of ONNX.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// `ai.onnx`, `ai.onnx.ml`, `com.microsoft`.
    pub(crate) domain: &'static str,
    /// Its name.
    pub(crate) op_type: &'static str,
    /// The first and the last version of the domain's operator set under which it means what
    /// `lower` makes of it (which looks at [`Lowering::opset`] where versions differ).
    pub(crate) versions: (i64, i64),
    /// Makes an operator of a node.
    pub(crate) lower: fn(&Lowering<'_>) -> Result<Lowered, LowerError>,
    /// What of it is not known; empty where all of it is.
    pub(crate) limits: &'static str,
}

/// The operator `op_type` of `domain` in the version `opset`.
pub(super) fn find(domain: &str, op_type: &str, opset: i64) -> Option<&'static Entry> {
    entries().find(|entry| {
        let (first, last) = entry.versions;
        entry.domain == domain && entry.op_type == op_type && (first..=last).contains(&opset)
    })
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    ops::LISTS.iter().copied().flatten().copied().flatten()
}

/// The table of the operators of ONNX that this runtime knows, in Markdown, sorted.
pub fn table_of_operators() -> String {
    let mut entries: Vec<&Entry> = entries().collect();
    entries.sort_by_key(|entry| {
        (
            entry.domain != AI_ONNX,
            entry.domain,
            entry.op_type,
            entry.versions,
        )
    });
    let mut table =
        String::from("| domain | operator | versions | not taken |\n|---|---|---|---|\n");
    for entry in entries {
        let (first, last) = entry.versions;
        let (domain, op_type, limits) = (entry.domain, entry.op_type, entry.limits);
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "| {domain} | `{op_type}` | {first} to {last} | {limits} |"
        );
    }
    table
}
