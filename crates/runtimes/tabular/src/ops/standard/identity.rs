//! What leaves values as they are.

use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_onnx::AI_ONNX;

/// The operators of this file.
pub(super) const LIST: &[Entry] = &[Entry {
    domain: AI_ONNX,
    op_type: "Identity",
    versions: (1, 25),
    lower: identity,
    limits: "sequences",
}];

struct Identity;

fn identity(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    Ok(Lowered::one(Identity, node.datatype(0)?))
}

impl Operator for Identity {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        Ok(one(inputs.get(0)?.clone()))
    }
}
