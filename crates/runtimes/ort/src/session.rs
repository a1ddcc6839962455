//! One run.

use crate::failure::failed;
use crate::{input, output};
use flowgate_core::{Frame, ModelSignature, RuntimeError, Session};
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
        let mut shapes = Vec::new();
        for port in &self.signature.inputs {
            let named = inputs
                .get(&port.name)
                .ok_or_else(|| RuntimeError::InvalidInput {
                    message: format!("input `{}` is missing", port.name),
                })?;
            values.push(input::value(&port.name, &named.tensor)?);
            shapes.push(named.tensor.shape());
        }
        let outputs = self
            .session
            .run_with_options(&*values, &self.options)
            .map_err(|error| match failed(&error) {
                RuntimeError::Failed { reason } if !self.signature.rows_agree(shapes) => {
                    tracing::debug!(reason, "a run of unlike rows");
                    RuntimeError::InvalidInput {
                        message: "the model does not take inputs of unlike rows".to_owned(),
                    }
                }
                other => other,
            })?;
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
