//! A table in the making: which columns count, and rows of any form.

use super::column::{Cells, Column, Finished};
use super::infer::Origin;
use super::missing;
use super::names::{Declared, Names};
use super::plain::Plain;
use super::report::{Report, refuse};
use super::tensors;
use super::terms::{ExtraColumns, Terms};
use crate::csv::Field;
use crate::json::{Kind, Scanner};
use flowgate_core::{Code, ColumnSpec, Form, Frame, Refusal, Schema, TensorSpec, Violation};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::iter;

/// Columns and rows so far.
pub(in crate::scoring) struct Table<'s, 'b> {
    inputs: Inputs<'s>,
    extra_columns: ExtraColumns,
    /// Whether optional columns of texts may have gaps.
    pub(super) missing_texts: bool,
    declared: Declared<'s>,
    origin: Origin,
    columns: Vec<Column<'s>>,
    /// Every name in order of appearance, also of those that are dropped.
    names: Names<'b>,
    /// What became of each of the names.
    uses: SmallVec<[Use; 8]>,
    /// Whether a header named the columns, so that others do not count.
    closed: bool,
    rows: usize,
    /// Cells that nobody sent.
    gaps: usize,
    /// What the first row was.
    kind: Option<Kind>,
    /// Whether whole columns of unlike lengths were sent.
    ragged: bool,
}

#[derive(Clone, Copy)]
enum Inputs<'s> {
    Nothing,
    Columns(&'s [ColumnSpec]),
    Tensors(&'s [TensorSpec]),
}

struct Use {
    /// Which of the columns; `None` when it is dropped.
    column: Option<usize>,
    /// The last row that had it, from 1.
    seen: usize,
}

/// The most cells that are made up where rows have unlike keys: a short body could ask for any
/// number of them.
const GAPS: usize = 1 << 24;

impl<'s, 'b> Table<'s, 'b> {
    pub(in crate::scoring) fn new(terms: Terms<'s>, origin: Origin) -> Self {
        let inputs = terms.inputs();
        let declared = Declared::new(inputs);
        let inputs = match inputs {
            None => Inputs::Nothing,
            Some(Schema::Columns(columns)) => Inputs::Columns(columns),
            Some(Schema::Tensors(tensors)) => Inputs::Tensors(tensors),
        };
        Self {
            inputs,
            extra_columns: terms.extra_columns,
            missing_texts: terms.missing_texts,
            declared,
            origin,
            columns: Vec::new(),
            names: Names::default(),
            uses: SmallVec::new(),
            closed: false,
            rows: 0,
            gaps: 0,
            kind: None,
            ragged: false,
        }
    }

    /// Adds the columns that a header names; one that is there twice is told.
    pub(in crate::scoring) fn header(
        &mut self,
        names: impl IntoIterator<Item = Cow<'b, str>>,
        report: &mut Report,
    ) {
        for name in names {
            self.named(name, report);
        }
        self.close();
    }

    /// Adds a column that a header names.
    pub(super) fn named(&mut self, name: Cow<'b, str>, report: &mut Report) {
        if self.names.find(&name, usize::MAX).is_some() {
            report.schema(twice_there(&name));
        }
        self.add(name, report);
    }

    /// Ends a header: whatever it did not name does not count.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Takes over rows that were read the short way, under a header that is the signature's.
    pub(super) fn adopt(&mut self, plain: Plain<'s>) {
        self.rows = plain.len();
        self.kind = Some(Kind::Array);
        for (column, elements) in self.columns.iter_mut().zip(plain.into_elements()) {
            column.cells = Cells::Typed(elements);
        }
    }

    /// Adds a column, with the rows so far missing.
    fn add(&mut self, name: Cow<'b, str>, report: &mut Report) -> usize {
        let position = self.names.len();
        let before = self.columns.len();
        if before == 0 {
            self.columns.reserve(self.declared.len());
        }
        self.push_column(&name, position);
        let column = (self.columns.len() > before).then_some(before);
        if let Some(column) = self.columns.get_mut(before)
            && self.rows > 0
        {
            (0..self.rows).for_each(|_| column.missing(report));
            self.gaps += self.rows;
        }
        self.uses.push(Use { column, seen: 0 });
        self.names.push(name)
    }

    /// Adds the column called `name`, the one at `position` of the table, where it counts.
    #[inline]
    fn push_column(&mut self, name: &str, position: usize) {
        match self.inputs {
            Inputs::Nothing => {
                let column = Column::inferred(name, position, self.origin);
                self.columns.push(column);
            }
            Inputs::Columns(specs) => {
                if let Some(place) = self.declared.find(name, position) {
                    // Made where it stays: a column is large.
                    let column = || Column::declared(place, &specs[place], self.missing_texts);
                    self.columns.extend(iter::once_with(column));
                }
            }
            // One tensor without a name takes all columns side by side.
            Inputs::Tensors([spec]) if spec.name.is_none() => {
                self.columns.extend(Column::tensor(name, position, spec));
            }
            Inputs::Tensors(specs) => {
                if let Some(place) = self.declared.find(name, position) {
                    self.columns
                        .extend(Column::tensor(name, place, &specs[place]));
                }
            }
        }
    }

    /// Reads one row: an object of cells by name, or a list of cells by position.
    pub(super) fn row(
        &mut self,
        scanner: &mut Scanner<'b>,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        let kind = scanner.peek()?;
        let first = *self.kind.get_or_insert(kind);
        match kind {
            Kind::Object if first == kind => self.object_row(scanner, report),
            Kind::Array if first == kind => self.list_row(scanner, report),
            kind => {
                scanner.skip_value()?;
                let got = match kind {
                    Kind::Null => "a null",
                    Kind::Array => "a list",
                    Kind::Object => "an object",
                    _ => "a single value",
                };
                let violation =
                    Violation::new(Code::TypeMismatch, "lists or objects, all rows alike", got);
                report.value(violation.at_row(self.rows));
                self.pad_row();
                Ok(())
            }
        }
    }

    fn object_row(
        &mut self,
        scanner: &mut Scanner<'b>,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        let mut next = 0;
        let mut more = scanner.open_object()?;
        while more {
            let key = scanner.key()?;
            // Most rows have their cells in the order of the first.
            let place = match self.names.find(&key, next) {
                Some(place) => Some(place),
                None if self.closed => None,
                None => Some(self.add(key.clone(), report)),
            };
            let column = match place {
                None => None,
                Some(place) => {
                    next = place + 1;
                    let column = &mut self.uses[place];
                    let twice = column.seen > self.rows;
                    column.seen = self.rows + 1;
                    if twice {
                        report.schema(twice_there(&key).at_row(self.rows));
                    }
                    column.column.filter(|_| !twice)
                }
            };
            match column {
                Some(column) => self.columns[column].json(scanner, report)?,
                None => scanner.skip_value()?,
            }
            more = scanner.next_member()?;
        }
        self.rows += 1;
        for column in self
            .columns
            .iter_mut()
            .filter(|column| column.rows() < self.rows)
        {
            column.missing(report);
            self.gaps += 1;
        }
        if self.gaps > GAPS {
            return Err(refuse(
                Code::BadShape,
                "rows with the same keys",
                "too many missing cells",
            ));
        }
        Ok(())
    }

    fn list_row(&mut self, scanner: &mut Scanner<'b>, report: &mut Report) -> Result<(), Refusal> {
        let is_first = self.rows == 0 && !self.closed;
        let mut cells = 0;
        let mut more = scanner.open_array()?;
        while more {
            if is_first {
                self.add(cells.to_string().into(), report);
            }
            match self.uses.get(cells).map(|name| name.column) {
                Some(Some(column)) => self.columns[column].json(scanner, report)?,
                _ => scanner.skip_value()?,
            }
            cells += 1;
            more = scanner.next_item()?;
        }
        if cells != self.names.len() {
            report.value(Column::ragged(self.rows, self.names.len(), cells));
        }
        self.pad_row();
        Ok(())
    }

    /// Reads one record of a CSV file.
    pub(super) fn record(&mut self, fields: &[Field<'_>], report: &mut Report) {
        if fields.len() != self.names.len() {
            report.value(Column::ragged(self.rows, self.names.len(), fields.len()));
        }
        for (name, field) in self.uses.iter().zip(fields) {
            if let Some(column) = name.column {
                self.columns[column].field(&field.text, field.quoted, report);
            }
        }
        self.pad_row();
    }

    /// Ends a row: cells whose absence was told get a placeholder.
    fn pad_row(&mut self) {
        self.rows += 1;
        for column in self
            .columns
            .iter_mut()
            .filter(|column| column.rows() < self.rows)
        {
            column.pad();
        }
    }

    /// Reads one row that is a single cell, of the column at position 0.
    pub(super) fn cell(
        &mut self,
        scanner: &mut Scanner<'b>,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        if self.names.len() == 0 {
            self.add("0".into(), report);
        }
        match self.uses[0].column {
            Some(column) => self.columns[column].json(scanner, report)?,
            None => scanner.skip_value()?,
        }
        self.rows += 1;
        Ok(())
    }

    /// Reads an object whose members are whole columns, lists of cells; all must be as long as
    /// the longest. Where the columns are known already, others are dropped and absent ones are
    /// missing in every row.
    pub(super) fn columns(
        &mut self,
        scanner: &mut Scanner<'b>,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        let mut lengths = Vec::new();
        let mut more = scanner.open_object()?;
        while more {
            let key = scanner.key()?;
            let place = match self.names.find(&key, lengths.len()) {
                Some(place) => Some(place),
                None if self.closed => None,
                None => Some(self.add(key.clone(), report)),
            };
            if let Some(place) = place {
                let column = &mut self.uses[place];
                if column.seen > 0 {
                    return Err(scanner.duplicate(key).into());
                }
                column.seen = 1;
            }
            let column = place.and_then(|place| self.uses[place].column);
            let length = self.column_cells(column, scanner, report)?;
            if place.is_some() {
                lengths.push(length);
            }
            more = scanner.next_member()?;
        }
        self.rows = lengths.iter().copied().max().unwrap_or(0);
        self.ragged = lengths.iter().any(|length| *length != self.rows);
        if self.ragged {
            report.schema(Violation::new(
                Code::BadShape,
                "columns of one length",
                "others",
            ));
            report.schema_summary("All arrays must be of the same length");
        }
        let unlike = self
            .columns
            .iter()
            .filter(|column| column.rows() < self.rows)
            .count();
        if self.rows.saturating_mul(unlike) > GAPS {
            return Err(refuse(
                Code::BadShape,
                "columns of one length",
                "too many missing cells",
            ));
        }
        for column in &mut self.columns {
            let absent = column.rows() == 0;
            while column.rows() < self.rows {
                if absent {
                    column.missing(report)
                } else {
                    column.pad()
                }
            }
        }
        Ok(())
    }

    fn column_cells(
        &mut self,
        column: Option<usize>,
        scanner: &mut Scanner<'b>,
        report: &mut Report,
    ) -> Result<usize, Refusal> {
        if scanner.peek()? != Kind::Array {
            scanner.skip_value()?;
            report.value(Violation::new(
                Code::TypeMismatch,
                "a list of cells a column",
                "another value",
            ));
            return Ok(0);
        }
        let mut length = 0;
        let mut more = scanner.open_array()?;
        while more {
            match column {
                Some(column) => self.columns[column].json(scanner, report)?,
                None => scanner.skip_value()?,
            }
            length += 1;
            more = scanner.next_item()?;
        }
        Ok(length)
    }

    /// Adds the cells of `rows` rows by calling `fill` with each column that counts and its place
    /// in the header; it must add so many.
    ///
    /// # Errors
    /// The first error of `fill`.
    pub(in crate::scoring) fn whole<E>(
        &mut self,
        rows: usize,
        mut fill: impl FnMut(usize, &mut Column<'s>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.rows = rows;
        for (place, name) in self.uses.iter().enumerate() {
            if let Some(column) = name.column {
                fill(place, &mut self.columns[column])?;
            }
        }
        Ok(())
    }

    /// Whether whole columns of unlike lengths were sent.
    pub(super) fn is_ragged(&self) -> bool {
        self.ragged
    }

    /// The rows so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The table as the signature has it, columns in its order; and how many columns were dropped
    /// and are to be told.
    pub(super) fn finish(self, mut report: Report) -> Result<(Frame, Form, usize), Refusal> {
        let dropped = self
            .uses
            .iter()
            .enumerate()
            .filter(|(_, name)| name.column.is_none());
        let extra: Vec<&str> = dropped
            .filter_map(|(place, _)| self.names.get(place))
            .collect();
        let mut columns = self.columns;
        if !columns.is_sorted_by_key(|column| column.place) {
            columns.sort_by_key(|column| column.place);
        }
        // Rows of another kind name no columns: what is missing cannot be told.
        let unread = self.names.len() == 0 && report.has_values();
        let places = columns.iter().map(|column| column.place);
        match self.inputs {
            Inputs::Nothing => {}
            _ if unread => {}
            Inputs::Columns(specs) => missing::columns(specs, places, &extra, &mut report),
            Inputs::Tensors(specs) => tensors::missing(specs, places, &extra, &mut report),
        }
        let dropped = self.extra_columns.settle(&extra, &mut report);
        if let Inputs::Tensors(specs) = self.inputs {
            let columns = columns.into_iter().map(|column| column.finish(&mut report));
            let columns: Vec<Finished> = columns.collect();
            report.into_result()?;
            let (frame, form) = tensors::finish(specs, columns, self.rows)?;
            return Ok((frame, form, dropped));
        }
        let column = |column: Column<'s>| column.into_tensor(&mut report);
        let frame = columns.into_iter().map(column).collect();
        report.into_result()?;
        Ok((frame, Form::Table, dropped))
    }
}

/// A column that is there twice.
fn twice_there(name: &str) -> Violation {
    Violation::new(Code::DuplicateColumn, "each column once", "a column twice").in_column(name)
}
