//! The engine's types in our words.

use crate::file::Facts;
use flowgate_core::{DataType, Dim, ModelSignature, Port, PortKind};
use ort::session::Session;
use ort::value::{Outlet, TensorElementType, ValueType};

/// What a loaded session says it takes and gives.
pub(crate) fn of(session: &Session, facts: &Facts) -> ModelSignature {
    let ports = |outlets: &[Outlet]| outlets.iter().map(|outlet| port(outlet, facts)).collect();
    ModelSignature {
        inputs: ports(session.inputs()),
        outputs: ports(session.outputs()),
    }
}

fn port(outlet: &Outlet, facts: &Facts) -> Port {
    let shape = match outlet.dtype() {
        // The engine gives a value without a shape no dimensions, as it does a scalar.
        ValueType::Tensor { shape, .. } if !facts.without_shape.contains(outlet.name()) => {
            let dim = |&size: &i64| usize::try_from(size).map_or(Dim::Free, Dim::Fixed);
            Some(shape.iter().map(dim).collect())
        }
        _ => None,
    };
    Port {
        name: outlet.name().into(),
        kind: kind(outlet.dtype()),
        shape,
    }
}

fn kind(value: &ValueType) -> PortKind {
    match value {
        ValueType::Tensor { ty, .. } => match datatype(*ty) {
            Some(datatype) => PortKind::Tensor(datatype),
            None => PortKind::Other(value.to_string()),
        },
        ValueType::Sequence(element) => match &**element {
            ValueType::Map {
                key: TensorElementType::Int64,
                value: TensorElementType::Float32,
            } => PortKind::Map(DataType::I64),
            ValueType::Map {
                key: TensorElementType::String,
                value: TensorElementType::Float32,
            } => PortKind::Map(DataType::Str),
            _ => PortKind::Other(value.to_string()),
        },
        ValueType::Map { .. } | ValueType::Optional(_) => PortKind::Other(value.to_string()),
    }
}

/// The type of a tensor's elements, where a frame has it.
pub(crate) fn datatype(element: TensorElementType) -> Option<DataType> {
    Some(match element {
        TensorElementType::Bool => DataType::Bool,
        TensorElementType::Int8 => DataType::I8,
        TensorElementType::Int16 => DataType::I16,
        TensorElementType::Int32 => DataType::I32,
        TensorElementType::Int64 => DataType::I64,
        TensorElementType::Uint8 => DataType::U8,
        TensorElementType::Uint16 => DataType::U16,
        TensorElementType::Uint32 => DataType::U32,
        TensorElementType::Uint64 => DataType::U64,
        TensorElementType::Float16 => DataType::F16,
        TensorElementType::Float32 => DataType::F32,
        TensorElementType::Float64 => DataType::F64,
        TensorElementType::String => DataType::Str,
        _ => return None,
    })
}
