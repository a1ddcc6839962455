//! The messages that say what type a value has.

use super::StringStringEntryProto;
use prost::{Message, Oneof};

/// Name and type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct ValueInfoProto {
    /// Name of the value.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// Its type.
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<TypeProto>,
    /// Documentation.
    #[prost(string, optional, tag = "3")]
    pub doc_string: Option<String>,
    /// Free text entries.
    #[prost(message, repeated, tag = "4")]
    pub metadata_props: Vec<StringStringEntryProto>,
}

/// The type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct TypeProto {
    /// Which type.
    #[prost(oneof = "TypeValue", tags = "1, 4, 5, 7, 8, 9")]
    pub value: Option<TypeValue>,
    /// Meaning of the type, one of a standard list.
    #[prost(string, optional, tag = "6")]
    pub denotation: Option<String>,
}

/// The alternatives of [`TypeProto`].
#[derive(Clone, PartialEq, Oneof)]
pub enum TypeValue {
    /// A dense tensor.
    #[prost(message, tag = "1")]
    Tensor(TensorTypeProto),
    /// A sequence of values of one type.
    #[prost(message, tag = "4")]
    Sequence(Box<SequenceTypeProto>),
    /// A map.
    #[prost(message, tag = "5")]
    Map(Box<MapTypeProto>),
    /// A type known to the runtime only.
    #[prost(message, tag = "7")]
    Opaque(OpaqueTypeProto),
    /// A sparse tensor.
    #[prost(message, tag = "8")]
    SparseTensor(TensorTypeProto),
    /// A value or nothing.
    #[prost(message, tag = "9")]
    Optional(Box<OptionalTypeProto>),
}

/// `TypeProto.Tensor` and `TypeProto.SparseTensor`, which have the same fields.
#[derive(Clone, PartialEq, Message)]
pub struct TensorTypeProto {
    /// Element type, see [`ElemType`](crate::ElemType).
    #[prost(int32, optional, tag = "1")]
    pub elem_type: Option<i32>,
    /// Extents; not there when even the rank is unknown.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<TensorShapeProto>,
}

/// `TypeProto.Sequence`.
#[derive(Clone, PartialEq, Message)]
pub struct SequenceTypeProto {
    /// Type of the members.
    #[prost(message, optional, tag = "1")]
    pub elem_type: Option<TypeProto>,
}

/// `TypeProto.Map`.
#[derive(Clone, PartialEq, Message)]
pub struct MapTypeProto {
    /// Element type of the keys: an integer or `string`.
    #[prost(int32, optional, tag = "1")]
    pub key_type: Option<i32>,
    /// Type of the values.
    #[prost(message, optional, tag = "2")]
    pub value_type: Option<TypeProto>,
}

/// `TypeProto.Optional`.
#[derive(Clone, PartialEq, Message)]
pub struct OptionalTypeProto {
    /// Type of the value when there is one.
    #[prost(message, optional, tag = "1")]
    pub elem_type: Option<TypeProto>,
}

/// `TypeProto.Opaque`.
#[derive(Clone, PartialEq, Message)]
pub struct OpaqueTypeProto {
    /// Namespace of the type.
    #[prost(string, optional, tag = "1")]
    pub domain: Option<String>,
    /// Name of the type.
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
}

/// The extents of a tensor type.
#[derive(Clone, PartialEq, Message)]
pub struct TensorShapeProto {
    /// One entry for each dimension.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<DimensionProto>,
}

/// `TensorShapeProto.Dimension`.
#[derive(Clone, PartialEq, Message)]
pub struct DimensionProto {
    /// The extent, if anything is known of it.
    #[prost(oneof = "DimensionValue", tags = "1, 2")]
    pub value: Option<DimensionValue>,
    /// Meaning of the dimension, one of a standard list.
    #[prost(string, optional, tag = "3")]
    pub denotation: Option<String>,
}

/// The alternatives of [`DimensionProto`].
#[derive(Clone, PartialEq, Oneof)]
pub enum DimensionValue {
    /// A fixed extent.
    #[prost(int64, tag = "1")]
    Value(i64),
    /// A name; dimensions of one name have one extent.
    #[prost(string, tag = "2")]
    Param(String),
}
