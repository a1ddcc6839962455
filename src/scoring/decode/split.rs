//! `dataframe_split`: column names, rows, and an index that nobody uses.

use super::Data;
use super::infer::Origin;
use super::plain::{Plain, Reached};
use super::report::{Door, Report, refuse};
use super::table::Table;
use super::terms::Terms;
use crate::json::{Kind, Number, Scanner};
use flowgate_core::{Code, Refusal, Violation};
use std::mem;

/// Reads the value of `dataframe_split`. Its keys may come in any order.
pub(super) fn read<'b>(scanner: &mut Scanner<'b>, terms: Terms<'_>) -> Result<Data, Refusal> {
    if scanner.peek()? != Kind::Object {
        scanner.skip_value()?;
        return Err(refuse(Code::TypeMismatch, "an object", "another value")
            .with_summary("Invalid input. Dataframe split format must be a dictionary."));
    }
    // Made when they are needed: most tables are plain, and nothing is wrong with them.
    let (mut made, mut told) = (None, None);
    let table = || Table::new(terms, Origin::Column);
    let report = || Report::new(Door::Table, terms.listed);
    let (mut data, mut read, mut index) = (None, false, None);
    let (mut has_columns, mut has_index) = (false, false);
    let mut plain = None;
    let mut header = scanner.mark();
    let mut more = scanner.open_object()?;
    while more {
        let key = scanner.key()?;
        let twice = match &*key {
            "columns" => {
                header = scanner.mark();
                if data.is_none() && !has_columns {
                    plain = Plain::header(scanner, terms);
                }
                if plain.is_none() {
                    scanner.rewind(header);
                    columns(
                        scanner,
                        made.get_or_insert_with(table),
                        told.get_or_insert_with(report),
                    )?;
                }
                mem::replace(&mut has_columns, true)
            }
            "data" => {
                let before = data.replace(scanner.mark());
                // Rows can be read at once where the columns came before them.
                if let Some(numbers) = &mut plain {
                    let reached = numbers.rows(scanner)?;
                    if !matches!(reached, Reached::End)
                        && let Some(numbers) = plain.take()
                    {
                        let table = made.get_or_insert_with(table);
                        let here = scanner.mark();
                        scanner.rewind(header);
                        columns(scanner, table, told.get_or_insert_with(report))?;
                        scanner.rewind(here);
                        go_on(
                            scanner,
                            reached,
                            numbers,
                            table,
                            told.get_or_insert_with(report),
                        )?;
                    }
                    read = true;
                } else if has_columns {
                    rows(
                        scanner,
                        made.get_or_insert_with(table),
                        told.get_or_insert_with(report),
                    )?;
                    read = true;
                } else {
                    scanner.skip_value()?;
                }
                before.is_some()
            }
            "index" => {
                index = labels(scanner)?;
                mem::replace(&mut has_index, true)
            }
            _ => return Err(bad_keys()),
        };
        if twice {
            return Err(scanner.duplicate(format!("dataframe_split.{key}")).into());
        }
        more = scanner.next_member()?;
    }
    let data = data.ok_or_else(bad_keys)?;
    if !read {
        let end = scanner.mark();
        scanner.rewind(data);
        rows(
            scanner,
            made.get_or_insert_with(table),
            told.get_or_insert_with(report),
        )?;
        scanner.rewind(end);
    }
    let count = match (&plain, &made) {
        (Some(numbers), _) => numbers.len(),
        (None, Some(table)) => table.rows(),
        (None, None) => 0,
    };
    if let Some(labels) = index.filter(|labels| *labels != count) {
        let expected = format!("{count} labels");
        let violation = Violation::new(Code::BadShape, expected, labels.to_string());
        told.get_or_insert_with(report)
            .value(violation.in_column("index"));
    }
    match (plain, told) {
        (Some(numbers), None) => Ok(numbers.finish()),
        (Some(numbers), Some(told)) => told.into_result().map(|()| numbers.finish()),
        (None, told) => {
            let (table, told) = (made.unwrap_or_else(table), told.unwrap_or_else(report));
            Data::of_table(table, told)
        }
    }
}

/// Reads the rows behind those that are plain; `table` has the columns already.
fn go_on<'s, 'b>(
    scanner: &mut Scanner<'b>,
    reached: Reached,
    numbers: Plain<'s>,
    table: &mut Table<'s, 'b>,
    report: &mut Report,
) -> Result<(), Refusal> {
    if matches!(reached, Reached::Nothing) {
        return rows(scanner, table, report);
    }
    table.adopt(numbers);
    let mut more = true;
    while more {
        table.row(scanner, report)?;
        more = scanner.next_item()?;
    }
    Ok(())
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
    let mut more = scanner.open_array()?;
    while more {
        let name = match scanner.peek()? {
            Kind::String => scanner.string()?.map_err(|_| bad())?,
            Kind::Number => match scanner.number()? {
                Number::Integer(text) => text.into(),
                _ => return Err(bad()),
            },
            _ => return Err(bad()),
        };
        table.named(name, report);
        more = scanner.next_item()?;
    }
    table.close();
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
