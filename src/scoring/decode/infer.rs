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
    /// Refused already.
    Refused,
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
        self.cells.push(cell.unwrap_or(Cell::Refused));
        cell.map(|_| ())
    }

    /// The values under their common type. Every value that does not go with those before it goes
    /// to `tell`, and has a placeholder.
    pub(super) fn finish(self, mut tell: impl FnMut(usize, Wrong)) -> Data {
        let Self {
            origin,
            cells,
            texts,
        } = self;
        let typed = |cell: &&Cell| !matches!(cell, Cell::Null | Cell::Refused);
        match cells.iter().find(typed) {
            None => {
                // What was refused would have told the type.
                let told = origin == Origin::File || cells.contains(&Cell::Refused);
                if !told && !cells.is_empty() {
                    tell(0, Wrong::null());
                }
                Data::from(vec![f64::NAN; cells.len()])
            }
            Some(Cell::Flag(_)) => Data::from(all(
                &cells,
                |cell| match cell {
                    Cell::Flag(flag) => Ok(flag),
                    _ => Err(odd(cell)),
                },
                tell,
            )),
            Some(Cell::Text) => {
                let text = |cell| match cell {
                    Cell::Text => Ok(()),
                    _ => Err(odd(cell)),
                };
                all(&cells, text, tell);
                Data::Str(texts.finish())
            }
            Some(_) => numbers(&cells, origin, tell),
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
fn all<T: Default>(
    cells: &[Cell],
    take: impl Fn(Cell) -> Result<T, Wrong>,
    mut tell: impl FnMut(usize, Wrong),
) -> Vec<T> {
    let take = |(row, cell): (usize, &Cell)| match cell {
        Cell::Refused => T::default(),
        cell => take(*cell).unwrap_or_else(|wrong| {
            tell(row, wrong);
            T::default()
        }),
    };
    cells.iter().enumerate().map(take).collect()
}

/// A cell that does not go with those before it.
fn odd(cell: Cell) -> Wrong {
    match cell {
        Cell::Null => Wrong::null(),
        Cell::Flag(_) => Wrong::mismatch("a boolean"),
        Cell::Whole(_) | Cell::Large(_) | Cell::Float(_) => Wrong::mismatch("a number"),
        Cell::Text | Cell::Refused => Wrong::mismatch("a string"),
    }
}

fn out_of_range() -> Wrong {
    Wrong::new(Code::OutOfRange, "a number out of range")
}

fn numbers(cells: &[Cell], origin: Origin, tell: impl FnMut(usize, Wrong)) -> Data {
    let whole = |cell: &Cell| matches!(cell, Cell::Whole(_) | Cell::Refused);
    if cells.iter().all(whole) {
        let value = |cell| match cell {
            Cell::Whole(value) => Ok(value),
            _ => Err(odd(cell)),
        };
        return Data::from(all(cells, value, tell));
    }
    let large = |cell: &Cell| whole(cell) || matches!(cell, Cell::Large(_));
    if cells.iter().all(large) {
        let value = |cell| match cell {
            Cell::Whole(value) => u64::try_from(value).map_err(|_| out_of_range()),
            Cell::Large(value) => Ok(value),
            _ => Err(odd(cell)),
        };
        return Data::from(all(cells, value, tell));
    }
    let exact = |value: i128| {
        let inexact = Wrong::new(Code::OutOfRange, "a number that no double is");
        exact_double(value).ok_or(inexact)
    };
    let value = |cell: Cell| match cell {
        Cell::Whole(value) => exact(value.into()),
        Cell::Large(value) => exact(value.into()),
        Cell::Float(value) => Ok(value),
        Cell::Null if origin != Origin::List => Ok(f64::NAN),
        _ => Err(odd(cell)),
    };
    Data::from(all(cells, value, tell))
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
        let mut wrongs = Vec::new();
        let data = inferred.finish(|row, wrong| wrongs.push((row, wrong.code)));
        wrongs.first().map_or(Ok(data), |first| Err(*first))
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
    fn every_value_that_does_not_go_with_the_first_is_told() {
        let mut inferred = Inferred::new(Origin::Column);
        for cell in ["true", "1", "null", "[]", "false", "\"a\""] {
            let mut scanner = Scanner::new(cell.as_bytes(), 8).expect("text");
            let _told = inferred.json(&mut scanner).expect("JSON");
        }
        let mut wrongs = Vec::new();
        inferred.finish(|row, wrong| wrongs.push((row, wrong.code)));
        let wanted = [
            (1, Code::TypeMismatch),
            (2, Code::NullNotAllowed),
            (5, Code::TypeMismatch),
        ];
        assert_eq!(wrongs, wanted);
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
