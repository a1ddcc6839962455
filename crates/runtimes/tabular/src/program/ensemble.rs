//! Sums of trees, with what stands around them: a step by itself would cost one row of a small
//! ensemble more than a tenth of its time.

use super::columns::Finite;
use super::links::Changes;
use crate::data::{elements, tensor};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use crate::trees::{Cells, How, Path, Sums, Trees};
use flowgate_core::program::Precision;
use flowgate_core::{DataType, Tensor};

/// The sums of every row, changed.
pub(super) struct Scores {
    /// Whether rows with infinite numbers are refused.
    pub(super) finite: bool,
    pub(super) trees: Trees,
    /// What is done to the sums.
    pub(super) changes: Changes,
    /// Whether the one sum of each row is given as a list.
    pub(super) squeeze: bool,
}

impl Operator for Scores {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        if self.finite {
            Finite::check(read)?;
        }
        let trees = &self.trees;
        let (rows, cells) = cells(trees, read)?;
        let how = how(trees, context)?;
        let width = trees.outputs();
        let count = rows
            .checked_mul(width)
            .ok_or_else(|| Fault::refused("more sums than there can be"))?;
        let shape = &[rows, width][..if self.squeeze { 1 } else { 2 }];
        Ok(one(match trees.precision() {
            Precision::F32 => {
                let mut room = vec![0.0; count];
                trees.run(cells, Sums::F32(&mut room), &how, &mut context.trees);
                self.changes.f32s(&mut room, width);
                tensor(shape, room)?
            }
            Precision::F64 => {
                let mut room = vec![0.0; count];
                trees.run(cells, Sums::F64(&mut room), &how, &mut context.trees);
                self.changes.f64s(&mut room, width);
                tensor(shape, room)?
            }
        }))
    }
}

/// How many rows `read` has, `[rows, features]`, and their cells.
fn cells<'a>(trees: &Trees, read: &'a Tensor) -> Result<(usize, Cells<'a>), Fault> {
    let [rows, features] = *read.shape() else {
        return Err(Fault::refused("trees read rows of features"));
    };
    if features != trees.features() {
        return Err(Fault::refused(format!(
            "the model asks for {} features, found {features}",
            trees.features()
        )));
    }
    let cells = match read.datatype() {
        DataType::F32 => Cells::F32(elements(read)?),
        DataType::F64 => Cells::F64(elements(read)?),
        other => return Err(Fault::failed(format!("trees do not read `{other}`"))),
    };
    Ok((rows, cells))
}

/// How this run follows `trees`. A kernel that was asked for by name is not replaced.
pub(crate) fn how(trees: &Trees, context: &Context) -> Result<How, Fault> {
    let path = context.path;
    if path != Path::Auto && !trees.offers(path) {
        return Err(Fault::failed(
            "the tree kernel that was asked for is not there, or does not take these trees",
        ));
    }
    Ok(How {
        path,
        threads: context.threads.max(1),
    })
}
