//! Operators that replace the engine's own, where those answer in another way than the
//! specification asks for, and checks that are put before others.
//!
//! A value that an operator cannot treat rightly ends the run with [`Refused`].

mod activations;
mod cast;
mod classifier;
mod features;
mod guards;
mod linear;
mod normalizer;
mod reduce;

use tract_onnx::model::Onnx;

pub(crate) use guards::{GUARD_BOUNDS, GUARD_NAN};

/// Values that an operator does not take; the words hold no data.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The engine's reader with our operators in place of its own.
pub(crate) fn framework() -> Onnx {
    let mut framework = tract_onnx::onnx().with_ignore_value_info(true);
    let register = &mut framework.op_register;
    for (name, build) in activations::BUILDERS {
        register.insert(name, build);
    }
    for name in reduce::NAMES {
        register.insert(name, reduce::build);
    }
    register.insert("Cast", cast::build);
    register.insert("ArrayFeatureExtractor", features::build);
    register.insert("LinearClassifier", linear::build);
    register.insert("Normalizer", normalizer::build);
    register.insert(GUARD_BOUNDS, guards::build_bounds);
    register.insert(GUARD_NAN, guards::build_nan);
    framework
}
