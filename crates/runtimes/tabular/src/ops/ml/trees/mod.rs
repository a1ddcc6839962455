//! Tree ensembles.
//!
//! As ONNX Runtime 1.32 computes them with one thread: the weights of the leaves that a row
//! reaches are added in the order of the trees, beginning with zero, in 32 bits, or in 64 for
//! rows of 64-bit floats; what else there is comes after that.

mod aggregate;
mod classifier;
mod ensemble;
mod finish;
mod membership;
mod regressor;
mod scored;
mod scorer;
mod two;

use crate::onnx::Entry;
use flowgate_onnx::AI_ONNX_ML;

/// What of all of them is not taken.
const LIMITS: &str = "trees that do not begin with their roots";

/// The operators of this folder.
pub(super) const LIST: &[Entry] = &[
    Entry {
        domain: AI_ONNX_ML,
        op_type: "TreeEnsembleClassifier",
        versions: (1, 4),
        lower: classifier::tree_ensemble_classifier,
        limits: "trees that do not begin with their roots; scores that ONNX Runtime leaves unwritten",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "TreeEnsembleRegressor",
        versions: (1, 4),
        lower: regressor::tree_ensemble_regressor,
        limits: LIMITS,
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "TreeEnsemble",
        versions: (5, 5),
        lower: regressor::tree_ensemble,
        limits: "16-bit floats; sets of members that are neither small nor whole",
    },
];
