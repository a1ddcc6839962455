//! Sums of trees.

use crate::data::{elements, tensor};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use crate::trees::{Cells, How, Path, Sums as Room, Trees};
use flowgate_core::program::Precision;
use flowgate_core::{DataType, Tensor};

/// The sums of every row.
pub(super) struct Sums(pub(super) Trees);

impl Operator for Sums {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        Ok(one(sums(&self.0, inputs.get(0)?, context)?))
    }
}

/// The sums `[rows, outputs]` of the rows of `read`, `[rows, features]`.
pub(crate) fn sums(trees: &Trees, read: &Tensor, context: &mut Context) -> Result<Tensor, Fault> {
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
    let how = how(trees, context)?;
    let count = rows
        .checked_mul(trees.outputs())
        .ok_or_else(|| Fault::refused("more sums than there can be"))?;
    let shape = [rows, trees.outputs()];
    match trees.precision() {
        Precision::F32 => {
            let mut room = vec![0.0; count];
            trees.run(cells, Room::F32(&mut room), &how, &mut context.trees);
            tensor(&shape, room)
        }
        Precision::F64 => {
            let mut room = vec![0.0; count];
            trees.run(cells, Room::F64(&mut room), &how, &mut context.trees);
            tensor(&shape, room)
        }
    }
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
