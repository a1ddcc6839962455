//! Sums of all before.

use super::super::elementwise::arithmetic::Arithmetic;
use super::super::half::widened;
use super::super::{shape, standard};
use crate::data::{elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data};
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] =
    &[standard("CumSum", 11, |node| widened(node, cum_sum), "")];

/// Sums along an axis, each of what comes before it.
struct CumSum<T> {
    /// Whether an element is no part of its own sum.
    exclusive: bool,
    /// Whether the last comes first.
    reverse: bool,
    types: PhantomData<fn(T)>,
}

fn cum_sum(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let exclusive = node.int("exclusive", 0)? != 0;
    let reverse = node.int("reverse", 0)? != 0;
    let datatype = node.datatype(0)?;
    with_type!(datatype, T in [F32 = f32, F64 = f64, I64 = i64, I32 = i32] => {
        Ok(Lowered::one(CumSum::<T> { exclusive, reverse, types: PhantomData }, datatype))
    }, else node.refuse(format!("elements of `{datatype}` are not taken")))
}

impl<T: Arithmetic> Operator for CumSum<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let axis = shape::integer(inputs.get(1)?)?;
        let axis = shape::axis(axis, input.shape().len())?;
        let (_, size, inner) = shape::around(input.shape(), axis);
        let elements: &[T] = elements(input)?;
        let mut made = vec![T::ZERO; elements.len()];
        if !elements.is_empty() {
            let blocks = elements.chunks_exact(size * inner);
            for (from, to) in blocks.zip(made.chunks_exact_mut(size * inner)) {
                let rows = from.chunks_exact(inner).zip(to.chunks_exact_mut(inner));
                if self.reverse {
                    self.sum(rows.rev(), inner);
                } else {
                    self.sum(rows, inner);
                }
            }
        }
        Ok(one(tensor(input.shape(), made)?))
    }
}

impl<T: Arithmetic> CumSum<T> {
    /// Writes the sums of the rows before, `width` wide, to the second of each pair.
    fn sum<'a>(&self, rows: impl Iterator<Item = (&'a [T], &'a mut [T])>, width: usize) {
        let mut sums = vec![T::ZERO; width];
        for (row, made) in rows {
            for ((sum, number), made) in sums.iter_mut().zip(row).zip(made) {
                let with = sum.add(*number);
                *made = if self.exclusive { *sum } else { with };
                *sum = with;
            }
        }
    }
}
