//! `OneHotEncoder`: a column for every category, 1 where a cell is of it.

use super::super::rows::{expect_type, product};
use super::index::{ABSENT, Numbers, Place, Texts, Twice};
use crate::data::tensor;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape};
use flowgate_onnx::AI_ONNX_ML;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[Entry {
    domain: AI_ONNX_ML,
    op_type: "OneHotEncoder",
    versions: (1, 5),
    lower: one_hot_encoder,
    limits: "32-bit integers",
}];

struct OneHotEncoder {
    categories: Categories,
    /// How many there are, equal ones counted.
    count: usize,
    /// Whether a cell without a category is all zeros, and not refused.
    zeros: bool,
}

enum Categories {
    Ints(Numbers),
    Texts(Texts),
}

fn one_hot_encoder(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let types = [DataType::Str, DataType::I64, DataType::F32, DataType::F64];
    expect_type(node, 0, &types)?;
    let ints = node.ints("cats_int64s")?;
    let texts = node.strings("cats_strings")?;
    let count = ints.len().max(texts.len());
    let categories = match (ints, &*texts) {
        ([_, ..], []) => {
            let keys = ints.iter().map(|key| Some(key.cast_unsigned()));
            Numbers::new(keys, Twice::Last).map(Categories::Ints)
        }
        ([], [_, ..]) => {
            let keys = texts.into_iter().collect();
            Texts::new(keys, Twice::Last).map(Categories::Texts)
        }
        _ => return node.refuse("it has not one list of categories"),
    };
    let Some(categories) = categories else {
        return node.refuse("it has more categories than are taken");
    };
    let zeros = node.int("zeros", 1)? != 0;
    let op = OneHotEncoder {
        categories,
        count,
        zeros,
    };
    Ok(Lowered::one(op, DataType::F32))
}

impl Operator for OneHotEncoder {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let mut made = vec![0.0_f32; product(read.data().len(), self.count)?];
        let mut rows = made.chunks_exact_mut(self.count);
        let mut mark = |place: Place| {
            let row = rows.next();
            match row.and_then(|row| row.get_mut(place as usize)) {
                Some(cell) => *cell = 1.0,
                None if self.zeros => {}
                None => {
                    return Err(Fault::refused(format!(
                        "expected one of the {} categories of the model, got another",
                        self.count
                    )));
                }
            }
            Ok(())
        };
        match (&self.categories, read.data()) {
            (Categories::Texts(texts), Data::Str(cells)) => {
                cells.iter().try_for_each(|cell| mark(texts.place(cell)))?;
            }
            (Categories::Ints(ints), Data::I64(cells)) => {
                let place = |cell: &i64| ints.place(cell.cast_unsigned());
                cells.iter().try_for_each(|cell| mark(place(cell)))?;
            }
            (Categories::Ints(ints), Data::F32(cells)) => {
                let place = |cell: &f32| ints.place(whole(f64::from(*cell)).cast_unsigned());
                cells.iter().try_for_each(|cell| mark(place(cell)))?;
            }
            (Categories::Ints(ints), Data::F64(cells)) => {
                let place = |cell: &f64| ints.place(whole(*cell).cast_unsigned());
                cells.iter().try_for_each(|cell| mark(place(cell)))?;
            }
            // Texts are no integers: each cell is of no category.
            (_, cells) => (0..cells.len()).try_for_each(|_| mark(ABSENT))?,
        }
        let mut shape = Shape::from_slice(read.shape());
        shape.push(self.count);
        Ok(one(tensor(&shape, made)?))
    }
}

/// The fraction cut off. What no integer is becomes the least there is, as on x86-64.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what does not fit is looked at"
)]
fn whole(number: f64) -> i64 {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}
