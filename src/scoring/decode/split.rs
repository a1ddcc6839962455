//! `dataframe_split`: column names, rows, and an index that nobody uses.

use super::Data;
use super::infer::Origin;
use super::report::{Door, Report, refuse};
use super::table::Table;
use super::terms::Terms;
use crate::json::{KeySet, Kind, Number, Scanner};
use flowgate_core::{Code, Refusal, Violation};

/// Reads the value of `dataframe_split`. Its keys may come in any order.
pub(super) fn read<'b>(scanner: &mut Scanner<'b>, terms: Terms<'_>) -> Result<Data, Refusal> {
    if scanner.peek()? != Kind::Object {
        scanner.skip_value()?;
        return Err(refuse(Code::TypeMismatch, "an object", "another value")
            .with_summary("Invalid input. Dataframe split format must be a dictionary."));
    }
    let mut report = Report::new(Door::Table, terms.listed);
    let mut table = Table::new(terms, Origin::Column);
    let (mut data, mut read, mut index) = (None, false, None);
    let mut keys = KeySet::new();
    let mut more = scanner.open_object()?;
    while more {
        let key = scanner.key()?;
        match &*key {
            "columns" => columns(scanner, &mut table, &mut report)?,
            "data" => {
                data = Some(scanner.mark());
                // Rows can be read at once where the columns came before them.
                if keys.contains("columns") {
                    rows(scanner, &mut table, &mut report)?;
                    read = true;
                } else {
                    scanner.skip_value()?;
                }
            }
            "index" => index = labels(scanner)?,
            _ => return Err(bad_keys()),
        }
        if !keys.insert(key.clone()) {
            return Err(scanner.duplicate(format!("dataframe_split.{key}")).into());
        }
        more = scanner.next_member()?;
    }
    let data = data.ok_or_else(bad_keys)?;
    if !read {
        let end = scanner.mark();
        scanner.rewind(data);
        rows(scanner, &mut table, &mut report)?;
        scanner.rewind(end);
    }
    if let Some(labels) = index.filter(|labels| *labels != table.rows()) {
        let expected = format!("{} labels", table.rows());
        let violation = Violation::new(Code::BadShape, expected, labels.to_string());
        report.value(violation.in_column("index"));
    }
    Data::of_table(table, report)
}

fn bad_keys() -> Refusal {
    refuse(
        Code::UnknownField,
        "`data`, `columns`, `index`",
        "other keys",
    )
    .with_summary(
        "Invalid input. Dataframe split format must have 'data' field and optionally 'columns' \
         and 'index' fields.",
    )
}

fn columns<'b>(
    scanner: &mut Scanner<'b>,
    table: &mut Table<'_, 'b>,
    report: &mut Report,
) -> Result<(), Refusal> {
    if scanner.peek()? == Kind::Null {
        return Ok(scanner.null()?);
    }
    let bad = || {
        refuse(Code::TypeMismatch, "a list of texts or whole numbers", "another value").with_summary(
        "Invalid input. The columns of `dataframe_split` must be a list of texts or whole numbers",
    )
    };
    if scanner.peek()? != Kind::Array {
        return Err(bad());
    }
    let mut names = Vec::new();
    let mut more = scanner.open_array()?;
    while more {
        match scanner.peek()? {
            Kind::String => names.push(scanner.string()?.map_err(|_| bad())?),
            Kind::Number => match scanner.number()? {
                Number::Integer(text) => names.push(text.into()),
                _ => return Err(bad()),
            },
            _ => return Err(bad()),
        }
        more = scanner.next_item()?;
    }
    table.header(names, report);
    Ok(())
}

/// A list of rows, an object of columns, or nothing.
fn rows<'b>(
    scanner: &mut Scanner<'b>,
    table: &mut Table<'_, 'b>,
    report: &mut Report,
) -> Result<(), Refusal> {
    match scanner.peek()? {
        Kind::Null => scanner.null()?,
        Kind::Object => table.columns(scanner, report)?,
        Kind::Array => {
            let mut more = scanner.open_array()?;
            while more {
                table.row(scanner, report)?;
                more = scanner.next_item()?;
            }
        }
        _ => {
            return Err(
                refuse(Code::TypeMismatch, "a list of rows", "another value").with_summary(
                    "Invalid input. The data of `dataframe_split` must be a list of rows",
                ),
            );
        }
    }
    Ok(())
}

/// The number of labels; `None` where there is no index.
fn labels<'b>(scanner: &mut Scanner<'b>) -> Result<Option<usize>, Refusal> {
    if scanner.peek()? != Kind::Array {
        scanner.skip_value()?;
        return Ok(None);
    }
    let mut count = 0;
    let mut more = scanner.open_array()?;
    while more {
        scanner.skip_value()?;
        count += 1;
        more = scanner.next_item()?;
    }
    Ok(Some(count))
}
