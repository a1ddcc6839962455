//! Servables: what a request holds while it is answered.

use crate::about::About;
use crate::adapter::{AdaptError, adapt};
use crate::batcher::{Answer, BatchError, Batcher};
use crate::catalog::Choice;
use crate::method::{self, Wanted};
use crate::metrics::ModelMetrics;
use crate::scoring::decode::{ExtraColumns, Terms};
use crate::store::ModelVersion;
use flowgate_core::{
    ErrorKind, Frame, InferRequest, InputAdapter, ModelSignature, Params, Refusal, Signature,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// One loaded version of a model: never changes once it is published, and unloads when the last
/// request that holds it is answered.
#[derive(Debug)]
pub struct Servable {
    /// The name and version it is served under.
    pub id: ModelVersion,
    /// What the package declares.
    pub signature: Signature,
    /// Whether tables of it can be read the short way.
    pub can_be_plain: bool,
    /// Whether the model sees a text that is missing.
    pub missing_texts: bool,
    /// What the model itself says.
    pub model: ModelSignature,
    /// How requests become its inputs.
    pub inputs: InputAdapter,
    /// Which of its outputs are the answer.
    pub answer: flowgate_core::Answer,
    /// Which runtime runs it, and why.
    pub choice: Choice,
    /// What people want to know of it.
    pub about: About,
    /// Its metric handles.
    pub metrics: ModelMetrics,
    /// Its queue and workers.
    pub batcher: Batcher,
    /// Whether an answer that is not what the signature declares was told.
    pub mismatch_told: AtomicBool,
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
    /// By what a request to it is read.
    pub fn terms(&self, extra_columns: ExtraColumns) -> Terms<'_> {
        Terms {
            signature: &self.signature,
            extra_columns,
            listed: Refusal::LISTED,
            can_be_plain: self.can_be_plain,
            missing_texts: self.missing_texts,
        }
    }

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
        let wanted = method::wanted(&self.answer, &request.params)?;
        // A method is chosen of what the run gives: requests of unlike ones run together.
        let params = match wanted {
            Wanted::All => request.params,
            Wanted::One { .. } => Params::new(),
        };
        let inputs = adapt(&self.inputs, request.form, request.frame)?;
        self.metrics.rows.inc_by(inputs.rows().unwrap_or(1) as u64);
        let mut answer = self.batcher.submit(inputs, params, deadline).await?;
        answer.frame = wanted.take(answer.frame);
        if wanted.is_declared() {
            self.check_answer(&answer.frame);
        }
        Ok(answer)
    }

    /// Tells an answer that is not what the signature declares, once: in the log and the metrics.
    /// It is given all the same, since packages of MLflow's own making do not keep theirs.
    pub fn check_answer(&self, answer: &Frame) {
        if self.mismatch_told.load(Ordering::Relaxed) {
            return;
        }
        let differences = self.signature.output_differences(answer);
        if differences.is_empty() || self.mismatch_told.swap(true, Ordering::Relaxed) {
            return;
        }
        self.metrics.output_mismatches.inc();
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        tracing::warn!(
            model = self.id.name,
            version = self.id.version,
            "the model's answers are not what its signature declares: {}",
            differences.join("; ")
        );
    }
}
