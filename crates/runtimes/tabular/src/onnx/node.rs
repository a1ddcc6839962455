//! One node on its way to an operator.

use crate::op::Operator;
use flowgate_core::{DataType, Tensor};
use flowgate_onnx::{Graph as OnnxGraph, Node, OnnxError};
use std::collections::HashMap;

/// What is known of a value before any run.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The type of its elements.
    pub(crate) datatype: DataType,
    /// The value itself, where it is the same in every run.
    pub(crate) constant: Option<Tensor>,
}

/// A node with what is known of its inputs.
pub(crate) struct Lowering<'a> {
    /// The node: its attributes.
    pub(crate) node: Node<'a>,
    /// The version of the operator set that the file imports for the node's domain.
    pub(crate) opset: i64,
    /// Its inputs in order; those that are left out are `None`.
    pub(crate) inputs: Vec<Option<Known>>,
    /// Values outside of the graph that subgraphs may read, by name.
    pub(crate) scope: &'a HashMap<String, Known>,
    /// The operator sets of the file, for subgraphs.
    pub(crate) opsets: &'a std::collections::BTreeMap<String, i64>,
}

/// The operator that a node becomes.
pub(crate) struct Lowered {
    /// What it does.
    pub(crate) op: Box<dyn Operator>,
    /// The types of all its outputs that it makes, in order.
    pub(crate) outputs: Vec<DataType>,
}

/// Why a node becomes no operator: another runtime is asked then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LowerError(pub(crate) String);

impl From<OnnxError> for LowerError {
    fn from(error: OnnxError) -> Self {
        Self(error.to_string())
    }
}

impl Lowered {
    /// `op` with one output of `datatype`.
    pub(crate) fn one(op: impl Operator + 'static, datatype: DataType) -> Self {
        Self {
            op: Box::new(op),
            outputs: vec![datatype],
        }
    }
}

impl<'a> Lowering<'a> {
    /// That the node is not taken, and why.
    pub(crate) fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, LowerError> {
        Err(LowerError(reason.into()))
    }

    /// The type of the input at `place`.
    ///
    /// # Errors
    /// When it is left out.
    pub(crate) fn datatype(&self, place: usize) -> Result<DataType, LowerError> {
        match self.inputs.get(place).and_then(Option::as_ref) {
            Some(known) => Ok(known.datatype),
            None => self.refuse(format!("input {place} is missing")),
        }
    }

    /// Whether the input at `place` is there.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.inputs.get(place).is_some_and(Option::is_some)
    }

    /// The value of the input at `place`, where it is the same in every run.
    pub(crate) fn constant(&self, place: usize) -> Option<&Tensor> {
        self.inputs.get(place)?.as_ref()?.constant.as_ref()
    }

    /// The common type of all inputs that are there.
    ///
    /// # Errors
    /// When they differ, or none is there.
    pub(crate) fn same_type(&self) -> Result<DataType, LowerError> {
        let mut types = self.inputs.iter().flatten().map(|known| known.datatype);
        let Some(first) = types.next() else {
            return self.refuse("it has no inputs");
        };
        match types.find(|datatype| *datatype != first) {
            Some(other) => self.refuse(format!("its inputs are of `{first}` and `{other}`")),
            None => Ok(first),
        }
    }

    /// An integer attribute, or what the operator takes for it.
    ///
    /// # Errors
    /// When it is of another kind; the same holds for those below.
    pub(crate) fn int(&self, name: &str, otherwise: i64) -> Result<i64, LowerError> {
        Ok(self.node.int(name)?.unwrap_or(otherwise))
    }

    /// Whole numbers; empty where the attribute is absent.
    ///
    /// # Errors
    /// As [`Lowering::int`].
    pub(crate) fn ints(&self, name: &str) -> Result<&'a [i64], LowerError> {
        Ok(self.node.ints(name)?.unwrap_or_default())
    }

    /// Floats; empty where the attribute is absent.
    ///
    /// # Errors
    /// As [`Lowering::int`].
    pub(crate) fn floats(&self, name: &str) -> Result<&'a [f32], LowerError> {
        Ok(self.node.floats(name)?.unwrap_or_default())
    }

    /// Texts; empty where the attribute is absent.
    ///
    /// # Errors
    /// As [`Lowering::int`].
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<&'a str>, LowerError> {
        Ok(self.node.strings(name)?.unwrap_or_default())
    }

    /// A subgraph.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn graph(&self, name: &str) -> Result<OnnxGraph<'a>, LowerError> {
        match self.node.graph(name)? {
            Some(graph) => Ok(graph),
            None => self.refuse(format!("its attribute `{name}` is missing")),
        }
    }
}
