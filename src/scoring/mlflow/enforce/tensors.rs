//! A signature of tensors: arrays of exactly the type and the shape that it declares, made of
//! arrays or of the columns of a table.
//!
//! Source: MLflow 3.17.2, `_enforce_tensor_schema`, `_reshape_and_cast_pandas_column_values`.

use super::{Sent, missing_inputs};
use crate::scoring::mlflow::array::{NdArray, typed};
use crate::scoring::mlflow::exception::Exception;
use crate::scoring::mlflow::object::Object;
use crate::scoring::mlflow::table::{Label, Table};
use crate::scoring::mlflow::values::{Values, dtype_name};
use flowgate_core::{Data, Shape, TensorSpec, TensorType, TupleOf};
use std::sync::Arc;

/// The tensors of the signature, each under its key, and how many others were sent.
pub(super) struct Enforced {
    pub(super) tensors: Vec<(Arc<str>, NdArray)>,
    pub(super) dropped: usize,
}

pub(super) fn enforce(sent: Sent, specs: &[TensorSpec]) -> Result<Enforced, Exception> {
    match specs {
        [only] if only.name.is_none() => Ok(Enforced {
            tensors: vec![(only.key(), unnamed(sent, only)?)],
            dropped: 0,
        }),
        specs => by_name(sent, specs),
    }
}

fn unnamed(sent: Sent, spec: &TensorSpec) -> Result<NdArray, Exception> {
    match sent {
        Sent::Table(table) if table.rows == 0 || table.columns.is_empty() => {
            Err(Exception::mlflow("Input DataFrame is empty."))
        }
        Sent::Table(table) if table.columns.len() == 1 => {
            let column = table.columns.into_iter().next();
            let column = column.map_or(Values::Objects(Vec::new()), |(_, column)| column);
            from_column(None, column, spec)
        }
        Sent::Table(table) => side_by_side(table, spec),
        Sent::Value(Object::Array(array)) => fits(*array, spec),
        Sent::Value(other) => Err(Exception::mlflow(format!(
            "This model contains a tensor-based model signature with no input names, which suggests \
             a numpy array input or a pandas dataframe input with proper column values, but an \
             input of type <class '{}'> was found.",
            other.class()
        ))),
    }
}

fn by_name(sent: Sent, specs: &[TensorSpec]) -> Result<Enforced, Exception> {
    // All are required.
    let names = || specs.iter().filter_map(|spec| spec.name.as_deref());
    let missing = |labels: &[Label]| {
        let is_there = |name: &&str| labels.iter().any(|label| label.is(name));
        let missing: Vec<&str> = names().filter(|name| !is_there(name)).collect();
        let known = |label: &&Label| names().any(|name| label.is(name));
        let extra = labels.iter().filter(|label| !known(label));
        missing_inputs(&missing, extra.map(Label::repr))
    };
    match sent {
        Sent::Table(table) => {
            let labels: Vec<Label> = table
                .columns
                .iter()
                .map(|(label, _)| label.clone())
                .collect();
            missing(&labels)?;
            let tensors = specs.iter().map(|spec| {
                let name = spec.name.as_deref().unwrap_or_default();
                let place = table.places(name).first().copied();
                let column = place.map(|place| table.columns[place].1.clone());
                let column = column.unwrap_or(Values::Objects(Vec::new()));
                Ok((spec.key(), from_column(Some(name), column, spec)?))
            });
            Ok(Enforced {
                tensors: tensors.collect::<Result<_, Exception>>()?,
                dropped: table.columns.len().saturating_sub(specs.len()),
            })
        }
        // An array for the only input, whatever its name is.
        Sent::Value(Object::Array(array)) if specs.len() == 1 => Ok(Enforced {
            tensors: vec![(specs[0].key(), fits(*array, &specs[0])?)],
            dropped: 0,
        }),
        Sent::Value(Object::Dict(mut members)) => {
            let labels: Vec<Label> = members.keys().cloned().map(Label::Name).collect();
            missing(&labels)?;
            let dropped = members.len().saturating_sub(specs.len());
            let tensors = specs.iter().map(|spec| {
                let name = spec.name.as_deref().unwrap_or_default();
                match members.swap_remove(name).unwrap_or(Object::None) {
                    Object::Array(array) => Ok((spec.key(), fits(*array, spec)?)),
                    other => Err(Exception::mlflow(format!(
                        "This model contains a tensor-based model signature with input names, \
                         which suggests a dictionary input mapping input name to a numpy array, \
                         but a dict with value type <class '{}'> was found.",
                        other.class()
                    ))),
                }
            });
            Ok(Enforced {
                tensors: tensors.collect::<Result<_, Exception>>()?,
                dropped,
            })
        }
        Sent::Value(_) => {
            missing(&[])?;
            Err(Exception::mlflow("Expected input to be an array"))
        }
    }
}

/// `array`, when it has the type and the shape of `spec`.
fn fits(array: NdArray, spec: &TensorSpec) -> Result<NdArray, Exception> {
    let free = spec.shape.len() == 1 && spec.shape[0].is_none();
    if free && spec.kind == TensorType::Object {
        return Ok(array);
    }
    if !spec.fits(&array.shape) {
        return Err(Exception::mlflow(spec.shape_message(&array.shape)));
    }
    if array.values.datatype() != spec.kind.datatype() && !is_object(&array, spec) {
        return Err(Exception::mlflow(format!(
            "dtype of input {} does not match expected dtype {}",
            array.values.dtype(),
            spec.kind.datatype().map_or("complex128", dtype_name)
        )));
    }
    Ok(array)
}

fn is_object(array: &NdArray, spec: &TensorSpec) -> bool {
    spec.kind == TensorType::Object && matches!(array.values, Values::Objects(_))
}

/// All columns of a table beside each other.
fn side_by_side(table: Table, spec: &TensorSpec) -> Result<NdArray, Exception> {
    let width = table.columns.len();
    if *spec.shape != [None, Some(width)] {
        return Err(Exception::mlflow(format!(
            "This model contains a model signature with an unnamed input. Since the input data is a \
             pandas DataFrame containing multiple columns, the input shape must be of the structure \
             (-1, number_of_dataframe_columns). Instead, the input DataFrame passed had {width} \
             columns and an input shape of {} with all values within the DataFrame of scalar type. \
             Please adjust the passed in DataFrame to match the expected structure",
            TupleOf(&spec.shape)
        )));
    }
    let columns: Vec<&Data> = table
        .columns
        .iter()
        .filter_map(|(_, column)| match column {
            Values::Typed(data) => Some(data),
            _ => None,
        })
        .collect();
    let values = match Data::interleave(&columns) {
        Some(data) if columns.len() == width => Values::Typed(data),
        _ => {
            let cells = (0..table.rows)
                .flat_map(|row| table.columns.iter().map(move |(_, column)| column.get(row)));
            Values::Objects(cells.collect())
        }
    };
    let shape = Shape::from_slice(&[table.rows, width]);
    fits(NdArray { shape, values }, spec)
}

/// One column of a table: single values, or flat lists of one row each.
fn from_column(
    name: Option<&str>,
    column: Values,
    spec: &TensorSpec,
) -> Result<NdArray, Exception> {
    let shown = TupleOf(&spec.shape);
    let is_rows =
        spec.shape.first() == Some(&None) && spec.shape.iter().skip(1).all(Option::is_some);
    if !is_rows {
        let input = match name {
            Some(name) => format!("input {name}"),
            None => "the unnamed input".to_owned(),
        };
        return Err(Exception::mlflow(format!(
            "For pandas dataframe input, the first dimension of shape must be a variable dimension \
             and other dimensions must be fixed, but in model signature the shape of {input} is \
             {shown}."
        )));
    }
    let rows = column.len();
    let name = name.unwrap_or("None");
    match column.get(0) {
        first if first.is_scalar() => {
            if !matches!(*spec.shape, [None] | [None, Some(1)]) {
                return Err(Exception::mlflow(format!(
                    "The input pandas dataframe column '{name}' contains scalar values, which \
                     requires the shape to be (-1,) or (-1, 1), but got tensor spec shape of \
                     {shown}."
                )));
            }
            let mut shape = Shape::from_slice(&[rows]);
            shape.resize(spec.shape.len(), 1);
            let values = typed(&column.into_objects(), spec.kind)?;
            fits(NdArray { shape, values }, spec)
        }
        Object::List(items) => match items.first() {
            None => Err(Exception::new("IndexError", "list index out of range")),
            Some(first) if first.is_scalar() => stacked(name, column, spec),
            Some(_) => Err(Exception::mlflow(OTHER_CELLS)),
        },
        _ => Err(Exception::mlflow(OTHER_CELLS)),
    }
}

const OTHER_CELLS: &str = "Because the model signature requires tensor spec input, the input pandas \
dataframe values should be either scalar value, python list containing scalar values or numpy \
array containing scalar values, other types are not supported.";

/// A column of flat lists as one array of the shape of `spec`.
fn stacked(name: &str, column: Values, spec: &TensorSpec) -> Result<NdArray, Exception> {
    let rows = column.len();
    let unlike = || {
        Exception::mlflow(format!(
            "The value in the Input DataFrame column '{name}' could not be converted to the \
             expected shape of: '{}'. Ensure that each of the input list elements are of uniform \
             length and that the data can be coerced to the tensor type '{}'",
            TupleOf(&spec.shape),
            spec.kind.name()
        ))
    };
    let or_unlike = |exception: Exception| {
        // Numbers out of range wrap around there.
        if exception.is_value() || exception.is_overflow() {
            unlike()
        } else {
            exception
        }
    };
    // A single value among the lists is a row of one.
    let row = |cell| match cell {
        list @ Object::List(_) => list,
        single => Object::List(vec![single]),
    };
    let cells = column.into_objects().into_iter().map(row).collect();
    let matrix = NdArray::new(Object::List(cells), None).map_err(or_unlike)?;
    let row: usize = spec.shape.iter().skip(1).flatten().product();
    let [_, width] = *matrix.shape else {
        return Err(unlike());
    };
    if width != row {
        return Err(unlike());
    }
    let mut shape = Shape::from_slice(&[rows]);
    shape.extend(spec.shape.iter().skip(1).flatten().copied());
    let values = match (matrix.values, spec.kind) {
        (same, kind) if same.datatype().is_some() && same.datatype() == kind.datatype() => same,
        (other, kind) => typed(&other.into_objects(), kind).map_err(or_unlike)?,
    };
    fits(NdArray { shape, values }, spec)
}
