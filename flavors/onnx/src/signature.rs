//! Signatures made from a graph.

use flowgate_core::{
    ColumnType, DataType, Dim, InputAdapter, Port, PortKind, Scalar, Schema, TensorSpec, TensorType,
};

/// What the graph takes, as a signature declares it: one input has no name, so that tables go in
/// as well as arrays. `None` when the number of dimensions or a type is not known.
pub(crate) fn of_inputs(inputs: &InputAdapter) -> Option<Schema> {
    let mut tensors = specs(inputs.ports())?;
    if let [only] = tensors.as_mut_slice() {
        only.name = None;
    }
    Some(Schema::Tensors(tensors))
}

/// What the graph gives. `None` when an output is not a tensor or its number of dimensions is
/// not known.
pub(crate) fn of_outputs(outputs: &[Port]) -> Option<Schema> {
    let mut tensors = specs(outputs)?;
    // Converters write sizes of a single row there.
    for tensor in &mut tensors {
        if let Some(rows) = tensor.shape.first_mut() {
            *rows = None;
        }
    }
    Some(Schema::Tensors(tensors)).filter(|schema| !schema.is_empty())
}

fn specs(ports: &[Port]) -> Option<Vec<TensorSpec>> {
    ports
        .iter()
        .map(|port| {
            let PortKind::Tensor(datatype) = port.kind else {
                return None;
            };
            let size = |dim: &Dim| match dim {
                Dim::Fixed(size) => Some(*size),
                Dim::Free => None,
            };
            Some(TensorSpec {
                name: Some(port.name.clone()),
                kind: TensorType::Data(datatype),
                shape: port.shape.as_ref()?.iter().map(size).collect(),
            })
        })
        .collect()
}

/// `example`, which was made from a few values, with the types and sizes of the graph where the
/// values could not tell: whole numbers where it takes fractions, 64 bits where it takes 32, a
/// size where it takes any.
pub(crate) fn settle(example: Schema, inputs: &InputAdapter) -> Schema {
    match example {
        Schema::Columns(mut columns) => {
            for column in &mut columns {
                let port = match inputs {
                    InputAdapter::Single(port) | InputAdapter::Numbers(port) => Some(port),
                    InputAdapter::Named(ports) => ports
                        .iter()
                        .find(|port| column.name.as_deref() == Some(&*port.name)),
                };
                if let (ColumnType::Scalar(scalar), Some(port)) = (&mut column.kind, port) {
                    *scalar = settled_scalar(*scalar, port);
                }
            }
            Schema::Columns(columns)
        }
        Schema::Tensors(mut tensors) => {
            let alone = tensors.len() == 1;
            for tensor in &mut tensors {
                let port = match inputs {
                    InputAdapter::Single(port) if alone && tensor.name.is_none() => Some(port),
                    inputs => inputs
                        .ports()
                        .iter()
                        .find(|port| tensor.name.as_deref() == Some(&*port.name)),
                };
                if let Some(port) = port {
                    settle_tensor(tensor, port);
                }
            }
            Schema::Tensors(tensors)
        }
    }
}

fn settled_scalar(scalar: Scalar, port: &Port) -> Scalar {
    match (&port.kind, scalar) {
        (PortKind::Tensor(wanted), Scalar::Integer | Scalar::Long) if wanted.is_float() => {
            Scalar::Double
        }
        (PortKind::Tensor(DataType::I32), Scalar::Long) => Scalar::Integer,
        _ => scalar,
    }
}

fn settle_tensor(tensor: &mut TensorSpec, port: &Port) {
    if let (PortKind::Tensor(wanted), Some(found)) = (&port.kind, tensor.kind.datatype()) {
        let number = found.is_integer() || found.is_float();
        if (number && wanted.is_float()) || (found.is_integer() && wanted.is_integer()) {
            tensor.kind = TensorType::Data(*wanted);
        }
    }
    if let Some(shape) = &port.shape
        && shape.len() == tensor.shape.len()
    {
        for (declared, dim) in tensor.shape.iter_mut().zip(shape) {
            if *dim == Dim::Free {
                *declared = None;
            }
        }
    }
}
