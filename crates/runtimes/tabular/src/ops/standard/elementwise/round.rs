//! Whole numbers near a number.

use super::super::half::widened;
use super::super::standard;
use super::{each, refuse_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use flowgate_core::DataType;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Floor", 6, |node| widened(node, floor), ""),
    standard("Ceil", 6, |node| widened(node, ceil), ""),
    standard("Round", 11, |node| widened(node, round), ""),
];

fn floor(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    floats(node, f32::floor, f64::floor)
}

fn ceil(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    floats(node, f32::ceil, f64::ceil)
}

fn round(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    floats(node, f32::round_ties_even, f64::round_ties_even)
}

fn floats(
    node: &Lowering<'_>,
    single: impl Fn(f32) -> f32 + Send + Sync + 'static,
    double: impl Fn(f64) -> f64 + Send + Sync + 'static,
) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(single)),
        DataType::F64 => Ok(each(double)),
        other => refuse_type(other),
    }
}
