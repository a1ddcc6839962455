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
    doubles: Grid<f64>,
    floats: Grid<f32>,
    longs: Grid<i64>,
    integers: Grid<i32>,
    rows: usize,
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

impl<'s> Plain<'s> {
    /// Reads a list of column names; `None`, with some of it read, where it is not the one of the
    /// signature.
    pub(super) fn header(scanner: &mut Scanner<'_>, terms: Terms<'s>) -> Option<Self> {
        let Some(Schema::Columns(specs)) = terms.inputs().filter(|_| terms.can_be_plain) else {
            return None;
        };
        let (mut doubles, mut floats, mut longs, mut integers) = (0, 0, 0, 0);
        for (place, spec) in specs.iter().enumerate() {
            let name = spec.name.as_deref()?;
            if !scanner.eat(if place == 0 { b'[' } else { b',' }) || !scanner.eat_text(name) {
                return None;
            }
            match spec.kind {
                ColumnType::Scalar(Scalar::Double) => doubles += 1,
                ColumnType::Scalar(Scalar::Float) => floats += 1,
                ColumnType::Scalar(Scalar::Long) => longs += 1,
                _ => integers += 1,
            }
        }
        scanner.eat(b']').then(|| Self {
            specs,
            doubles: Grid::new(doubles),
            floats: Grid::new(floats),
            longs: Grid::new(longs),
            integers: Grid::new(integers),
            rows: 0,
        })
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
                self.doubles.truncate(self.rows);
                self.floats.truncate(self.rows);
                self.longs.truncate(self.rows);
                self.integers.truncate(self.rows);
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
            let read = match spec.kind {
                ColumnType::Scalar(Scalar::Double) => self.doubles.push(scanner.plain_f64()),
                ColumnType::Scalar(Scalar::Float) => self.floats.push(scanner.plain_f32()),
                ColumnType::Scalar(Scalar::Long) => self.longs.push(scanner.plain_i64()),
                ColumnType::Scalar(Scalar::Integer) => {
                    let value = scanner.plain_i64().map(i32::try_from);
                    self.integers.push(value.and_then(Result::ok))
                }
                _ => None,
            };
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
        let mut doubles = self.doubles.columns(self.rows);
        let mut floats = self.floats.columns(self.rows);
        let mut longs = self.longs.columns(self.rows);
        let mut integers = self.integers.columns(self.rows);
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
mod tests {
    use super::super::json;
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    const COLUMNS: &str = r#"[{"type":"double","name":"a"},{"type":"float","name":"b"},
        {"type":"long","name":"c"},{"type":"integer","name":"d"}]"#;

    fn signature(inputs: &str) -> Signature {
        Signature::parse(Some(inputs), None, None).expect("a signature")
    }

    /// What is read of `body`, the short way where it can be, and the long way.
    fn both_ways(body: &str, inputs: &str) -> [String; 2] {
        let signature = signature(inputs);
        let short = Terms::from(&signature);
        let long = Terms {
            can_be_plain: false,
            ..short
        };
        // In words: NaN is not equal to itself.
        [short, long].map(|terms| format!("{:?}", json(body.as_bytes(), terms)))
    }

    #[track_caller]
    fn check(body: &str) {
        let [short, long] = both_ways(body, COLUMNS);
        assert_eq!(short, long, "{body}");
    }

    #[test]
    fn columns_of_unlike_names_and_of_numbers_can_be_plain() {
        assert!(can_be_plain(&signature(COLUMNS)));
        for inputs in [
            r#"[{"type":"double","name":"a"},{"type":"double","name":"a"}]"#,
            r#"[{"type":"double","name":"a"},{"type":"string","name":"b"}]"#,
            r#"[{"type":"double","name":"\"a"}]"#,
            r#"[{"type":"double"}]"#,
            r#"[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,4]}}]"#,
        ] {
            assert!(!can_be_plain(&signature(inputs)), "{inputs}");
        }
    }

    #[test]
    fn what_is_not_plain_is_what_it_is_the_long_way() {
        let rows = "[1.5, 2.5, 3, 4], [5, 6, 7, 8]";
        let columns = r#""columns": ["a", "b", "c", "d"]"#;
        for inside in [
            format!(r#"{columns}, "data": [{rows}]"#),
            format!(r#""data": [{rows}], {columns}"#),
            format!(r#"{columns}, "data": [{rows}], {columns}"#),
            format!(r#"{columns}, "data": [{rows}], "data": [{rows}]"#),
            format!(r#"{columns}, "index": [0, 1], "data": [{rows}]"#),
            format!(r#"{columns}, "data": [{rows}], "index": [0]"#),
            format!(r#"{columns}, "data": []"#),
            format!(r#"{columns}, "data": null"#),
            format!(r#"{columns}, "data": 1"#),
            format!(r#"{columns}, "data": {{"a": [1], "b": [2], "c": [3], "d": [4]}}"#),
            format!(r#"{columns}, "data": [{rows}, {{"a": 1}}]"#),
            format!(r#"{columns}, "data": [{rows}, [1, 2, 3]]"#),
            format!(r#"{columns}, "data": [{rows}, [1, 2, 3, 4, 5]]"#),
            format!(r#"{columns}, "data": [{rows}, [1, 2, 3.5, 4]]"#),
            format!(r#"{columns}, "data": [{rows}, null]"#),
            format!(r#"{columns}, "data": [{rows},]"#),
            format!(r#"{columns}, "data": [{rows}"#),
            format!(r#"{columns}, "data": [{rows}], "other": 1"#),
            columns.to_owned(),
            format!(r#""columns": ["a", "b", "d", "c"], "data": [{rows}]"#),
            format!(r#""columns": ["a", "b", "c"], "data": [{rows}]"#),
            format!(r#""columns": ["a", "b", "c", "d", "e"], "data": [{rows}]"#),
            format!(r#""columns": ["a", "b", "c", "\u0064"], "data": [{rows}]"#),
        ] {
            check(&format!(r#"{{"dataframe_split": {{{inside}}}}}"#));
        }
    }

    #[test]
    fn what_stands_around_a_plain_table_is_seen() {
        let inside = r#""columns": ["a", "b", "c", "d"], "data": [[1.5, 2.5, 3, 4]]"#;
        let table = format!(r#""dataframe_split": {{{inside}}}"#);
        for body in [
            format!("{{{table}}}"),
            format!("\u{FEFF} {{{table}}} \n"),
            format!("{{{table}}} 1"),
            format!("{{{table}}}}}"),
            format!("{{{table},}}"),
            format!("{{{table}"),
            format!(r#"{{{table}, "params": {{}}}}"#),
            format!(r#"{{"params": {{}}, {table}}}"#),
            format!(r#"{{{table}, "other": 1}}"#),
            format!("{{{table}, {table}}}"),
            format!(r#"{{{table}, "instances": [1]}}"#),
            format!(r#"{{"dataframe_splits": {{{inside}}}}}"#),
            format!(r#"[{{{table}}}]"#),
        ] {
            check(&body);
        }
    }

    proptest! {
        #[test]
        fn the_short_way_and_the_long_way_read_the_same(
            rows in prop::collection::vec(
                prop::collection::vec(select(&[
                    "1", "2", "-3", "0", "-0", "7", "12345678", "42", "0.1", "5.0", "72.36067977499789",
                    "1e5", "1e400", "2147483648", "9223372036854775808", "01", "null", "true", "NaN",
                    r#""1""#, "[]",
                ][..]), 4),
                0..6,
            ),
            odd in 0_usize..8,
            comma in select(&[",", ", ", " ,\n"][..]),
        ) {
            // Most rows are of what every column takes.
            let row = |(at, cells): (usize, &Vec<&str>)| {
                let plain = ["1.5", "2.5", "3", "4"];
                let cells = if at == odd { cells.clone() } else { plain.to_vec() };
                format!("[{}]", cells.join(comma))
            };
            let rows: Vec<String> = rows.iter().enumerate().map(row).collect();
            let body = format!(
                r#"{{"dataframe_split": {{"columns": ["a", "b", "c", "d"], "data": [{}]}}}}"#,
                rows.join(comma),
            );
            let [short, long] = both_ways(&body, COLUMNS);
            prop_assert_eq!(short, long, "{}", body);
        }
    }
}
