//! Refusals: why a request's data is not used, without repeating the data.
//!
//! A refusal lists places and kinds from closed lists, never a value that was sent.

use crate::ErrorKind;
use std::fmt;

/// Why a request was refused: all that was found, the first of them in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What stage found it; decides the error code on the wire.
    pub stage: Stage,
    /// The first violations in the order they were found, as many as are listed.
    pub violations: Vec<Violation>,
    /// How many there are in all.
    pub count: usize,
    /// One sentence that says it all where a list of places cannot (MLflow's own words for a
    /// missing input, for instance); `None`: made from the first violation.
    pub summary: Option<String>,
    /// How many violations are listed at most.
    listed: usize,
}

/// Where in the reading of a request a refusal arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The text of the body: encoding, syntax, the top-level fields.
    Body,
    /// A body that is no table of the kind that was announced, as MLflow's readers of CSV and
    /// Parquet have it.
    File,
    /// A value that cannot be taken for its declared type.
    Value,
    /// Names, shapes and counts against the signature.
    Schema,
    /// The params.
    Params,
    /// The model: data that passed the checks and that it cannot take.
    Model,
}

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The row, from 0; `None` where no row is meant.
    pub row: Option<usize>,
    /// The column, tensor, param or field, with a path inside it (`tags[2]`, `address.zip`).
    pub column: Option<String>,
    /// What is wrong.
    pub code: Code,
    /// What the signature or the format asks for.
    pub expected: String,
    /// What kind of thing was there instead.
    pub got: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// What is wrong, from a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// Not text in UTF-8.
    BadEncoding,
    /// Not JSON.
    BadJson,
    /// Not CSV.
    BadCsv,
    /// Not a Parquet file, or one with something in it that is not read here.
    BadParquet,
    /// Not a stream in Arrow's inter-process format, or one that is not read here.
    BadArrow,
    /// One key twice in one object.
    DuplicateKey,
    /// One column twice.
    DuplicateColumn,
    /// A top-level field that nobody reads.
    UnknownField,
    /// No field, or more than one, that holds the data.
    MissingField,
    /// Nested deeper than any table or tensor of this signature.
    TooDeep,
    /// A required column, tensor or property is not there.
    MissingColumn,
    /// A column or property that the signature does not have.
    UnknownColumn,
    /// A value of another type.
    TypeMismatch,
    /// A number with a fraction where a whole one is asked for.
    NotInteger,
    /// A number, or a date, outside of the type's range.
    OutOfRange,
    /// A null in a column that takes none.
    NullNotAllowed,
    /// Text that is not Unicode (lone surrogates).
    BadText,
    /// Not standard base64 with padding.
    BadBase64,
    /// Not an ISO 8601 date or date-time.
    BadDatetime,
    /// A number where a date is asked for: seconds, milliseconds or nanoseconds?
    AmbiguousUnit,
    /// Rows, lists or tensors of another length than asked for.
    BadShape,
}

impl Code {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadEncoding => "bad_encoding",
            Self::BadJson => "bad_json",
            Self::BadCsv => "bad_csv",
            Self::BadParquet => "bad_parquet",
            Self::BadArrow => "bad_arrow",
            Self::DuplicateKey => "duplicate_key",
            Self::DuplicateColumn => "duplicate_column",
            Self::UnknownField => "unknown_field",
            Self::MissingField => "missing_field",
            Self::TooDeep => "too_deep",
            Self::MissingColumn => "missing_column",
            Self::UnknownColumn => "unknown_column",
            Self::TypeMismatch => "type_mismatch",
            Self::NotInteger => "not_integer",
            Self::OutOfRange => "out_of_range",
            Self::NullNotAllowed => "null_not_allowed",
            Self::BadText => "bad_text",
            Self::BadBase64 => "bad_base64",
            Self::BadDatetime => "bad_datetime",
            Self::AmbiguousUnit => "ambiguous_unit",
            Self::BadShape => "bad_shape",
        }
    }
}

impl Violation {
    /// A violation of `code`: `expected` was asked for and `got` was there.
    pub fn new(code: Code, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            row: None,
            column: None,
            code,
            expected: expected.into(),
            got: got.into(),
            hint: None,
        }
    }

    /// In row `row`, counted from 0.
    #[must_use]
    pub fn at_row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// In `column`, of whose name the first [`SHOWN`] characters are kept: it may come from the
    /// body and be as long as that.
    #[must_use]
    pub fn in_column(mut self, column: impl AsRef<str>) -> Self {
        self.column = Some(clipped(column.as_ref()).to_owned());
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// Characters of a name that came with a request and is shown again.
pub const SHOWN: usize = 100;

/// As much of `name` as is shown.
pub fn clipped(name: &str) -> &str {
    let end = name.char_indices().nth(SHOWN).map(|(end, _)| end);
    end.map_or(name, |end| &name[..end])
}

impl Refusal {
    /// How many violations an answer lists, where nobody asks for the whole report.
    pub const LISTED: usize = 20;

    /// A refusal for one reason.
    pub fn new(stage: Stage, violation: Violation) -> Self {
        Self {
            stage,
            violations: vec![violation],
            count: 1,
            summary: None,
            listed: 1,
        }
    }

    /// A refusal in `words` that says it all; nothing is listed.
    pub fn said(stage: Stage, words: impl Into<String>) -> Self {
        Self {
            stage,
            violations: Vec::new(),
            listed: Self::LISTED,
            count: 1,
            summary: Some(words.into()),
        }
    }

    /// An empty collection that lists at most `listed` violations; [`Refusal::into_result`] tells
    /// whether anything was added.
    pub fn collect(stage: Stage, listed: usize) -> Self {
        Self {
            stage,
            violations: Vec::new(),
            count: 0,
            summary: None,
            listed,
        }
    }

    /// Adds a violation: counted always, listed while there is room.
    pub fn push(&mut self, violation: Violation) {
        self.count += 1;
        if self.violations.len() < self.listed {
            self.violations.push(violation);
        }
    }

    /// With what `other` has, behind its own: stage and sentence stay those of the first. As many
    /// are listed as either may list.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.listed = self.listed.max(other.listed);
        let room = self.listed.saturating_sub(self.violations.len());
        self.violations
            .extend(other.violations.into_iter().take(room));
        self.count += other.count;
        self
    }

    /// `Ok` with `value` when nothing was added.
    ///
    /// # Errors
    /// This refusal, when something was added.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.count == 0 {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// With one sentence in place of the one made from the first violation.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Always the request's fault.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

impl fmt::Display for Violation {
    /// The place and what is wrong: "row 0, column `age` wants `long`, got a string".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, &self.column) {
            (Some(row), Some(column)) => write!(f, "row {row}, column `{column}` ")?,
            (Some(row), None) => write!(f, "row {row} ")?,
            (None, Some(column)) => write!(f, "column `{column}` ")?,
            (None, None) => {}
        }
        write!(f, "wants {}, got {}", self.expected, self.got)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(summary) = &self.summary {
            return f.write_str(summary);
        }
        match self.violations.first() {
            None => f.write_str("the request was refused"),
            Some(only) if self.count == 1 => match self.stage {
                Stage::Body | Stage::File | Stage::Params | Stage::Model => write!(f, "{only}"),
                Stage::Value | Stage::Schema => {
                    write!(f, "1 value does not fit the signature: {only}")
                }
            },
            Some(first) => {
                write!(
                    f,
                    "{} values do not fit the signature; first: {first}",
                    self.count
                )
            }
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_clipped_between_characters() {
        let long = "ä".repeat(SHOWN + 1);
        assert_eq!(clipped(&long), "ä".repeat(SHOWN));
        assert_eq!(clipped("short"), "short");
        let violation = Violation::new(Code::TypeMismatch, "`long`", "a list").in_column(&long);
        assert_eq!(violation.column, Some("ä".repeat(SHOWN)));
    }

    #[test]
    fn the_message_counts_all_and_shows_the_first() {
        let mut refusal = Refusal::collect(Stage::Value, Refusal::LISTED);
        for row in 0..30 {
            refusal.push(
                Violation::new(Code::NotInteger, "`long`", "a number with a fraction")
                    .at_row(row)
                    .in_column("age"),
            );
        }
        assert_eq!(
            (refusal.count, refusal.violations.len()),
            (30, Refusal::LISTED)
        );
        assert_eq!(
            refusal.to_string(),
            "30 values do not fit the signature; first: row 0, column `age` wants `long`, got a \
             number with a fraction"
        );
    }

    #[test]
    fn two_refusals_are_told_as_one_within_the_room_of_the_larger() {
        let mismatch = || Violation::new(Code::TypeMismatch, "`long`", "a string");
        let collected = |stage, listed, count| {
            let mut refusal = Refusal::collect(stage, listed);
            (0..count).for_each(|row| refusal.push(mismatch().at_row(row)));
            refusal
        };
        let both = collected(Stage::Params, 3, 2).and(collected(Stage::Schema, 3, 5));
        let rows: Vec<_> = both.violations.iter().map(|found| found.row).collect();
        assert_eq!(rows, [Some(0), Some(1), Some(0)]);
        assert_eq!((both.stage, both.count), (Stage::Params, 7));
        let one = Refusal::new(Stage::Params, mismatch());
        let both = one.and(collected(Stage::Value, 3, 2));
        assert_eq!((both.violations.len(), both.count), (3, 3));
    }
}
