//! Values of a graph in the words of the contract.

use crate::elem::ElemType;
use crate::value::{Dim, ValueInfo, ValueKind};
use flowgate_core::{DataType, Dim as Size, Port, PortKind};

/// The type of a tensor's elements, where a frame can hold it.
pub fn datatype(elem: ElemType) -> Option<DataType> {
    Some(match elem {
        ElemType::Bool => DataType::Bool,
        ElemType::Int8 => DataType::I8,
        ElemType::Int16 => DataType::I16,
        ElemType::Int32 => DataType::I32,
        ElemType::Int64 => DataType::I64,
        ElemType::Uint8 => DataType::U8,
        ElemType::Uint16 => DataType::U16,
        ElemType::Uint32 => DataType::U32,
        ElemType::Uint64 => DataType::U64,
        ElemType::Float16 => DataType::F16,
        ElemType::Float => DataType::F32,
        ElemType::Double => DataType::F64,
        ElemType::String => DataType::Str,
        _ => return None,
    })
}

/// An input or output of a graph as a port of a model. What no frame can hold is
/// [`PortKind::Other`] with ONNX's own notation.
pub fn port(value: &ValueInfo) -> Port {
    let other = || PortKind::Other(value.kind.to_string());
    let (kind, shape) = match &value.kind {
        ValueKind::Tensor { elem, dims } => {
            let kind = datatype(*elem).map_or_else(other, PortKind::Tensor);
            let dims = dims.as_ref();
            (kind, dims.map(|dims| dims.iter().map(size).collect()))
        }
        // A frame holds the numbers of a map as 32-bit floats, the only ones that `ZipMap` makes.
        ValueKind::SequenceOfMap {
            key,
            value: ElemType::Float,
        } => match datatype(*key) {
            Some(key @ (DataType::I64 | DataType::Str)) => (PortKind::Map(key), None),
            _ => (other(), None),
        },
        ValueKind::SequenceOfMap { .. } | ValueKind::Other(_) => (other(), None),
    };
    Port {
        name: value.name.as_str().into(),
        kind,
        shape,
    }
}

/// A size beyond the address space is no size that a tensor here can have: taken for any.
fn size(dim: &Dim) -> Size {
    match dim {
        Dim::Fixed(size) => usize::try_from(*size).map_or(Size::Free, Size::Fixed),
        Dim::Symbol(_) | Dim::Unknown => Size::Free,
    }
}
