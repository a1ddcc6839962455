//! `inputs` and `instances`: tensors, or a table in other clothes where the signature has
//! columns.

use super::Data;
use super::column::Column;
use super::infer::Origin;
use super::list::Lists;
use super::names::Names;
use super::report::{Door, Report, refuse, refuse_schema};
use super::table::Table;
use super::tensors::missing_tensors;
use super::terms::Terms;
use crate::json::{KeySet, Kind, Scanner};
use flowgate_core::{
    Code, ColumnSpec, ColumnType, Form, Frame, NamedTensor, Refusal, Schema, TensorSpec, Violation,
};
use std::borrow::Cow;

/// Under which key the values came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// `inputs`: tensors by name, or one.
    Inputs,
    /// `instances`: one entry a row.
    Instances,
}

/// Reads the value of `key`.
pub(super) fn read<'b>(
    key: Key,
    scanner: &mut Scanner<'b>,
    terms: Terms<'_>,
) -> Result<Data, Refusal> {
    match terms.inputs() {
        Some(Schema::Columns(columns)) => table(key, scanner, terms, columns),
        Some(Schema::Tensors(specs)) => tensors(key, scanner, terms, specs),
        None => undeclared(key, scanner, terms.listed),
    }
}

// === columns ===

fn table<'b>(
    key: Key,
    scanner: &mut Scanner<'b>,
    terms: Terms<'_>,
    columns: &[ColumnSpec],
) -> Result<Data, Refusal> {
    let mut table = Table::new(terms, Origin::Column);
    let mut report = Report::new(Door::Arrays, terms.listed);
    match scanner.peek()? {
        Kind::Object if columns.iter().all(|column| column.name.is_none()) => {
            return Err(unnamed());
        }
        Kind::Object => object(scanner, columns, &mut table, &mut report)?,
        Kind::Array => list(scanner, columns, &mut table, &mut report)?,
        _ => value(scanner, columns, &mut table, &mut report)?,
    }
    if key == Key::Instances && table.is_ragged() {
        return Err(unlike_lengths());
    }
    Data::of_table(table, report)
}

/// One value: of the first column's type, whatever becomes of it.
fn value<'b>(
    scanner: &mut Scanner<'b>,
    columns: &[ColumnSpec],
    table: &mut Table<'_, 'b>,
    report: &mut Report,
) -> Result<(), Refusal> {
    if let Some(first) = columns.first() {
        let start = scanner.mark();
        Column::declared(0, first, table.missing_texts).json(scanner, report)?;
        scanner.rewind(start);
    }
    // What is wrong with the value was told above.
    table.cell(scanner, &mut Report::new(Door::Arrays, 0))
}

/// Values by name where nothing has a name.
fn unnamed() -> Refusal {
    refuse(
        Code::BadShape,
        "one list: the model's inputs have no names",
        "values by name",
    )
    .with_summary(
        "Invalid input. Failed to parse input data. This model contains an un-named  model \
         signature which expects a single n-dimensional array or a single value as input, \
         however, an input of type <class 'dict'> was found.",
    )
}

/// `instances` whose parts have unlike numbers of entries.
fn unlike_lengths() -> Refusal {
    refuse(Code::BadShape, "as many values of each name", "others").with_summary(
        "Invalid input. The length of values for each input/column name are not the same",
    )
}

/// Columns by name: one row where cells have parts or none is a list, else a list a column.
pub(super) fn object<'b>(
    scanner: &mut Scanner<'b>,
    columns: &[ColumnSpec],
    table: &mut Table<'_, 'b>,
    report: &mut Report,
) -> Result<(), Refusal> {
    if has_parts(columns) || !has_list(scanner)? {
        table.row(scanner, report)?;
    } else {
        table.columns(scanner, report)?;
    }
    Ok(())
}

fn list<'b>(
    scanner: &mut Scanner<'b>,
    columns: &[ColumnSpec],
    table: &mut Table<'_, 'b>,
    report: &mut Report,
) -> Result<(), Refusal> {
    if let [only] = columns
        && let Some(name) = &only.name
        && first_item(scanner)? != Some(Kind::Object)
    {
        table.header([Cow::Owned(name.to_string())], report);
        // One list is one cell where cells are lists.
        if has_parts(columns) && first_item(scanner)? != Some(Kind::Array) {
            table.cell(scanner, report)?;
            return Ok(());
        }
        return cells(scanner, table, report);
    }
    let mut more = scanner.open_array()?;
    while more {
        match scanner.peek()? {
            Kind::Array | Kind::Object => table.row(scanner, report)?,
            _ => table.cell(scanner, report)?,
        }
        more = scanner.next_item()?;
    }
    Ok(())
}

fn cells<'b>(
    scanner: &mut Scanner<'b>,
    table: &mut Table<'_, 'b>,
    report: &mut Report,
) -> Result<(), Refusal> {
    let mut more = scanner.open_array()?;
    while more {
        table.cell(scanner, report)?;
        more = scanner.next_item()?;
    }
    Ok(())
}

fn has_parts(columns: &[ColumnSpec]) -> bool {
    columns
        .iter()
        .any(|column| !matches!(column.kind, ColumnType::Scalar(_)))
}

/// Whether a member of the object that stands here is a list; nothing is consumed.
fn has_list<'b>(scanner: &mut Scanner<'b>) -> Result<bool, Refusal> {
    let start = scanner.mark();
    let mut found = false;
    let mut more = scanner.open_object()?;
    while more && !found {
        scanner.key()?;
        found = scanner.peek()? == Kind::Array;
        if !found {
            scanner.skip_value()?;
            more = scanner.next_member()?;
        }
    }
    scanner.rewind(start);
    Ok(found)
}

/// What the first item of the list that stands here is; nothing is consumed.
fn first_item<'b>(scanner: &mut Scanner<'b>) -> Result<Option<Kind>, Refusal> {
    let start = scanner.mark();
    let first = if scanner.open_array()? {
        Some(scanner.peek()?)
    } else {
        None
    };
    scanner.rewind(start);
    Ok(first)
}

// === tensors ===

fn tensors<'b>(
    key: Key,
    scanner: &mut Scanner<'b>,
    terms: Terms<'_>,
    specs: &[TensorSpec],
) -> Result<Data, Refusal> {
    let kind = scanner.peek()?;
    let rows = kind == Kind::Array && first_item(scanner)? == Some(Kind::Object);
    match specs {
        [spec] if kind != Kind::Object && !rows => one_tensor(scanner, spec, terms.listed),
        [spec] if spec.name.is_none() && kind == Kind::Object => Err(unnamed()),
        [spec] if spec.name.is_none() => Err(refuse_schema(
            Code::BadShape,
            "This model contains a tensor-based model signature with no input names, which \
             suggests a numpy array input or a pandas dataframe input with proper column values, \
             but an input of type <class 'list'> was found.",
            "a list of objects",
        )),
        specs if kind == Kind::Object || (rows && key == Key::Instances) => {
            let data = tensors_by_name(scanner, terms, specs)?;
            if key == Key::Instances && data.frame.rows().is_none() {
                return Err(unlike_lengths());
            }
            Ok(data)
        }
        _ => Err(refuse_schema(
            Code::BadShape,
            "This model contains a tensor-based model signature with input names, which suggests \
             a dictionary input mapping input name to a numpy array, but an input of type <class \
             'list'> was found.",
            "a list without names",
        )),
    }
}

fn one_tensor<'b>(
    scanner: &mut Scanner<'b>,
    spec: &TensorSpec,
    listed: usize,
) -> Result<Data, Refusal> {
    let mut report = Report::new(Door::Arrays, listed);
    let mut lists = declared(spec)?;
    lists.whole(scanner, &mut report)?;
    let tensor = lists.finish(&mut report);
    report.into_result()?;
    let form = if spec.name.is_some() {
        Form::Tensors
    } else {
        Form::Tensor
    };
    let named = tensor.map(|tensor| NamedTensor::new(spec.key(), tensor));
    Ok(Data {
        frame: named.into_iter().collect(),
        form,
        dropped: 0,
    })
}

fn tensors_by_name<'b>(
    scanner: &mut Scanner<'b>,
    terms: Terms<'_>,
    specs: &[TensorSpec],
) -> Result<Data, Refusal> {
    let mut parts = Parts::default();
    for spec in specs {
        parts.add(Cow::Owned(spec.key().to_string()), declared(spec)?);
    }
    let mut report = Report::new(Door::Arrays, terms.listed);
    parts.read(scanner, &mut report)?;
    let absent = specs
        .iter()
        .zip(&parts.parts)
        .filter(|(_, part)| !part.is_there());
    let unknown: Vec<&str> = (0..parts.unknown.len())
        .filter_map(|place| parts.unknown.get(place))
        .collect();
    missing_tensors(absent.map(|(spec, _)| spec), &unknown, &mut report);
    let dropped = terms.extra_columns.settle(&unknown, &mut report);
    let data = parts.finish(report)?;
    Ok(Data { dropped, ..data })
}

fn declared(spec: &TensorSpec) -> Result<Lists, Refusal> {
    let datatype = spec.kind.datatype().ok_or_else(|| {
        let expected = "a type that a request can hold";
        refuse(
            Code::TypeMismatch,
            expected,
            format!("a signature of `{}`", spec.kind.name()),
        )
    })?;
    Ok(Lists::declared(spec, datatype))
}

// === nothing declared ===

fn undeclared<'b>(key: Key, scanner: &mut Scanner<'b>, listed: usize) -> Result<Data, Refusal> {
    let mut report = Report::new(Door::Arrays, listed);
    let kind = scanner.peek()?;
    let rows = kind == Kind::Array && first_item(scanner)? == Some(Kind::Object);
    if rows && key == Key::Inputs {
        return Err(refuse(Code::TypeMismatch, "lists, or an object of lists", "a list of objects")
            .with_summary("`inputs` without a signature wants lists, or an object of lists by name; send rows by name as `instances` or `dataframe_records`"));
    }
    if rows || kind == Kind::Object {
        let mut parts = Parts {
            open: true,
            ..Parts::default()
        };
        parts.read(scanner, &mut report)?;
        let data = parts.finish(report)?;
        if key == Key::Instances && data.frame.rows().is_none() {
            return Err(unlike_lengths());
        }
        return Ok(data);
    }
    let mut lists = Lists::inferred("");
    lists.whole(scanner, &mut report)?;
    let tensor = lists.finish(&mut report);
    report.into_result()?;
    let named = tensor.map(|tensor| NamedTensor::new("", tensor));
    Ok(Data {
        frame: named.into_iter().collect(),
        form: Form::Tensor,
        dropped: 0,
    })
}

// === values by name ===

/// Tensors by name in the making.
#[derive(Default)]
struct Parts<'b> {
    names: Names<'b>,
    parts: Vec<Part>,
    /// Names that are not among them.
    unknown: Names<'b>,
    /// Whether unknown names become parts.
    open: bool,
}

struct Part {
    lists: Lists,
    /// Rows that had it, where each row is an object.
    rows: usize,
    /// Whether it came as a whole.
    whole: bool,
}

impl Part {
    fn is_there(&self) -> bool {
        self.whole || self.rows > 0
    }
}

impl<'b> Parts<'b> {
    fn add(&mut self, name: Cow<'b, str>, lists: Lists) -> usize {
        self.parts.push(Part {
            lists,
            rows: 0,
            whole: false,
        });
        self.names.push(name)
    }

    /// Reads an object of tensors, or a list of objects that each have one entry of every tensor.
    fn read(&mut self, scanner: &mut Scanner<'b>, report: &mut Report) -> Result<(), Refusal> {
        if scanner.peek()? == Kind::Object {
            return self.members(scanner, None, report);
        }
        let mut row = 0;
        let mut more = scanner.open_array()?;
        while more {
            if scanner.peek()? == Kind::Object {
                self.members(scanner, Some(row), report)?;
            } else {
                scanner.skip_value()?;
                let violation =
                    Violation::new(Code::TypeMismatch, "an object a row", "another value");
                report.value(violation.at_row(row));
            }
            row += 1;
            more = scanner.next_item()?;
        }
        let rows = self.parts.iter().map(|part| part.rows).max().unwrap_or(0);
        if self
            .parts
            .iter()
            .any(|part| part.is_there() && part.rows != rows)
        {
            return Err(unlike_lengths());
        }
        Ok(())
    }

    fn members(
        &mut self,
        scanner: &mut Scanner<'b>,
        row: Option<usize>,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        let mut keys = KeySet::new();
        let mut next = 0;
        let mut more = scanner.open_object()?;
        while more {
            let key = scanner.key()?;
            let place = match self.names.find(&key, next) {
                None if self.open => Some(self.add(key.clone(), Lists::inferred(&key))),
                place => place,
            };
            match place {
                None => {
                    scanner.skip_value()?;
                    if self.unknown.find(&key, 0).is_none() {
                        self.unknown.push(key.clone());
                    }
                }
                Some(place) => {
                    next = place + 1;
                    let part = &mut self.parts[place];
                    if row.is_some() {
                        part.lists.entry(scanner, report)?;
                        part.rows += 1;
                    } else {
                        part.lists.whole(scanner, report)?;
                        part.whole = true;
                    }
                }
            }
            if !keys.insert(key.clone()) {
                return Err(scanner.duplicate(key).into());
            }
            more = scanner.next_member()?;
        }
        Ok(())
    }

    fn finish(self, mut report: Report) -> Result<Data, Refusal> {
        let mut tensors = Vec::new();
        for (place, part) in self.parts.into_iter().enumerate() {
            if !part.is_there() {
                continue;
            }
            let name = self.names.get(place).unwrap_or_default();
            let tensor = part.lists.finish(&mut report);
            tensors.extend(tensor.map(|tensor| NamedTensor::new(name, tensor)));
        }
        report.into_result()?;
        Ok(Data {
            frame: Frame::new(tensors),
            form: Form::Tensors,
            dropped: 0,
        })
    }
}
