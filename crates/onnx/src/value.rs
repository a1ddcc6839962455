//! Names and types of the values that go into and come out of a graph.

use crate::elem::ElemType;
use crate::proto::{
    DimensionProto, DimensionValue, TensorTypeProto, TypeProto, TypeValue, ValueInfoProto,
};

/// A named input or output of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueInfo {
    /// Name of the value.
    pub name: String,
    /// Its type.
    pub kind: ValueKind,
}

/// The type of a value, as far as serving has a use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// A dense tensor.
    Tensor {
        /// Type of the elements.
        elem: ElemType,
        /// Extents; `None` when the file gives no shape, so that even the rank is unknown.
        dims: Option<Vec<Dim>>,
    },
    /// `seq(map(key, tensor(value)))`: what `ZipMap` makes, one map for each row.
    SequenceOfMap {
        /// Type of the keys, `int64` or `string`.
        key: ElemType,
        /// Element type of the values.
        value: ElemType,
    },
    /// Anything else, in ONNX's notation, such as `optional(seq(tensor(float)))`.
    Other(String),
}

/// The extent of one dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    /// Known.
    Fixed(u64),
    /// Any, but the same wherever the name is used.
    Symbol(String),
    /// Any. Negative extents, which some exporters write for it, count as this.
    Unknown,
}

impl ValueInfo {
    pub(crate) fn new(proto: &ValueInfoProto) -> Self {
        Self {
            name: proto.name().to_owned(),
            kind: ValueKind::new(proto.r#type.as_ref()),
        }
    }
}

impl ValueKind {
    /// The type of a `TypeProto`; a value without a type is `Other("undefined")`.
    pub fn new(proto: Option<&TypeProto>) -> Self {
        match proto.and_then(|proto| proto.value.as_ref()) {
            Some(TypeValue::Tensor(tensor)) => match ElemType::from_number(tensor.elem_type()) {
                Some(elem) => Self::Tensor {
                    elem,
                    dims: tensor
                        .shape
                        .as_ref()
                        .map(|shape| shape.dim.iter().map(Dim::new).collect()),
                },
                None => Self::Other(text(proto)),
            },
            Some(TypeValue::Sequence(sequence)) => sequence_of_map(sequence.elem_type.as_ref())
                .unwrap_or_else(|| Self::Other(text(proto))),
            _ => Self::Other(text(proto)),
        }
    }
}

impl std::fmt::Display for ValueKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tensor { elem, .. } => write!(f, "tensor({elem})"),
            Self::SequenceOfMap { key, value } => write!(f, "seq(map({key},tensor({value})))"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Dim {
    fn new(proto: &DimensionProto) -> Self {
        match &proto.value {
            Some(DimensionValue::Value(value)) => {
                u64::try_from(*value).map_or(Self::Unknown, Self::Fixed)
            }
            Some(DimensionValue::Param(name)) if !name.is_empty() => Self::Symbol(name.clone()),
            _ => Self::Unknown,
        }
    }
}

fn sequence_of_map(elem: Option<&TypeProto>) -> Option<ValueKind> {
    let Some(TypeValue::Map(map)) = &elem?.value else {
        return None;
    };
    let Some(TypeValue::Tensor(value)) = &map.value_type.as_ref()?.value else {
        return None;
    };
    Some(ValueKind::SequenceOfMap {
        key: ElemType::from_number(map.key_type())?,
        value: ElemType::from_number(value.elem_type())?,
    })
}

/// The type in ONNX's notation. Iterative: the wrappers of a type are opened one by one.
fn text(proto: Option<&TypeProto>) -> String {
    let mut text = String::new();
    let mut open = 0;
    let mut next = proto;
    loop {
        match next.and_then(|proto| proto.value.as_ref()) {
            Some(TypeValue::Tensor(tensor)) => text.push_str(&tensor_text("tensor", tensor)),
            Some(TypeValue::SparseTensor(tensor)) => {
                text.push_str(&tensor_text("sparse_tensor", tensor));
            }
            Some(TypeValue::Opaque(_)) => text.push_str("opaque"),
            None => text.push_str("undefined"),
            Some(TypeValue::Sequence(inner)) => {
                text.push_str("seq(");
                open += 1;
                next = inner.elem_type.as_ref();
                continue;
            }
            Some(TypeValue::Optional(inner)) => {
                text.push_str("optional(");
                open += 1;
                next = inner.elem_type.as_ref();
                continue;
            }
            Some(TypeValue::Map(inner)) => {
                text.push_str(&format!("map({},", elem_text(inner.key_type())));
                open += 1;
                next = inner.value_type.as_ref();
                continue;
            }
        }
        text.push_str(&")".repeat(open));
        return text;
    }
}

fn tensor_text(kind: &str, tensor: &TensorTypeProto) -> String {
    format!("{kind}({})", elem_text(tensor.elem_type()))
}

fn elem_text(number: i32) -> &'static str {
    ElemType::from_number(number).map_or("undefined", ElemType::name)
}
