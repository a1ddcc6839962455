//! The table that most requests are: the columns of the signature in its order, and rows of
//! ordinary numbers. Read without looking anything up; the first row that is anything else hands
//! over to [`Table`](super::Table), which decides what it is.

use super::Data;
use super::elements::Elements;
use super::terms::Terms;
use crate::json::{self, Kind, Scanner};
use flowgate_core::{ColumnSpec, DataType, Form, NamedTensor, Schema, Signature, Tensor};
use std::collections::HashSet;

/// Rows of numbers under the columns of a signature.
pub(super) struct Plain<'s> {
    specs: &'s [ColumnSpec],
    columns: Vec<Numbers>,
    rows: usize,
}

/// One column.
pub(super) enum Numbers {
    F64(Vec<f64>),
    F32(Vec<f32>),
    I64(Vec<i64>),
    I32(Vec<i32>),
}

/// Rows that there is room for from the start.
const FEW: usize = 4;

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
        is_new && Numbers::new(spec.kind.datatype()).is_some()
    })
}

impl<'s> Plain<'s> {
    /// Reads a list of column names; `None`, with some of it read, where it is not the one of the
    /// signature.
    pub(super) fn header(scanner: &mut Scanner<'_>, terms: Terms<'s>) -> Option<Self> {
        let Some(Schema::Columns(specs)) = terms.inputs().filter(|_| terms.can_be_plain) else {
            return None;
        };
        for (place, spec) in specs.iter().enumerate() {
            let name = spec.name.as_deref()?;
            if !scanner.eat(if place == 0 { b'[' } else { b',' }) || !scanner.eat_text(name) {
                return None;
            }
        }
        scanner.eat(b']').then(|| Self {
            specs,
            columns: Vec::new(),
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
        self.columns.reserve_exact(self.specs.len());
        let kinds = self.specs.iter().map(|spec| spec.kind.datatype());
        self.columns.extend(kinds.filter_map(Numbers::new));
        let mut more = scanner.open_array()?;
        while more {
            let row = scanner.mark();
            if !self.row(scanner) {
                if self.rows == 0 {
                    scanner.rewind(start);
                    return Ok(Reached::Nothing);
                }
                scanner.rewind(row);
                let rows = self.rows;
                self.columns
                    .iter_mut()
                    .for_each(|column| column.truncate(rows));
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
        for column in &mut self.columns {
            if !scanner.eat(before) || !column.read(scanner) {
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

    /// The cells, a column each in the order of the signature.
    pub(super) fn into_columns(self) -> impl Iterator<Item = Elements> {
        self.columns.into_iter().map(Numbers::into_elements)
    }

    /// The table.
    pub(super) fn finish(self) -> Data {
        let columns = self.specs.iter().zip(self.columns).enumerate();
        let tensor = |(place, (spec, column)): (usize, (&ColumnSpec, Numbers))| {
            NamedTensor::new(spec.key(place), column.into_tensor())
        };
        Data {
            frame: columns.map(tensor).collect(),
            form: Form::Table,
            dropped: 0,
        }
    }
}

impl Numbers {
    /// No numbers of `datatype`; `None` for other types.
    #[inline]
    fn new(datatype: DataType) -> Option<Self> {
        match datatype {
            DataType::F64 => Some(Self::F64(Vec::with_capacity(FEW))),
            DataType::F32 => Some(Self::F32(Vec::with_capacity(FEW))),
            DataType::I64 => Some(Self::I64(Vec::with_capacity(FEW))),
            DataType::I32 => Some(Self::I32(Vec::with_capacity(FEW))),
            _ => None,
        }
    }

    /// Reads the next number, where it is an ordinary one.
    #[inline]
    fn read(&mut self, scanner: &mut Scanner<'_>) -> bool {
        match self {
            Self::F64(numbers) => scanner.plain_f64().map(|value| numbers.push(value)),
            Self::F32(numbers) => scanner.plain_f32().map(|value| numbers.push(value)),
            Self::I64(numbers) => scanner.plain_i64().map(|value| numbers.push(value)),
            Self::I32(numbers) => {
                let value = scanner.plain_i64().map(i32::try_from);
                value.and_then(Result::ok).map(|value| numbers.push(value))
            }
        }
        .is_some()
    }

    fn truncate(&mut self, rows: usize) {
        match self {
            Self::F64(numbers) => numbers.truncate(rows),
            Self::F32(numbers) => numbers.truncate(rows),
            Self::I64(numbers) => numbers.truncate(rows),
            Self::I32(numbers) => numbers.truncate(rows),
        }
    }

    #[inline]
    fn into_tensor(self) -> Tensor {
        match self {
            Self::F64(numbers) => numbers.into(),
            Self::F32(numbers) => numbers.into(),
            Self::I64(numbers) => numbers.into(),
            Self::I32(numbers) => numbers.into(),
        }
    }

    fn into_elements(self) -> Elements {
        match self {
            Self::F64(numbers) => Elements::F64(numbers),
            Self::F32(numbers) => Elements::F32(numbers),
            Self::I64(numbers) => Elements::I64(numbers),
            Self::I32(numbers) => Elements::I32(numbers),
        }
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
