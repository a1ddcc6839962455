//! One column of a table, from the parts of it that a file has.

use super::super::decode::{Cells, Column, Elements, Report, Width, Wrong, exact_double, same};
use super::budget::{Budget, ColumnarError, DEPTH};
use super::json;
use super::value::{Value, cost, put, value};
use crate::json::Scanner;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType as ArrowType;
use flowgate_core::{Code, DataType, Refusal};

/// Adds all cells of `parts`, arrays of `kind`, to `column`.
///
/// # Errors
/// When they take more than is left of `budget`; values that are not taken go to `report`.
pub(super) fn fill(
    column: &mut Column<'_>,
    kind: &ArrowType,
    parts: &[&ArrayRef],
    budget: &mut Budget,
    report: &mut Report,
) -> Result<(), ColumnarError> {
    if let Cells::Inferred(_) = column.cells {
        return undeclared(column, kind, parts, budget, report);
    }
    for part in parts {
        declared(column, part.as_ref(), budget, report)?;
    }
    Ok(())
}

// === declared by the signature ===

fn declared(
    column: &mut Column<'_>,
    array: &dyn Array,
    budget: &mut Budget,
    report: &mut Report,
) -> Result<(), ColumnarError> {
    if let Cells::Typed(elements) = &mut column.cells {
        let width = width_of(elements);
        if copied(elements, array) {
            return budget.take_each(array.len(), width);
        }
    }
    for index in 0..array.len() {
        let cell = value(array, index);
        if let Value::Null = cell {
            budget.take(std::mem::size_of::<f64>())?;
            column.missing(report);
            continue;
        }
        if let Cells::Nested(_, elements) = &mut column.cells {
            match json::text(array, index, budget)? {
                Ok(text) => {
                    let mut scanner =
                        Scanner::new(text.as_bytes(), DEPTH).map_err(Refusal::from)?;
                    column.json(&mut scanner, report).map_err(Refusal::from)?;
                }
                Err(wrong) => {
                    let row = elements.len();
                    elements.pad();
                    column.tell(row, Err(wrong), report);
                }
            }
            continue;
        }
        let row = column.rows();
        let read = match &mut column.cells {
            Cells::Typed(elements) => element(elements, &cell, array, index, budget)?,
            Cells::Lists {
                elements,
                width,
                rows,
            } => {
                *rows += 1;
                list_cell(elements, width, &cell, array, index, budget)?
            }
            Cells::Nested(_, _) | Cells::Inferred(_) => Ok(()),
        };
        column.tell(row, read, report);
    }
    Ok(())
}

/// One value; as JSON where anything is taken.
fn element(
    elements: &mut Elements,
    cell: &Value<'_>,
    array: &dyn Array,
    index: usize,
    budget: &mut Budget,
) -> Result<Result<(), Wrong>, ColumnarError> {
    if let Elements::Json(texts) = elements {
        let text = json::text(array, index, budget)?;
        texts.push(text.as_deref().unwrap_or_default());
        return Ok(text.map(|_| ()));
    }
    budget.take(cost(cell))?;
    Ok(put(elements, cell))
}

/// One element, or a flat list of as many as the cells before have.
fn list_cell(
    elements: &mut Elements,
    width: &mut Option<Width>,
    cell: &Value<'_>,
    array: &dyn Array,
    index: usize,
    budget: &mut Budget,
) -> Result<Result<(), Wrong>, ColumnarError> {
    let Value::List(items) = cell else {
        let read = element(elements, cell, array, index, budget)?;
        return Ok(read.and(same(width, Width::Scalar)));
    };
    let mut read = Ok(());
    if copied(elements, items.as_ref()) {
        budget.take_each(items.len(), width_of(elements))?;
    } else {
        for index in 0..items.len() {
            let item = value(items.as_ref(), index);
            read = read.and(element(elements, &item, items.as_ref(), index, budget)?);
        }
    }
    Ok(read.and(same(width, Width::List(items.len()))))
}

/// Octets of one element of the types that are added as a whole.
fn width_of(elements: &Elements) -> usize {
    match elements {
        Elements::F32(_) | Elements::I32(_) => 4,
        _ => 8,
    }
}

/// Whether `array` has no null and is of the very type of `elements`: then it was added as a
/// whole.
fn copied(elements: &mut Elements, array: &dyn Array) -> bool {
    if array.null_count() > 0 {
        return false;
    }
    match elements {
        Elements::F64(numbers) => extended::<Float64Type>(numbers, array),
        Elements::F32(numbers) => extended::<Float32Type>(numbers, array),
        Elements::I64(numbers) => extended::<Int64Type>(numbers, array),
        Elements::I32(numbers) => extended::<Int32Type>(numbers, array),
        _ => false,
    }
}

fn extended<T: ArrowPrimitiveType>(numbers: &mut Vec<T::Native>, array: &dyn Array) -> bool {
    let Some(array) = array.as_primitive_opt::<T>() else {
        return false;
    };
    numbers.extend_from_slice(array.values());
    true
}

// === nothing declared ===

/// The types of the file decide; whole numbers with gaps become doubles, as pandas has it, where
/// they stay exact.
fn undeclared(
    column: &mut Column<'_>,
    kind: &ArrowType,
    parts: &[&ArrayRef],
    budget: &mut Budget,
    report: &mut Report,
) -> Result<(), ColumnarError> {
    let gaps = parts.iter().any(|part| part.logical_null_count() > 0);
    let wide = gaps && kind.is_integer();
    let found = if wide {
        Ok(DataType::F64)
    } else {
        datatype(kind)
    };
    match found {
        Ok(datatype) => column.cells = Cells::Typed(Elements::new(datatype)),
        Err(wrong) => {
            let mut row = 0;
            for part in parts {
                for index in 0..part.len() {
                    // A column of nothing but gaps is told once: none of them is the odd one.
                    let told = match kind {
                        ArrowType::Null => row == 0,
                        _ => !part.is_null(index),
                    };
                    if told {
                        column.tell(row, Err(wrong), report);
                    }
                    row += 1;
                }
            }
            // Numbers of nothing, so that a table of no rows has some type.
            column.cells = Cells::Typed(Elements::new(DataType::F64));
            (0..row).for_each(|_| column.pad());
            return Ok(());
        }
    }
    if wide {
        for part in parts {
            tell_inexact(column, part.as_ref(), report);
        }
    }
    let row = column.rows();
    debug_assert_eq!(row, 0, "a column is filled once");
    for part in parts {
        declared(column, part.as_ref(), budget, report)?;
    }
    Ok(())
}

/// Tells whole numbers that no double is.
fn tell_inexact(column: &Column<'_>, array: &dyn Array, report: &mut Report) {
    for row in 0..array.len() {
        if let Value::Whole(whole) = value(array, row)
            && exact_double(whole).is_none()
        {
            let wrong = Wrong::new(Code::OutOfRange, "a number that no double is");
            column.tell(row, Err(wrong), report);
        }
    }
}

/// What holds values of `kind` as they are.
fn datatype(kind: &ArrowType) -> Result<DataType, Wrong> {
    Ok(match kind {
        ArrowType::Boolean => DataType::Bool,
        ArrowType::Int8 => DataType::I8,
        ArrowType::Int16 => DataType::I16,
        ArrowType::Int32 => DataType::I32,
        ArrowType::Int64 => DataType::I64,
        ArrowType::UInt8 => DataType::U8,
        ArrowType::UInt16 => DataType::U16,
        ArrowType::UInt32 => DataType::U32,
        ArrowType::UInt64 => DataType::U64,
        ArrowType::Float16 => DataType::F16,
        ArrowType::Float32 => DataType::F32,
        ArrowType::Float64 => DataType::F64,
        ArrowType::Utf8 | ArrowType::LargeUtf8 | ArrowType::Utf8View => DataType::Str,
        ArrowType::Binary
        | ArrowType::LargeBinary
        | ArrowType::BinaryView
        | ArrowType::FixedSizeBinary(_) => DataType::Bytes,
        ArrowType::Timestamp(_, _) | ArrowType::Date32 | ArrowType::Date64 => DataType::DateTime,
        ArrowType::Dictionary(_, values) => datatype(values)?,
        ArrowType::Null => return Err(Wrong::null()),
        ArrowType::Decimal32(_, _)
        | ArrowType::Decimal64(_, _)
        | ArrowType::Decimal128(_, _)
        | ArrowType::Decimal256(_, _) => return Err(Wrong::mismatch("a decimal")),
        kind if kind.is_nested() => return Err(Wrong::mismatch("a value with parts")),
        _ => return Err(Wrong::mismatch("a value of another kind")),
    })
}
