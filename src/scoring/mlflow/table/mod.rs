//! `pandas.DataFrame`: columns of one type each, under labels, made of what a body holds.
//!
//! Source: pandas 3.1.1 as measured. Labels of rows are checked for their number and otherwise not
//! kept (`index-broadcast`, `index-must-have-0`).

mod build;
mod room;

use super::exception::{Exception, invalid};
use super::loads::loads;
use super::object::{Object, quoted, set_of};
use super::values::Values;
use flowgate_core::refusal::clipped;
use flowgate_core::{Data, Frame, Refusal};
use std::fmt;

/// The most keys of a body that a message has.
const NAMED: usize = 100;

/// What a column is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::scoring::mlflow) enum Label {
    Name(Box<str>),
    /// A whole number, as columns without names have.
    Number(i64),
    /// Any other value, as Python prints it.
    Other(String),
}

impl Label {
    /// The label that `object` is; `None` for what cannot be one.
    fn of(object: Object) -> Option<Self> {
        Some(match object {
            Object::Str(name) => Self::Name(name),
            Object::Int(number) => Self::Number(number),
            Object::List(_) | Object::Dict(_) | Object::Array(_) => return None,
            other => Self::Other(other.repr()?),
        })
    }

    pub(in crate::scoring::mlflow) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Name(known) if **known == *name)
    }

    /// As Python prints it in a list.
    pub(in crate::scoring::mlflow) fn repr(&self) -> String {
        match self {
            Self::Name(name) => quoted(name),
            Self::Number(number) => number.to_string(),
            Self::Other(text) => text.clone(),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => write!(f, "{number}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::scoring::mlflow) struct Table {
    pub(in crate::scoring::mlflow) columns: Vec<(Label, Values)>,
    pub(in crate::scoring::mlflow) rows: usize,
}

impl Table {
    /// The places of the columns called `name`.
    pub(in crate::scoring::mlflow) fn places(&self, name: &str) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        let called = columns.filter(|(_, (label, _))| label.is(name));
        called.map(|(place, _)| place).collect()
    }

    /// The columns of a file.
    pub(in crate::scoring::mlflow) fn of_frame(frame: &Frame) -> Result<Self, Refusal> {
        let columns = frame.tensors().iter().map(|named| {
            let values = match named.tensor.data() {
                Data::Json(texts) => {
                    let cells = texts.iter().map(|text| loads(text.as_bytes()));
                    Values::Objects(cells.collect::<Result<_, _>>()?)
                }
                data => Values::Typed(data.clone()).into_column(),
            };
            Ok((Label::Name((*named.name).into()), values))
        });
        Ok(Self {
            columns: columns.collect::<Result<_, Refusal>>()?,
            rows: frame.rows().unwrap_or(0),
        })
    }

    /// `dataframe_split`.
    pub(in crate::scoring::mlflow) fn split(value: Object) -> Result<Self, Refusal> {
        let mut members = match value {
            Object::Dict(members) => *members,
            other => return Err(no_split(&other)),
        };
        let keys = || members.keys().map(|key| &**key);
        let known = |key: &str| matches!(key, "columns" | "data" | "index");
        if !members.contains_key("data") || !keys().all(known) {
            let keys = set_of(keys().take(NAMED).map(clipped));
            return Err(invalid(format!(
                "Dataframe split format must have 'data' field and optionally 'columns' and \
                 'index' fields. Got {keys}.'"
            )));
        }
        let mut take = |key: &str| members.swap_remove(key).unwrap_or(Object::None);
        let (data, columns, index) = (take("data"), take("columns"), take("index"));
        Self::new(data, columns, index).map_err(|exception| no_table("split", &exception))
    }

    /// `dataframe_records`.
    pub(in crate::scoring::mlflow) fn records(value: Object) -> Result<Self, Refusal> {
        let got = match value {
            Object::List(_) => {
                return Self::new(value, Object::None, Object::None)
                    .map_err(|exception| no_table("records", &exception));
            }
            Object::Dict(_) => "dictionary".to_owned(),
            other => format!("type <class '{}'>", other.class()),
        };
        Err(invalid(format!(
            "Dataframe records format must be a list of records. Got {got}."
        )))
    }
}

fn no_split(value: &Object) -> Refusal {
    let got = match value {
        Object::List(_) => "list".to_owned(),
        other => format!("type <class '{}'>", other.class()),
    };
    invalid(format!(
        "Dataframe split format must be a dictionary. Got {got}."
    ))
}

fn no_table(orient: &str, exception: &Exception) -> Refusal {
    invalid(format!(
        "Provided dataframe_{orient} field is not a valid dataframe representation in '{orient}' \
         format. Error: '{exception}'"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(json: &str) -> Result<Table, Refusal> {
        Table::split(loads(json.as_bytes()).expect("JSON"))
    }

    #[track_caller]
    fn check(table: Result<Table, Refusal>, rows: usize, columns: &[(&str, &str)]) {
        let table = table.expect("a table");
        let found: Vec<(String, &str)> = table
            .columns
            .iter()
            .map(|(label, column)| (label.repr(), column.dtype()))
            .collect();
        let columns: Vec<(String, &str)> = columns
            .iter()
            .map(|(label, dtype)| ((*label).to_owned(), *dtype))
            .collect();
        assert_eq!((table.rows, found), (rows, columns));
    }

    /// As pandas 3.1.1 makes tables of the same.
    #[test]
    fn every_kind_of_data_is_a_table_or_an_error() {
        check(
            split(r#"{"data": [[1, 2.5], [3]]}"#),
            2,
            &[("0", "int64"), ("1", "float64")],
        );
        check(
            split(r#"{"columns": ["a"], "data": []}"#),
            0,
            &[("'a'", "object")],
        );
        check(split(r#"{"data": null}"#), 0, &[]);
        check(
            split(r#"{"columns": ["b", 1], "data": [{"a": 1, "b": true}]}"#),
            1,
            &[("'b'", "bool"), ("1", "float64")],
        );
        check(
            split(r#"{"data": {"a": [1, 2], "b": "x"}}"#),
            2,
            &[("'a'", "int64"), ("'b'", "str")],
        );
        check(
            split(r#"{"columns": ["a"], "data": [1, 2]}"#),
            2,
            &[("'a'", "int64")],
        );
        for bad in [
            r#"{"columns": ["a", "b"], "data": [[1]]}"#,
            r#"{"columns": ["a", "b"], "data": [1, 2]}"#,
            r#"{"columns": "ab", "data": [[1, 2]]}"#,
            r#"{"data": 5}"#,
            r#"{"data": [[1], null]}"#,
            r#"{"data": [[1]], "index": [0, 1]}"#,
            r#"{"data": {"a": [1], "b": [1, 2]}}"#,
            r#"{"columns": ["a"]}"#,
            r#"{"data": [], "more": 1}"#,
        ] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn records_have_the_keys_of_all_rows() {
        let json = br#"[{"a": 1}, {"b": "x", "a": 2}, {}]"#;
        let table = Table::records(loads(json).expect("JSON"));
        check(table, 3, &[("'a'", "float64"), ("'b'", "str")]);
    }
}
