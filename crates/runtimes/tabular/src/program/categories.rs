//! Names of categories to their codes.

use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::program::{Categories, Precision, Unknown};
use flowgate_core::{Data, Tensor};
use std::collections::HashMap;

/// The code of every name.
pub(super) struct Codes {
    texts: HashMap<String, u32>,
    numbers: HashMap<i64, u32>,
    unknown: Unknown,
    codes: Precision,
}

impl Codes {
    /// The codes of `categories`, whose names are known to be unlike.
    pub(super) fn new(categories: &Categories) -> Self {
        let mut codes = Self {
            texts: HashMap::new(),
            numbers: HashMap::new(),
            unknown: categories.unknown,
            codes: categories.codes,
        };
        match categories.names.data() {
            Data::Str(names) => {
                let coded = names.iter().map(str::to_owned).zip(0..);
                codes.texts.extend(coded);
            }
            Data::I64(names) => codes.numbers.extend(names.iter().copied().zip(0..)),
            _ => {}
        }
        codes
    }

    fn code(&self, row: usize, found: Option<u32>) -> Result<f64, Fault> {
        match (found, self.unknown) {
            (Some(code), _) => Ok(f64::from(code)),
            (None, Unknown::Missing) => Ok(f64::NAN),
            (None, Unknown::Refuse) => {
                let count = self.texts.len() + self.numbers.len();
                Err(Fault::refused(format!(
                    "row {row}: expected one of the {count} categories of the model, got another"
                )))
            }
        }
    }
}

impl Operator for Codes {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let codes: Result<Vec<f64>, Fault> = match read.data() {
            Data::Str(cells) => {
                let code = |(row, cell): (usize, Option<&str>)| match cell {
                    Some(cell) => self.code(row, self.texts.get(cell).copied()),
                    None => Ok(f64::NAN),
                };
                cells.options().enumerate().map(code).collect()
            }
            Data::I64(cells) => {
                let code = |(row, cell)| self.code(row, self.numbers.get(cell).copied());
                cells.iter().enumerate().map(code).collect()
            }
            other => {
                let found = other.datatype();
                return Err(Fault::failed(format!(
                    "`{found}` are no names of categories"
                )));
            }
        };
        let data = match self.codes {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "codes are small whole numbers"
            )]
            Precision::F32 => Data::from(
                codes?
                    .into_iter()
                    .map(|code| code as f32)
                    .collect::<Vec<_>>(),
            ),
            Precision::F64 => Data::from(codes?),
        };
        Ok(one(Tensor::new(read.shape(), data)?))
    }
}
