//! The gateway: the front door that every protocol shares. It knows no protocol, no runtime and
//! no flavor.

use crate::batcher::Answer;
use crate::catalog::{Catalog, ResolveError, State};
use crate::servable::{InferError, Servable};
use crate::store::ModelVersion;
use flowgate_core::InferRequest;
use std::sync::Arc;
use std::time::Instant;

/// Finds models and has requests answered.
#[derive(Debug)]
pub struct Gateway {
    catalog: Arc<Catalog>,
}

impl Gateway {
    /// A gateway to the models of `catalog`.
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog }
    }

    /// The model that answers where a request names none.
    ///
    /// # Errors
    /// When none is ready.
    pub fn resolve_default(&self) -> Result<Arc<Servable>, ResolveError> {
        self.catalog.resolve_default()
    }

    /// The highest ready version of the model `name`.
    ///
    /// # Errors
    /// When none is ready.
    pub fn resolve(&self, name: &str) -> Result<Arc<Servable>, ResolveError> {
        self.catalog.resolve(name)
    }

    /// The model that answers where a request names none, whatever its state; `None` when there
    /// is none.
    pub fn describe_default(&self) -> Option<(ModelVersion, State)> {
        self.catalog.default_state()
    }

    /// Has the metrics of all models tell how much waits now.
    pub fn gauge(&self) {
        for servable in self.catalog.ready() {
            servable.batcher.gauge();
        }
    }

    /// Whether every model that should be served is.
    pub fn is_ready(&self) -> bool {
        self.catalog.is_ready()
    }

    /// The answer of `servable` to `request`, by `deadline`.
    ///
    /// # Errors
    /// As [`Servable::infer`].
    pub async fn infer(
        &self,
        servable: &Servable,
        request: InferRequest,
        deadline: Instant,
    ) -> Result<Answer, InferError> {
        servable.infer(request, deadline).await
    }
}
