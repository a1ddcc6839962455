//! `pandas.read_csv` with the types of the signature.
//!
//! Source: pandas 3.1.1's C engine as measured. Where it takes surplus fields for labels of rows
//! (`csv-implicit-index`) they are refused.

use super::exception::no_file;
use super::table::{Label, Table};
use super::values::Values;
use crate::csv::{Field, Reader};
use crate::json::{Exact, Number};
use crate::scoring::decode::is_missing;
use flowgate_core::{ColumnSpec, ColumnType, Data, DataType, Refusal, Scalar};
use std::collections::{HashMap, HashSet};

/// What a body in CSV is.
#[derive(Debug)]
pub(super) struct Csv {
    /// Its table.
    pub(super) table: Table,
    /// Why it is refused all the same, unless its names are wrong.
    pub(super) surplus: Option<Refusal>,
}

/// The table that `body` is.
///
/// # Errors
/// When it is no CSV, or a column is not of its type.
pub(super) fn read(body: &str, specs: Option<&[ColumnSpec]>) -> Result<Csv, Refusal> {
    let refused = |text: &str| no_file("CSV-formatted", "to_csv", text);
    let scalars = scalars(specs.unwrap_or_default()).map_err(refused)?;
    let Fields {
        names,
        columns,
        surplus,
    } = fields(body).map_err(|text| refused(&text))?;
    if let Some(surplus) = surplus {
        let column = |name| (Label::Name(name), Values::Objects(Vec::new()));
        return Ok(Csv {
            table: Table {
                columns: names.into_iter().map(column).collect(),
                rows: 0,
            },
            surplus: Some(refused(&surplus)),
        });
    }
    let rows = columns.first().map_or(0, Vec::len);
    let types: HashMap<&str, Scalar> = match specs {
        Some([first, ..]) if first.name.is_some() => {
            let named = specs.unwrap_or_default().iter().zip(&scalars);
            named
                .filter_map(|(spec, scalar)| Some((spec.name.as_deref()?, *scalar)))
                .collect()
        }
        _ => HashMap::new(),
    };
    let by_position = types.is_empty();
    let columns = names.into_iter().zip(columns).enumerate();
    let columns = columns.map(|(position, (name, fields))| {
        let scalar = if by_position {
            scalars.get(position)
        } else {
            types.get(&*name)
        };
        let values = match scalar {
            None => Ok(inferred(fields)),
            Some(scalar) => typed(fields, *scalar, position),
        };
        Ok((Label::Name(name), values.map_err(|text| refused(&text))?))
    });
    Ok(Csv {
        table: Table {
            columns: columns.collect::<Result<_, Refusal>>()?,
            rows,
        },
        surplus: None,
    })
}

/// The types that pandas can read a column as.
fn scalars(specs: &[ColumnSpec]) -> Result<Vec<Scalar>, &'static str> {
    let scalar = |spec: &ColumnSpec| match spec.kind {
        ColumnType::Scalar(scalar) => Ok(scalar),
        _ => Err("Failed to get pandas types as some of the inputs types are not DataType."),
    };
    specs.iter().map(scalar).collect()
}

/// A field; `None` when it is missing.
type Text = Option<Box<str>>;

/// The names, and the fields by column.
struct Fields {
    names: Vec<Box<str>>,
    columns: Vec<Vec<Text>>,
    /// What is wrong when the first row has more fields than there are names.
    surplus: Option<String>,
}

fn fields(body: &str) -> Result<Fields, String> {
    let mut reader = Reader::new(body);
    let mut record: Vec<Field<'_>> = Vec::new();
    let mut next = |record: &mut Vec<_>| {
        reader
            .record(record)
            .map_err(|error| format!("Error tokenizing data. {error}"))
    };
    if !next(&mut record)? {
        return Err("No columns to parse from file".to_owned());
    }
    let names = unique(&record);
    let width = names.len();
    let mut columns: Vec<Vec<Text>> = vec![Vec::new(); width];
    let mut line = 1;
    while next(&mut record)? {
        line += 1;
        // A line of spaces is blank where a row has more than one field.
        if width > 1
            && matches!(record.as_slice(), [only] if !only.quoted && only.text.trim_matches(' ').is_empty())
        {
            continue;
        }
        if record.len() > width {
            let text = format!(
                "Error tokenizing data. C error: Expected {width} fields in line {line}, saw {}",
                record.len()
            );
            if columns.first().is_some_and(|column| !column.is_empty()) {
                return Err(text);
            }
            return Ok(Fields {
                names,
                columns,
                surplus: Some(text),
            });
        }
        for (position, column) in columns.iter_mut().enumerate() {
            let text = record.get(position).map(|field| &*field.text);
            let text = text.filter(|text| !text.is_empty() && !is_missing(text));
            column.push(text.map(Box::from));
        }
    }
    Ok(Fields {
        names,
        columns,
        surplus: None,
    })
}

/// The names of the first line; one that comes again gets a number.
fn unique(record: &[Field<'_>]) -> Vec<Box<str>> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    let named = record.iter().enumerate().map(|(position, field)| {
        let name = match &*field.text {
            "" => format!("Unnamed: {position}"),
            text => text.to_owned(),
        };
        let count = counts.entry(name.clone()).or_default();
        let mut made = name.clone();
        while !seen.insert(made.clone()) {
            *count += 1;
            made = format!("{name}.{count}");
        }
        made.into()
    });
    named.collect()
}

/// What pandas takes a field for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell {
    Missing,
    Flag(bool),
    Whole(i128),
    Decimal(f64),
    Text,
}

impl Cell {
    fn of(text: &Text) -> Self {
        let Some(text) = text else {
            return Self::Missing;
        };
        if text.eq_ignore_ascii_case("true") {
            return Self::Flag(true);
        }
        if text.eq_ignore_ascii_case("false") {
            return Self::Flag(false);
        }
        match Number::from_text(text) {
            Some(number @ Number::Integer(_)) => match number.exact() {
                Exact::Int(number) => Self::Whole(number),
                _ => Self::Decimal(number.to_f64()),
            },
            Some(number) => Self::Decimal(number.to_f64()),
            None => Self::Text,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "pandas rounds in the same way")]
    fn number(self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(number as f64),
            Self::Decimal(number) => Some(number),
            Self::Missing => Some(f64::NAN),
            Self::Flag(_) | Self::Text => None,
        }
    }
}

/// A column of the type that its fields tell.
fn inferred(fields: Vec<Text>) -> Values {
    let cells: Vec<Cell> = fields.iter().map(Cell::of).collect();
    if cells.is_empty() {
        return Values::Objects(Vec::new());
    }
    let whole = |cell: &Cell| match cell {
        Cell::Whole(number) => i64::try_from(*number).ok(),
        _ => None,
    };
    let large = |cell: &Cell| match cell {
        Cell::Whole(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    let flag = |cell: &Cell| match cell {
        Cell::Flag(flag) => Some(*flag),
        _ => None,
    };
    if let Some(numbers) = cells.iter().map(whole).collect::<Option<Vec<_>>>() {
        return Values::Typed(Data::from(numbers));
    }
    if let Some(numbers) = cells.iter().map(large).collect::<Option<Vec<_>>>() {
        return Values::Typed(Data::from(numbers));
    }
    if let Some(numbers) = cells
        .iter()
        .map(|cell| cell.number())
        .collect::<Option<Vec<_>>>()
    {
        return Values::Typed(Data::from(numbers));
    }
    if let Some(flags) = cells.iter().map(flag).collect::<Option<Vec<_>>>() {
        return Values::Typed(Data::from(flags));
    }
    if cells
        .iter()
        .all(|cell| matches!(cell, Cell::Flag(_) | Cell::Missing))
    {
        use super::object::Object;
        let object = |cell: &Cell| flag(cell).map_or(Object::MISSING, Object::Bool);
        return Values::Objects(cells.iter().map(object).collect());
    }
    Values::Texts(fields)
}

/// A column of the type `scalar`, where nothing is lost.
fn typed(fields: Vec<Text>, scalar: Scalar, position: usize) -> Result<Values, String> {
    let cells = || fields.iter().map(Cell::of);
    let lossy = |what: &str| {
        format!(
            "cannot safely convert passed user dtype of {} for {what} dtyped data in column \
             {position}",
            flowgate_core::TensorType::Data(scalar.datatype()).name()
        )
    };
    let no_missing = |kind: &str| {
        if cells().any(|cell| cell == Cell::Missing) {
            Err(format!("{kind} column has NA values in column {position}"))
        } else {
            Ok(())
        }
    };
    Ok(match scalar {
        Scalar::String | Scalar::Binary => Values::Texts(fields),
        Scalar::DateTime if fields.is_empty() => Values::Typed(Data::empty(DataType::DateTime)),
        Scalar::DateTime => {
            return Err(
                "the dtype datetime64[ns] is not supported for parsing, pass this column using \
                 parse_dates instead"
                    .to_owned(),
            );
        }
        Scalar::Boolean => {
            no_missing("Bool")?;
            let flags = cells().all(|cell| matches!(cell, Cell::Flag(_)));
            let flag = |cell| match cell {
                Cell::Flag(flag) if flags => Ok(flag),
                // Any other number would not be found again in the boolean.
                Cell::Whole(number @ (0 | 1)) if !flags => Ok(number == 1),
                Cell::Decimal(number) if !flags && (number == 0.0 || number == 1.0) => {
                    Ok(number == 1.0)
                }
                _ => Err(lossy("object")),
            };
            Values::Typed(Data::from(
                cells().map(flag).collect::<Result<Vec<_>, _>>()?,
            ))
        }
        Scalar::Integer | Scalar::Long => {
            no_missing("Integer")?;
            let flags = cells().all(|cell| matches!(cell, Cell::Flag(_)));
            let number = |cell| match cell {
                Cell::Whole(number) => i64::try_from(number).map_err(|_| lossy("uint64")),
                Cell::Decimal(number) => super::object::whole(number)
                    .filter(|_| number.fract() == 0.0)
                    .and_then(|number| i64::try_from(number).ok())
                    .ok_or_else(|| lossy("float64")),
                Cell::Flag(flag) if flags => Ok(i64::from(flag)),
                _ => Err("invalid literal for int() with base 10".to_owned()),
            };
            let numbers = cells().map(number).collect::<Result<Vec<i64>, _>>()?;
            if scalar == Scalar::Long {
                return Ok(Values::Typed(Data::from(numbers)));
            }
            let narrow = numbers
                .into_iter()
                .map(i32::try_from)
                .collect::<Result<Vec<_>, _>>();
            Values::Typed(Data::from(narrow.map_err(|_| lossy("int64"))?))
        }
        Scalar::Float | Scalar::Double => {
            let flags = cells().all(|cell| matches!(cell, Cell::Flag(_)));
            let number = |cell: Cell| match cell {
                Cell::Flag(flag) if flags => Ok(f64::from(u8::from(flag))),
                cell => cell
                    .number()
                    .ok_or_else(|| "could not convert string to float".to_owned()),
            };
            let numbers = cells().map(number).collect::<Result<Vec<f64>, _>>()?;
            if scalar == Scalar::Double {
                return Ok(Values::Typed(Data::from(numbers)));
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "rounding to 32 bits is what is asked for"
            )]
            let narrow: Vec<f32> = numbers.into_iter().map(|number| number as f32).collect();
            Values::Typed(Data::from(narrow))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dtypes(body: &str) -> Vec<&'static str> {
        let table = read(body, None).expect("a table").table;
        table
            .columns
            .iter()
            .map(|(_, values)| values.dtype())
            .collect()
    }

    /// As pandas 3.1.1 reads the same texts.
    #[test]
    fn columns_without_a_type_get_one() {
        assert_eq!(
            dtypes("a,b,c,d,e,f\n1,1.5,True,x,9223372036854775808,\n2,2,false,1,1,\n"),
            ["int64", "float64", "bool", "str", "uint64", "float64"]
        );
        assert_eq!(dtypes("a,b\n1,True\n,\n"), ["float64", "object"]);
        assert_eq!(dtypes("a\n"), ["object"]);
    }

    #[test]
    fn types_are_safe_or_refused() {
        let read =
            |text: &str, scalar| typed(vec![(!text.is_empty()).then(|| text.into())], scalar, 0);
        for (text, scalar) in [
            ("1.0", Scalar::Integer),
            ("1e3", Scalar::Long),
            ("True", Scalar::Integer),
            ("tRUE", Scalar::Boolean),
            ("True", Scalar::Float),
            (" 1.5 ", Scalar::Double),
            ("", Scalar::Double),
            ("1e309", Scalar::Double),
        ] {
            assert!(read(text, scalar).is_ok(), "{text} as {scalar:?}");
        }
        for (text, scalar) in [
            ("1.5", Scalar::Integer),
            ("2147483648", Scalar::Integer),
            ("9223372036854775808", Scalar::Long),
            ("", Scalar::Long),
            ("yes", Scalar::Boolean),
            ("-1", Scalar::Boolean),
            ("", Scalar::Boolean),
            ("1_000", Scalar::Double),
            ("0x10", Scalar::Double),
            (".", Scalar::Double),
            ("x", Scalar::Integer),
        ] {
            assert!(read(text, scalar).is_err(), "{text} as {scalar:?}");
        }
    }

    #[test]
    fn names_that_come_again_get_a_number() {
        let body = "a,a,,a.1\n1,2,3,4\n";
        let table = read(body, None).expect("a table").table;
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|(label, _)| label.to_string())
            .collect();
        assert_eq!(names, ["a", "a.1", "Unnamed: 2", "a.1.1"]);
    }
}
