//! One column of a table in the making.

use super::elements::{Elements, Wrong};
use super::infer::{Inferred, Origin};
use super::nested::{Nested, Place};
use super::report::Report;
use crate::json::{self, Kind, Scanner};
use flowgate_core::{
    Code, ColumnSpec, ColumnType, Data, DataType, NamedTensor, Scalar, StringsBuilder, Tensor,
    TensorSpec, Violation,
};
use std::sync::Arc;

/// A column: what is known of it, and the cells that were read.
pub(in crate::scoring) struct Column<'s> {
    about: About<'s>,
    /// Where the signature has it; without one, where the table has it.
    pub(super) place: usize,
    pub(in crate::scoring) cells: Cells<'s>,
}

/// What a column is called and must be: put into words only when something is wrong.
enum About<'s> {
    Column(&'s ColumnSpec),
    Tensor(Arc<str>, &'s TensorSpec),
    Inferred(Arc<str>),
}

impl About<'_> {
    fn name(&self, place: usize) -> Arc<str> {
        match self {
            Self::Column(spec) => match &spec.name {
                Some(name) => Arc::clone(name),
                None => place.to_string().into(),
            },
            Self::Tensor(name, _) | Self::Inferred(name) => Arc::clone(name),
        }
    }

    fn expected(&self) -> String {
        match self {
            Self::Column(spec) => format!("`{}`", spec.kind),
            Self::Tensor(_, spec) => format!("`{}`", spec.kind.name()),
            Self::Inferred(_) => "values of one type".to_owned(),
        }
    }
}

pub(in crate::scoring) enum Cells<'s> {
    /// One element a row.
    Typed(Elements),
    /// A list, an object or anything a row.
    Nested(Nested<'s>, Elements),
    /// One element or a flat list of as many as before, a row.
    Lists {
        elements: Elements,
        width: Option<Width>,
        rows: usize,
    },
    /// Whatever it turns out to be.
    Inferred(Inferred),
}

/// What the cells of a tensor's column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scoring) enum Width {
    /// One element.
    Scalar,
    /// A list of so many.
    List(usize),
}

/// The cells of a column that was read to its end.
pub(super) struct Finished {
    pub(super) name: Arc<str>,
    pub(super) place: usize,
    pub(super) data: Data,
    /// `None`: no row, so that it cannot be told.
    pub(super) width: Option<Width>,
}

impl<'s> Column<'s> {
    /// A column of a table whose signature has it as `spec` at `place`; the model may know
    /// [missing texts](super::Terms::missing_texts).
    #[inline]
    pub(super) fn declared(place: usize, spec: &'s ColumnSpec, missing_texts: bool) -> Self {
        let cells = match &spec.kind {
            ColumnType::Scalar(Scalar::String) if missing_texts && !spec.required => {
                Cells::Typed(Elements::Texts(StringsBuilder::new()))
            }
            ColumnType::Scalar(scalar) => Cells::Typed(Elements::new(scalar.datatype())),
            kind => Cells::Nested(
                Nested::new(kind, !spec.required || spec.kind == ColumnType::Any),
                Elements::new(DataType::Json),
            ),
        };
        Self {
            about: About::Column(spec),
            place,
            cells,
        }
    }

    /// A column of a table whose signature has tensors; `None` for types that no frame holds.
    pub(super) fn tensor(name: &str, place: usize, spec: &'s TensorSpec) -> Option<Self> {
        let elements = Elements::new(spec.kind.datatype()?);
        let cells = Cells::Lists {
            elements,
            width: None,
            rows: 0,
        };
        Some(Self {
            about: About::Tensor(name.into(), spec),
            place,
            cells,
        })
    }

    /// A column that nothing is declared of.
    pub(super) fn inferred(name: &str, place: usize, origin: Origin) -> Self {
        let cells = Cells::Inferred(Inferred::new(origin));
        Self {
            about: About::Inferred(name.into()),
            place,
            cells,
        }
    }

    /// The rows that were read.
    pub(in crate::scoring) fn rows(&self) -> usize {
        match &self.cells {
            Cells::Typed(elements) | Cells::Nested(_, elements) => elements.len(),
            Cells::Lists { rows, .. } => *rows,
            Cells::Inferred(inferred) => inferred.len(),
        }
    }

    /// Reads the next cell from JSON.
    #[inline]
    pub(in crate::scoring) fn json(
        &mut self,
        scanner: &mut Scanner<'_>,
        report: &mut Report,
    ) -> Result<(), json::Error> {
        // What tables are made of, first.
        if let Cells::Typed(elements) = &mut self.cells
            && elements.plain_number(scanner)
        {
            return Ok(());
        }
        let row = self.rows();
        let read = match &mut self.cells {
            Cells::Typed(elements) => elements.json(scanner)?,
            Cells::Nested(nested, elements) => {
                let column = self.about.name(self.place);
                let place = Place {
                    row,
                    column: &column,
                };
                nested.json(scanner, elements, &place, report)?;
                Ok(())
            }
            Cells::Lists {
                elements,
                width,
                rows,
            } => {
                *rows += 1;
                list_cell(elements, width, scanner)?
            }
            Cells::Inferred(inferred) => inferred.json(scanner)?,
        };
        self.tell(row, read, report);
        Ok(())
    }

    /// Reads the next cell from a field of a CSV file.
    pub(super) fn field(&mut self, text: &str, quoted: bool, report: &mut Report) {
        let row = self.rows();
        let read = match &mut self.cells {
            Cells::Typed(elements) => elements.field(text, quoted),
            Cells::Nested(_, elements) => {
                elements.pad();
                let hint = Some("send lists and objects as JSON");
                Err(Wrong {
                    hint,
                    ..Wrong::mismatch("a field of a CSV file")
                })
            }
            Cells::Lists {
                elements,
                width,
                rows,
            } => {
                *rows += 1;
                *width = Some(Width::Scalar);
                elements.field(text, quoted)
            }
            Cells::Inferred(inferred) => inferred.field(text, quoted),
        };
        self.tell(row, read, report);
    }

    /// The next cell is not there.
    pub(in crate::scoring) fn missing(&mut self, report: &mut Report) {
        let row = self.rows();
        let read = match &mut self.cells {
            Cells::Typed(elements) => elements.missing(),
            Cells::Nested(nested, elements) if nested.optional => elements.missing(),
            Cells::Nested(_, elements) => {
                elements.pad();
                Err(Wrong::null())
            }
            Cells::Lists {
                elements,
                width,
                rows,
            } => {
                *rows += 1;
                list_gap(elements, width)
            }
            Cells::Inferred(inferred) => {
                inferred.missing();
                Ok(())
            }
        };
        self.tell(row, read, report);
    }

    /// A placeholder for the next cell, whose absence was told already.
    pub(in crate::scoring) fn pad(&mut self) {
        match &mut self.cells {
            Cells::Typed(elements) | Cells::Nested(_, elements) => elements.pad(),
            Cells::Lists { rows, .. } => *rows += 1,
            Cells::Inferred(inferred) => inferred.missing(),
        }
    }

    /// The cells; what is wrong with all of them together is told.
    #[inline]
    pub(super) fn finish(self, report: &mut Report) -> Finished {
        let Self {
            about,
            place,
            cells,
        } = self;
        let name = about.name(place);
        let (data, width) = match cells {
            Cells::Typed(elements) | Cells::Nested(_, elements) => {
                (elements.finish(), Some(Width::Scalar))
            }
            Cells::Lists {
                elements, width, ..
            } => (elements.finish(), width),
            Cells::Inferred(inferred) => {
                let data = inferred.finish(|row, wrong| {
                    report.wrong(Some(row), &name, &about.expected(), wrong);
                });
                (data, Some(Width::Scalar))
            }
        };
        Finished {
            name,
            place,
            data,
            width,
        }
    }

    /// The cells as a tensor of one dimension.
    pub(super) fn into_tensor(self, report: &mut Report) -> NamedTensor {
        let finished = self.finish(report);
        NamedTensor::new(finished.name, Tensor::column(finished.data))
    }

    #[inline]
    pub(in crate::scoring) fn tell(
        &self,
        row: usize,
        read: Result<(), Wrong>,
        report: &mut Report,
    ) {
        if let Err(wrong) = read {
            let name = self.about.name(self.place);
            report.wrong(Some(row), &name, &self.about.expected(), wrong);
        }
    }

    /// A row that is not as long as the others.
    pub(super) fn ragged(row: usize, expected: usize, found: usize) -> Violation {
        Violation::new(
            Code::BadShape,
            format!("{expected} values"),
            found.to_string(),
        )
        .at_row(row)
    }
}

/// One element, or a flat list of as many as the cells before have.
fn list_cell(
    elements: &mut Elements,
    width: &mut Option<Width>,
    scanner: &mut Scanner<'_>,
) -> super::elements::Read {
    let kind = scanner.peek()?;
    if kind == Kind::Null {
        scanner.null()?;
        return Ok(list_gap(elements, width));
    }
    if kind != Kind::Array {
        let read = elements.json(scanner)?;
        return Ok(read.and(same(width, Width::Scalar)));
    }
    let (mut count, mut read) = (0, Ok(()));
    let mut more = scanner.open_array()?;
    while more {
        read = read.and(elements.json(scanner)?);
        count += 1;
        more = scanner.next_item()?;
    }
    Ok(read.and(same(width, Width::List(count))))
}

/// A cell that is not there: a missing element, where cells are not lists.
fn list_gap(elements: &mut Elements, width: &mut Option<Width>) -> Result<(), Wrong> {
    match width.get_or_insert(Width::Scalar) {
        Width::Scalar => elements.missing(),
        Width::List(length) => {
            (0..*length).for_each(|_| elements.pad());
            Err(Wrong::null())
        }
    }
}

pub(in crate::scoring) fn same(width: &mut Option<Width>, found: Width) -> Result<(), Wrong> {
    if *width.get_or_insert(found) == found {
        return Ok(());
    }
    Err(Wrong::new(
        Code::BadShape,
        "a list of another length than those before",
    ))
}
