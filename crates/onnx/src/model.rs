//! A file that has been read and checked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use prost::Message;

use crate::error::OnnxError;
use crate::limits::Limits;
use crate::node::{Function, Graph, Node, normal_domain};
use crate::proto::{GraphProto, ModelProto, NodeProto};
use crate::scan::scan;
use crate::tensor::TensorRef;
use crate::validate::{opsets, validate};
use crate::value::ValueInfo;

/// An ONNX file whose structure is known to be sound: see [`Model::read`].
///
/// Raw tensor data borrows from the file's buffer, which lives as long as the model does.
#[derive(Debug)]
pub struct Model {
    proto: ModelProto,
    graph: GraphProto,
    opsets: BTreeMap<String, i64>,
    inputs: Vec<ValueInfo>,
    outputs: Vec<ValueInfo>,
    initializers: HashMap<String, usize>,
    operators: BTreeMap<Operator, usize>,
    external: BTreeSet<String>,
}

/// An operator by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// Domain, never empty: see [`normal_domain`].
    pub domain: String,
    /// Name, such as `Add`.
    pub op_type: String,
}

impl std::fmt::Display for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.domain, self.op_type)
    }
}

impl Model {
    /// Reads a file and checks it:
    ///
    /// - it is protobuf, and keeps `limits` (checked before anything is allocated for it);
    /// - there is a graph; every value has one producer; nodes are in topological order; graph
    ///   outputs are produced; the same in subgraphs and functions; functions do not recur;
    /// - attributes of a node have distinct names;
    /// - every tensor has a known type, extents whose product fits, and as much data as they ask
    ///   for; data in other files stays below the directory of the model.
    ///
    /// Operators, types and shapes are not checked against each other.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn read(file: Bytes, limits: &Limits) -> Result<Self, OnnxError> {
        scan(&file, limits)?;
        Self::from_proto(ModelProto::decode(file)?, limits)
    }

    /// Checks a file that is decoded already, or was never encoded.
    ///
    /// # Errors
    ///
    /// As [`Model::read`], without those of the encoding.
    pub fn from_proto(mut proto: ModelProto, limits: &Limits) -> Result<Self, OnnxError> {
        let facts = validate(&proto, limits)?;
        let opsets = opsets(&proto.opset_import)?;
        let graph = proto.graph.take().ok_or(OnnxError::NoGraph)?;
        let view = Graph::new(&graph);
        Ok(Self {
            inputs: view.inputs(),
            outputs: view.outputs(),
            initializers: view
                .initializers()
                .enumerate()
                .map(|(at, tensor)| (tensor.name().to_owned(), at))
                .collect(),
            opsets,
            operators: facts.operators,
            external: facts.external,
            proto,
            graph,
        })
    }

    /// The whole message again.
    pub fn into_proto(self) -> ModelProto {
        ModelProto {
            graph: Some(self.graph),
            ..self.proto
        }
    }

    /// A copy of the whole message. Raw data is shared, everything else is copied.
    pub fn to_proto(&self) -> ModelProto {
        ModelProto {
            graph: Some(self.graph.clone()),
            ..self.proto.clone()
        }
    }

    /// The version of the intermediate representation; 0 when the file does not tell.
    pub fn ir_version(&self) -> i64 {
        self.proto.ir_version()
    }

    /// Versions of operator sets by domain (never empty).
    pub fn opsets(&self) -> &BTreeMap<String, i64> {
        &self.opsets
    }

    /// The version of the operator set of a domain.
    pub fn opset(&self, domain: &str) -> Option<i64> {
        self.opsets.get(normal_domain(domain)).copied()
    }

    /// The tool that wrote the file; may be empty.
    pub fn producer_name(&self) -> &str {
        self.proto.producer_name()
    }

    /// The version of that tool; may be empty.
    pub fn producer_version(&self) -> &str {
        self.proto.producer_version()
    }

    /// The free text entries of the file, in file order.
    pub fn metadata(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.proto
            .metadata_props
            .iter()
            .map(|entry| (entry.key(), entry.value()))
    }

    /// The main graph.
    pub fn graph(&self) -> Graph<'_> {
        Graph::new(&self.graph)
    }

    /// Inputs of the main graph in graph order, without those that are also initializers (files
    /// of representation version 3 and before list every initializer as an input).
    pub fn inputs(&self) -> &[ValueInfo] {
        &self.inputs
    }

    /// Outputs of the main graph in graph order.
    pub fn outputs(&self) -> &[ValueInfo] {
        &self.outputs
    }

    /// Nodes of the main graph in topological order, without those of subgraphs.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        self.graph.node.iter().map(Node::new)
    }

    /// Nodes of the main graph, of the functions, and of every subgraph in them; a node comes
    /// before those of its subgraphs.
    pub fn all_nodes(&self) -> AllNodes<'_> {
        let functions = self.proto.functions.iter().rev();
        AllNodes::new(
            functions
                .map(|function| function.node.as_slice())
                .chain([self.graph.node.as_slice()]),
        )
    }

    /// Operators that the model defines itself. Calls of them count as operators too.
    pub fn functions(&self) -> impl ExactSizeIterator<Item = Function<'_>> {
        self.proto.functions.iter().map(Function::new)
    }

    /// A dense initializer of the main graph.
    pub fn initializer(&self, name: &str) -> Option<TensorRef<'_>> {
        let at = *self.initializers.get(name)?;
        self.graph.initializer.get(at).map(TensorRef::new)
    }

    /// Every operator called anywhere in [`Model::all_nodes`], and how often.
    pub fn operators(&self) -> &BTreeMap<Operator, usize> {
        &self.operators
    }

    /// Every other file that a tensor anywhere in the file (training graphs included) has its
    /// data in: paths relative to the directory of the model, as written, known to stay below it
    /// unless a symbolic link leads out. Whether they exist is for the caller to check.
    pub fn external_data(&self) -> &BTreeSet<String> {
        &self.external
    }

    /// Whether the file carries graphs for training, which nothing here looks at.
    pub fn has_training(&self) -> bool {
        !self.proto.training_info.is_empty()
    }
}

/// Encodes a message as a file.
pub fn encode(model: &ModelProto) -> Vec<u8> {
    model.encode_to_vec()
}

/// Nodes and the nodes of their subgraphs; see [`Model::all_nodes`].
#[derive(Debug)]
pub struct AllNodes<'a> {
    stack: Vec<std::slice::Iter<'a, NodeProto>>,
}

impl<'a> AllNodes<'a> {
    /// Walks the lists from the last to the first.
    pub(crate) fn new(lists: impl IntoIterator<Item = &'a [NodeProto]>) -> Self {
        Self {
            stack: lists.into_iter().map(<[NodeProto]>::iter).collect(),
        }
    }
}

impl<'a> Iterator for AllNodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        loop {
            match self.stack.last_mut()?.next() {
                None => {
                    self.stack.pop();
                }
                Some(proto) => {
                    let node = Node::new(proto);
                    let bodies = node.subgraphs().map(|graph| graph.proto().node.iter());
                    let from = self.stack.len();
                    self.stack.extend(bodies);
                    if let Some(bodies) = self.stack.get_mut(from..) {
                        bodies.reverse();
                    }
                    return Some(node);
                }
            }
        }
    }
}
