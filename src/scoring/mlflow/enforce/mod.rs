//! The signature, enforced on what was sent after it was converted.
//!
//! Source: MLflow 3.17.2, `mlflow.models.utils._enforce_schema`.

mod columns;
mod datatype;
pub(super) mod nested;
mod tensors;

use super::array::NdArray;
use super::exception::Exception;
use super::feed::Fed;
use super::object::{Object, list_of};
use super::table::Table;
use flowgate_core::refusal::clipped;
use flowgate_core::{Refusal, Schema, Stage};

/// What a body holds, before the signature is enforced.
#[derive(Debug)]
pub(super) enum Sent {
    /// A table.
    Table(Table),
    /// Anything else: an array, a dictionary of them, a list, a single value.
    Value(Object),
}

/// What `sent` is under the inputs of a signature; without them it is left as it is.
///
/// # Errors
/// The first thing that does not fit, in MLflow's words.
pub(super) fn enforce(sent: Sent, inputs: Option<&Schema>) -> Result<Fed, Refusal> {
    let Some(inputs) = inputs else {
        return unchecked(sent);
    };
    let enforced = match inputs {
        Schema::Columns(specs) => columns::enforce(sent, specs).map(|enforced| Fed::Columns {
            columns: enforced.columns,
            rows: enforced.rows,
            dropped: enforced.dropped,
        }),
        Schema::Tensors(specs) => tensors::enforce(sent, specs).map(|enforced| Fed::Tensors {
            tensors: enforced.tensors,
            named: inputs.is_named(),
            dropped: enforced.dropped,
        }),
    };
    enforced.map_err(|exception| {
        Refusal::said(
            Stage::Schema,
            format!(
                "{PREDICTING}Failed to enforce schema of data '...' with schema '{inputs}'. Error: \
                 {exception}"
            ),
        )
    })
}

/// What MLflow writes before whatever is wrong once the data is read; the data itself is not
/// repeated.
pub(super) const PREDICTING: &str = "Failed to predict data '...'. \nError: ";

/// Without a signature, the model is given what there is.
fn unchecked(sent: Sent) -> Result<Fed, Refusal> {
    match sent {
        Sent::Table(table) => Ok(Fed::Table(table)),
        Sent::Value(Object::Array(array)) => Ok(Fed::Tensors {
            tensors: vec![("".into(), *array)],
            named: false,
            dropped: 0,
        }),
        Sent::Value(Object::Dict(members)) => {
            let tensors = members.into_iter().map(|(name, value)| match value {
                Object::Array(array) => Ok((std::sync::Arc::from(name), *array)),
                other => NdArray::new(other, None).map(|array| (name.into(), array)),
            });
            let tensors: Result<Vec<_>, Exception> = tensors.collect();
            Ok(Fed::Tensors {
                tensors: tensors.map_err(|_| super::exception::not_for_the_model())?,
                named: true,
                dropped: 0,
            })
        }
        Sent::Value(_) => Err(super::exception::not_for_the_model()),
    }
}

/// The most names from a body that a message has.
const NAMED: usize = 100;

/// Names that were not sent, and names that nobody asked for.
fn missing_inputs(missing: &[&str], extra: impl Iterator<Item = String>) -> Result<(), Exception> {
    if missing.is_empty() {
        return Ok(());
    }
    let mut text = format!(
        "Model is missing inputs {}.",
        list_of(missing.iter().copied())
    );
    // A body may have very many, and long ones.
    let extra: Vec<String> = extra.take(NAMED).collect();
    let extra: Vec<&str> = extra.iter().map(|name| clipped(name)).collect();
    if !extra.is_empty() {
        text.push_str(&format!(
            " Note that there were extra inputs: [{}].",
            extra.join(", ")
        ));
    }
    Err(Exception::mlflow(text))
}
