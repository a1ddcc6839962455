//! A loaded model.

use crate::file::Facts;
use crate::session::OrtSession;
use crate::share::Share;
use crate::{load, signature};
use flowgate_core::{Artifact, LoadOptions, Model, ModelSignature, RuntimeError, Session};
use ort::environment::Environment;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What a session takes at most, in multiples of the files. Measured on a forest of 4.6 MB,
/// which takes 63 MB; other graphs keep their weights once and a packed copy of some.
const TREE_FACTOR: u64 = 16;
const OTHER_FACTOR: u64 = 3;
/// What a session takes whatever is in it, in octets.
const BASE: u64 = 8 << 20;

/// A model of ONNX Runtime.
///
/// Its session is the whole model: the engine does not let two callers run one safely, so a
/// second session is a second load of the same file with the same options, and costs as much
/// time and memory.
pub(crate) struct OrtModel {
    environment: Environment,
    path: PathBuf,
    options: LoadOptions,
    share: Share,
    facts: Facts,
    signature: Arc<ModelSignature>,
    /// The session that the load made, until somebody takes it.
    first: Mutex<Option<ort::session::Session>>,
}

impl OrtModel {
    pub(crate) fn load(
        environment: &Environment,
        artifact: &Artifact,
        options: &LoadOptions,
        facts: Facts,
    ) -> Result<Self, RuntimeError> {
        let share = Share::of(options, facts.size);
        let session = load::session(environment, &artifact.path, options, share.threads)?;
        Ok(Self {
            share,
            environment: environment.clone(),
            path: artifact.path.clone(),
            options: options.clone(),
            signature: Arc::new(signature::of(&session, &facts)),
            facts,
            first: Mutex::new(Some(session)),
        })
    }
}

impl Model for OrtModel {
    fn signature(&self) -> &ModelSignature {
        &self.signature
    }

    /// Without what runs take, which depends on the rows.
    fn footprint(&self, sessions: usize) -> u64 {
        let factor = if self.facts.has_trees {
            TREE_FACTOR
        } else {
            OTHER_FACTOR
        };
        let session = self.facts.size.saturating_mul(factor).saturating_add(BASE);
        session.saturating_mul(u64::try_from(sessions).unwrap_or(u64::MAX))
    }

    fn suggested_sessions(&self) -> usize {
        self.share.sessions
    }

    fn is_steady(&self) -> bool {
        true
    }

    fn session(&self) -> Result<Box<dyn Session>, RuntimeError> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let session = match first {
            Some(session) => session,
            None => {
                let threads = self.share.threads;
                load::session(&self.environment, &self.path, &self.options, threads)?
            }
        };
        Ok(Box::new(OrtSession::new(
            session,
            Arc::clone(&self.signature),
        )?))
    }
}
