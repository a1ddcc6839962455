//! The life of one version.

use crate::servable::Servable;
use std::sync::Arc;

/// Where a version is in its life.
///
/// `Pending → Loading → Ready → Draining → Unloaded`, and from any to `Failed`. It is `Ready`
/// only after it can be resolved, and `Draining` before resolving starts to fail.
#[derive(Debug, Clone)]
pub enum State {
    /// It is to be served; nothing has been done yet.
    Pending,
    /// Its package is being read, its artifact loaded.
    Loading,
    /// Requests are answered.
    Ready(Arc<Servable>),
    /// No new requests; those that hold it are answered.
    Draining,
    /// Gone.
    Unloaded,
    /// Loading ended with this reason; an older version is not touched by it.
    Failed {
        /// Why, as it was logged.
        reason: String,
    },
}

impl State {
    /// Its name in lower case.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Loading => "loading",
            Self::Ready(_) => "ready",
            Self::Draining => "draining",
            Self::Unloaded => "unloaded",
            Self::Failed { .. } => "failed",
        }
    }
}
