//! Which linear models are right.

use super::types::Types;
use flowgate_onnx::{Node, OnnxError};

/// Two and more rows of coefficients, or one of them for two classes with `LOGISTIC`.
pub(super) fn classifier(node: Node<'_>, _: &Types<'_>) -> Result<(), String> {
    let read = |error: OnnxError| error.to_string();
    if node
        .strings("classlabels_strings")
        .map_err(read)?
        .is_some_and(|texts| !texts.is_empty())
    {
        return Err("with texts for labels".to_owned());
    }
    let labels = node
        .ints("classlabels_ints")
        .map_err(read)?
        .unwrap_or_default()
        .len();
    let rows = node
        .floats("intercepts")
        .map_err(read)?
        .unwrap_or_default()
        .len();
    let weights = node
        .floats("coefficients")
        .map_err(read)?
        .unwrap_or_default()
        .len();
    let transform = node
        .string("post_transform")
        .map_err(read)?
        .unwrap_or("NONE");
    if !matches!(transform, "NONE" | "SOFTMAX" | "LOGISTIC") {
        return Err(format!("with the transform `{transform}`"));
    }
    if rows == 0 || weights == 0 || !weights.is_multiple_of(rows) {
        return Err(format!("with {weights} coefficients and {rows} intercepts"));
    }
    match (rows, labels) {
        (1, 2) if transform == "LOGISTIC" => Ok(()),
        (1, _) => Err(format!("with one row of coefficients and `{transform}`")),
        (rows, labels) if rows == labels => Ok(()),
        _ => Err(format!(
            "with {rows} rows of coefficients and {labels} labels"
        )),
    }
}

/// The norms L1 and L2.
pub(super) fn normalizer(node: Node<'_>, _: &Types<'_>) -> Result<(), String> {
    match node.string("norm").map_err(|error| error.to_string())? {
        Some("L1" | "L2") => Ok(()),
        other => Err(format!("with the norm `{}`", other.unwrap_or("MAX"))),
    }
}
