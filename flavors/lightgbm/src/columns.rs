//! From the columns that a signature declares to the columns of the model.
//!
//! LightGBM takes columns by their place and not by their name, and so does MLflow's flavor.
//! Columns of categories hold names where pandas did: the model's own list turns them into codes,
//! and a name that is not on it is a missing value, as it is to LightGBM.

use crate::lookup;
use crate::model::{Model, Names};
use flowgate_core::program::{Categories, Op, Precision, ProgramBuilder, Unknown, Value};
use flowgate_core::{
    ColumnSpec, ColumnType, DataType, Dim, InputAdapter, Port, PortKind, Scalar, Schema, Strings,
    Tensor, TensorSpec, TensorType,
};
use std::sync::Arc;

/// How to declare categories.
const HINT: &str = "declare columns of text categories as `string` and no others, or train on \
                    codes (`cat.codes`) in place of names, and log the model again";

/// The whole numbers below it are doubles, every one.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// A program in the making whose value `matrix` is what the trees read, `[rows, features]`.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) adapter: InputAdapter,
    pub(crate) builder: ProgramBuilder,
    pub(crate) matrix: Value,
}

/// The columns of `model` from data of the kind `declared`.
///
/// # Errors
/// When no data of that kind could be what the model reads, or it is not clear which columns hold
/// the names of categories.
pub(crate) fn columns(model: &Model, declared: Option<&Schema>) -> Result<Columns, String> {
    let categories = !model.categories.is_empty();
    match declared {
        None if categories => Err(format!(
            "the model has names of categories, and no columns are declared to hold them\n  \
             hint: {HINT}"
        )),
        None => Ok(numbers(model)),
        Some(Schema::Columns(columns)) if categories => named(model, columns),
        Some(Schema::Columns(columns)) => {
            check_numbers(model, columns)?;
            Ok(numbers(model))
        }
        // LightGBM takes arrays as codes, whatever their categories are called.
        Some(Schema::Tensors(tensors)) => tensor(model, tensors),
    }
}

/// One matrix of numbers.
fn numbers(model: &Model) -> Columns {
    let port = matrix_port(model, DataType::F64);
    let (builder, values) = ProgramBuilder::new(vec![port.clone()]);
    Columns {
        adapter: InputAdapter::Numbers(port),
        builder,
        matrix: values.first().copied().unwrap_or(Value(0)),
    }
}

/// The one tensor of a signature. Whole numbers of 32 and 64 bits go through `f32`, since
/// LightGBM's Python turns every array into it that is not of floats; narrower ones are the same
/// in `f32` and `f64`.
fn tensor(model: &Model, tensors: &[TensorSpec]) -> Result<Columns, String> {
    let [tensor] = tensors else {
        return Err(format!(
            "{} tensors are declared, the model takes one",
            tensors.len()
        ));
    };
    let features = model.features.len();
    let fits = |size: &Option<usize>| size.is_none_or(|size| size == features);
    let shaped = matches!(tensor.shape.as_slice(), [_, width] if fits(width));
    let datatype = match tensor.kind {
        TensorType::Data(datatype) if is_number(datatype) => Some(datatype),
        _ => None,
    };
    let (true, Some(datatype), None) = (shaped, datatype, &tensor.name) else {
        return Err(format!(
            "tensor `{tensor}` is declared, the model takes numbers of shape (-1, {features}) \
             without a name"
        ));
    };
    if !matches!(
        datatype,
        DataType::I32 | DataType::I64 | DataType::U32 | DataType::U64
    ) {
        return Ok(numbers(model));
    }
    let port = matrix_port(model, datatype);
    let (mut builder, values) = ProgramBuilder::new(vec![port.clone()]);
    let narrow = builder.step(Op::Convert(Precision::F32), &values);
    let matrix = builder.step(Op::Convert(Precision::F64), &[narrow]);
    Ok(Columns {
        adapter: InputAdapter::Single(port),
        builder,
        matrix,
    })
}

/// A table all of whose columns are numbers; those that may be absent may make up the difference.
fn check_numbers(model: &Model, columns: &[ColumnSpec]) -> Result<(), String> {
    let required = columns.iter().filter(|column| column.required).count();
    let features = model.features.len();
    if !(required..=columns.len()).contains(&features) {
        return Err(miscounted(model, columns.len()));
    }
    for (index, column) in columns.iter().enumerate() {
        if !is_number(column.kind.datatype()) {
            return Err(format!(
                "{} is declared `{}`, the model takes numbers",
                shown(index, column),
                column.kind
            ));
        }
    }
    Ok(())
}

/// A table some of whose columns hold names of categories.
fn named(model: &Model, columns: &[ColumnSpec]) -> Result<Columns, String> {
    if columns.len() != model.features.len() {
        return Err(miscounted(model, columns.len()));
    }
    let texts: Vec<bool> = columns
        .iter()
        .map(|column| column.kind == ColumnType::Scalar(Scalar::String))
        .collect();
    let lists = assigned(model, &texts)?;
    let mut ports = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let name = column.name.clone();
        let name = name.ok_or_else(|| {
            "the columns have no names, and the model has names of categories".to_owned()
        })?;
        let datatype = column.kind.datatype();
        if !is_number(datatype) && datatype != DataType::Str {
            let (column, kind) = (shown(index, column), &column.kind);
            return Err(format!(
                "{column} is declared `{kind}`, which the model does not take"
            ));
        }
        ports.push(port(name, datatype, vec![Dim::Free]));
    }
    let (mut builder, values) = ProgramBuilder::new(ports.clone());
    let mut parts = Vec::with_capacity(values.len());
    for (index, (value, column)) in values.into_iter().zip(columns).enumerate() {
        let datatype = column.kind.datatype();
        let names = lists.get(index).copied().flatten();
        let part = match names {
            Some(names) => codes(&mut builder, value, names, datatype),
            None if datatype == DataType::Str => Err("the model has no categories for it"),
            None => Ok(widened(&mut builder, value, datatype)),
        };
        parts.push(part.map_err(|reason| {
            let (column, kind) = (shown(index, column), &column.kind);
            format!("{column} is declared `{kind}`: {reason}")
        })?);
    }
    let matrix = builder.step(Op::Columns, &parts);
    Ok(Columns {
        adapter: InputAdapter::Named(ports),
        builder,
        matrix,
    })
}

/// Which list of names each column has; `texts` says which are declared as texts.
///
/// The lists are those of pandas' columns of categories, in the order of the columns, and the model
/// does not say which these are. Columns of texts are sure to be. Otherwise they are those that
/// the model marks as categories, where these are as many as there are lists: it does not mark
/// ordered categories, and it may mark further columns.
pub(crate) fn assigned<'a>(
    model: &'a Model,
    texts: &[bool],
) -> Result<Vec<Option<&'a Names>>, String> {
    let lists = &model.categories;
    let is_text = |index: usize| texts.get(index).copied().unwrap_or(false);
    let is_marked = |index: usize| {
        let feature = model.features.get(index);
        is_text(index) || feature.is_some_and(|feature| feature.categorical)
    };
    let all = 0..model.features.len();
    let sure: Vec<usize> = all.clone().filter(|index| is_text(*index)).collect();
    let marked: Vec<usize> = all.clone().filter(|index| is_marked(*index)).collect();
    let chosen = [&sure, &marked]
        .into_iter()
        .find(|columns| columns.len() == lists.len());
    let Some(chosen) = chosen else {
        return Err(format!(
            "the model has names of categories for {} columns and marks {}, so that it is not \
             clear which they are\n  hint: {HINT}",
            lists.len(),
            marked.len()
        ));
    };
    let mut names = vec![None; model.features.len()];
    for (index, list) in chosen.iter().zip(lists) {
        let largest = model
            .features
            .get(*index)
            .and_then(|feature| feature.largest);
        let inside = |code| usize::try_from(code).map_or(true, |code| code < list.len());
        if !largest.is_none_or(inside) {
            return Err(format!(
                "column {index} has categories beyond the {} names that would be its own, so that \
                 it is not clear which column these belong to\n  hint: {HINT}",
                list.len()
            ));
        }
        if let Some(place) = names.get_mut(*index) {
            *place = Some(list);
        }
    }
    Ok(names)
}

/// The codes of the categories in a column of `datatype`.
fn codes(
    builder: &mut ProgramBuilder,
    column: Value,
    names: &Names,
    datatype: DataType,
) -> Result<Value, &'static str> {
    let categories = |names: Tensor| {
        Op::Categories(Categories {
            names,
            unknown: Unknown::Missing,
            codes: Precision::F64,
        })
    };
    let numbers: Vec<f64> = match (names, datatype) {
        (Names::Mixed(_), _) => return Err("its categories are neither all texts nor all numbers"),
        (Names::Texts(texts), DataType::Str) => {
            let texts: Strings = texts.iter().collect();
            return Ok(builder.step(categories(Tensor::column(texts)), &[column]));
        }
        (Names::None, DataType::Str) => {
            let none = Strings::from_iter([""; 0]);
            return Ok(builder.step(categories(Tensor::column(none)), &[column]));
        }
        (Names::Integers(numbers), DataType::I64) => {
            let numbers = Tensor::column(numbers.clone());
            return Ok(builder.step(categories(numbers), &[column]));
        }
        (Names::None, _) => Vec::new(),
        (Names::Bools(truths), DataType::Bool) => truths
            .iter()
            .map(|truth| f64::from(u8::from(*truth)))
            .collect(),
        (Names::Floats(numbers), DataType::I32 | DataType::I64 | DataType::F32 | DataType::F64) => {
            numbers.clone()
        }
        (Names::Integers(numbers), DataType::I32 | DataType::F32 | DataType::F64) => {
            exact(numbers).ok_or("its categories are whole numbers too large for doubles")?
        }
        (Names::Texts(_), _) => return Err("its categories are texts: declare it `string`"),
        (Names::Bools(_), _) => {
            return Err("its categories are truth values: declare it `boolean`");
        }
        (Names::Floats(_) | Names::Integers(_), _) => {
            return Err("its categories are numbers: declare it as numbers");
        }
    };
    if datatype == DataType::I64 && !numbers.iter().all(|number| number.abs() < EXACT as f64) {
        return Err("its categories are numbers too large to be told apart: declare it `double`");
    }
    let places = lookup::places(&numbers).ok_or("two of its categories are one")?;
    let column = widened(builder, column, datatype);
    // A tree reads rows: here they are of one cell.
    let rows = builder.step(Op::Columns, &[column]);
    Ok(builder.step(Op::Trees(Arc::new(places)), &[rows]))
}

/// Whole numbers as doubles, where every one of them is one and no other is rounded to it.
fn exact(numbers: &[i64]) -> Option<Vec<f64>> {
    #[expect(clippy::cast_precision_loss, reason = "small enough to be exact")]
    let number = |number: &i64| (number.unsigned_abs() < EXACT).then_some(*number as f64);
    numbers.iter().map(number).collect()
}

fn widened(builder: &mut ProgramBuilder, column: Value, datatype: DataType) -> Value {
    match datatype {
        DataType::F64 => column,
        _ => builder.step(Op::Convert(Precision::F64), &[column]),
    }
}

fn is_number(datatype: DataType) -> bool {
    datatype.is_integer() || datatype.is_float() || datatype == DataType::Bool
}

fn matrix_port(model: &Model, datatype: DataType) -> Port {
    let features = Dim::Fixed(model.features.len());
    port("".into(), datatype, vec![Dim::Free, features])
}

fn port(name: Arc<str>, datatype: DataType, shape: Vec<Dim>) -> Port {
    Port {
        name,
        kind: PortKind::Tensor(datatype),
        shape: Some(shape),
    }
}

fn miscounted(model: &Model, declared: usize) -> String {
    let features = model.features.len();
    format!("{declared} columns are declared, the model takes {features}")
}

fn shown(index: usize, column: &ColumnSpec) -> String {
    match &column.name {
        Some(name) => format!("column `{name}`"),
        None => format!("column {index}"),
    }
}
