//! Numbers in the place of missing ones.

use super::rows::{expect_type, stride};
use crate::data::{Element, elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType};
use flowgate_onnx::AI_ONNX_ML;

/// The operators of this file.
pub(super) const LIST: &[Entry] = &[Entry {
    domain: AI_ONNX_ML,
    op_type: "Imputer",
    versions: (1, 5),
    lower: imputer,
    limits: "types other than 32-bit floats and 64-bit integers",
}];

/// Replaces one number by another, column by column where there are as many as columns, else by
/// the first.
struct Imputer<T> {
    /// What counts as missing; where it is NaN, NaN does.
    replaced: T,
    /// One at least.
    imputed: Vec<T>,
}

fn imputer(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = expect_type(node, 0, &[DataType::F32, DataType::I64])?;
    let floats = node.floats("imputed_value_floats")?;
    let ints = node.ints("imputed_value_int64s")?;
    match (datatype, floats, ints) {
        (DataType::F32, [_, ..], []) => {
            let op = Imputer {
                replaced: node.node.float("replaced_value_float")?.unwrap_or(0.0),
                imputed: floats.to_vec(),
            };
            Ok(Lowered::one(op, datatype))
        }
        (DataType::I64, [], [_, ..]) => {
            let op = Imputer {
                replaced: node.int("replaced_value_int64", 0)?,
                imputed: ints.to_vec(),
            };
            Ok(Lowered::one(op, datatype))
        }
        _ => node.refuse(format!(
            "it has {} floats and {} integers for missing values of `{datatype}`",
            floats.len(),
            ints.len()
        )),
    }
}

impl<T: Element> Operator for Imputer<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let stride = stride(read)?;
        let mut cells = elements::<T>(read)?.to_vec();
        #[expect(clippy::eq_op, reason = "NaN is what is not equal to itself")]
        let is_nan = |cell: T| cell != cell;
        let nan = is_nan(self.replaced);
        let missing = |cell: T| cell == self.replaced || (nan && is_nan(cell));
        if self.imputed.len() == stride {
            for row in cells.chunks_exact_mut(stride) {
                for (cell, imputed) in row.iter_mut().zip(&self.imputed) {
                    *cell = if missing(*cell) { *imputed } else { *cell };
                }
            }
        } else if let Some(imputed) = self.imputed.first() {
            for cell in &mut cells {
                *cell = if missing(*cell) { *imputed } else { *cell };
            }
        }
        Ok(one(tensor(read.shape(), cells)?))
    }
}
