//! A loaded model.

use crate::graph::Graph;
use crate::session::TabularSession;
use crate::trees::Path;
use crate::{onnx, program};
use flowgate_core::{
    Artifact, Format, LoadOptions, Model, ModelSignature, RuntimeError, Session, Unsupported,
};
use flowgate_onnx::FileError;
use flowgate_onnx::zipmap::MapColumns;
use std::sync::Arc;

/// What a session keeps, in octets: blocks of rows in the making.
const SESSION: u64 = 1 << 20;

/// A model: everything in it is only read, so sessions share it.
pub(crate) struct TabularModel {
    shared: Arc<Shared>,
    /// Cores, and so runs at the same time.
    cores: usize,
    /// Threads that a run of many rows may take.
    threads: usize,
    /// How trees are followed.
    path: Path,
}

/// What the sessions of a model have in common.
pub(crate) struct Shared {
    pub(crate) signature: ModelSignature,
    pub(crate) graph: Graph,
    /// What becomes of what the graph gives, in order.
    pub(crate) outputs: Vec<Output>,
    /// About how many octets it takes.
    pub(crate) size: u64,
}

/// What a value that the graph gives becomes.
pub(crate) enum Output {
    /// A tensor as it is.
    Tensor,
    /// A map a row.
    Map(MapColumns),
}

impl TabularModel {
    /// The model whose trees are followed as `path` says.
    pub(crate) fn new(shared: Shared, options: &LoadOptions, path: Path) -> Self {
        let cores = options.cores.max(1);
        Self {
            shared: Arc::new(shared),
            cores,
            threads: options.threads.unwrap_or(cores).max(1),
            path,
        }
    }
}

impl Shared {
    /// Reads what `artifact` is and makes a graph of it.
    pub(crate) fn read(artifact: &Artifact) -> Result<Self, FileError> {
        Ok(match (artifact.format, &artifact.program) {
            (Format::Onnx, _) => onnx::read(artifact)?,
            (Format::Program, Some(program)) => program::compile(program).map_err(|error| {
                FileError::Unsupported(Unsupported {
                    operators: Vec::new(),
                    reasons: vec![error.to_string()],
                })
            })?,
            (Format::Program, None) => {
                return Err(FileError::Unreadable("there is no program".to_owned()));
            }
        })
    }
}

impl Model for TabularModel {
    fn signature(&self) -> &ModelSignature {
        &self.shared.signature
    }

    /// Without what runs take, which depends on the rows.
    fn footprint(&self, sessions: usize) -> u64 {
        let sessions = u64::try_from(sessions).unwrap_or(u64::MAX);
        self.shared
            .size
            .saturating_add(SESSION.saturating_mul(sessions))
    }

    /// Most runs take one thread, and sessions share all but memory.
    fn suggested_sessions(&self) -> usize {
        self.cores
    }

    fn is_steady(&self) -> bool {
        true
    }

    fn session(&self) -> Result<Box<dyn Session>, RuntimeError> {
        let shared = Arc::clone(&self.shared);
        Ok(Box::new(TabularSession::new(
            shared,
            self.threads,
            self.path,
        )))
    }
}
