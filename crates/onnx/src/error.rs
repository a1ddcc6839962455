//! Why a file is refused.

use crate::elem::ElemType;
use crate::trees::TreeFault;

/// Why a file, a node or a tensor is refused. The fault is always the file's, never the
/// machine's. Names that come from the file are clipped to [`SHOWN`] characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the message says of them")]
pub enum OnnxError {
    /// The bytes are not a protobuf message of the wanted shape.
    #[error("the file is not an ONNX model: {0}")]
    Decode(#[from] prost::DecodeError),
    /// The bytes break the protobuf wire format.
    #[error("the file is not an ONNX model: {reason} at byte {offset}")]
    Wire { offset: usize, reason: &'static str },
    /// A count of [`Limits`](crate::Limits) is exceeded.
    #[error("the file has more than {limit} {what}")]
    TooMany { what: &'static str, limit: u64 },
    /// Subgraphs or types are nested too deep.
    #[error("{what} are nested more than {limit} deep")]
    TooDeep { what: &'static str, limit: usize },
    /// A name is longer than [`Limits::name_bytes`](crate::Limits).
    #[error("the {what} that begins `{start}` has {length} bytes, at most {limit} are allowed")]
    NameTooLong {
        what: &'static str,
        start: String,
        length: usize,
        limit: usize,
    },
    /// There is no graph to run.
    #[error("the file has no graph")]
    NoGraph,
    /// One operator set is imported in two versions.
    #[error("operator set `{domain}` is imported as version {first} and as version {second}")]
    ConflictingOpset {
        domain: String,
        first: i64,
        second: i64,
    },
    /// Two producers (inputs, initializers, node outputs) of one name in one graph.
    #[error("graph `{graph}` produces the value `{value}` more than once")]
    DuplicateValue { graph: String, value: String },
    /// One name is listed twice among the outputs of a graph.
    #[error("graph `{graph}` lists the output `{value}` more than once")]
    DuplicateOutput { graph: String, value: String },
    /// A graph input, graph output or initializer without a name.
    #[error("graph `{graph}` has {what} without a name")]
    Unnamed { graph: String, what: &'static str },
    /// Two attributes of one name.
    #[error("node `{node}` has the attribute `{attribute}` more than once")]
    DuplicateAttribute { node: String, attribute: String },
    /// Two functions of one domain, name and overload.
    #[error("the function `{function}` is defined more than once")]
    DuplicateFunction { function: String },
    /// A function calls itself, if through others.
    #[error("the function `{function}` calls itself")]
    RecursiveFunction { function: String },
    /// Nobody produces an input of a node.
    #[error("node `{node}` reads `{value}`, which nothing produces")]
    UndefinedInput { node: String, value: String },
    /// An input of a node is produced by itself or by a later node: a cycle, or wrong order.
    #[error("node `{node}` reads `{value}` before it is produced")]
    OutOfOrder { node: String, value: String },
    /// Nobody produces a graph output.
    #[error("graph `{graph}` has the output `{value}`, which nothing produces")]
    UndefinedOutput { graph: String, value: String },

    /// An element type that is not one of ONNX.
    #[error("tensor `{tensor}` has the unknown data type {number}")]
    TensorType { tensor: String, number: i32 },
    /// A negative extent, or a product that does not fit.
    #[error("tensor `{tensor}` has impossible dimensions: {reason}")]
    TensorDims {
        tensor: String,
        reason: &'static str,
    },
    /// The data is shorter or longer than the dimensions say.
    #[error("tensor `{tensor}` has {found} {unit} of data, its dimensions ask for {expected}")]
    TensorLength {
        tensor: String,
        expected: u64,
        found: u64,
        unit: &'static str,
    },
    /// More than one data field, a segment, an unknown data location.
    #[error("tensor `{tensor}` stores its data in a way that is not supported: {reason}")]
    TensorStorage {
        tensor: String,
        reason: &'static str,
    },
    /// An element that its type cannot hold, or text that is not UTF-8.
    #[error("tensor `{tensor}` of {elem} has an element out of range")]
    TensorElement { tensor: String, elem: ElemType },
    /// A type that has no typed form here (complex, 8 bit floats and below).
    #[error("elements of type {elem} of tensor `{tensor}` cannot be read")]
    TensorUnreadable { tensor: String, elem: ElemType },
    /// The data is in another file and the caller needs it here.
    #[error("tensor `{tensor}` has its data in another file")]
    TensorExternal { tensor: String },
    /// A location that may lead out of the package.
    #[error("tensor `{tensor}` has its data in `{location}`: {reason}")]
    ExternalLocation {
        tensor: String,
        location: String,
        reason: &'static str,
    },
    /// `offset` or `length` of external data is not a number.
    #[error("tensor `{tensor}` has external data whose `{key}` is not a number of bytes")]
    ExternalNumber { tensor: String, key: &'static str },

    /// An attribute of another type than the operator has.
    #[error("attribute `{attribute}` of node `{node}` is {found}, expected {expected}")]
    AttributeType {
        node: String,
        attribute: String,
        expected: &'static str,
        found: &'static str,
    },
    /// An attribute the operator needs.
    #[error("node `{node}` has no attribute `{attribute}`")]
    AttributeMissing { node: String, attribute: String },
    /// Text that is not UTF-8.
    #[error("attribute `{attribute}` of node `{node}` is not UTF-8")]
    AttributeText { node: String, attribute: String },
    /// Labels both as integers and as strings, or none at all.
    #[error("node `{node}` has {found} kinds of class labels, expected one")]
    Labels { node: String, found: usize },
    /// A tree ensemble that is not a set of trees.
    #[error("tree ensemble `{node}`: {fault}")]
    Tree { node: String, fault: TreeFault },
    /// A `ZipMap` that cannot be taken out.
    #[error("`ZipMap` node `{node}` cannot be removed: {reason}")]
    ZipMap { node: String, reason: &'static str },
}

/// Characters of a name that an error shows.
pub const SHOWN: usize = 120;

/// The start of a name that comes from the file, short enough for a message.
pub(crate) fn shown(name: &str) -> String {
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}
