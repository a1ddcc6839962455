//! Making a table of Python's lists and dictionaries, as `pandas.DataFrame` does.

use super::room::Room;
use super::{Label, Table};
use crate::scoring::mlflow::array::NdArray;
use crate::scoring::mlflow::exception::Exception;
use crate::scoring::mlflow::object::{Dict, Object};
use crate::scoring::mlflow::values::Values;
use flowgate_core::Data;
use indexmap::IndexMap;

impl Table {
    /// `pandas.DataFrame(data, index, columns)`.
    pub(in crate::scoring::mlflow) fn new(
        data: Object,
        columns: Object,
        index: Object,
    ) -> Result<Self, Exception> {
        let columns = match columns {
            Object::None => None,
            Object::List(labels) => {
                let labels: Option<Vec<Label>> = labels.into_iter().map(Label::of).collect();
                Some(labels.ok_or_else(|| Exception::type_error("unhashable type: 'list'"))?)
            }
            other => return Err(no_collection(&other)),
        };
        let rows = match index {
            Object::None => None,
            Object::List(labels) => Some(labels.len()),
            other => return Err(no_collection(&other)),
        };
        let table = match data {
            Object::None => Self::of_dict(Dict::new(), columns)?,
            Object::List(items) => Self::of_list(items, columns)?,
            Object::Dict(members) => Self::of_dict(*members, columns)?,
            _ => {
                return Err(Exception::value(
                    "DataFrame constructor not properly called!",
                ));
            }
        };
        match rows {
            Some(rows) if rows != table.rows => Err(Exception::value(format!(
                "Length of values ({}) does not match length of index ({rows})",
                table.rows
            ))),
            _ => Ok(table),
        }
    }

    fn of_list(items: Vec<Object>, columns: Option<Vec<Label>>) -> Result<Self, Exception> {
        match items.first() {
            None => Self::of_dict(Dict::new(), columns),
            Some(Object::List(_)) => {
                let (cells, rows) = transposed(items)?;
                Self::of_columns(cells, rows, columns)
            }
            Some(Object::Dict(_)) => Self::of_records(items, columns),
            Some(_) => {
                let rows = items.len();
                if let Some(columns) = columns.as_ref().filter(|columns| columns.len() != 1) {
                    return Err(Exception::value(format!(
                        "Shape of passed values is ({rows}, 1), indices imply ({rows}, {})",
                        columns.len()
                    )));
                }
                Self::of_columns(vec![items], rows, columns)
            }
        }
    }

    /// Columns of cells without a type.
    fn of_columns(
        cells: Vec<Vec<Object>>,
        rows: usize,
        labels: Option<Vec<Label>>,
    ) -> Result<Self, Exception> {
        let labels = match labels {
            None => (0..).map(Label::Number).take(cells.len()).collect(),
            Some(labels) if labels.len() == cells.len() => labels,
            Some(labels) => {
                return Err(Exception::value(format!(
                    "{} columns passed, passed data had {} columns",
                    labels.len(),
                    cells.len()
                )));
            }
        };
        let columns = cells.into_iter().map(Values::inferred);
        Ok(Self {
            columns: labels.into_iter().zip(columns).collect(),
            rows,
        })
    }

    /// One row a dictionary: the keys of all of them in the order they come, or `columns`.
    fn of_records(items: Vec<Object>, columns: Option<Vec<Label>>) -> Result<Self, Exception> {
        let rows = items.len();
        let there = items.iter().map(|item| match item {
            Object::Dict(members) => members.len(),
            _ => 0,
        });
        let mut room = Room::new(there.sum());
        let named = columns.is_some();
        let mut cells: IndexMap<Label, Vec<Object>> = IndexMap::new();
        for label in columns.unwrap_or_default() {
            if cells.insert(label, Vec::new()).is_some() {
                return Err(Exception::value("Columns must be unique"));
            }
        }
        for (row, item) in items.into_iter().enumerate() {
            let Object::Dict(members) = item else {
                return Err(Exception::new(
                    "AttributeError",
                    format!("'{}' object has no attribute 'keys'", item.class()),
                ));
            };
            for (key, value) in *members {
                let label = Label::Name(key);
                let column = match cells.get_mut(&label) {
                    Some(column) => column,
                    None if named => continue,
                    None => {
                        room.column(rows)?;
                        cells.entry(label).or_default()
                    }
                };
                column.resize(row, Object::MISSING);
                column.push(value);
            }
        }
        let column = |(label, mut column): (Label, Vec<Object>)| {
            column.resize(rows, Object::MISSING);
            (label, Values::inferred(column))
        };
        Ok(Self {
            columns: cells.into_iter().map(column).collect(),
            rows,
        })
    }

    /// One column a key: lists and arrays of one length, single values for all rows.
    pub(in crate::scoring::mlflow) fn of_dict(
        mut members: Dict,
        columns: Option<Vec<Label>>,
    ) -> Result<Self, Exception> {
        aligned(&mut members)?;
        let mut rows: Option<usize> = None;
        for value in members.values() {
            let found = match value {
                Object::List(items) => Some(items.len()),
                Object::Array(array) => array.shape.first().copied(),
                _ => None,
            };
            match (found, rows) {
                (Some(found), Some(rows)) if found != rows => {
                    return Err(Exception::value("All arrays must be of the same length"));
                }
                (Some(found), _) => rows = Some(found),
                (None, _) => {}
            }
        }
        let rows = match rows {
            Some(rows) => rows,
            None if members.is_empty() => 0,
            None => {
                return Err(Exception::value(
                    "If using all scalar values, you must pass an index",
                ));
            }
        };
        let mut made: IndexMap<Label, Values> = IndexMap::new();
        let mut room = Room::new(rows);
        for (key, value) in members {
            if value.is_scalar() || value == Object::None {
                room.column(rows)?;
            }
            made.insert(Label::Name(key), column(value, rows)?);
        }
        let columns = match columns {
            None => made.into_iter().collect(),
            Some(labels) => {
                let mut column = |label: Label| {
                    let column = match made.get(&label) {
                        Some(column) => column.clone(),
                        None => {
                            room.column(rows)?;
                            Values::inferred(vec![Object::MISSING; rows])
                        }
                    };
                    Ok((label, column))
                };
                labels
                    .into_iter()
                    .map(&mut column)
                    .collect::<Result<_, Exception>>()?
            }
        };
        Ok(Self { columns, rows })
    }

    /// One row whose cells are the values of `members`, whatever they are.
    pub(in crate::scoring::mlflow) fn of_one(members: Dict) -> Self {
        let column = |(key, value)| (Label::Name(key), Values::inferred(vec![value]));
        Self {
            columns: members.into_iter().map(column).collect(),
            rows: 1,
        }
    }

    /// An array of one or two dimensions, or a list, as columns without names.
    pub(in crate::scoring::mlflow) fn of_unnamed(object: Object) -> Result<Self, Exception> {
        let array = match object {
            Object::Array(array) => *array,
            other => return Self::new(other, Object::None, Object::None),
        };
        match *array.shape {
            [rows] => Ok(Self {
                columns: vec![(Label::Number(0), array.values.into_column())],
                rows,
            }),
            [rows, width] => {
                let columns = (0..width).map(|place| strided(&array, place, width));
                Ok(Self {
                    columns: (0..).map(Label::Number).zip(columns).collect(),
                    rows,
                })
            }
            _ => Err(Exception::value("Must pass 2-d input")),
        }
    }
}

/// One column of a matrix, in the type of the matrix.
fn strided(array: &NdArray, place: usize, width: usize) -> Values {
    let rows = (0..array.values.len() / width.max(1)).map(|row| row * width + place);
    match &array.values {
        Values::Typed(data) => {
            let parts: Vec<Data> = rows.map(|at| data.slice(at..at + 1)).collect();
            let column = Data::concat(&parts.iter().collect::<Vec<_>>());
            let column = column.unwrap_or_else(|| Data::empty(data.datatype()));
            Values::Typed(column).into_column()
        }
        other => Values::Objects(rows.map(|at| other.get(at)).collect()),
    }
}

/// A value under a key as a column of `rows` rows.
fn column(value: Object, rows: usize) -> Result<Values, Exception> {
    Ok(match value {
        Object::List(items) => Values::inferred(items),
        Object::Array(array) => match *array.shape {
            [] => {
                let cell = array.values.get(0);
                repeated(cell, rows)
            }
            [_] => array.values.into_column(),
            _ => {
                return Err(Exception::value(
                    "Per-column arrays must each be 1-dimensional",
                ));
            }
        },
        single => repeated(single, rows),
    })
}

/// One value for all rows; without rows, an empty column of its type.
fn repeated(single: Object, rows: usize) -> Values {
    match Values::inferred(vec![single; rows.max(1)]) {
        Values::Typed(data) if rows == 0 => Values::Typed(data.slice(0..0)),
        Values::Texts(_) if rows == 0 => Values::Texts(Vec::new()),
        _ if rows == 0 => Values::Objects(Vec::new()),
        values => values,
    }
}

/// Dictionaries under keys become lists, one row for each of the keys that any of them has.
fn aligned(members: &mut Dict) -> Result<(), Exception> {
    let mut index: IndexMap<Box<str>, ()> = IndexMap::new();
    let (mut there, mut lists) = (0, false);
    for value in members.values() {
        match value {
            Object::Dict(cells) => {
                there += cells.len();
                index.extend(cells.keys().map(|key| (key.clone(), ())));
            }
            Object::List(_) | Object::Array(_) => lists = true,
            _ => {}
        }
    }
    let mut room = Room::new(there);
    for value in members.values_mut() {
        if let Object::Dict(cells) = value {
            if lists {
                return Err(Exception::value(
                    "Mixing dicts with non-Series may lead to ambiguous ordering.",
                ));
            }
            room.column(index.len())?;
            if index.is_empty() {
                *value = Object::Array(Box::new(NdArray::new(Object::List(Vec::new()), None)?));
                continue;
            }
            let mut cell = |key| cells.swap_remove(key).unwrap_or(Object::MISSING);
            *value = Object::List(index.keys().map(&mut cell).collect());
        }
    }
    Ok(())
}

/// Rows of cells as columns of cells; short rows are filled up with nulls, as pandas does.
fn transposed(rows: Vec<Object>) -> Result<(Vec<Vec<Object>>, usize), Exception> {
    let count = rows.len();
    let there = rows.iter().map(|row| match row {
        Object::List(cells) => cells.len(),
        Object::Str(text) => text.len(),
        _ => 0,
    });
    let mut room = Room::new(there.sum());
    let mut columns: Vec<Vec<Object>> = Vec::new();
    for (row, cells) in rows.into_iter().enumerate() {
        let cells = match cells {
            Object::List(cells) => cells,
            // What has a length is a row: of characters, of keys.
            Object::Str(text) => text
                .chars()
                .map(|letter| Object::Str(letter.to_string().into()))
                .collect(),
            Object::Dict(members) => members.into_keys().map(Object::Str).collect(),
            other => {
                return Err(Exception::type_error(format!(
                    "object of type '{}' has no len()",
                    other.class()
                )));
            }
        };
        for (place, cell) in cells.into_iter().enumerate() {
            if place == columns.len() {
                room.column(count)?;
                columns.push(Vec::with_capacity(count));
            }
            columns[place].resize(row, Object::None);
            columns[place].push(cell);
        }
    }
    for column in &mut columns {
        column.resize(count, Object::None);
    }
    Ok((columns, count))
}

fn no_collection(value: &Object) -> Exception {
    Exception::type_error(format!(
        "Index(...) must be called with a collection of some kind, got '{}'",
        value.class()
    ))
}
