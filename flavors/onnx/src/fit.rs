//! Whether the declared inputs can ever be those of the graph.
//!
//! Only what no request could get past is refused here; whatever some request may satisfy is
//! left to the check of each request.

use crate::NAME;
use flowgate_core::{
    ColumnSpec, DataType, Dim, FlavorError, InputAdapter, Port, PortKind, Schema, TensorSpec,
};

/// Refuses inputs of a signature that can never be fed to the graph.
pub(crate) fn check(declared: &Schema, inputs: &InputAdapter) -> Result<(), FlavorError> {
    let result = match (declared, inputs) {
        (Schema::Columns(columns), InputAdapter::Single(port) | InputAdapter::Numbers(port)) => {
            matrix(columns, port)
        }
        (Schema::Columns(columns), InputAdapter::Named(ports)) => named_columns(columns, ports),
        (Schema::Tensors(tensors), inputs) => named_tensors(tensors, inputs),
    };
    result.map_err(|reason| FlavorError::Contradiction {
        flavor: NAME,
        reason,
    })
}

/// Whether every input takes any number of rows along its first dimension.
pub(crate) fn takes_any_rows(inputs: &InputAdapter) -> bool {
    inputs.ports().iter().all(|port| match &port.shape {
        None => true,
        Some(shape) => shape.first() == Some(&Dim::Free),
    })
}

/// All columns side by side: their number and their common type. Optional columns may be absent.
fn matrix(columns: &[ColumnSpec], port: &Port) -> Result<(), String> {
    let required = columns.iter().filter(|column| column.required).count();
    if let Some([_, Dim::Fixed(width)]) = port.shape.as_deref()
        && !(required..=columns.len()).contains(width)
    {
        return Err(format!(
            "{} columns are declared, input `{port}` takes {width}",
            columns.len()
        ));
    }
    let mut types = columns.iter().filter(|column| column.required);
    let Some(first) = types.next().map(|column| column.kind.datatype()) else {
        return Ok(());
    };
    let common = types.try_fold(first, |one, column| {
        let two = column.kind.datatype();
        one.common(two)
            .ok_or_else(|| format!("columns of `{one}` and `{two}` cannot be one input `{port}`"))
    })?;
    // The columns that may be absent could widen integers to floats.
    let optional = columns.len() > required;
    if optional || fits(common, port) {
        return Ok(());
    }
    Err(format!(
        "the columns are `{common}` together, the model has `{port}`"
    ))
}

/// A column for every input, by name.
fn named_columns(columns: &[ColumnSpec], ports: &[Port]) -> Result<(), String> {
    for port in ports {
        let column = columns
            .iter()
            .find(|column| column.name.as_deref() == Some(&*port.name))
            .ok_or_else(|| format!("no column is declared for input `{port}`"))?;
        let datatype = column.kind.datatype();
        if !fits(datatype, port) {
            return Err(format!(
                "column `{}` is `{datatype}`, the model has `{port}`",
                port.name
            ));
        }
    }
    Ok(())
}

/// One tensor for the one input, or a tensor for every input, by name.
fn named_tensors(tensors: &[TensorSpec], inputs: &InputAdapter) -> Result<(), String> {
    if let ([tensor], InputAdapter::Single(port)) = (tensors, inputs)
        && tensor.name.is_none()
    {
        return one_tensor(tensor, port);
    }
    for port in inputs.ports() {
        let tensor = tensors
            .iter()
            .find(|tensor| tensor.name.as_deref() == Some(&*port.name))
            .ok_or_else(|| format!("no tensor is declared for input `{port}`"))?;
        one_tensor(tensor, port)?;
    }
    Ok(())
}

fn one_tensor(tensor: &TensorSpec, port: &Port) -> Result<(), String> {
    let same_shape = port.shape.as_ref().is_none_or(|shape| {
        shape.len() == tensor.shape.len()
            && shape.iter().zip(&tensor.shape).all(|pair| match pair {
                (Dim::Fixed(of_model), Some(declared)) => of_model == declared,
                (Dim::Free, _) | (_, None) => true,
            })
    });
    let same_type = tensor
        .kind
        .datatype()
        .is_some_and(|datatype| fits(datatype, port));
    if same_shape && same_type {
        return Ok(());
    }
    Err(format!(
        "tensor `{tensor}` is declared, the model has `{port}`"
    ))
}

/// Whether data of `datatype` goes into `port`: its own type, or `f64` where it has `f32`.
fn fits(datatype: DataType, port: &Port) -> bool {
    match (&port.kind, datatype) {
        (PortKind::Tensor(DataType::F32), DataType::F64) => true,
        (PortKind::Tensor(wanted), datatype) => *wanted == datatype,
        (PortKind::Map(_) | PortKind::Other(_), _) => false,
    }
}
