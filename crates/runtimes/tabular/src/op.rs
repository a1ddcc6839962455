//! What an operator is.

use crate::trees::{Path, Scratch};
use flowgate_core::Tensor;
use smallvec::SmallVec;

/// What an operator makes: its outputs in order, those that nobody wants included.
pub(crate) type Outputs = SmallVec<[Tensor; 2]>;

/// A step of a graph: pure, and shared by all sessions.
pub(crate) trait Operator: Send + Sync {
    /// What it makes of `inputs`.
    ///
    /// # Errors
    /// [`Fault::Refused`] for values, ranks and sizes that it does not take: what a request can
    /// bring about. Never a panic: sizes are multiplied with checks, places are looked up.
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault>;
}

/// What the operators of one run share.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// Threads that may work at the same time, 1 at least.
    pub(crate) threads: usize,
    /// How trees are followed.
    pub(crate) path: Path,
    /// Memory that trees keep between runs.
    pub(crate) trees: Scratch,
    /// Room for the values of a graph, empty between runs.
    pub(crate) values: Vec<Option<Tensor>>,
}

/// The values that an operator reads, in the order of its definition; those that are left out are
/// `None`.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a>(pub(crate) &'a [Option<&'a Tensor>]);

/// Why a run has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// The model does not take these values, types or shapes. The words may be shown to a client:
    /// they hold no data.
    #[error("{0}")]
    Refused(String),
    /// The graph contradicts itself, or an operator has a fault.
    #[error("{0}")]
    Failed(String),
}

impl Fault {
    /// That the model does not take what was sent.
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }

    /// That the graph is at fault.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }
}

impl From<flowgate_core::ShapeError> for Fault {
    fn from(error: flowgate_core::ShapeError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl<'a> Inputs<'a> {
    /// The input at `place`, which must be there.
    ///
    /// # Errors
    /// [`Fault::Failed`] when it is not.
    pub(crate) fn get(self, place: usize) -> Result<&'a Tensor, Fault> {
        self.optional(place)
            .ok_or_else(|| Fault::failed(format!("input {place} is missing")))
    }

    /// The input at `place`, where it is not left out.
    pub(crate) fn optional(self, place: usize) -> Option<&'a Tensor> {
        self.0.get(place).copied().flatten()
    }

    /// The inputs that are there, in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a Tensor> {
        self.0.iter().copied().flatten()
    }
}

/// The one output of an operator.
pub(crate) fn one(tensor: Tensor) -> Outputs {
    let mut outputs = Outputs::new();
    outputs.push(tensor);
    outputs
}
