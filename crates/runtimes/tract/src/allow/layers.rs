//! What the columns of the list cannot say of layers and of operators on shapes.

use super::types::Types;
use flowgate_onnx::{Node, OnnxError, TensorData};

/// Explicit paddings, rounded down, and none that begin before the first window.
pub(super) fn padding(node: Node<'_>, _: &Types<'_>) -> Result<(), String> {
    let read = |error: OnnxError| error.to_string();
    match node.string("auto_pad").map_err(read)? {
        None | Some("NOTSET" | "VALID") => {}
        Some(other) => return Err(format!("with `auto_pad` `{other}`")),
    }
    for name in ["ceil_mode", "storage_order"] {
        if node.int(name).map_err(read)?.unwrap_or(0) != 0 {
            return Err(format!("with `{name}`"));
        }
    }
    let positive = |name: &str, least: i64| {
        let numbers = node.ints(name).map_err(read)?.unwrap_or_default();
        match numbers.iter().find(|number| **number < least) {
            Some(number) => Err(format!("with {number} in `{name}`")),
            None => Ok(()),
        }
    };
    positive("pads", 0)?;
    positive("strides", 1)?;
    positive("dilations", 1)?;
    positive("kernel_shape", 1)?;
    let windows = node.ints("kernel_shape").map_err(read)?.is_some();
    if node.op_type() == "MaxPool" && !windows {
        return Err("without `kernel_shape`".to_owned());
    }
    Ok(())
}

/// Axes in an attribute or in a second input, and not in both.
pub(super) fn has_axes(node: Node<'_>, _: &Types<'_>) -> Result<(), String> {
    let attribute = node.attribute("axes").is_some();
    match (attribute, node.inputs().len()) {
        (true, 1) | (false, 2) => Ok(()),
        _ => Err("without axes, or with two lists of them".to_owned()),
    }
}

/// Both branches of a `Where` have one type.
pub(super) fn branches_alike(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    let [_, on_true, on_false] = node.inputs() else {
        return Ok(());
    };
    match (types.get(on_true), types.get(on_false)) {
        (Some(one), Some(two)) if one != two => {
            Err(format!("with branches `tensor({one})` and `tensor({two})`"))
        }
        _ => Ok(()),
    }
}

/// Steps forwards: the engine reads the end of a slice backwards in another way.
pub(super) fn slice(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    let Some(steps) = node.inputs().get(4) else {
        return Ok(());
    };
    let forwards = match types.elements(steps) {
        Some(TensorData::I64(steps)) => steps.iter().all(|step| *step > 0),
        Some(TensorData::I32(steps)) => steps.iter().all(|step| *step > 0),
        _ => false,
    };
    if forwards {
        Ok(())
    } else {
        Err("with steps that are not known to go forwards".to_owned())
    }
}

/// A list of axes that is not an empty one, which has had several meanings.
pub(super) fn reduced(node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
    let read = |error: OnnxError| error.to_string();
    if node.int("noop_with_empty_axes").map_err(read)?.unwrap_or(0) != 0 {
        return Err("with `noop_with_empty_axes`".to_owned());
    }
    let attribute = node.ints("axes").map_err(read)?;
    let some = match (attribute, node.inputs().get(1)) {
        (Some(_), Some(_)) => return Err("with two lists of axes".to_owned()),
        (Some(axes), None) => !axes.is_empty(),
        (None, Some(axes)) => match types.elements(axes) {
            Some(TensorData::I64(axes)) => !axes.is_empty(),
            _ => false,
        },
        (None, None) => true,
    };
    if some {
        Ok(())
    } else {
        Err("with a list of axes that is empty or not written in the file".to_owned())
    }
}
