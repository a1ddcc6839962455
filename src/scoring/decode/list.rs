//! Lists of lists as one tensor of any number of dimensions.

use super::elements::{Elements, Read};
use super::infer::{Inferred, Origin};
use super::report::Report;
use crate::json::{self, Kind, Scanner};
use flowgate_core::{Code, DataType, Shape, Tensor, TensorSpec, TensorType, Violation};
use std::sync::Arc;

/// A tensor in the making.
pub(super) struct Lists {
    name: Arc<str>,
    kind: Option<TensorType>,
    elements: Either,
    /// Sizes found so far, outermost first.
    shape: Vec<Option<usize>>,
    /// The number of dimensions, once an element was seen.
    rank: Option<usize>,
    ragged: bool,
    /// The sizes that are declared, for what an empty list leaves open.
    declared: Vec<Option<usize>>,
    /// The place along the first dimension.
    row: usize,
}

enum Either {
    Typed(Elements),
    Inferred(Inferred),
}

impl Lists {
    /// A tensor of `datatype` that `spec` declares.
    pub(super) fn declared(spec: &TensorSpec, datatype: DataType) -> Self {
        let mut lists = Self::new(spec.key(), Either::Typed(Elements::new(datatype)));
        lists.kind = Some(spec.kind);
        lists.declared.clone_from(&spec.shape);
        lists
    }

    /// A tensor called `name` that nothing is declared of.
    pub(super) fn inferred(name: &str) -> Self {
        Self::new(name.into(), Either::Inferred(Inferred::new(Origin::List)))
    }

    fn new(name: Arc<str>, elements: Either) -> Self {
        Self {
            name,
            kind: None,
            elements,
            shape: Vec::new(),
            rank: None,
            ragged: false,
            declared: Vec::new(),
            row: 0,
        }
    }

    /// Reads the whole tensor.
    pub(super) fn whole(
        &mut self,
        scanner: &mut Scanner<'_>,
        report: &mut Report,
    ) -> Result<(), json::Error> {
        self.value(0, scanner, report)
    }

    /// Reads the next entry along the first dimension, which is in an object of its own.
    pub(super) fn entry(
        &mut self,
        scanner: &mut Scanner<'_>,
        report: &mut Report,
    ) -> Result<(), json::Error> {
        if self.shape.is_empty() {
            self.shape.push(None);
        }
        self.value(1, scanner, report)?;
        self.row += 1;
        Ok(())
    }

    fn expected(&self) -> String {
        match self.kind {
            Some(kind) => format!("`{}`", kind.name()),
            None => "values of one type".to_owned(),
        }
    }

    fn value(
        &mut self,
        level: usize,
        scanner: &mut Scanner<'_>,
        report: &mut Report,
    ) -> Result<(), json::Error> {
        if scanner.peek()? != Kind::Array {
            match self.rank {
                None => self.rank = Some(level),
                Some(rank) if rank == level => {}
                Some(_) => self.ragged = true,
            }
            let read = self.elements.json(scanner)?;
            if let Err(wrong) = read {
                let row = (level > 0).then_some(self.row);
                report.wrong(row, &self.name, &self.expected(), wrong);
            }
            return Ok(());
        }
        if self.shape.len() <= level {
            self.shape.resize(level + 1, None);
        }
        let mut count = 0;
        let mut more = scanner.open_array()?;
        while more {
            if level == 0 {
                self.row = count;
            }
            if !self.plain(level + 1, scanner) {
                self.value(level + 1, scanner, report)?;
            }
            count += 1;
            more = scanner.next_item()?;
        }
        self.ragged |= *self.shape[level].get_or_insert(count) != count;
        Ok(())
    }

    /// Reads an ordinary number where elements are expected; `false`: nothing was read.
    #[inline]
    fn plain(&mut self, level: usize, scanner: &mut Scanner<'_>) -> bool {
        match &mut self.elements {
            Either::Typed(elements) if self.rank == Some(level) => elements.plain_number(scanner),
            _ => false,
        }
    }

    /// The tensor; raggedness and, without a declaration, mixed types are told.
    pub(super) fn finish(mut self, report: &mut Report) -> Option<Tensor> {
        if self.row > 0 && self.shape.first() == Some(&None) {
            self.shape[0] = Some(self.row);
        }
        let rank = self.rank.unwrap_or(self.shape.len());
        if self.ragged || self.shape.len() != rank {
            let shape = Violation::new(
                Code::BadShape,
                "lists of one length at each level",
                "others",
            );
            report.value(if self.name.is_empty() {
                shape
            } else {
                shape.in_column(&*self.name)
            });
            return None;
        }
        let empty = self.elements.len() == 0;
        let mut shape: Shape = self.shape.iter().map(|size| size.unwrap_or(0)).collect();
        // Nothing was sent: what an empty list cannot say is as declared.
        if empty && shape.contains(&0) && shape.len() < self.declared.len() {
            let rest = &self.declared[shape.len()..];
            shape.extend(rest.iter().map(|size| size.unwrap_or(0)));
        }
        let expected = self.expected();
        let data = match self.elements {
            Either::Typed(elements) => elements.finish(),
            Either::Inferred(inferred) => inferred.finish(|_, wrong| {
                report.wrong(None, &self.name, &expected, wrong);
            }),
        };
        Tensor::new(shape, data).ok()
    }
}

impl Either {
    fn json(&mut self, scanner: &mut Scanner<'_>) -> Read {
        match self {
            Self::Typed(elements) => elements.json(scanner),
            Self::Inferred(inferred) => inferred.json(scanner),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Typed(elements) => elements.len(),
            Self::Inferred(inferred) => inferred.len(),
        }
    }
}
