//! The table that most requests are: the columns of the signature in its order, and rows of
//! ordinary numbers. Read without looking anything up; the first row that is anything else hands
//! over to [`Table`](super::Table), which decides what it is.

use super::elements::Elements;
use super::terms::Terms;
use crate::json::{self, Kind, Scanner};
use flowgate_core::{
    Buffer, ColumnSpec, ColumnType, Data, Form, Frame, NamedTensor, Scalar, Schema, Signature,
    Tensor,
};
use std::collections::HashSet;

/// Rows of numbers under the columns of a signature.
pub(super) struct Plain<'s> {
    specs: &'s [ColumnSpec],
    cells: Cells,
    rows: usize,
}

/// Their cells by type.
struct Cells {
    doubles: Grid<f64>,
    floats: Grid<f32>,
    longs: Grid<i64>,
    integers: Grid<i32>,
}

impl Cells {
    /// Reads a cell of `spec`, where it is plain.
    #[inline]
    fn read(&mut self, spec: &ColumnSpec, scanner: &mut Scanner<'_>) -> Option<()> {
        match spec.kind {
            ColumnType::Scalar(Scalar::Double) => self.doubles.push(scanner.plain_f64()),
            ColumnType::Scalar(Scalar::Float) => self.floats.push(scanner.plain_f32()),
            ColumnType::Scalar(Scalar::Long) => self.longs.push(scanner.plain_i64()),
            ColumnType::Scalar(Scalar::Integer) => {
                let value = scanner.plain_i64().map(i32::try_from);
                self.integers.push(value.and_then(Result::ok))
            }
            _ => None,
        }
    }

    fn truncate(&mut self, rows: usize) {
        self.doubles.truncate(rows);
        self.floats.truncate(rows);
        self.longs.truncate(rows);
        self.integers.truncate(rows);
    }
}

/// All cells of one type, row by row: one allocation for all their columns, which share it in the
/// end.
struct Grid<T> {
    cells: Vec<T>,
    /// Columns of the type.
    width: usize,
}

/// How far [`Plain::rows`] came.
pub(super) enum Reached {
    /// The end of the list.
    End,
    /// A row that is not plain, which is next.
    Row,
    /// Nowhere: what is next is no list, or its first row is not plain.
    Nothing,
}

/// Whether tables of `signature` can be read the short way: columns with names, all unlike, of
/// numbers. Found out once a model, not once a request.
pub fn can_be_plain(signature: &Signature) -> bool {
    let Some(Schema::Columns(specs)) = &signature.inputs else {
        return false;
    };
    let mut names = HashSet::new();
    let needs_escape = |name: &str| name.contains(|at| matches!(at, '"' | '\\' | '\0'..' '));
    specs.iter().all(|spec| {
        let name = spec.name.as_deref().filter(|name| !needs_escape(name));
        let is_new = name.is_some_and(|name| names.insert(name));
        let is_number = matches!(
            spec.kind,
            ColumnType::Scalar(Scalar::Double | Scalar::Float | Scalar::Long | Scalar::Integer)
        );
        is_new && is_number
    })
}

/// Reads a body that is nothing but a plain table: `dataframe_split` with `columns` and `data`, in
/// this order. `None`, with some of it read, where it is anything else.
pub(super) fn body(scanner: &mut Scanner<'_>, terms: Terms<'_>) -> Option<super::Data> {
    let eaten = |scanner: &mut Scanner<'_>, before, key| {
        (scanner.eat(before) && scanner.eat_text(key) && scanner.eat(b':')).then_some(())
    };
    eaten(scanner, b'{', "dataframe_split")?;
    eaten(scanner, b'{', "columns")?;
    let mut table = Plain::header(scanner, terms)?;
    eaten(scanner, b',', "data")?;
    let reached = table.rows(scanner).ok()?;
    let ends = matches!(reached, Reached::End) && scanner.eat(b'}') && scanner.eat(b'}');
    (ends && scanner.end().is_ok()).then(|| table.finish())
}

/// Reads a CSV table that is nothing but plain: the columns of the signature in its order, without
/// quotes, and lines of ordinary numbers. `None` where it is anything else; it is then read from
/// its beginning, which takes no more than twice as long.
pub(super) fn csv(text: &str, terms: Terms<'_>) -> Option<super::Data> {
    let mut scanner = Scanner::new(text.as_bytes(), 1).ok()?;
    let mut table = Plain::of(terms)?;
    for (place, spec) in table.specs.iter().enumerate() {
        let name = spec.name.as_deref().filter(|name| !name.contains(','))?;
        let begins = place == 0 || scanner.eat_octets(b",");
        if !begins || !scanner.eat_octets(name.as_bytes()) {
            return None;
        }
    }
    while ends_line(&mut scanner) {
        if scanner.next_octet().is_none() {
            break;
        }
        for (place, spec) in table.specs.iter().enumerate() {
            let begins = place == 0 || scanner.eat_octets(b",");
            // Nothing is passed over before a number.
            let is_number = matches!(scanner.next_octet(), Some(b'-' | b'0'..=b'9'));
            if !begins || !is_number {
                return None;
            }
            table.cells.read(spec, &mut scanner)?;
        }
        table.rows += 1;
    }
    (table.rows > 0 && scanner.next_octet().is_none()).then(|| table.finish())
}

/// Whether a line ends here, or the text; it is passed over.
fn ends_line(scanner: &mut Scanner<'_>) -> bool {
    scanner.next_octet().is_none() || scanner.eat_octets(b"\n") || scanner.eat_octets(b"\r\n")
}

impl<'s> Plain<'s> {
    /// No rows under the columns of the signature, where its tables can be plain.
    fn of(terms: Terms<'s>) -> Option<Self> {
        let Some(Schema::Columns(specs)) = terms.inputs().filter(|_| terms.can_be_plain) else {
            return None;
        };
        let mut widths = [0; 4];
        for spec in specs {
            widths[match spec.kind {
                ColumnType::Scalar(Scalar::Double) => 0,
                ColumnType::Scalar(Scalar::Float) => 1,
                ColumnType::Scalar(Scalar::Long) => 2,
                _ => 3,
            }] += 1;
        }
        let [doubles, floats, longs, integers] = widths;
        Some(Self {
            specs,
            cells: Cells {
                doubles: Grid::new(doubles),
                floats: Grid::new(floats),
                longs: Grid::new(longs),
                integers: Grid::new(integers),
            },
            rows: 0,
        })
    }

    /// Reads a list of column names; `None`, with some of it read, where it is not the one of the
    /// signature.
    pub(super) fn header(scanner: &mut Scanner<'_>, terms: Terms<'s>) -> Option<Self> {
        let table = Self::of(terms)?;
        for (place, spec) in table.specs.iter().enumerate() {
            let name = spec.name.as_deref()?;
            if !scanner.eat(if place == 0 { b'[' } else { b',' }) || !scanner.eat_text(name) {
                return None;
            }
        }
        scanner.eat(b']').then_some(table)
    }

    /// Reads a list of rows as far as they are plain.
    ///
    /// # Errors
    /// When it goes on with neither a comma nor its end.
    pub(super) fn rows(&mut self, scanner: &mut Scanner<'_>) -> Result<Reached, json::Error> {
        let start = scanner.mark();
        if scanner.peek()? != Kind::Array {
            return Ok(Reached::Nothing);
        }
        let mut more = scanner.open_array()?;
        while more {
            let row = scanner.mark();
            if !self.row(scanner) {
                if self.rows == 0 {
                    scanner.rewind(start);
                    return Ok(Reached::Nothing);
                }
                scanner.rewind(row);
                self.cells.truncate(self.rows);
                return Ok(Reached::Row);
            }
            self.rows += 1;
            more = scanner.next_item()?;
        }
        Ok(Reached::End)
    }

    #[inline]
    fn row(&mut self, scanner: &mut Scanner<'_>) -> bool {
        let mut before = b'[';
        for spec in self.specs {
            if !scanner.eat(before) {
                return false;
            }
            let read = self.cells.read(spec, scanner);
            if read.is_none() {
                return false;
            }
            before = b',';
        }
        scanner.eat(b']')
    }

    /// The rows that were read.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Gives every column to `take`, in the order of the signature.
    #[inline]
    fn each(self, mut take: impl FnMut(&'s ColumnSpec, Tensor)) {
        let mut doubles = self.cells.doubles.columns(self.rows);
        let mut floats = self.cells.floats.columns(self.rows);
        let mut longs = self.cells.longs.columns(self.rows);
        let mut integers = self.cells.integers.columns(self.rows);
        for spec in self.specs {
            let column = match spec.kind {
                ColumnType::Scalar(Scalar::Double) => doubles.next().map(Tensor::from),
                ColumnType::Scalar(Scalar::Float) => floats.next().map(Tensor::from),
                ColumnType::Scalar(Scalar::Long) => longs.next().map(Tensor::from),
                _ => integers.next().map(Tensor::from),
            };
            if let Some(column) = column {
                take(spec, column);
            }
        }
    }

    /// The cells for a table that goes on.
    pub(super) fn into_elements(self) -> Vec<Elements> {
        let mut columns = Vec::with_capacity(self.specs.len());
        self.each(|_, column| {
            columns.extend(match column.into_data() {
                Data::F64(cells) => Some(Elements::F64(cells.into_vec())),
                Data::F32(cells) => Some(Elements::F32(cells.into_vec())),
                Data::I64(cells) => Some(Elements::I64(cells.into_vec())),
                Data::I32(cells) => Some(Elements::I32(cells.into_vec())),
                _ => None,
            });
        });
        columns
    }

    /// The table.
    pub(super) fn finish(self) -> super::Data {
        let mut frame = Vec::with_capacity(self.specs.len());
        self.each(|spec, column| {
            let name = spec.key(frame.len());
            frame.push(NamedTensor::new(name, column));
        });
        super::Data {
            frame: Frame::new(frame),
            form: Form::Table,
            dropped: 0,
        }
    }
}

impl<T: Copy> Grid<T> {
    /// No cells of `width` columns.
    #[inline]
    fn new(width: usize) -> Self {
        Self {
            // One row at least; it grows from there.
            cells: match width {
                0 => Vec::new(),
                width => Vec::with_capacity(width),
            },
            width,
        }
    }

    #[inline]
    fn push(&mut self, cell: Option<T>) -> Option<()> {
        self.cells.push(cell?);
        Some(())
    }

    fn truncate(&mut self, rows: usize) {
        self.cells.truncate(rows * self.width);
    }

    /// The columns of `rows` rows, in order.
    fn columns(self, rows: usize) -> impl Iterator<Item = Buffer<T>> {
        let Self { cells, width } = self;
        // One row, or one column, is laid out as columns are.
        let cells = if rows == 1 || width <= 1 {
            cells
        } else {
            let mut columns = Vec::with_capacity(cells.len());
            for at in 0..width {
                columns.extend(cells.iter().skip(at).step_by(width));
            }
            columns
        };
        let shared = (width > 0).then(|| Buffer::from(cells));
        let column = move |at| Some(shared.as_ref()?.slice(at * rows..(at + 1) * rows));
        (0..width).filter_map(column)
    }
}

#[cfg(test)]
mod tests;
