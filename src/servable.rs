//! Servables: what a request holds while it is answered.

use crate::about::About;
use crate::adapter::{AdaptError, adapt};
use crate::batcher::{Answer, BatchError, Batcher};
use crate::catalog::Choice;
use crate::metrics::ModelMetrics;
use crate::store::ModelVersion;
use flowgate_core::{ErrorKind, InferRequest, InputAdapter, ModelSignature, Refusal, Signature};
use std::time::Instant;

/// One loaded version of a model: never changes once it is published, and unloads when the last
/// request that holds it is answered.
#[derive(Debug)]
pub struct Servable {
    /// The name and version it is served under.
    pub id: ModelVersion,
    /// What the package declares.
    pub signature: Signature,
    /// What the model itself says.
    pub model: ModelSignature,
    /// How requests become its inputs.
    pub inputs: InputAdapter,
    /// Which runtime runs it, and why.
    pub choice: Choice,
    /// What people want to know of it.
    pub about: About,
    /// Its metric handles.
    pub metrics: ModelMetrics,
    /// Its queue and workers.
    pub batcher: Batcher,
}

/// Why a request has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InferError {
    /// The data does not fit the signature.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The data fits the signature and does not go into the model.
    #[error(transparent)]
    Adapt(#[from] AdaptError),
    /// Queueing or running failed.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

impl InferError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::Adapt(error) => error.kind(),
            Self::Batch(error) => error.kind(),
        }
    }
}

impl Servable {
    /// The answer to `request`, with the times it took: checked against the signature, adapted,
    /// queued, run.
    ///
    /// # Errors
    /// A refusal of the data, a full queue, a passed `deadline`, or a failed run.
    pub async fn infer(
        &self,
        request: InferRequest,
        deadline: Instant,
    ) -> Result<Answer, InferError> {
        self.signature.check(&request.frame, Refusal::LISTED)?;
        let inputs = adapt(&self.inputs, request.form, request.frame)?;
        self.metrics.rows.inc_by(inputs.rows().unwrap_or(1) as u64);
        Ok(self
            .batcher
            .submit(inputs, request.params, deadline)
            .await?)
    }
}
