//! Validating: what of a request would be refused, all of it, without a prediction.
//!
//! The same checks as before a run, in their order: the body's by `scoring`, the signature's, the
//! adapter's, and the one that every runtime begins with. None of them needs a runtime.

use crate::adapter::adapt;
use crate::scoring::decode::Decoded;
use flowgate_core::{
    Code, Frame, InputAdapter, Port, PortKind, Refusal, Signature, Stage, Violation,
};

/// How many violations a report lists: enough to mend a file by, and a bound on the size of the
/// report. All are counted.
pub const LISTED: usize = 10_000;

/// What a request holds that would be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// Rows; `None` where the tensors have no common number of them.
    pub rows: Option<usize>,
    /// Columns or tensors that are used.
    pub columns: usize,
    /// Columns or tensors that the signature does not have, so that nobody would use them.
    pub dropped_columns: usize,
}

/// Checks what was read of a body against `signature`, and whether a model with `inputs` takes
/// it.
///
/// # Errors
/// What would be refused.
pub fn validate(
    decoded: Result<Decoded, Refusal>,
    signature: &Signature,
    inputs: &InputAdapter,
) -> Result<Fit, Refusal> {
    let Decoded {
        request,
        dropped_columns,
    } = decoded?;
    signature.check(&request.frame, LISTED)?;
    let fit = Fit {
        rows: request.frame.rows(),
        columns: request.frame.tensors().len(),
        dropped_columns,
    };
    let adapted = adapt(inputs, request.form, request.frame)?;
    check_ports(inputs.ports(), &adapted)?;
    Ok(fit)
}

/// Whether `inputs` have the types and sizes that the model's own inputs have, which a package
/// without a signature declares nowhere else.
fn check_ports(ports: &[Port], inputs: &Frame) -> Result<(), Refusal> {
    let mut refusal = Refusal::collect(Stage::Value, LISTED);
    for port in ports {
        // The adapter gave every port its input.
        let Some(named) = inputs.get(&port.name) else {
            continue;
        };
        let (datatype, shape) = (named.tensor.datatype(), named.tensor.shape());
        let Err(error) = port.check(datatype, shape) else {
            continue;
        };
        let code = if port.kind == PortKind::Tensor(datatype) {
            Code::BadShape
        } else {
            Code::TypeMismatch
        };
        let got = format!("`{datatype}` of shape {shape:?}");
        refusal.push(Violation::new(code, format!("`{port}`"), got).in_column(&*port.name));
        refusal.summary.get_or_insert(error.to_string());
    }
    refusal.into_result(())
}
