//! Roots, exponentials, logarithms, angles.

use super::super::half::widened;
use super::super::standard;
use super::{all, each, refuse_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::ops::approximations::{Acos, Asin, Atan, Erf, Exp, Log, map, map_packets};
use flowgate_core::DataType;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Sqrt", 6, |node| widened(node, sqrt), ""),
    standard("Exp", 6, |node| widened(node, exp), ""),
    standard("Log", 6, |node| widened(node, log), ""),
    standard("Erf", 9, |node| widened(node, erf), ""),
    standard("Sin", 7, |node| widened(node, sin), ""),
    standard("Cos", 7, |node| widened(node, cos), ""),
    standard("Tan", 7, |node| widened(node, tan), ""),
    standard("Asin", 7, |node| widened(node, asin), ""),
    standard("Acos", 7, |node| widened(node, acos), ""),
    standard("Atan", 7, |node| widened(node, atan), ""),
    standard("Sinh", 9, |node| widened(node, sinh), ""),
    standard("Cosh", 9, |node| widened(node, cosh), ""),
    standard("Asinh", 9, |node| widened(node, asinh), ""),
    standard("Acosh", 9, |node| widened(node, acosh), ""),
    standard("Atanh", 9, |node| widened(node, atanh), ""),
];

/// With 64 bits and rounded, so that a last place is right whoever wrote the C library.
macro_rules! rounded {
    ($($name:ident)*) => {
        $(fn $name(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
            match node.datatype(0)? {
                DataType::F32 => Ok(each(|number: f32| f64::from(number).$name() as f32)),
                other => refuse_type(other),
            }
        })*
    };
}

rounded!(tan sinh cosh asinh acosh atanh);

fn sqrt(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(f32::sqrt)),
        DataType::F64 => Ok(each(f64::sqrt)),
        other => refuse_type(other),
    }
}

fn sin(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(f32::sin)),
        DataType::F64 => Ok(each(f64::sin)),
        other => refuse_type(other),
    }
}

fn cos(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(f32::cos)),
        DataType::F64 => Ok(each(f64::cos)),
        other => refuse_type(other),
    }
}

fn asin(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map_packets(Asin, numbers))),
        other => refuse_type(other),
    }
}

fn acos(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map_packets(Acos, numbers))),
        other => refuse_type(other),
    }
}

fn atan(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map_packets(Atan, numbers))),
        other => refuse_type(other),
    }
}

fn exp(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map(Exp, numbers))),
        DataType::F64 => Ok(each(f64::exp)),
        other => refuse_type(other),
    }
}

fn log(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map_packets(Log, numbers))),
        DataType::F64 => Ok(each(f64::ln)),
        other => refuse_type(other),
    }
}

fn erf(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map(Erf, numbers))),
        other => refuse_type(other),
    }
}
