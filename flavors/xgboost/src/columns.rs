//! From what is sent to the features of a model.
//!
//! Responsible for the adapter of the plan, for the first steps of the program, and for whether
//! the declared inputs can ever be those of the model.
//!
//! Names and order are compared as XGBoost 3.2.0 compares them: the columns must be the features.
//! A feature whose categories have names takes the names; numbers for it are codes, as they are
//! for XGBoost.

use crate::model::{Model, Names};
use flowgate_core::program::{Categories, Op, Precision, ProgramBuilder, Unknown, Value};
use flowgate_core::{
    ColumnSpec, ColumnType, Data, DataType, Dim, InputAdapter, Port, PortKind, Scalar, Schema,
    Tensor, TensorSpec,
};
use std::sync::Arc;

/// Why names are not taken where the file has not kept them.
const LOST: &str = "the names of its categories are lost: XGBoost before 3.4 stores names that are \
                    not ASCII in part only\n  hint: train it with XGBoost 3.4 or ASCII names, or \
                    declare the column `double` and send codes";

/// Why names are not taken where the file has none.
const NAMELESS: &str = "the model knows its categories by their codes alone\n  hint: train it on a \
                        data frame with XGBoost 3.1 or later, or declare the column `double` and \
                        send codes";

/// How requests become features.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Columns {
    /// The adapter of the plan.
    pub(crate) adapter: InputAdapter,
    /// The names of the categories of each input; empty where the one input has all features.
    names: Vec<Option<Tensor>>,
}

/// A feature as it is sent.
struct Column {
    name: Arc<str>,
    datatype: DataType,
    /// Names that are sent in place of numbers.
    names: Option<Tensor>,
}

impl Columns {
    /// How requests of the declared inputs become the features of `model`.
    ///
    /// # Errors
    /// With the reason, where no request of such inputs ever could.
    pub(crate) fn of(model: &Model, declared: Option<&Schema>) -> Result<Self, String> {
        let columns = match declared {
            Some(Schema::Tensors(tensors)) => {
                check_tensors(tensors, model.features)?;
                return Ok(Self::of_numbers(model.features));
            }
            Some(Schema::Columns(columns)) => declared_columns(model, columns)?,
            None => undeclared_columns(model),
        };
        if columns.iter().all(|column| column.names.is_none()) {
            return Ok(Self::of_numbers(model.features));
        }
        let (mut ports, mut names) = (Vec::new(), Vec::new());
        for column in columns {
            ports.push(Port {
                name: column.name,
                kind: PortKind::Tensor(column.datatype),
                shape: Some(vec![Dim::Free]),
            });
            names.push(column.names);
        }
        Ok(Self {
            adapter: InputAdapter::Named(ports),
            names,
        })
    }

    fn of_numbers(features: usize) -> Self {
        Self {
            adapter: InputAdapter::Numbers(Port {
                name: "".into(),
                kind: PortKind::Tensor(DataType::F32),
                shape: Some(vec![Dim::Free, Dim::Fixed(features)]),
            }),
            names: Vec::new(),
        }
    }

    /// A program that takes the inputs, with the rows that it makes of them: `f32`, `[rows,
    /// features]`.
    pub(crate) fn begin(self) -> (ProgramBuilder, Value) {
        let (mut builder, values) = ProgramBuilder::new(self.adapter.ports().to_vec());
        if let (InputAdapter::Numbers(_), [rows]) = (&self.adapter, values.as_slice()) {
            return (builder, *rows);
        }
        let columns: Vec<Value> = values
            .into_iter()
            .zip(self.names)
            .map(|(value, names)| {
                let op = match names {
                    None => Op::Convert(Precision::F32),
                    Some(names) => Op::Categories(Categories {
                        names,
                        unknown: Unknown::Refuse,
                        codes: Precision::F32,
                    }),
                };
                builder.step(op, &[value])
            })
            .collect();
        let rows = builder.step(Op::Columns, &columns);
        (builder, rows)
    }
}

/// Every feature as the signature declares it.
fn declared_columns(model: &Model, declared: &[ColumnSpec]) -> Result<Vec<Column>, String> {
    let places = places(model, declared)?;
    let columns = places.into_iter().enumerate().map(|(feature, place)| {
        let spec = declared.get(place).ok_or("a column is not there")?;
        let name = spec.key(place);
        let is_coded = model.types.get(feature).is_some_and(|kind| kind == "c");
        let sent = sent(&spec.kind, model.categories(feature), is_coded)
            .map_err(|reason| format!("column `{name}` is `{}`, {reason}", spec.kind))?;
        Ok(Column {
            name,
            datatype: spec.kind.datatype(),
            names: sent,
        })
    });
    columns.collect()
}

/// The place of each feature among the declared columns. Columns that may be absent can be left
/// out; all others must be the features in their order.
fn places(model: &Model, declared: &[ColumnSpec]) -> Result<Vec<usize>, String> {
    let is_named = declared.iter().any(|column| column.name.is_some());
    if model.names.is_empty() || !is_named {
        let required = declared.iter().filter(|column| column.required).count();
        if !(required..=declared.len()).contains(&model.features) {
            let (found, features) = (declared.len(), model.features);
            return Err(format!(
                "{found} columns are declared, the model has {features} features"
            ));
        }
        return Ok((0..model.features).collect());
    }
    let mut features = model.names.iter();
    let mut next = features.next();
    let mut places = Vec::with_capacity(model.features);
    for (place, column) in declared.iter().enumerate() {
        let name = column.name.as_deref().unwrap_or_default();
        match next {
            Some(feature) if feature == name => {
                places.push(place);
                next = features.next();
            }
            _ if !column.required => {}
            Some(feature) => {
                return Err(format!(
                    "column `{name}` is declared where the model has feature `{feature}`"
                ));
            }
            None => return Err(format!("the model has no feature `{name}`")),
        }
    }
    match next {
        None => Ok(places),
        Some(feature) => Err(format!("no column is declared for feature `{feature}`")),
    }
}

/// The names that are sent for a feature with such `categories` in a column of this type; none
/// where it is numbers. A feature that `is_coded` has categories even where they have no names.
fn sent(
    kind: &ColumnType,
    categories: Option<&Names>,
    is_coded: bool,
) -> Result<Option<Tensor>, &'static str> {
    let ColumnType::Scalar(scalar) = kind else {
        return Err("the model takes numbers and names of categories");
    };
    let is_number = matches!(
        scalar,
        Scalar::Boolean | Scalar::Integer | Scalar::Long | Scalar::Float | Scalar::Double
    );
    match (categories, scalar) {
        (Some(Names::Texts(texts)), Scalar::String) => Ok(Some(of_texts(texts))),
        (Some(Names::Wholes(wholes)), Scalar::Long) => Ok(Some(of_wholes(wholes))),
        (Some(Names::Wholes(wholes)), _) if is_number && !are_codes(wholes) => Err(
            "it cannot be told whether it holds categories or their codes\n  hint: declare it `long`",
        ),
        _ if is_number => Ok(None),
        (Some(Names::Texts(_)), _) => Err("the model has categories of the type `string`"),
        (Some(Names::Lost), _) => Err(LOST),
        (Some(Names::Wholes(_)), _) => Err("the model has categories of the type `long`"),
        (None, Scalar::String) if is_coded => Err(NAMELESS),
        (None, _) => Err("the model takes numbers"),
    }
}

/// Every feature as the model knows it.
fn undeclared_columns(model: &Model) -> Vec<Column> {
    let names = model.names.iter().enumerate();
    names
        .map(|(feature, name)| {
            // Where the names are lost, codes are left.
            let names = match model.categories(feature) {
                None | Some(Names::Lost) => None,
                Some(Names::Texts(texts)) => Some(of_texts(texts)),
                Some(Names::Wholes(wholes)) => Some(of_wholes(wholes)),
            };
            Column {
                name: name.as_str().into(),
                datatype: names.as_ref().map_or(DataType::F64, Tensor::datatype),
                names,
            }
        })
        .collect()
}

/// One tensor of a row after the other.
fn check_tensors(tensors: &[TensorSpec], features: usize) -> Result<(), String> {
    let takes = format!("the model takes one tensor of numbers, [-1, {features}]");
    let [tensor] = tensors else {
        return Err(format!("{} tensors are declared, {takes}", tensors.len()));
    };
    let is_rows = match tensor.shape.as_slice() {
        [_, width] => width.is_none_or(|width| width == features),
        _ => false,
    };
    let is_number = tensor.kind.datatype().is_some_and(|datatype| {
        datatype.is_float() || datatype.is_integer() || datatype == DataType::Bool
    });
    if tensor.name.is_none() && is_rows && is_number {
        return Ok(());
    }
    Err(format!("tensor `{tensor}` is declared, {takes}"))
}

fn of_texts(texts: &[String]) -> Tensor {
    Tensor::column(Data::Str(texts.iter().collect()))
}

fn of_wholes(wholes: &[i64]) -> Tensor {
    Tensor::column(wholes.to_vec())
}

/// Whether each category is its own code.
fn are_codes(wholes: &[i64]) -> bool {
    (0..).zip(wholes).all(|(code, whole)| code == *whole)
}

#[cfg(test)]
mod tests;
