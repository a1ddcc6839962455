//! The types that flow through a graph, and which values are constants.

use flowgate_onnx::{AI_ONNX, ElemType, Model, Node, TensorData, TensorRef, ValueKind};
use std::collections::HashMap;

/// What is known of the values of a graph, in the order of its nodes.
#[derive(Debug)]
pub(super) struct Types<'a> {
    known: HashMap<String, ElemType>,
    constants: HashMap<String, Constant<'a>>,
}

/// A value that does not depend on the inputs.
#[derive(Debug, Clone)]
enum Constant<'a> {
    /// Written as a tensor.
    Tensor(TensorRef<'a>),
    /// Written as plain numbers.
    Floats(Vec<f32>),
    /// Made of other constants by the graph.
    Made,
}

/// Operators that hand on the elements of their first input.
const KEEP_ELEMENTS: [&str; 6] = [
    "Identity",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
];

impl<'a> Types<'a> {
    /// What is known before the first node.
    pub(super) fn of(model: &'a Model) -> Self {
        let mut known = HashMap::new();
        let mut constants = HashMap::new();
        for input in model.inputs() {
            if let ValueKind::Tensor { elem, .. } = input.kind {
                known.insert(input.name.clone(), elem);
            }
        }
        for tensor in model.graph().initializers() {
            if let Ok(elem) = tensor.elem() {
                known.insert(tensor.name().to_owned(), elem);
            }
            constants.insert(tensor.name().to_owned(), Constant::Tensor(tensor));
        }
        Self { known, constants }
    }

    /// The type of a value, where it is known.
    pub(super) fn get(&self, name: &str) -> Option<ElemType> {
        self.known.get(name).copied()
    }

    /// Whether a value is a constant.
    pub(super) fn is_constant(&self, name: &str) -> bool {
        self.constants.contains_key(name)
    }

    /// The elements of a constant that is written in the file; `None` where it is made by the
    /// graph or kept in another file.
    pub(super) fn elements(&self, name: &str) -> Option<TensorData> {
        match self.constants.get(name)? {
            Constant::Tensor(tensor) => tensor.data().ok(),
            Constant::Floats(floats) => Some(TensorData::F32(floats.clone())),
            Constant::Made => None,
        }
    }

    /// Notes the type of an output.
    pub(super) fn set(&mut self, name: &str, elem: ElemType) {
        self.known.insert(name.to_owned(), elem);
    }

    /// Notes which outputs of `node` are constants.
    pub(super) fn note_constants(&mut self, node: Node<'a>) {
        let constant = if node.is(AI_ONNX, "Constant") {
            written(node)
        } else if node.inputs().is_empty() || !node.inputs().iter().all(|one| self.is_constant(one))
        {
            return;
        } else if node.domain() == AI_ONNX && KEEP_ELEMENTS.contains(&node.op_type()) {
            let first = node.inputs().first();
            first.and_then(|name| self.constants.get(name)).cloned()
        } else {
            None
        };
        for output in node.outputs() {
            let constant = constant.clone().unwrap_or(Constant::Made);
            self.constants.insert(output.clone(), constant);
        }
    }

    /// Nothing is known of the outputs of `node`.
    pub(super) fn forget(&mut self, node: Node<'_>) {
        for output in node.outputs() {
            self.known.remove(output);
        }
    }

    pub(super) fn into_known(self) -> HashMap<String, ElemType> {
        self.known
    }
}

/// The value of a `Constant`.
fn written(node: Node<'_>) -> Option<Constant<'_>> {
    if let Ok(Some(tensor)) = node.tensor("value") {
        return Some(Constant::Tensor(tensor));
    }
    if let Ok(Some(float)) = node.float("value_float") {
        return Some(Constant::Floats(vec![float]));
    }
    let floats = node.floats("value_floats").ok().flatten()?;
    Some(Constant::Floats(floats.to_vec()))
}
