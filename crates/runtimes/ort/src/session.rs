//! One run.

use crate::{input, output};
use flowgate_core::{Frame, ModelSignature, RuntimeError, Session};
use ort::ErrorCode;
use ort::logging::LogLevel;
use ort::session::{RunOptions, SessionInputValue};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A session of ONNX Runtime.
pub(crate) struct OrtSession {
    session: ort::session::Session,
    signature: Arc<ModelSignature>,
    options: RunOptions,
}

impl OrtSession {
    pub(crate) fn new(
        session: ort::session::Session,
        signature: Arc<ModelSignature>,
    ) -> Result<Self, RuntimeError> {
        let options = RunOptions::new().and_then(|options| {
            let mut options = options;
            // The engine would log every failed run by itself, with words that may repeat data.
            options.set_log_level(LogLevel::Fatal)?;
            Ok(options)
        });
        let options = options.map_err(|error| failed(&error))?;
        Ok(Self {
            session,
            signature,
            options,
        })
    }

    fn run_checked(&mut self, inputs: &Frame) -> Result<Frame, RuntimeError> {
        let mut values: Vec<SessionInputValue<'_>> = Vec::new();
        for port in &self.signature.inputs {
            let named = inputs
                .get(&port.name)
                .ok_or_else(|| RuntimeError::InvalidInput {
                    message: format!("input `{}` is missing", port.name),
                })?;
            values.push(input::value(&port.name, &named.tensor)?);
        }
        let outputs = self
            .session
            .run_with_options(&*values, &self.options)
            .map_err(|error| failed(&error))?;
        output::frame(&self.signature.outputs, &outputs)
    }
}

impl Session for OrtSession {
    fn run(&mut self, inputs: Frame) -> Result<Frame, RuntimeError> {
        self.signature.check(&inputs)?;
        catch_unwind(AssertUnwindSafe(|| self.run_checked(&inputs))).unwrap_or_else(|_| {
            Err(RuntimeError::Failed {
                reason: "the engine panicked during a run".to_owned(),
            })
        })
    }
}

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
