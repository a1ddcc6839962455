//! Reads ONNX files as data: what goes in and out, which operators are used, what the constants
//! are. It bounds time and memory on any bytes, and executes nothing.
//!
//! Responsible for the format: the messages ([`proto`]), a checked view of a file ([`Model`]),
//! constants ([`TensorRef`]), and what tree ensembles ([`trees`]) and [`zipmap`] add to it.
//! Which operators a runtime accepts, what a graph computes, and how its types become a signature
//! belong to the runtimes and the flavor.
//!
//! Sources: the ONNX intermediate representation (`docs/IR.md`, `onnx/onnx.proto`) and operators
//! (`docs/Operators.md`, `docs/Operators-ml.md`) of the `onnx` package 1.23.2.

pub mod build;
mod elem;
mod error;
mod external;
mod file;
mod labels;
mod limits;
mod model;
mod node;
mod port;
pub mod proto;
mod scan;
mod tensor;
pub mod trees;
mod validate;
mod value;
pub mod zipmap;

pub use elem::ElemType;
pub use error::{OnnxError, SHOWN};
pub use external::ExternalData;
pub use file::{FileError, expect_onnx, file_size};
pub use labels::Labels;
pub use limits::Limits;
pub use model::{AllNodes, Model, Operator, encode};
pub use node::{
    AI_ONNX, AI_ONNX_ML, Attribute, AttributeKind, Function, Graph, Node, normal_domain,
};
pub use port::{datatype, port};
pub use tensor::{RawFault, TensorContents, TensorData, TensorRef};
pub use value::{Dim, ValueInfo, ValueKind};
