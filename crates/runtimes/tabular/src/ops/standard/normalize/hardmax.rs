//! One for the largest number of a row, zero for the others.

use super::super::half::widened;
use super::super::standard;
use super::softmax::Along;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::DataType;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] =
    &[standard("Hardmax", 1, |node| widened(node, hardmax), "")];

struct Hardmax {
    along: Along,
}

fn hardmax(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let along = Along::of(node)?;
    match node.datatype(0)? {
        DataType::F32 => Ok(Lowered::one(Hardmax { along }, DataType::F32)),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

impl Operator for Hardmax {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let made = self.along.each(inputs.get(0)?, |width, numbers: &[f32]| {
            let mut made = vec![0.0; numbers.len()];
            let rows = numbers.chunks_exact(width.max(1));
            for (row, made) in rows.zip(made.chunks_exact_mut(width.max(1))) {
                let most = row.iter().copied().reduce(larger);
                let found = row.iter().position(|number| Some(*number) == most);
                if let Some(made) = found.and_then(|place| made.get_mut(place)) {
                    *made = 1.0;
                }
            }
            made
        })?;
        Ok(one(made))
    }
}

/// The first, unless the second is larger.
fn larger(one: f32, two: f32) -> f32 {
    if two > one { two } else { one }
}
