//! Typed views of graphs, nodes and attributes. They borrow from the decoded message.

use bytes::Bytes;

use crate::error::{OnnxError, shown};
use crate::proto::{AttributeProto, FunctionProto, GraphProto, NodeProto, attribute_type};
use crate::tensor::TensorRef;
use crate::value::ValueInfo;

/// The domain of the standard operators, which files write as this or as nothing.
pub const AI_ONNX: &str = "ai.onnx";
/// The domain of the operators for classical machine learning.
pub const AI_ONNX_ML: &str = "ai.onnx.ml";

/// The name of a domain: the empty one is [`AI_ONNX`].
pub fn normal_domain(domain: &str) -> &str {
    if domain.is_empty() { AI_ONNX } else { domain }
}

/// A graph: the main one, or the body of a control flow node.
#[derive(Clone, Copy, Debug)]
pub struct Graph<'a> {
    proto: &'a GraphProto,
}

impl<'a> Graph<'a> {
    /// A view of a message.
    pub fn new(proto: &'a GraphProto) -> Self {
        Self { proto }
    }

    /// The message itself.
    pub fn proto(self) -> &'a GraphProto {
        self.proto
    }

    /// Its name; may be empty.
    pub fn name(self) -> &'a str {
        self.proto.name()
    }

    /// Its nodes in topological order, without those of subgraphs.
    pub fn nodes(self) -> impl ExactSizeIterator<Item = Node<'a>> {
        self.proto.node.iter().map(Node::new)
    }

    /// Its dense initializers in file order.
    pub fn initializers(self) -> impl ExactSizeIterator<Item = TensorRef<'a>> {
        self.proto.initializer.iter().map(TensorRef::new)
    }

    /// Its inputs in graph order, without those that are also initializers.
    pub fn inputs(self) -> Vec<ValueInfo> {
        let defaults: std::collections::HashSet<&str> = self
            .proto
            .initializer
            .iter()
            .map(|tensor| tensor.name())
            .chain(
                self.proto
                    .sparse_initializer
                    .iter()
                    .filter_map(|sparse| sparse.values.as_ref())
                    .map(|values| values.name()),
            )
            .collect();
        self.proto
            .input
            .iter()
            .filter(|input| !defaults.contains(input.name()))
            .map(ValueInfo::new)
            .collect()
    }

    /// Its outputs in graph order.
    pub fn outputs(self) -> Vec<ValueInfo> {
        self.proto.output.iter().map(ValueInfo::new).collect()
    }
}

/// An operator that the model defines itself.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    proto: &'a FunctionProto,
}

impl<'a> Function<'a> {
    /// A view of a message.
    pub fn new(proto: &'a FunctionProto) -> Self {
        Self { proto }
    }

    /// The message itself.
    pub fn proto(self) -> &'a FunctionProto {
        self.proto
    }

    /// Its name, the operator of nodes that call it.
    pub fn name(self) -> &'a str {
        self.proto.name()
    }

    /// Its domain, never empty.
    pub fn domain(self) -> &'a str {
        normal_domain(self.proto.domain())
    }

    /// The nodes of its body.
    pub fn nodes(self) -> impl ExactSizeIterator<Item = Node<'a>> {
        self.proto.node.iter().map(Node::new)
    }
}

/// One call of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    proto: &'a NodeProto,
}

impl<'a> Node<'a> {
    /// A view of a message.
    pub fn new(proto: &'a NodeProto) -> Self {
        Self { proto }
    }

    /// The message itself.
    pub fn proto(self) -> &'a NodeProto {
        self.proto
    }

    /// Its name; often empty.
    pub fn name(self) -> &'a str {
        self.proto.name()
    }

    /// The operator, such as `Add`.
    pub fn op_type(self) -> &'a str {
        self.proto.op_type()
    }

    /// The domain of the operator, never empty: see [`normal_domain`].
    pub fn domain(self) -> &'a str {
        normal_domain(self.proto.domain())
    }

    /// Whether this is the operator `op_type` of `domain`.
    pub fn is(self, domain: &str, op_type: &str) -> bool {
        self.op_type() == op_type && self.domain() == normal_domain(domain)
    }

    /// Names of the values read; an empty one is an optional input left out.
    pub fn inputs(self) -> &'a [String] {
        &self.proto.input
    }

    /// Names of the values produced; an empty one is an output nobody wants.
    pub fn outputs(self) -> &'a [String] {
        &self.proto.output
    }

    /// Its attributes in file order.
    pub fn attributes(self) -> impl ExactSizeIterator<Item = Attribute<'a>> {
        self.proto.attribute.iter().map(Attribute::new)
    }

    /// The attribute of a name.
    pub fn attribute(self, name: &str) -> Option<Attribute<'a>> {
        self.attributes().find(|attribute| attribute.name() == name)
    }

    /// The graphs among its attributes, whatever type the attribute claims to have.
    pub fn subgraphs(self) -> impl Iterator<Item = Graph<'a>> {
        self.attributes().flat_map(Attribute::subgraphs)
    }

    /// What to call the node in a message: its name, or its operator if it has none.
    pub fn label(self) -> String {
        shown(if self.name().is_empty() {
            self.op_type()
        } else {
            self.name()
        })
    }

    /// An integer attribute, `None` when there is none of the name.
    ///
    /// # Errors
    ///
    /// [`OnnxError::AttributeType`] when it is of another type, or refers to an attribute of the
    /// node that calls the function; the same holds for the getters below.
    pub fn int(self, name: &str) -> Result<Option<i64>, OnnxError> {
        self.typed(name, AttributeKind::Int, |proto| proto.i())
    }

    /// A list of integers.
    ///
    /// # Errors
    ///
    /// As [`Node::int`].
    pub fn ints(self, name: &str) -> Result<Option<&'a [i64]>, OnnxError> {
        self.typed(name, AttributeKind::Ints, |proto| proto.ints.as_slice())
    }

    /// A float.
    ///
    /// # Errors
    ///
    /// As [`Node::int`].
    pub fn float(self, name: &str) -> Result<Option<f32>, OnnxError> {
        self.typed(name, AttributeKind::Float, |proto| proto.f())
    }

    /// A list of floats.
    ///
    /// # Errors
    ///
    /// As [`Node::int`].
    pub fn floats(self, name: &str) -> Result<Option<&'a [f32]>, OnnxError> {
        self.typed(name, AttributeKind::Floats, |proto| proto.floats.as_slice())
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// As [`Node::int`], and [`OnnxError::AttributeText`] when it is not UTF-8.
    pub fn string(self, name: &str) -> Result<Option<&'a str>, OnnxError> {
        self.typed(name, AttributeKind::String, |proto| {
            proto.s.as_deref().unwrap_or_default()
        })?
        .map(|bytes| self.text(name, bytes))
        .transpose()
    }

    /// A list of strings.
    ///
    /// # Errors
    ///
    /// As [`Node::string`].
    pub fn strings(self, name: &str) -> Result<Option<Vec<&'a str>>, OnnxError> {
        self.byte_strings(name)?
            .map(|list| list.iter().map(|bytes| self.text(name, bytes)).collect())
            .transpose()
    }

    /// A list of strings as the bytes in the file.
    ///
    /// # Errors
    ///
    /// As [`Node::int`].
    pub fn byte_strings(self, name: &str) -> Result<Option<&'a [Bytes]>, OnnxError> {
        self.typed(name, AttributeKind::Strings, |proto| {
            proto.strings.as_slice()
        })
    }

    /// A tensor.
    ///
    /// # Errors
    ///
    /// As [`Node::int`].
    pub fn tensor(self, name: &str) -> Result<Option<TensorRef<'a>>, OnnxError> {
        let proto = self.typed(name, AttributeKind::Tensor, |proto| proto.t.as_deref())?;
        self.present(name, proto).map(|t| t.map(TensorRef::new))
    }

    /// A graph.
    ///
    /// # Errors
    ///
    /// As [`Node::int`].
    pub fn graph(self, name: &str) -> Result<Option<Graph<'a>>, OnnxError> {
        let proto = self.typed(name, AttributeKind::Graph, |proto| proto.g.as_deref())?;
        self.present(name, proto).map(|g| g.map(Graph::new))
    }

    fn typed<T>(
        self,
        name: &str,
        expected: AttributeKind,
        take: impl FnOnce(&'a AttributeProto) -> T,
    ) -> Result<Option<T>, OnnxError> {
        let Some(attribute) = self.attribute(name) else {
            return Ok(None);
        };
        let found = attribute.kind();
        if found != expected {
            return Err(OnnxError::AttributeType {
                node: self.label(),
                attribute: shown(name),
                expected: expected.name(),
                found: found.name(),
            });
        }
        Ok(Some(take(attribute.proto)))
    }

    /// Messages, unlike numbers, have no default that an encoder may leave out.
    fn present<T>(self, name: &str, value: Option<Option<T>>) -> Result<Option<T>, OnnxError> {
        match value {
            Some(None) => Err(OnnxError::AttributeMissing {
                node: self.label(),
                attribute: shown(name),
            }),
            value => Ok(value.flatten()),
        }
    }

    fn text(self, name: &str, bytes: &'a [u8]) -> Result<&'a str, OnnxError> {
        std::str::from_utf8(bytes).map_err(|_| OnnxError::AttributeText {
            node: self.label(),
            attribute: shown(name),
        })
    }
}

/// One attribute of a node.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    proto: &'a AttributeProto,
}

impl<'a> Attribute<'a> {
    /// A view of a message.
    pub fn new(proto: &'a AttributeProto) -> Self {
        Self { proto }
    }

    /// The message itself.
    pub fn proto(self) -> &'a AttributeProto {
        self.proto
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        self.proto.name()
    }

    /// Its type. Files of the first representation version do not tell; then it is that of the
    /// first field that holds anything.
    pub fn kind(self) -> AttributeKind {
        let proto = self.proto;
        if !proto.ref_attr_name().is_empty() {
            return AttributeKind::Reference;
        }
        match proto.r#type() {
            attribute_type::UNDEFINED => guess(proto),
            attribute_type::FLOAT => AttributeKind::Float,
            attribute_type::INT => AttributeKind::Int,
            attribute_type::STRING => AttributeKind::String,
            attribute_type::TENSOR => AttributeKind::Tensor,
            attribute_type::GRAPH => AttributeKind::Graph,
            attribute_type::FLOATS => AttributeKind::Floats,
            attribute_type::INTS => AttributeKind::Ints,
            attribute_type::STRINGS => AttributeKind::Strings,
            attribute_type::TENSORS => AttributeKind::Tensors,
            attribute_type::GRAPHS => AttributeKind::Graphs,
            attribute_type::SPARSE_TENSOR => AttributeKind::SparseTensor,
            attribute_type::SPARSE_TENSORS => AttributeKind::SparseTensors,
            attribute_type::TYPE_PROTO => AttributeKind::Type,
            attribute_type::TYPE_PROTOS => AttributeKind::Types,
            _ => AttributeKind::Unknown,
        }
    }

    /// The graphs in it, whatever its type says.
    pub fn subgraphs(self) -> impl Iterator<Item = Graph<'a>> {
        self.proto
            .g
            .as_deref()
            .into_iter()
            .chain(&self.proto.graphs)
            .map(Graph::new)
    }
}

/// The types of attributes, `AttributeProto.AttributeType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum AttributeKind {
    Float,
    Int,
    String,
    Tensor,
    Graph,
    SparseTensor,
    Type,
    Floats,
    Ints,
    Strings,
    Tensors,
    Graphs,
    SparseTensors,
    Types,
    /// Inside a function: the value is that of an attribute of the calling node.
    Reference,
    /// A number of a later version, or no value at all.
    Unknown,
}

impl AttributeKind {
    /// A word for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float => "a float",
            Self::Int => "an integer",
            Self::String => "a string",
            Self::Tensor => "a tensor",
            Self::Graph => "a graph",
            Self::SparseTensor => "a sparse tensor",
            Self::Type => "a type",
            Self::Floats => "a list of floats",
            Self::Ints => "a list of integers",
            Self::Strings => "a list of strings",
            Self::Tensors => "a list of tensors",
            Self::Graphs => "a list of graphs",
            Self::SparseTensors => "a list of sparse tensors",
            Self::Types => "a list of types",
            Self::Reference => "a reference to an attribute of the caller",
            Self::Unknown => "of no known type",
        }
    }
}

fn guess(proto: &AttributeProto) -> AttributeKind {
    let filled = [
        (proto.f.is_some(), AttributeKind::Float),
        (proto.i.is_some(), AttributeKind::Int),
        (proto.s.is_some(), AttributeKind::String),
        (proto.t.is_some(), AttributeKind::Tensor),
        (proto.g.is_some(), AttributeKind::Graph),
        (proto.sparse_tensor.is_some(), AttributeKind::SparseTensor),
        (proto.tp.is_some(), AttributeKind::Type),
        (!proto.floats.is_empty(), AttributeKind::Floats),
        (!proto.ints.is_empty(), AttributeKind::Ints),
        (!proto.strings.is_empty(), AttributeKind::Strings),
        (!proto.tensors.is_empty(), AttributeKind::Tensors),
        (!proto.graphs.is_empty(), AttributeKind::Graphs),
        (
            !proto.sparse_tensors.is_empty(),
            AttributeKind::SparseTensors,
        ),
        (!proto.type_protos.is_empty(), AttributeKind::Types),
    ];
    filled
        .into_iter()
        .find_map(|(filled, kind)| filled.then_some(kind))
        .unwrap_or(AttributeKind::Unknown)
}
