//! Constants that the engine computes with in a way of its own.

use super::types::Types;
use flowgate_onnx::{ElemType, Node, OnnxError, TensorData};

/// No product with a constant of nothing but zeros: the engine puts zeros in its place and loses
/// NaN and infinities.
pub(super) fn product(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    node.inputs()
        .iter()
        .try_for_each(|name| not_zero(name, types))
}

/// The same for the quotient of such a constant.
pub(super) fn quotient(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    let dividend = node.inputs().first();
    dividend.map_or(Ok(()), |name| not_zero(name, types))
}

/// The same for the scale of a normalisation.
pub(super) fn scale(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    let read = |error: OnnxError| error.to_string();
    if node.int("training_mode").map_err(read)?.unwrap_or(0) != 0 {
        return Err("with `training_mode`".to_owned());
    }
    if node.int("spatial").map_err(read)?.unwrap_or(1) != 1 {
        return Err("with `spatial`".to_owned());
    }
    let scale = node.inputs().get(1);
    scale.map_or(Ok(()), |name| not_zero(name, types))
}

fn not_zero(name: &str, types: &Types<'_>) -> Result<(), String> {
    let float = matches!(
        types.get(name),
        Some(ElemType::Float | ElemType::Double | ElemType::Float16)
    );
    if !float || !types.is_constant(name) {
        return Ok(());
    }
    // Signed zeros are zeros; half floats are read as their bits.
    let zero = match types.elements(name) {
        Some(TensorData::F32(numbers)) => numbers.iter().all(|x| *x == 0.0),
        Some(TensorData::F64(numbers)) => numbers.iter().all(|x| *x == 0.0),
        Some(TensorData::F16(bits)) => bits.iter().all(|bits| bits & 0x7fff == 0),
        _ => return Err(UNSEEN.to_owned()),
    };
    if zero {
        return Err("with a constant of nothing but zeros".to_owned());
    }
    Ok(())
}

/// Exponents that are written in the file, none of them a half: the engine takes the square root
/// then, which differs for minus infinity.
pub(super) fn power(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    let Some(exponent) = node.inputs().get(1) else {
        return Ok(());
    };
    let half = match types.elements(exponent) {
        Some(TensorData::F32(numbers)) => numbers.contains(&0.5),
        Some(TensorData::F64(numbers)) => numbers.contains(&0.5),
        _ => return Err("with an exponent that is not written in the file".to_owned()),
    };
    if half {
        return Err("with an exponent of a half".to_owned());
    }
    Ok(())
}

/// Factors only for floats of 32 bits: the engine has no others.
pub(super) fn gemm(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    let read = |error: OnnxError| error.to_string();
    let first = node.inputs().first().and_then(|name| types.get(name));
    for name in ["alpha", "beta"] {
        let factor = node.float(name).map_err(read)?.unwrap_or(1.0);
        if factor == 0.0 {
            return Err(format!("with a zero for `{name}`"));
        }
        if factor != 1.0 && first == Some(ElemType::Double) {
            return Err(format!("of doubles with `{name}`"));
        }
    }
    Ok(())
}

const UNSEEN: &str = "with a constant that the graph makes or that is in another file";
