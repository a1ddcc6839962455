//! From what the signature let through to a frame: what MLflow's ONNX flavor hands to the model.

use super::array::NdArray;
use super::enforce::PREDICTING;
use super::exception::not_for_the_model;
use super::object::Object;
use super::table::Table;
use super::values::{Values, strings};
use crate::scoring::decode::Decoded;
use flowgate_core::{
    BlobsBuilder, ColumnType, Data, DataType, Form, Frame, InferRequest, NamedTensor, Params,
    Refusal, Scalar, StringsBuilder, Tensor,
};
use std::sync::Arc;

/// Data on its way into a model.
#[derive(Debug)]
pub(super) enum Fed {
    /// A table that no signature speaks of.
    Table(Table),
    /// The columns of a signature.
    Columns {
        columns: Vec<(Arc<str>, ColumnType, Values)>,
        rows: usize,
        dropped: usize,
    },
    /// The tensors of a signature, or those that were sent where there is none.
    Tensors {
        tensors: Vec<(Arc<str>, NdArray)>,
        named: bool,
        dropped: usize,
    },
}

impl Fed {
    /// The request that it is.
    ///
    /// # Errors
    /// When it holds what no model takes.
    pub(super) fn request(self, params: Params, bare: bool) -> Result<Decoded, Refusal> {
        let (frame, form, dropped_columns) = match self {
            Self::Table(table) => (untyped_frame(table)?, Form::Table, 0),
            Self::Columns {
                columns,
                rows,
                dropped,
            } => {
                let columns = columns.into_iter().map(|(name, kind, values)| {
                    let data = cells(values, &kind)?;
                    debug_assert_eq!(data.len(), rows, "columns of one table");
                    Some(NamedTensor::new(name, Tensor::column(data)))
                });
                let frame: Option<Frame> = columns.collect();
                (frame.ok_or_else(not_for_the_model)?, Form::Table, dropped)
            }
            Self::Tensors {
                tensors,
                named,
                dropped,
            } => {
                let tensors = tensors.into_iter().map(|(name, array)| {
                    let tensor = Tensor::new(array.shape, elements(array.values)?).ok()?;
                    Some(NamedTensor::new(name, tensor))
                });
                let frame: Option<Frame> = tensors.collect();
                let form = if named { Form::Tensors } else { Form::Tensor };
                (frame.ok_or_else(not_for_the_model)?, form, dropped)
            }
        };
        Ok(Decoded {
            request: InferRequest {
                frame,
                form: if bare { Form::Bare } else { form },
                params,
            },
            dropped_columns,
        })
    }
}

fn untyped_frame(table: Table) -> Result<Frame, Refusal> {
    if table.columns.is_empty() {
        // No rows of doubles, of a width that only graphs of any width take.
        let nothing = Tensor::column(Data::empty(DataType::F64));
        return Ok(Frame::new(vec![NamedTensor::new("", nothing)]));
    }
    let columns = table.columns.into_iter().map(|(label, values)| {
        let data = elements(values)?;
        Some(NamedTensor::new(label.to_string(), Tensor::column(data)))
    });
    let frame: Option<Frame> = columns.collect();
    frame.ok_or_else(not_for_the_model)
}

/// The cells of a column of the type `kind`; `None` when no model takes them.
fn cells(values: Values, kind: &ColumnType) -> Option<Data> {
    match kind {
        ColumnType::Scalar(Scalar::Binary) => {
            let mut builder = BlobsBuilder::default();
            for cell in values.into_objects() {
                match cell {
                    Object::Bytes(octets) => builder.push(&octets),
                    other => builder.push(other.text()?.as_bytes()),
                }
            }
            Some(Data::Bytes(builder.finish()))
        }
        ColumnType::Scalar(Scalar::String) => elements(values),
        ColumnType::Scalar(_) => match values {
            Values::Typed(data) => Some(data),
            // Nulls and lists among booleans.
            _ => None,
        },
        _ => {
            let mut builder = StringsBuilder::default();
            for cell in values.into_objects() {
                let mut json = Vec::new();
                cell.write_json(&mut json).then_some(())?;
                builder.push(std::str::from_utf8(&json).ok()?);
            }
            Some(Data::Json(builder.finish()))
        }
    }
}

/// Elements as they are; what has no type is handed over as Python's text of it.
fn elements(values: Values) -> Option<Data> {
    match values {
        Values::Typed(data) => Some(data),
        Values::Texts(texts) => strings(
            texts
                .into_iter()
                .map(|text| Some(text.map_or("nan".to_owned(), String::from))),
        ),
        Values::Objects(objects) => strings(objects.iter().map(Object::text)),
        Values::Zoned(_) => None,
    }
}

/// A refusal of the params, in the words that MLflow puts around it.
pub(super) fn predicting(text: &str) -> String {
    format!("{PREDICTING}{text}")
}
