//! Plans of a model: one for all sizes, or one for each set of sizes where the engine cannot
//! leave them open.

use crate::{engine, fence};
use flowgate_core::{Dim, ModelSignature, RuntimeError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tract_onnx::prelude::{InferenceModel, TypedSimplePlan};

/// Plans for certain sizes that are kept, the oldest of which makes room for a new one.
const KEPT: usize = 8;

/// A plan for inputs of certain shapes.
type Sized = (Vec<Vec<usize>>, Arc<TypedSimplePlan>);

/// What runs a model.
pub(crate) struct Plans {
    parsed: Arc<InferenceModel>,
    signature: Arc<ModelSignature>,
    /// The plan for all sizes.
    open: Option<Arc<TypedSimplePlan>>,
    /// Plans for certain sizes, the last used at the end.
    sized: Mutex<Vec<Sized>>,
    limit: Duration,
}

impl Plans {
    /// The plans of a parsed graph. Where no plan leaves the sizes open, one for a single row
    /// shows that the graph is sound; of a model that does not even tell how many dimensions its
    /// inputs have that is seen with the first inputs. `limit` bounds the making of later plans.
    pub(crate) fn new(
        parsed: InferenceModel,
        signature: Arc<ModelSignature>,
        limit: Duration,
    ) -> Result<Self, RuntimeError> {
        let plans = |parsed, open, sized| Self {
            parsed: Arc::new(parsed),
            signature: Arc::clone(&signature),
            open,
            sized: Mutex::new(sized),
            limit,
        };
        let fault = match engine::plan(&parsed, &signature) {
            Ok(open) => return Ok(plans(parsed, Some(open), Vec::new())),
            Err(fault) => fault,
        };
        let Some(shapes) = one_row(&signature) else {
            tracing::debug!(%fault, "the model does not tell its dimensions, plans wait for inputs");
            return Ok(plans(parsed, None, Vec::new()));
        };
        tracing::debug!(%fault, "the engine cannot leave sizes open, it makes plans for each");
        match engine::plan_for(&parsed, &signature, &shapes) {
            Ok(plan) => Ok(plans(parsed, None, vec![(shapes, plan)])),
            Err(_) => Err(fault),
        }
    }

    /// How many plans there are at most.
    pub(crate) fn count(&self) -> usize {
        usize::from(self.open.is_some()) + KEPT
    }

    /// A plan for inputs of `shapes`.
    pub(crate) fn get(
        &self,
        shapes: Vec<Vec<usize>>,
    ) -> Result<Arc<TypedSimplePlan>, RuntimeError> {
        match &self.open {
            Some(open) if self.rows_agree(&shapes) => Ok(Arc::clone(open)),
            _ => self.sized(shapes),
        }
    }

    /// A plan for exactly `shapes`, where there is one for all sizes that has failed on them: it
    /// cannot, for example, cut a slice to a number of rows that it does not know.
    pub(crate) fn second(
        &self,
        shapes: Vec<Vec<usize>>,
    ) -> Option<Result<Arc<TypedSimplePlan>, RuntimeError>> {
        (self.open.is_some() && self.rows_agree(&shapes)).then(|| self.sized(shapes))
    }

    /// Whether the free first dimensions, which share a symbol, are of one size.
    pub(crate) fn rows_agree(&self, shapes: &[Vec<usize>]) -> bool {
        self.signature.rows_agree(shapes.iter().map(Vec::as_slice))
    }

    fn sized(&self, shapes: Vec<Vec<usize>>) -> Result<Arc<TypedSimplePlan>, RuntimeError> {
        if let Some(plan) = self.take(&shapes) {
            return Ok(plan);
        }
        let (parsed, signature) = (Arc::clone(&self.parsed), Arc::clone(&self.signature));
        let wanted = shapes.clone();
        let made = fence::within(self.limit, move || {
            engine::plan_for(&parsed, &signature, &wanted)
        });
        let plan = made.map_err(|error| match error {
            RuntimeError::InvalidArtifact { reason } => {
                tracing::debug!(reason, "no plan for inputs of these sizes");
                RuntimeError::InvalidInput {
                    message: "the model does not take inputs of these sizes".to_owned(),
                }
            }
            other => other,
        })?;
        let mut sized = self.sized.lock().unwrap_or_else(PoisonError::into_inner);
        // Another session may have made the same one meanwhile.
        sized.retain(|(other, _)| *other != shapes);
        if sized.len() >= KEPT {
            sized.remove(0);
        }
        sized.push((shapes, Arc::clone(&plan)));
        Ok(plan)
    }

    fn take(&self, shapes: &[Vec<usize>]) -> Option<Arc<TypedSimplePlan>> {
        let mut sized = self.sized.lock().unwrap_or_else(PoisonError::into_inner);
        let place = sized.iter().position(|(other, _)| other == shapes)?;
        let entry = sized.remove(place);
        let plan = Arc::clone(&entry.1);
        sized.push(entry);
        Some(plan)
    }
}

/// The shapes of inputs with one row and one of everything else that is free; `None` where not
/// even the number of dimensions is known.
fn one_row(signature: &ModelSignature) -> Option<Vec<Vec<usize>>> {
    let inputs = signature.inputs.iter();
    let shapes = inputs.map(|port| {
        let dims = port.shape.as_ref()?.iter();
        let sizes = dims.map(|dim| match dim {
            Dim::Fixed(size) => *size,
            Dim::Free => 1,
        });
        Some(sizes.collect())
    });
    shapes.collect()
}
