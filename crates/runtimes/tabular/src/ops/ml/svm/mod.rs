//! Support vector machines.

mod classifier;
mod coupling;
mod distance;
mod kernel;
mod pairwise;
mod regressor;

use crate::onnx::Entry;
use flowgate_onnx::AI_ONNX_ML;

/// The operators of this folder.
pub(super) const LIST: &[Entry] = &[
    Entry {
        domain: AI_ONNX_ML,
        op_type: "SVMClassifier",
        versions: (1, 5),
        lower: classifier::svm_classifier,
        limits: "`POLY` of a degree that is no whole number up to 7",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "SVMRegressor",
        versions: (1, 5),
        lower: regressor::svm_regressor,
        limits: "types other than 32-bit floats; `POLY` of a degree that is no whole number up to 7",
    },
];
