//! A signature of columns: whatever was sent becomes a table, its names are checked, and its
//! columns are safely converted.
//!
//! Source: MLflow 3.17.2, `_enforce_schema`, `_enforce_named_col_schema`,
//! `_enforce_unnamed_col_schema`.

use super::datatype::enforce_values;
use super::{Sent, missing_inputs, nested};
use crate::scoring::mlflow::exception::Exception;
use crate::scoring::mlflow::object::{Dict, Object};
use crate::scoring::mlflow::table::{Label, Table};
use crate::scoring::mlflow::values::Values;
use flowgate_core::{ColumnSpec, ColumnType};
use std::sync::Arc;

/// The columns of the signature that were sent, each under its key, and how many others were sent.
pub(super) struct Enforced {
    pub(super) columns: Vec<(Arc<str>, ColumnType, Values)>,
    pub(super) rows: usize,
    pub(super) dropped: usize,
}

pub(super) fn enforce(sent: Sent, specs: &[ColumnSpec]) -> Result<Enforced, Exception> {
    let mut table = match sent {
        Sent::Table(table) => table,
        Sent::Value(value) => to_table(value, specs)?,
    };
    let rows = table.rows;
    let named = specs.first().is_some_and(|spec| spec.name.is_some());
    let width = table.columns.len();
    if named {
        missing_columns(&table, specs)?;
    } else if width < specs.len() {
        return Err(Exception::mlflow(format!(
            "Model inference is missing inputs. The model signature declares {} inputs  but the \
             provided value only has {width} inputs. Note: the inputs were not named in the \
             signature so we can only verify their count.",
            specs.len()
        )));
    }
    let mut columns = Vec::with_capacity(specs.len());
    let mut taken = vec![false; width];
    for (position, spec) in specs.iter().enumerate() {
        let places = match &spec.name {
            Some(name) => table.places(name),
            None => vec![position],
        };
        let place = match *places {
            // An optional one.
            [] => continue,
            [place] => place,
            _ => {
                return Err(Exception::new(
                    "AttributeError",
                    "'DataFrame' object has no attribute 'dtype'",
                ));
            }
        };
        // A signature may name a column twice; the table that MLflow makes has it once.
        if std::mem::replace(&mut taken[place], true) {
            continue;
        }
        let (label, column) = &mut table.columns[place];
        let column = std::mem::replace(column, Values::Objects(Vec::new()));
        let values = match &spec.kind {
            ColumnType::Scalar(scalar) => enforce_values(&label.to_string(), column, *scalar)?,
            kind => {
                // An unnamed column is never optional.
                let required = !named || spec.required;
                let cells = column.into_objects().into_iter();
                let cells: Result<Vec<Object>, Exception> = cells
                    .map(|cell| nested::enforce(cell, kind, required))
                    .collect();
                Values::Objects(cells?)
            }
        };
        columns.push((spec.key(position), spec.kind.clone(), values));
    }
    Ok(Enforced {
        dropped: taken.iter().filter(|taken| !**taken).count(),
        columns,
        rows,
    })
}

fn missing_columns(table: &Table, specs: &[ColumnSpec]) -> Result<(), Exception> {
    let is_there = |name: &str| table.columns.iter().any(|(label, _)| label.is(name));
    let required = specs.iter().filter(|spec| spec.required);
    let required = required.filter_map(|spec| spec.name.as_deref());
    let missing: Vec<&str> = required.filter(|name| !is_there(name)).collect();
    let known = |label: &Label| {
        specs
            .iter()
            .any(|spec| spec.name.as_deref().is_some_and(|name| label.is(name)))
    };
    let labels = table.columns.iter().map(|(label, _)| label);
    missing_inputs(
        &missing,
        labels.filter(|label| !known(label)).map(Label::repr),
    )
}

/// What is no table becomes one.
fn to_table(value: Object, specs: &[ColumnSpec]) -> Result<Table, Exception> {
    match value {
        Object::Dict(members) => {
            let of_lists = |spec: &ColumnSpec| {
                matches!(
                    spec.kind,
                    ColumnType::Array(_) | ColumnType::SparkVector | ColumnType::Object(_)
                )
            };
            if specs.iter().any(of_lists) || members.values().all(is_one_cell) {
                return Ok(Table::of_one(*members));
            }
            let members = flat(*members);
            Table::of_dict(members, None).map_err(|exception| {
                Exception::mlflow(format!(
                    "This model contains a column-based signature, which suggests a DataFrame \
                     input. There was an error casting the input data to a DataFrame: {exception}"
                ))
            })
        }
        scalar if scalar.is_scalar() => Table::of_unnamed(Object::List(vec![scalar])),
        list @ (Object::List(_) | Object::Array(_)) => Table::of_unnamed(list),
        other => Err(Exception::mlflow(format!(
            "Expected input to be DataFrame. Found: {}",
            other.class()
        ))),
    }
}

/// A single value, a null, or a list of texts: one row to MLflow where all are such.
fn is_one_cell(value: &Object) -> bool {
    match value {
        Object::None => true,
        Object::List(items) => items
            .iter()
            .all(|item| matches!(item, Object::Str(_) | Object::HalfText)),
        other => other.is_scalar(),
    }
}

/// Arrays of several dimensions become lists in the cells of a column.
fn flat(members: Dict) -> Dict {
    let member = |(key, value): (Box<str>, Object)| match value {
        Object::Array(array) if array.shape.len() > 1 => (key, array.to_object()),
        other => (key, other),
    };
    members.into_iter().map(member).collect()
}
