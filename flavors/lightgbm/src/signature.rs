//! Signatures made from a model, as MLflow infers them from a table that the model was trained on.

use crate::columns::assigned;
use crate::model::{Model, Names};
use flowgate_core::{ColumnSpec, ColumnType, DataType, Scalar, Schema, TensorSpec, TensorType};

/// A column for every feature: doubles, and the type of the names where it holds categories.
///
/// # Errors
/// When it is not clear which columns hold the names of categories.
pub(crate) fn of_inputs(model: &Model) -> Result<Schema, String> {
    let lists = match model.categories.is_empty() {
        true => vec![None; model.features.len()],
        false => assigned(model, &[])?,
    };
    let column = |(feature, names): (&crate::model::Feature, Option<&Names>)| {
        let scalar = match names {
            None | Some(Names::Floats(_)) => Scalar::Double,
            Some(Names::None | Names::Texts(_) | Names::Mixed(_)) => Scalar::String,
            Some(Names::Integers(_)) => Scalar::Long,
            Some(Names::Bools(_)) => Scalar::Boolean,
        };
        ColumnSpec {
            name: Some(feature.name.as_str().into()),
            kind: ColumnType::Scalar(scalar),
            required: true,
        }
    };
    let columns = model.features.iter().zip(lists).map(column);
    Ok(Schema::Columns(columns.collect()))
}

/// A number a row, or a list of them.
pub(crate) fn of_outputs(model: &Model) -> Schema {
    let shape = match model.outputs {
        1 => vec![None],
        outputs => vec![None, Some(outputs)],
    };
    Schema::Tensors(vec![TensorSpec {
        name: None,
        kind: TensorType::Data(DataType::F64),
        shape,
    }])
}

/// `example`, which was made from a few values, with doubles where these were whole numbers by
/// chance: in all columns but those of categories.
pub(crate) fn settle(example: Schema, model: &Model) -> Schema {
    let mut columns = match example {
        Schema::Columns(columns) => columns,
        tensors @ Schema::Tensors(_) => return tensors,
    };
    let texts: Vec<bool> = columns
        .iter()
        .map(|column| column.kind == ColumnType::Scalar(Scalar::String))
        .collect();
    let lists = match model.categories.is_empty() {
        true => Vec::new(),
        false => assigned(model, &texts).unwrap_or_default(),
    };
    for (index, column) in columns.iter_mut().enumerate() {
        let is_category = lists.get(index).is_some_and(|names| names.is_some());
        if let ColumnType::Scalar(scalar @ (Scalar::Integer | Scalar::Long)) = &mut column.kind
            && !is_category
        {
            *scalar = Scalar::Double;
        }
    }
    Schema::Columns(columns)
}
