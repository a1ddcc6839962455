//! The contract of Flowgate: the nouns that every other crate shares.
//!
//! | noun | module | in one line |
//! |---|---|---|
//! | [`Package`] | [`package`] | an immutable directory with a manifest; every path it gives out is inside it |
//! | [`Manifest`] | [`manifest`] | the `MLmodel` file, parsed and checked |
//! | [`Signature`] | [`signature`] | what a model takes and gives; accepts or refuses a frame |
//! | [`Tensor`], [`Frame`] | [`tensor`] | the data, cheap to clone, joined and split by row |
//! | [`Flavor`] | [`flavor`] | what the files mean: gives a plan |
//! | [`Plan`] | [`plan`] | data: the artifact, the signature, the adapters |
//! | [`Program`] | [`program`] | data: the steps of a model that no engine's file holds |
//! | [`Runtime`], [`Model`], [`Session`] | [`runtime`] | who runs an artifact |
//! | [`Compat`] | [`compat`] | the two policies, strict and MLflow's, as a table |
//! | [`Refusal`] | [`refusal`] | why data is not used, without repeating it |
//! | [`ErrorKind`] | [`error`] | the closed list of what can go wrong |
//!
//! Missing on purpose: async, HTTP, metrics, global state. Files are read below a package only.

pub mod compat;
pub mod datetime;
pub mod error;
pub mod flavor;
pub mod manifest;
pub mod package;
pub mod plan;
pub mod program;
pub mod refusal;
pub mod request;
pub mod runtime;
pub mod signature;
pub mod tensor;
pub mod yaml;

pub use compat::{Additions, Compat, Failures, Nonfinite, Outputs, Refusals, Rules};
pub use error::ErrorKind;
pub use flavor::{Flavor, FlavorError, PackRequest};
pub use manifest::Manifest;
pub use package::{Package, PackageBuilder, PackageError};
pub use plan::{Answer, Hints, InputAdapter, Method, Plan};
pub use program::Program;
pub use refusal::{Code, Refusal, Stage, Violation};
pub use request::{Form, InferRequest};
pub use runtime::{
    Artifact, Dim, ExecutionProvider, Format, LoadOptions, Model, ModelSignature, Optimization,
    Port, PortKind, Runtime, RuntimeError, Session, SessionOptions, Support, Unsupported,
};
pub use signature::{
    ColumnSpec, ColumnType, ParamSpec, ParamType, ParamValue, Params, Property, Scalar, Schema,
    Signature, SignatureError, TensorSpec, TensorType, TupleOf,
};
pub use tensor::{
    Blobs, BlobsBuilder, Buffer, Data, DataType, Frame, FrameError, Labels, NamedTensor, Shape,
    ShapeError, Strings, StringsBuilder, Tensor, element_count,
};
