//! Arrays, objects and maps inside a cell: checked with a path, kept as they were sent.

use super::elements::{Elements, Read, Wrong};
use super::report::Report;
use crate::json::{self, KeySet, Kind, Scanner};
use flowgate_core::{Code, ColumnType, Property, Scalar, Violation};

/// A column whose cells have parts.
pub(in crate::scoring) struct Nested<'s> {
    kind: &'s ColumnType,
    /// Whether a null may stand for a cell.
    pub(super) optional: bool,
}

impl<'s> Nested<'s> {
    pub(super) fn new(kind: &'s ColumnType, optional: bool) -> Self {
        Self { kind, optional }
    }

    /// Checks one cell and adds its text to `elements`, which are JSON.
    pub(super) fn json(
        &self,
        scanner: &mut Scanner<'_>,
        elements: &mut Elements,
        place: &Place<'_>,
        report: &mut Report,
    ) -> Result<(), json::Error> {
        let start = scanner.mark();
        self.check(scanner, place, report)?;
        scanner.rewind(start);
        elements.json(scanner)?.unwrap_or_default();
        Ok(())
    }

    fn check(
        &self,
        scanner: &mut Scanner<'_>,
        place: &Place<'_>,
        report: &mut Report,
    ) -> Result<(), json::Error> {
        if self.optional && scanner.peek()? == Kind::Null {
            return scanner.null();
        }
        let mut path = place.column.to_owned();
        value(self.kind, scanner, &mut path, place.row, report)
    }
}

/// Where a cell is.
pub(super) struct Place<'a> {
    pub(super) row: usize,
    pub(super) column: &'a str,
}

fn value(
    kind: &ColumnType,
    scanner: &mut Scanner<'_>,
    path: &mut String,
    row: usize,
    report: &mut Report,
) -> Result<(), json::Error> {
    match kind {
        ColumnType::Any => scanner.skip_value(),
        ColumnType::Scalar(scalar) => {
            let read = scalar_value(*scalar, scanner)?;
            tell(read, &kind.to_string(), path, row, report);
            Ok(())
        }
        ColumnType::SparkVector => list(
            &ColumnType::Scalar(Scalar::Double),
            kind,
            scanner,
            path,
            row,
            report,
        ),
        ColumnType::Array(items) => list(items, kind, scanner, path, row, report),
        ColumnType::Map(values) => {
            let kind_of = |_: &str| Some(&**values);
            object(kind, kind_of, &[], scanner, path, row, report)
        }
        ColumnType::Object(properties) => {
            let kind_of = |name: &str| {
                let property = properties.iter().find(|property| property.name == name);
                property.map(|property| &property.kind)
            };
            object(kind, kind_of, properties, scanner, path, row, report)
        }
    }
}

fn scalar_value(scalar: Scalar, scanner: &mut Scanner<'_>) -> Read {
    Elements::new(scalar.datatype()).json(scanner)
}

fn list(
    items: &ColumnType,
    kind: &ColumnType,
    scanner: &mut Scanner<'_>,
    path: &mut String,
    row: usize,
    report: &mut Report,
) -> Result<(), json::Error> {
    if scanner.peek()? != Kind::Array {
        return other(kind, scanner, path, row, report);
    }
    let (length, mut index) = (path.len(), 0);
    let mut more = scanner.open_array()?;
    while more {
        path.push_str(&format!("[{index}]"));
        value(items, scanner, path, row, report)?;
        path.truncate(length);
        index += 1;
        more = scanner.next_item()?;
    }
    Ok(())
}

fn object<'k>(
    kind: &ColumnType,
    kind_of: impl Fn(&str) -> Option<&'k ColumnType>,
    properties: &[Property],
    scanner: &mut Scanner<'_>,
    path: &mut String,
    row: usize,
    report: &mut Report,
) -> Result<(), json::Error> {
    if scanner.peek()? != Kind::Object {
        return other(kind, scanner, path, row, report);
    }
    let length = path.len();
    let mut keys = KeySet::new();
    let mut seen = vec![false; properties.len()];
    let mut more = scanner.open_object()?;
    while more {
        let key = scanner.key()?;
        path.push('.');
        path.push_str(&key);
        let position = properties.iter().position(|property| property.name == *key);
        if let Some(position) = position {
            seen[position] = true;
        }
        let optional = position.is_some_and(|position| !properties[position].required);
        match kind_of(&key) {
            None => {
                scanner.skip_value()?;
                let unknown = Wrong::new(Code::UnknownColumn, "a property that it does not have");
                tell(Err(unknown), &kind.to_string(), path, row, report);
            }
            Some(_) if optional && scanner.peek()? == Kind::Null => scanner.null()?,
            Some(kind) => value(kind, scanner, path, row, report)?,
        }
        if !keys.insert(key) {
            return Err(scanner.duplicate(path.as_str()));
        }
        path.truncate(length);
        more = scanner.next_member()?;
    }
    for (property, seen) in properties.iter().zip(seen) {
        if property.required && !seen {
            let place = format!("{path}.{}", property.name);
            let expected = format!("`{}`", property.kind);
            let missing = Violation::new(Code::MissingColumn, expected, "nothing");
            report.value(missing.at_row(row).in_column(place));
        }
    }
    Ok(())
}

/// Something that is neither the list nor the object that `kind` asks for.
fn other(
    kind: &ColumnType,
    scanner: &mut Scanner<'_>,
    path: &str,
    row: usize,
    report: &mut Report,
) -> Result<(), json::Error> {
    let got = match scanner.peek()? {
        Kind::Null => Wrong::null(),
        Kind::Bool => Wrong::mismatch("a boolean"),
        Kind::Number => Wrong::mismatch("a number"),
        Kind::String => Wrong::mismatch("a string"),
        Kind::Array => Wrong::mismatch("a list"),
        Kind::Object => Wrong::mismatch("an object"),
    };
    scanner.skip_value()?;
    tell(Err(got), &kind.to_string(), path, row, report);
    Ok(())
}

fn tell(read: Result<(), Wrong>, expected: &str, path: &str, row: usize, report: &mut Report) {
    if let Err(wrong) = read {
        report.wrong(Some(row), path, &format!("`{expected}`"), wrong);
    }
}
