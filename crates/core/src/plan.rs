//! Plans: what a flavor makes of a package, as data.

use crate::{Artifact, LoadOptions, Port, Signature};
use std::sync::Arc;

/// All that a runtime and the server need to know of a package; no behaviour.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What a runtime is to load.
    pub artifact: Artifact,
    /// What the package declares; parts that it does not declare are absent.
    pub signature: Signature,
    /// How the data of a request becomes the artifact's inputs.
    pub inputs: InputAdapter,
    /// Which of the artifact's outputs are the answer.
    pub answer: Answer,
    /// How the manifest wants it loaded.
    pub options: LoadOptions,
    /// What the manifest says about the server's choices.
    pub hints: Hints,
}

/// How the data of a request becomes the artifact's inputs.
///
/// Only `f64` is ever converted, to `f32` where the input asks for it, as MLflow does; every
/// other difference in type is refused.
#[derive(Debug, Clone, PartialEq)]
pub enum InputAdapter {
    /// The artifact has one input: a table goes side by side as `[rows, columns]` in the common
    /// type of its columns, one tensor goes as it is.
    Single(Port),
    /// The artifact has several inputs: each takes the column or tensor of its name; others are
    /// left out. A column has the shape `[rows]`, or `[rows, 1]` where the input has two
    /// dimensions.
    Named(Vec<Port>),
    /// As [`InputAdapter::Single`] for a model of numbers, in the floats of the port: a table goes
    /// side by side, every number converted as numpy's `astype` does (rounded to the nearest;
    /// `true` is 1). A table has as many columns as the port, in its order.
    Numbers(Port),
}

/// Which outputs are the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Answer {
    /// All of them, as MLflow answers with a data frame: one record a row for a table, else one
    /// list an output.
    #[default]
    Frame,
    /// One of them, as MLflow answers with a numpy array: a list, of values or of lists. Which one,
    /// the param `predict_method` says; without it, the first.
    Array(Vec<Method>),
}

/// What a model can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// What the param `predict_method` calls it: `predict`, `predict_proba`.
    pub name: &'static str,
    /// The output that answers it.
    pub output: Arc<str>,
}

impl InputAdapter {
    /// The inputs in the artifact's order.
    pub fn ports(&self) -> &[Port] {
        match self {
            Self::Single(port) | Self::Numbers(port) => std::slice::from_ref(port),
            Self::Named(ports) => ports,
        }
    }
}

/// What the manifest says about the server's choices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// The runtime that the package wants.
    pub runtime: Option<String>,
    /// The most rows that may be run together; 1 where rows must not be joined at all.
    pub max_batch_rows: Option<usize>,
    /// Sessions that run at the same time, where the server says nothing.
    pub sessions: Option<usize>,
    /// Threads inside one run, where the server says nothing.
    pub threads: Option<usize>,
    /// The most rows that may wait, where that is less than the server's bound.
    pub max_queue_rows: Option<usize>,
    /// The most requests that may wait, where that is less than the server's bound.
    pub max_queue_requests: Option<usize>,
}
