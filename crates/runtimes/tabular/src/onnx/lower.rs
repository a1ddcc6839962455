//! Node by node from a file to a graph.

use super::list::find;
use super::node::{Known, LowerError, Lowering};
use crate::graph::{Graph, GraphBuilder, Slot};
use crate::op::{Context, Inputs};
use flowgate_core::{Data, DataType, Shape, Tensor, Unsupported};
use flowgate_onnx::{AI_ONNX, Model, Node, TensorData, TensorRef, ValueInfo, ValueKind, datatype};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A graph and the types of what it gives.
pub(crate) struct LoweredGraph {
    pub(crate) graph: Graph,
    pub(crate) outputs: Vec<DataType>,
}

/// The most elements that a value which is computed at load may have.
const FOLDED: usize = 1 << 24;

/// The main graph of `model`.
///
/// # Errors
/// All operators in the way.
pub(crate) fn graph(model: &Model) -> Result<LoweredGraph, Unsupported> {
    let mut graph = Lower::new(model.opsets(), HashMap::new());
    graph.inputs(model.inputs());
    let names: Vec<&str> = model
        .outputs()
        .iter()
        .map(|value| value.name.as_str())
        .collect();
    graph.body(model.graph().initializers(), model.nodes());
    graph.finish(&names)
}

/// A subgraph of the node in `lowering`, whose inputs are of the types `inputs`; it may read what
/// is constant outside.
///
/// # Errors
/// All operators in the way, in one sentence.
pub(crate) fn subgraph(
    lowering: &Lowering<'_>,
    body: flowgate_onnx::Graph<'_>,
    inputs: &[DataType],
) -> Result<LoweredGraph, LowerError> {
    let mut graph = Lower::new(lowering.opsets, lowering.scope.clone());
    let values = body.inputs();
    if values.len() != inputs.len() {
        return lowering.refuse("its subgraph has another number of inputs");
    }
    for (value, datatype) in values.iter().zip(inputs) {
        graph.input(&value.name, Some(*datatype));
    }
    graph.body(body.initializers(), body.nodes());
    let outputs = body.outputs();
    let names: Vec<&str> = outputs.iter().map(|value| value.name.as_str()).collect();
    graph
        .finish(&names)
        .map_err(|unsupported| LowerError(unsupported.to_string()))
}

/// A graph in the making.
struct Lower<'m> {
    opsets: &'m BTreeMap<String, i64>,
    builder: GraphBuilder,
    inputs: usize,
    slots: HashMap<String, Slot>,
    /// What is known of every value by name, those of outer graphs included.
    known: HashMap<String, Known>,
    operators: BTreeSet<String>,
    reasons: Vec<String>,
}

impl<'m> Lower<'m> {
    fn new(opsets: &'m BTreeMap<String, i64>, scope: HashMap<String, Known>) -> Self {
        Self {
            opsets,
            builder: GraphBuilder::new(0),
            inputs: 0,
            slots: HashMap::new(),
            known: scope,
            operators: BTreeSet::new(),
            reasons: Vec::new(),
        }
    }

    fn inputs(&mut self, values: &[ValueInfo]) {
        for value in values {
            let datatype = match value.kind {
                ValueKind::Tensor { elem, .. } => datatype(elem),
                ValueKind::SequenceOfMap { .. } | ValueKind::Other(_) => None,
            };
            self.input(&value.name, datatype);
        }
    }

    fn input(&mut self, name: &str, datatype: Option<DataType>) {
        let Some(datatype) = datatype else {
            self.reasons.push(format!(
                "input `{name}` is of a type that is not known here"
            ));
            return;
        };
        self.slots.insert(name.to_owned(), self.inputs);
        self.inputs += 1;
        self.builder.add_input();
        let known = Known {
            datatype,
            constant: None,
        };
        self.known.insert(name.to_owned(), known);
    }

    fn body<'a>(
        &mut self,
        initializers: impl Iterator<Item = TensorRef<'a>>,
        nodes: impl Iterator<Item = Node<'a>>,
    ) {
        for initializer in initializers {
            match constant(initializer) {
                Ok(tensor) => self.constant(initializer.name(), tensor),
                Err(reason) => self.reasons.push(reason),
            }
        }
        for node in nodes {
            // What is made of something unknown is not looked at: its reason was given already.
            let unknown = |name: &&String| !name.is_empty() && !self.known.contains_key(*name);
            if node.inputs().iter().any(|name| unknown(&name)) {
                if find(node.domain(), node.op_type(), self.opset(node)).is_none() {
                    self.operator(node);
                }
                continue;
            }
            if let Err(LowerError(reason)) = self.node(node) {
                self.operator(node);
                self.reasons.push(format!("`{}`: {reason}", name_of(node)));
            }
        }
    }

    fn opset(&self, node: Node<'_>) -> i64 {
        self.opsets.get(node.domain()).copied().unwrap_or(1)
    }

    fn operator(&mut self, node: Node<'_>) {
        self.operators.insert(name_of(node));
    }

    fn constant(&mut self, name: &str, tensor: Tensor) {
        let known = Known {
            datatype: tensor.datatype(),
            constant: Some(tensor.clone()),
        };
        let slot = self.builder.constant(tensor);
        self.slots.insert(name.to_owned(), slot);
        self.known.insert(name.to_owned(), known);
    }

    fn node(&mut self, node: Node<'_>) -> Result<(), LowerError> {
        let opset = self.opset(node);
        let Some(entry) = find(node.domain(), node.op_type(), opset) else {
            return Err(LowerError(format!("it is not known in version {opset}")));
        };
        let inputs = node
            .inputs()
            .iter()
            .map(|name| self.known.get(name).cloned());
        let lowering = Lowering {
            node,
            opset,
            inputs: inputs.collect(),
            scope: &self.known,
            opsets: self.opsets,
        };
        let lowered = (entry.lower)(&lowering)?;
        if lowered.outputs.len() < node.outputs().len() {
            return Err(LowerError("it has more outputs than are known".to_owned()));
        }
        let constants: Option<Vec<Option<&Tensor>>> = lowering
            .inputs
            .iter()
            .map(|input| match input {
                Some(known) => known.constant.as_ref().map(Some),
                None => Some(None),
            })
            .collect();
        if let Some(constants) = constants {
            let made = lowered.op.run(Inputs(&constants), &mut Context::default());
            let made = made.map_err(|fault| LowerError(fault.to_string()))?;
            if made.iter().any(|tensor| tensor.data().len() > FOLDED) {
                return Err(LowerError(
                    "it makes a constant that is too large".to_owned(),
                ));
            }
            for (name, tensor) in node.outputs().iter().zip(made) {
                self.constant(name, tensor);
            }
            return Ok(());
        }
        let mut slots = Vec::with_capacity(node.inputs().len());
        for (name, input) in node.inputs().iter().zip(&lowering.inputs) {
            slots.push(match (self.slots.get(name), input) {
                (Some(slot), _) => Some(*slot),
                (None, None) => None,
                // Read from an outer graph: constant, or nothing that this graph can have.
                (None, Some(known)) => match &known.constant {
                    Some(tensor) => Some(self.builder.constant(tensor.clone())),
                    None => {
                        return Err(LowerError("it reads a value of an outer graph".to_owned()));
                    }
                },
            });
        }
        let label = node.label();
        let made = self
            .builder
            .step(label, lowered.op, slots, lowered.outputs.len());
        for ((name, slot), datatype) in node.outputs().iter().zip(made).zip(lowered.outputs) {
            if !name.is_empty() {
                self.slots.insert(name.clone(), slot);
                let known = Known {
                    datatype,
                    constant: None,
                };
                self.known.insert(name.clone(), known);
            }
        }
        Ok(())
    }

    fn finish(mut self, outputs: &[&str]) -> Result<LoweredGraph, Unsupported> {
        let mut slots = Vec::with_capacity(outputs.len());
        let mut types = Vec::with_capacity(outputs.len());
        for name in outputs {
            match (self.slots.get(*name), self.known.get(*name)) {
                (Some(slot), Some(known)) => {
                    slots.push(*slot);
                    types.push(known.datatype);
                }
                _ if self.reasons.is_empty() => {
                    self.reasons.push(format!("output `{name}` is not made"));
                }
                _ => {}
            }
        }
        if !self.operators.is_empty() || !self.reasons.is_empty() {
            return Err(Unsupported {
                operators: self.operators.into_iter().collect(),
                reasons: self.reasons,
            });
        }
        Ok(LoweredGraph {
            graph: self.builder.finish(slots),
            outputs: types,
        })
    }
}

/// The name of a node's operator, with its domain where that is not the standard one.
fn name_of(node: Node<'_>) -> String {
    match node.domain() {
        AI_ONNX => node.op_type().to_owned(),
        domain => format!("{domain}:{}", node.op_type()),
    }
}

/// A constant of the file as a tensor.
pub(crate) fn constant(tensor: TensorRef<'_>) -> Result<Tensor, String> {
    let dims = tensor.dims().map_err(|error| error.to_string())?;
    let sizes = dims.iter().map(|size| usize::try_from(*size).ok());
    let shape: Option<Shape> = sizes.collect();
    let shape = shape.ok_or_else(|| "a tensor is larger than the address space".to_owned())?;
    let data = match tensor.data().map_err(|error| error.to_string())? {
        TensorData::F32(elements) => Data::from(elements),
        TensorData::F64(elements) => elements.into(),
        TensorData::I8(elements) => elements.into(),
        TensorData::I16(elements) => elements.into(),
        TensorData::I32(elements) => elements.into(),
        TensorData::I64(elements) => elements.into(),
        TensorData::U8(elements) => elements.into(),
        TensorData::U16(elements) => elements.into(),
        TensorData::U32(elements) => elements.into(),
        TensorData::U64(elements) => elements.into(),
        TensorData::Bool(elements) => elements.into(),
        TensorData::F16(bits) => {
            let elements: Vec<half::f16> = bits.into_iter().map(half::f16::from_bits).collect();
            elements.into()
        }
        TensorData::Strings(texts) => Data::Str(texts.iter().collect()),
        TensorData::Bf16(_) => {
            return Err("a tensor is of a type that is not known here".to_owned());
        }
    };
    Tensor::new(shape, data).map_err(|error| error.to_string())
}
