//! Reading a body as MLflow's own server reads it (`--compat mlflow`).
//!
//! There a table is read without types, gets those that pandas finds for whole columns, is cast to
//! the signature leniently, and then checked; arrays go the same way through numpy. What a value
//! becomes depends on its neighbours, so that this cannot be a table of rules in the decoder that
//! reads values by their declared type (`docs/decisions/0008-a-second-reader.md`). The modules are
//! named after what they stand for: `loads` (`json.loads`), `table` (`pandas.DataFrame`), `cast`
//! (`astype`), `array` (`numpy.array`), `enforce` (MLflow's checks), `feed` (its ONNX flavor).
//!
//! Source: MLflow 3.17.2 with pandas 3.1.1 and numpy 2.4.6 as measured on the real server.

mod array;
mod cast;
mod csv;
mod dates;
mod enforce;
mod exception;
mod feed;
mod inputs;
mod loads;
mod object;
mod params;
mod table;
mod values;

pub use exception::not_for_the_model;

use super::PROTOCOL_CHANGED as CHANGED;
use super::columnar::{self, ColumnarError, Limits};
use super::decode::{self, Decoded};
use bytes::Bytes;
use enforce::{PREDICTING, Sent, enforce};
use exception::{invalid, no_file};
use flowgate_core::{Refusal, Schema, Signature, Stage};
use object::{Dict, Object, list_of};
use table::Table;

/// The keys that hold data.
const FORMATS: [&str; 4] = [
    "dataframe_records",
    "dataframe_split",
    "inputs",
    "instances",
];

/// The keys that make a body one bare object, as clients of language models send them.
const BARE: [&str; 3] = ["messages", "prompt", "input"];

/// Reads a body in JSON.
///
/// # Errors
/// Where MLflow's server answers with an error, in its words.
pub fn json(body: &[u8], signature: &Signature) -> Result<Decoded, Refusal> {
    let mut members = match loads::loads(body)? {
        Object::Dict(members) => *members,
        Object::List(_) => return Err(invalid(format!("{REQUIRED}. Received a list."))),
        other => {
            return Err(invalid(format!(
                "{REQUIRED}. Received unexpected input type '<class '{}'>.",
                other.class()
            )));
        }
    };
    if BARE.iter().any(|key| members.contains_key(*key)) {
        return bare(members, signature);
    }
    // The others keep their order: a message names them.
    let params = members.shift_remove("params").unwrap_or(Object::None);
    let found: Vec<&str> = members
        .keys()
        .map(|key| &**key)
        .filter(|key| FORMATS.contains(key))
        .collect();
    let [format] = *found else {
        return Err(Refusal::said(
            Stage::Body,
            format!(
                "{REQUIRED}. Received dictionary with input fields: {}. {CHANGED}",
                list_of(found)
            ),
        ));
    };
    let format = FORMATS.into_iter().find(|known| *known == format);
    let format = format.unwrap_or_default();
    let value = members.swap_remove(format).unwrap_or(Object::None);
    let inputs = signature.inputs.as_ref();
    let sent = match format {
        "dataframe_split" => cast(Table::split(value)?, inputs)?,
        "dataframe_records" => cast(Table::records(value)?, inputs)?,
        "instances" => inputs::instances(value, inputs)?,
        _ => inputs::inputs(value, inputs)?,
    };
    finish(sent, params, signature, false)
}

/// Reads a body in CSV.
///
/// # Errors
/// Where MLflow's server answers with an error, in its words. It reads none for tensors
/// (`csv-on-tensor`): these are read as strictly as ever.
pub fn csv(body: &[u8], signature: &Signature) -> Result<Decoded, Refusal> {
    let specs = match &signature.inputs {
        Some(Schema::Tensors(_)) => return decode::csv(body, signature),
        Some(Schema::Columns(specs)) => Some(specs.as_slice()),
        None => None,
    };
    let text = std::str::from_utf8(body).map_err(|_| {
        invalid(
            "Ensure that input is a valid UTF-8 encoded string. Error: 'UnicodeDecodeError('utf-8', \
             ..., 'invalid start byte')'",
        )
    })?;
    let csv::Csv { table, surplus } = csv::read(text, specs)?;
    let decoded = finish(Sent::Table(table), Object::None, signature, false)?;
    surplus.map_or(Ok(decoded), Err)
}

/// Reads a Parquet file. Its columns are not cast: the signature takes what is safe.
///
/// # Errors
/// Where MLflow's server answers with an error, in its words; besides, when the file is larger
/// unpacked than `limits` has it.
pub fn parquet(
    body: &Bytes,
    signature: &Signature,
    limits: Limits,
) -> Result<Decoded, ColumnarError> {
    let file = columnar::parquet(body, &Signature::default(), limits);
    let file = file.map_err(|error| match error {
        ColumnarError::Refused(refusal) => no_file("Parquet", "to_parquet", refusal).into(),
        other => other,
    })?;
    let table = Table::of_frame(&file.request.frame)?;
    Ok(finish(Sent::Table(table), Object::None, signature, false)?)
}

/// MLflow's words for one tensor that was sent to a model of several inputs.
pub fn needs_names<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    format!(
        "{PREDICTING}Unable to map numpy array input to the expected model input. Numpy arrays can \
         only be used as input for MLflow ONNX models that have a single input. This model requires \
         {} inputs. Please pass in data as either a dictionary or a DataFrame with the following \
         tensors: {}.",
        names.len(),
        list_of(names)
    )
}

/// A body that is one bare object: members that are params go there, nothing is cast.
fn bare(members: Dict, signature: &Signature) -> Result<Decoded, Refusal> {
    let specs = signature.params.as_deref().unwrap_or_default();
    let is_param = |key: &str| specs.iter().any(|spec| spec.name == key);
    let (params, data): (Dict, Dict) = members.into_iter().partition(|(key, _)| is_param(key));
    let sent = Sent::Value(Object::Dict(Box::new(data)));
    let params = Object::Dict(Box::new(params));
    finish(sent, params, signature, true)
}

fn cast(mut table: Table, inputs: Option<&Schema>) -> Result<Sent, Refusal> {
    if let Some(inputs) = inputs {
        cast::cast(&mut table, inputs)?;
    }
    Ok(Sent::Table(table))
}

fn finish(
    sent: Sent,
    params: Object,
    signature: &Signature,
    bare: bool,
) -> Result<Decoded, Refusal> {
    let fed = enforce(sent, signature.inputs.as_ref())?;
    let params = params::enforce(params, signature.params.as_deref())?;
    fed.request(params, bare)
}

const REQUIRED: &str = "The input must be a JSON dictionary with exactly one of the input fields \
{'dataframe_records', 'dataframe_split', 'inputs', 'instances'}";
