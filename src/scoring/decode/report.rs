//! What was found wrong with a request, all of it before the answer.

use super::elements::{A_LIST, Wrong};
use crate::csv::CsvError;
use flowgate_core::{Code, Refusal, Stage, Violation};

/// The violations of one request. Values and shapes are told apart, since MLflow answers them
/// with different codes: wrong values come first there, and in the one answer here.
#[derive(Debug)]
pub(in crate::scoring) struct Report {
    values: Refusal,
    schema: Refusal,
    door: Door,
}

/// Under which key the data came: it decides when MLflow finds a wrong value, and so the code of
/// the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scoring) enum Door {
    /// A table: values are converted before anything else is looked at.
    Table,
    /// `inputs` or `instances`: the same, but a list in place of a value is found later.
    Arrays,
    /// A bare object: nothing is converted before the signature is enforced.
    Bare,
}

impl Report {
    pub(in crate::scoring) fn new(door: Door, listed: usize) -> Self {
        Self {
            door,
            values: Refusal::collect(Stage::Value, listed),
            schema: Refusal::collect(Stage::Schema, listed),
        }
    }

    /// A value that is not taken.
    #[cold]
    pub(super) fn wrong(&mut self, row: Option<usize>, column: &str, expected: &str, wrong: Wrong) {
        let mut violation = Violation::new(wrong.code, expected, wrong.got);
        violation.row = row;
        if !column.is_empty() {
            violation = violation.in_column(column);
        }
        violation.hint = wrong.hint;
        let late = match self.door {
            Door::Table => wrong.code == Code::BadShape,
            Door::Arrays => wrong.got == A_LIST,
            Door::Bare => true,
        };
        if late {
            self.schema.push(violation);
        } else {
            self.values.push(violation);
        }
    }

    /// A violation among the values that is not one value.
    #[cold]
    pub(super) fn value(&mut self, violation: Violation) {
        self.values.push(violation);
    }

    /// Something about names, counts or shapes.
    #[cold]
    pub(super) fn schema(&mut self, violation: Violation) {
        self.schema.push(violation);
    }

    /// Whether a value is not taken.
    pub(super) fn has_values(&self) -> bool {
        self.values.count > 0
    }

    /// One sentence for all that is wrong with names, counts and shapes.
    pub(super) fn schema_summary(&mut self, summary: impl Into<String>) {
        self.schema.summary.get_or_insert(summary.into());
    }

    /// `Ok` when nothing was found; else all of it, under the code of what MLflow finds first.
    pub(super) fn into_result(self) -> Result<(), Refusal> {
        match (self.values.count, self.schema.count) {
            (0, _) => self.schema.into_result(()),
            (_, 0) => self.values.into_result(()),
            _ => Err(self.values.and(self.schema)),
        }
    }
}

/// A refusal of the whole body.
pub(in crate::scoring) fn refuse(
    code: Code,
    expected: impl Into<String>,
    got: impl Into<String>,
) -> Refusal {
    Refusal::new(Stage::Body, Violation::new(code, expected, got))
}

/// A refusal of names or shapes in `words`.
pub(super) fn refuse_schema(code: Code, words: impl Into<String>, got: &str) -> Refusal {
    let violation = Violation::new(code, "what the signature declares", got);
    Refusal::new(Stage::Schema, violation).with_summary(words)
}

impl From<CsvError> for Refusal {
    fn from(error: CsvError) -> Self {
        let violation = Violation::new(Code::BadCsv, "comma-separated values", "something else");
        Self::new(Stage::Body, violation).with_summary(format!("the body is not CSV: {error}"))
    }
}
