//! A table where the signature declares tensors: columns side by side, or a tensor a column.

use super::column::{Finished, Width};
use super::missing;
use super::report::{Report, refuse_schema};
use flowgate_core::{
    Code, Data, Form, Frame, NamedTensor, Refusal, Shape, Tensor, TensorSpec, Violation,
};
use std::sync::Arc;

/// Tells the tensors of `specs` that are not at the `places` that the columns of a table have.
pub(super) fn missing(
    specs: &[TensorSpec],
    places: impl Iterator<Item = usize>,
    extra: &[&str],
    report: &mut Report,
) {
    if is_unnamed(specs) {
        return;
    }
    let there: Vec<usize> = places.collect();
    let absent = specs
        .iter()
        .enumerate()
        .filter(|(place, _)| there.binary_search(place).is_err());
    missing_tensors(absent.map(|(_, spec)| spec), extra, report);
}

/// The tensors that `specs` declare, made of the `columns` of a table of `rows` rows, which
/// stand in the order of the signature.
pub(super) fn finish(
    specs: &[TensorSpec],
    columns: Vec<Finished>,
    rows: usize,
) -> Result<(Frame, Form), Refusal> {
    if let [spec] = specs
        && is_unnamed(specs)
    {
        let tensor = unnamed(spec, columns, rows)?;
        return Ok((Frame::new(vec![NamedTensor::new("", tensor)]), Form::Tensor));
    }
    let mut tensors = Vec::with_capacity(specs.len());
    for column in columns {
        let spec = &specs[column.place];
        let tensor = one_column(spec, column, rows)?;
        tensors.push(NamedTensor::new(spec.key(), tensor));
    }
    Ok((Frame::new(tensors), Form::Tensors))
}

/// Whether it is one tensor without a name, which takes all columns side by side.
fn is_unnamed(specs: &[TensorSpec]) -> bool {
    matches!(specs, [spec] if spec.name.is_none())
}

/// Tells tensors that must be there and are not.
pub(super) fn missing_tensors<'s>(
    absent: impl Iterator<Item = &'s TensorSpec>,
    extra: &[&str],
    report: &mut Report,
) {
    let absent: Vec<&TensorSpec> = absent.collect();
    for spec in &absent {
        let expected = format!("`{}`", spec.kind.name());
        let violation = Violation::new(Code::MissingColumn, expected, "nothing");
        report.schema(violation.in_column(&*spec.key()));
    }
    if !absent.is_empty() {
        let names: Vec<Arc<str>> = absent.iter().map(|spec| spec.key()).collect();
        report.schema_summary(missing::words(names.iter().map(|name| &**name), extra));
    }
}

fn unnamed(spec: &TensorSpec, mut columns: Vec<Finished>, rows: usize) -> Result<Tensor, Refusal> {
    match columns.len() {
        0 => Err(bad_shape("Input DataFrame is empty.")),
        1 => one_column(spec, columns.remove(0), rows),
        count => {
            let scalars = columns
                .iter()
                .all(|column| !matches!(column.width, Some(Width::List(_))));
            let fits = matches!(spec.shape.as_slice(), [None, Some(width)] if *width == count);
            if !fits || !scalars {
                return Err(bad_shape(format!(
                    "This model contains a model signature with an unnamed input. Since the \
                     input data is a table of {count} columns, the input shape must be \
                     (-1, {count}) with one value a cell, and the signature declares {spec}"
                )));
            }
            let columns: Vec<&Data> = columns.iter().map(|column| &column.data).collect();
            let data = Data::interleave(&columns);
            let shape = Shape::from_slice(&[rows, count]);
            let tensor = data.and_then(|data| Tensor::new(shape, data).ok());
            tensor.ok_or_else(|| bad_shape("the columns are not of one length"))
        }
    }
}

/// One row of the tensor a cell.
fn one_column(spec: &TensorSpec, column: Finished, rows: usize) -> Result<Tensor, Refusal> {
    let rest: Option<Vec<usize>> = match spec.shape.split_first() {
        Some((None, rest)) => rest.iter().copied().collect(),
        _ => None,
    };
    let rest = rest.ok_or_else(|| {
        bad_shape(format!(
            "For pandas dataframe input, the first dimension of shape must be a variable \
             dimension and other dimensions must be fixed, and the signature declares {spec}"
        ))
    })?;
    let wanted = flowgate_core::element_count(&rest);
    let fits = match column.width {
        None => true,
        Some(Width::Scalar) => matches!(rest.as_slice(), [] | [1]),
        Some(Width::List(length)) => !rest.is_empty() && wanted == Some(length),
    };
    let mut shape = Shape::from_slice(&[rows]);
    shape.extend(rest);
    let tensor = Some(column.data)
        .filter(|_| fits)
        .and_then(|data| Tensor::new(shape, data).ok());
    tensor.ok_or_else(|| {
        bad_shape(format!(
            "the cells of the table do not have the shape that {spec} declares"
        ))
    })
}

fn bad_shape(words: impl Into<String>) -> Refusal {
    refuse_schema(Code::BadShape, words, "a table of another shape")
}
