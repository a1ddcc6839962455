//! Types of values that no signature declares, as numpy and pandas find them; what cannot be
//! found without loss is refused.

use super::elements::{A_LIST, Read, Wrong, is_missing};
use crate::json::{Exact, Kind, LoneSurrogate, Number, Scanner};
use flowgate_core::{Code, Data, StringsBuilder};

/// Where the values come from: it decides what a missing one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scoring) enum Origin {
    /// A column of a table in JSON: a null beside numbers is NaN.
    Column,
    /// A column of a CSV file: as above, and a column of nothing but gaps is numbers.
    File,
    /// A list of `inputs` or `instances`: a null has no type.
    List,
}

/// Values in the making.
#[derive(Debug, Clone)]
pub(in crate::scoring) struct Inferred {
    origin: Origin,
    cells: Vec<Cell>,
    texts: StringsBuilder,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell {
    Null,
    Flag(bool),
    Whole(i64),
    /// Above 63 bits.
    Large(u64),
    Float(f64),
    Text,
}

impl Inferred {
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            origin,
            cells: Vec::new(),
            texts: StringsBuilder::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn json(&mut self, scanner: &mut Scanner<'_>) -> Read {
        let cell = match scanner.peek()? {
            Kind::Null => scanner.null().map(|()| Ok(Cell::Null)),
            Kind::Bool => scanner.bool().map(|flag| Ok(Cell::Flag(flag))),
            Kind::Number => scanner.number().map(number),
            Kind::String => scanner.string().map(|text| match text {
                Ok(text) => self.text(&text),
                Err(LoneSurrogate) => {
                    Err(Wrong::new(Code::BadText, "a text with half a character"))
                }
            }),
            Kind::Array => scanner.skip_value().map(|()| Err(Wrong::mismatch(A_LIST))),
            Kind::Object => scanner
                .skip_value()
                .map(|()| Err(Wrong::mismatch("an object"))),
        }?;
        Ok(self.add(cell))
    }

    pub(super) fn field(&mut self, text: &str, quoted: bool) -> Result<(), Wrong> {
        let cell = match text {
            text if quoted => self.text(text),
            "" => Ok(Cell::Null),
            text if is_missing(text) => Ok(Cell::Null),
            text if text.eq_ignore_ascii_case("true") => Ok(Cell::Flag(true)),
            text if text.eq_ignore_ascii_case("false") => Ok(Cell::Flag(false)),
            text => match Number::from_text(text) {
                Some(found) => number(found),
                None => self.text(text),
            },
        };
        self.add(cell)
    }

    pub(super) fn missing(&mut self) {
        self.cells.push(Cell::Null);
    }

    fn text(&mut self, text: &str) -> Result<Cell, Wrong> {
        self.texts.push(text);
        Ok(Cell::Text)
    }

    fn add(&mut self, cell: Result<Cell, Wrong>) -> Result<(), Wrong> {
        self.cells.push(cell.unwrap_or(Cell::Null));
        cell.map(|_| ())
    }

    /// The values under their common type. What has none is told with the first value that does
    /// not go with those before it.
    pub(super) fn finish(self) -> Result<Data, (usize, Wrong)> {
        let Self {
            origin,
            cells,
            texts,
        } = self;
        let first = cells.iter().position(|cell| *cell != Cell::Null);
        let Some(first) = first else {
            return match (cells.first(), origin) {
                (None, _) => Ok(Data::from(Vec::<f64>::new())),
                (Some(_), Origin::File) => Ok(Data::from(vec![f64::NAN; cells.len()])),
                (Some(_), _) => Err((0, Wrong::null())),
            };
        };
        match cells[first] {
            Cell::Flag(_) => all(&cells, |cell| match cell {
                Cell::Flag(flag) => Some(flag),
                _ => None,
            })
            .map(Data::from),
            Cell::Text => {
                all(&cells, |cell| (cell == Cell::Text).then_some(()))?;
                Ok(Data::Str(texts.finish()))
            }
            _ => numbers(&cells, origin),
        }
    }
}

fn number(number: Number<'_>) -> Result<Cell, Wrong> {
    match (number, number.exact()) {
        (Number::Integer(_), Exact::Int(value)) => {
            let narrow = i64::try_from(value).map(Cell::Whole);
            let cell = narrow.or_else(|_| u64::try_from(value).map(Cell::Large));
            cell.map_err(|_| out_of_range())
        }
        (Number::Integer(_), _) => Err(out_of_range()),
        (number, _) => {
            let value = number.to_f64();
            if value.is_infinite() && number.is_finite() {
                return Err(out_of_range());
            }
            Ok(Cell::Float(value))
        }
    }
}

/// What `take` makes of every cell.
fn all<T>(cells: &[Cell], take: impl Fn(Cell) -> Option<T>) -> Result<Vec<T>, (usize, Wrong)> {
    let take = |(row, cell): (usize, &Cell)| take(*cell).ok_or_else(|| (row, odd(*cell)));
    cells.iter().enumerate().map(take).collect()
}

/// A cell that does not go with those before it.
fn odd(cell: Cell) -> Wrong {
    match cell {
        Cell::Null => Wrong::null(),
        Cell::Flag(_) => Wrong::mismatch("a boolean"),
        Cell::Whole(_) | Cell::Large(_) | Cell::Float(_) => Wrong::mismatch("a number"),
        Cell::Text => Wrong::mismatch("a string"),
    }
}

fn out_of_range() -> Wrong {
    Wrong::new(Code::OutOfRange, "a number out of range")
}

fn numbers(cells: &[Cell], origin: Origin) -> Result<Data, (usize, Wrong)> {
    if cells.iter().all(|cell| matches!(cell, Cell::Whole(_))) {
        let value = |cell| match cell {
            Cell::Whole(value) => Some(value),
            _ => None,
        };
        return all(cells, value).map(Data::from);
    }
    if cells
        .iter()
        .all(|cell| matches!(cell, Cell::Whole(_) | Cell::Large(_)))
    {
        let value = |cell| match cell {
            Cell::Whole(value) => u64::try_from(value).ok(),
            Cell::Large(value) => Some(value),
            _ => None,
        };
        return all(cells, value)
            .map(Data::from)
            .map_err(|(row, _)| (row, out_of_range()));
    }
    let value = |cell: Cell| match cell {
        Cell::Whole(value) => exact_double(i128::from(value)),
        Cell::Large(value) => exact_double(i128::from(value)),
        Cell::Float(value) => Some(value),
        Cell::Null if origin != Origin::List => Some(f64::NAN),
        _ => None,
    };
    let lossy = |(row, wrong): (usize, Wrong)| match cells[row] {
        Cell::Whole(_) | Cell::Large(_) => (
            row,
            Wrong::new(Code::OutOfRange, "a number that no double is"),
        ),
        _ => (row, wrong),
    };
    all(cells, value).map(Data::from).map_err(lossy)
}

/// `value` as a double, where one is exactly that.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "checked by the way back"
)]
pub(in crate::scoring) fn exact_double(value: i128) -> Option<f64> {
    let double = value as f64;
    (double as i128 == value).then_some(double)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infer(origin: Origin, cells: &[&str]) -> Result<Data, (usize, Code)> {
        let mut inferred = Inferred::new(origin);
        for cell in cells {
            let mut scanner = Scanner::new(cell.as_bytes(), 8).expect("text");
            let read = inferred.json(&mut scanner).expect("JSON");
            read.map_err(|wrong| (usize::MAX, wrong.code))?;
        }
        inferred.finish().map_err(|(row, wrong)| (row, wrong.code))
    }

    #[test]
    fn types_are_those_that_numpy_and_pandas_find() {
        let list = |cells: &[&str]| infer(Origin::List, cells);
        assert_eq!(list(&["1", "2"]), Ok(vec![1_i64, 2].into()));
        assert_eq!(list(&["1", "2.5"]), Ok(vec![1.0, 2.5].into()));
        assert_eq!(list(&["true", "false"]), Ok(vec![true, false].into()));
        assert_eq!(list(&["9223372036854775808"]), Ok(vec![1_u64 << 63].into()));
        assert_eq!(list(&["\"a\""]), Ok(Data::Str(["a"].into_iter().collect())));
        assert_eq!(list(&[]), Ok(Vec::<f64>::new().into()));
    }

    #[test]
    fn what_has_no_common_type_is_refused_where_it_breaks() {
        let list = |cells: &[&str]| infer(Origin::List, cells);
        assert_eq!(list(&["1", "null"]), Err((1, Code::NullNotAllowed)));
        assert_eq!(list(&["true", "1"]), Err((1, Code::TypeMismatch)));
        assert_eq!(list(&["1", "\"a\""]), Err((1, Code::TypeMismatch)));
        assert_eq!(list(&["\"a\"", "null"]), Err((1, Code::NullNotAllowed)));
        assert_eq!(
            list(&["9223372036854775808", "-1"]),
            Err((1, Code::OutOfRange))
        );
        assert_eq!(
            list(&["9007199254740993", "0.5"]),
            Err((0, Code::OutOfRange))
        );
        assert_eq!(list(&["null"]), Err((0, Code::NullNotAllowed)));
    }

    #[test]
    fn gaps_among_numbers_of_a_table_are_nan() {
        let found = infer(Origin::Column, &["1", "null"]);
        assert!(
            matches!(found, Ok(Data::F64(numbers)) if numbers[0] == 1.0 && numbers[1].is_nan())
        );
        assert_eq!(
            infer(Origin::Column, &["null"]),
            Err((0, Code::NullNotAllowed))
        );
        let found = infer(Origin::File, &["null", "null"]);
        assert!(matches!(found, Ok(Data::F64(numbers)) if numbers.len() == 2));
    }
}
