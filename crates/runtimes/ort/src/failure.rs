//! What an error of the engine means.

use flowgate_core::RuntimeError;
use ort::ErrorCode;

/// What an error of a run means. The engine's words may repeat data, so a client gets others.
pub(crate) fn failed(error: &ort::Error) -> RuntimeError {
    match error.code() {
        ErrorCode::InvalidArgument => {
            tracing::debug!(reason = error.message(), "the engine refused a run");
            RuntimeError::InvalidInput {
                message: "the model does not take inputs of these sizes or contents".to_owned(),
            }
        }
        _ => RuntimeError::Failed {
            reason: error.message().to_owned(),
        },
    }
}
