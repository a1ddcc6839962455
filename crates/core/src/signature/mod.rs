//! What a model takes and gives: MLflow's signature.
//!
//! Source: MLflow 3.17.2, `mlflow.types.schema` and `mlflow.models.signature`, as measured on
//! the real library. The signature is the only thing that may accept or refuse a frame.

mod check;
mod display;
mod outputs;
mod params;
mod parse;
mod write;

pub use display::TupleOf;
pub use params::{ParamSpec, ParamType, ParamValue, Params};
pub use parse::SignatureError;

use crate::DataType;
use std::sync::Arc;

/// Ordered, named, typed inputs, outputs and params; each may be absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signature {
    /// What is sent; absent: nothing is known and types are inferred from the values.
    pub inputs: Option<Schema>,
    /// What is answered.
    pub outputs: Option<Schema>,
    /// Named settings of one request.
    pub params: Option<Vec<ParamSpec>>,
}

/// The columns of a table or a set of tensors, never both.
#[derive(Debug, Clone, PartialEq)]
pub enum Schema {
    /// One or more columns, all named or all unnamed.
    Columns(Vec<ColumnSpec>),
    /// One tensor, or several named ones.
    Tensors(Vec<TensorSpec>),
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSpec {
    /// Its name; `None` in an unnamed signature, where the position counts.
    pub name: Option<Arc<str>>,
    /// The type of its values.
    pub kind: ColumnType,
    /// Whether a table without it is refused.
    pub required: bool,
}

/// The type of a column's values.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnType {
    /// One of MLflow's eight scalar types.
    Scalar(Scalar),
    /// A list of values of one type.
    Array(Box<ColumnType>),
    /// A fixed set of properties, sorted by name; never empty.
    Object(Vec<Property>),
    /// Any text keys, values of one type.
    Map(Box<ColumnType>),
    /// Whatever JSON can say; not checked.
    Any,
    /// A list of doubles (`sparkml_vector`).
    SparkVector,
}

/// MLflow's scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// Truth values.
    Boolean,
    /// 32-bit signed integers.
    Integer,
    /// 64-bit signed integers.
    Long,
    /// 32-bit floating point.
    Float,
    /// 64-bit floating point.
    Double,
    /// Text.
    String,
    /// Octets.
    Binary,
    /// A date and time of day in nanoseconds, without a time zone.
    DateTime,
}

/// One property of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its key.
    pub name: String,
    /// The type of its value.
    pub kind: ColumnType,
    /// Whether an object without it is refused.
    pub required: bool,
}

/// One tensor; always required.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorSpec {
    /// Its name; `None` only where it is alone.
    pub name: Option<Arc<str>>,
    /// The type of its elements.
    pub kind: TensorType,
    /// The sizes of its dimensions; `None` where any size is taken (−1 in MLflow).
    pub shape: Vec<Option<usize>>,
}

/// The numpy type names that MLflow takes for a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TensorType {
    /// A type that has a [`DataType`].
    Data(DataType),
    /// `complex64`.
    Complex64,
    /// `complex128`.
    Complex128,
    /// `object`: anything.
    Object,
}

impl Scalar {
    /// MLflow's eight, in its order.
    pub const ALL: [Self; 8] = [
        Self::Boolean,
        Self::Integer,
        Self::Long,
        Self::Float,
        Self::Double,
        Self::String,
        Self::Binary,
        Self::DateTime,
    ];

    /// MLflow's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::String => "string",
            Self::Binary => "binary",
            Self::DateTime => "datetime",
        }
    }

    /// The scalar type called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scalar| scalar.name() == name)
    }

    /// The type of a tensor that holds such values.
    pub fn datatype(self) -> DataType {
        match self {
            Self::Boolean => DataType::Bool,
            Self::Integer => DataType::I32,
            Self::Long => DataType::I64,
            Self::Float => DataType::F32,
            Self::Double => DataType::F64,
            Self::String => DataType::Str,
            Self::Binary => DataType::Bytes,
            Self::DateTime => DataType::DateTime,
        }
    }

    /// The scalar type whose values have `datatype`, narrower types widened without loss.
    ///
    /// `None` for what MLflow has no column type for: unsigned 64-bit integers and JSON.
    pub fn for_datatype(datatype: DataType) -> Option<Self> {
        match datatype {
            DataType::Bool => Some(Self::Boolean),
            DataType::I8 | DataType::I16 | DataType::I32 | DataType::U8 | DataType::U16 => {
                Some(Self::Integer)
            }
            DataType::I64 | DataType::U32 => Some(Self::Long),
            DataType::F16 | DataType::F32 => Some(Self::Float),
            DataType::F64 => Some(Self::Double),
            DataType::Str => Some(Self::String),
            DataType::Bytes => Some(Self::Binary),
            DataType::DateTime => Some(Self::DateTime),
            DataType::U64 | DataType::Json => None,
        }
    }
}

impl ColumnType {
    /// The type of a tensor that holds such values: JSON for all that is not a scalar.
    pub fn datatype(&self) -> DataType {
        match self {
            Self::Scalar(scalar) => scalar.datatype(),
            Self::Array(_) | Self::Object(_) | Self::Map(_) | Self::Any | Self::SparkVector => {
                DataType::Json
            }
        }
    }
}

impl TensorType {
    /// numpy's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data(datatype) => match datatype {
                DataType::Bool => "bool",
                DataType::I8 => "int8",
                DataType::I16 => "int16",
                DataType::I32 => "int32",
                DataType::I64 => "int64",
                DataType::U8 => "uint8",
                DataType::U16 => "uint16",
                DataType::U32 => "uint32",
                DataType::U64 => "uint64",
                DataType::F16 => "float16",
                DataType::F32 => "float32",
                DataType::F64 => "float64",
                DataType::Str => "str",
                DataType::Bytes => "bytes",
                DataType::DateTime => "datetime64[ns]",
                DataType::Json => "object",
            },
            Self::Complex64 => "complex64",
            Self::Complex128 => "complex128",
            Self::Object => "object",
        }
    }

    /// The type that numpy calls `name`; sized texts such as `<U3` have none.
    pub fn from_name(name: &str) -> Option<Self> {
        let plain = DataType::ALL
            .into_iter()
            .filter(|datatype| *datatype != DataType::Json)
            .map(Self::Data);
        plain
            .chain([Self::Complex64, Self::Complex128, Self::Object])
            .find(|kind| kind.name() == name)
    }

    /// The type of the elements; JSON for `object`, `None` for complex numbers.
    pub fn datatype(self) -> Option<DataType> {
        match self {
            Self::Data(datatype) => Some(datatype),
            Self::Object => Some(DataType::Json),
            Self::Complex64 | Self::Complex128 => None,
        }
    }
}

impl Schema {
    /// The number of columns or tensors.
    pub fn len(&self) -> usize {
        match self {
            Self::Columns(columns) => columns.len(),
            Self::Tensors(tensors) => tensors.len(),
        }
    }

    /// Whether there is none; a parsed schema never is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether its parts have names.
    pub fn is_named(&self) -> bool {
        match self {
            Self::Columns(columns) => columns.first().is_some_and(|column| column.name.is_some()),
            Self::Tensors(tensors) => tensors.first().is_some_and(|tensor| tensor.name.is_some()),
        }
    }
}
