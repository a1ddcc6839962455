//! Linear models.

mod classifier;
mod products;
mod regressor;

use crate::onnx::Entry;
use flowgate_onnx::AI_ONNX_ML;

pub(super) use products::{Bias, Products};

/// The operators of this folder.
pub(super) const LIST: &[Entry] = &[
    Entry {
        domain: AI_ONNX_ML,
        op_type: "LinearClassifier",
        versions: (1, 5),
        lower: classifier::linear_classifier,
        limits: "",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "LinearRegressor",
        versions: (1, 5),
        lower: regressor::linear_regressor,
        limits: "types other than 32-bit floats",
    },
];
