//! A loaded model.

use crate::NAME;
use crate::engine;
use crate::file::{self, Source};
use crate::plans::Plans;
use crate::session::TractSession;
use flowgate_core::{Artifact, LoadOptions, Model, ModelSignature, RuntimeError, Session};
use flowgate_onnx::zipmap::MapColumns;
use std::sync::Arc;

/// What the constants take at most, in multiples of the files: as read, and once more packed for
/// the kernels in every plan.
const READ_FACTOR: u64 = 3;
const PLAN_FACTOR: u64 = 2;
/// What a model takes whatever is in it, in octets.
const BASE: u64 = 8 << 20;
/// What a session keeps, in octets: names and an empty state.
const SESSION: u64 = 64 << 10;

/// A model of the engine. Everything in it is only read, so sessions share it.
pub(crate) struct TractModel {
    shared: Arc<Shared>,
    /// Octets of the file and its companions.
    size: u64,
    cores: usize,
}

/// What the sessions of a model have in common.
pub(crate) struct Shared {
    pub(crate) signature: Arc<ModelSignature>,
    pub(crate) maps: Vec<Option<MapColumns>>,
    pub(crate) plans: Plans,
}

impl TractModel {
    /// Loads the file of `artifact`; plans that are made later are given up as this
    /// load is.
    pub(crate) fn load(artifact: &Artifact, options: &LoadOptions) -> Result<Self, RuntimeError> {
        let Source {
            model,
            signature,
            maps,
            size,
        } = file::read(artifact).map_err(|error| error.into_runtime_error(NAME))?;
        let parsed = engine::parse(model, artifact)?;
        let signature = Arc::new(signature);
        let plans = Plans::new(parsed, Arc::clone(&signature), options.time_limit)?;
        Ok(Self {
            shared: Arc::new(Shared {
                signature,
                maps,
                plans,
            }),
            size,
            cores: options.cores,
        })
    }
}

impl Model for TractModel {
    fn signature(&self) -> &ModelSignature {
        &self.shared.signature
    }

    /// Without what runs take, which depends on the rows.
    fn footprint(&self, sessions: usize) -> u64 {
        let plans = u64::try_from(self.shared.plans.count()).unwrap_or(u64::MAX);
        let factor = plans
            .saturating_mul(PLAN_FACTOR)
            .saturating_add(READ_FACTOR);
        let sessions = u64::try_from(sessions).unwrap_or(u64::MAX);
        let model = self.size.saturating_mul(factor).saturating_add(BASE);
        model.saturating_add(SESSION.saturating_mul(sessions))
    }

    /// A run takes one thread, and sessions share all but nothing.
    fn suggested_sessions(&self) -> usize {
        self.cores
    }

    fn is_steady(&self) -> bool {
        true
    }

    fn session(&self) -> Result<Box<dyn Session>, RuntimeError> {
        Ok(Box::new(TractSession::new(Arc::clone(&self.shared))))
    }
}
