//! Numbers divided by the size of their row.

use super::super::half::widened;
use super::super::{shape, standard};
use crate::data::{Element, elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard(
    "LpNormalization",
    1,
    |node| widened(node, lp_normalization),
    "",
)];

/// Divides numbers by the norm of those along an axis.
struct LpNormalization<T> {
    axis: i64,
    /// Writes quotients: the numbers, how far apart those of one row lie, the quotients.
    row: fn(&[T], usize, &mut [T]),
}

fn lp_normalization(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let axis = node.int("axis", -1)?;
    let squares = match node.int("p", 2)? {
        1 => false,
        2 => true,
        other => return node.refuse(format!("its norm is of order {other}")),
    };
    match node.datatype(0)? {
        DataType::F32 => Ok(of(axis, if squares { roots_32 } else { sizes_32 })),
        DataType::F64 => Ok(of(axis, if squares { roots_64 } else { sizes_64 })),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn of<T: Element>(axis: i64, row: fn(&[T], usize, &mut [T])) -> Lowered
where
    Data: From<Buffer<T>>,
{
    Lowered::one(LpNormalization { axis, row }, T::TYPE)
}

macro_rules! norms {
    ($float:ty, $roots:ident, $sizes:ident) => {
        fn $roots(block: &[$float], step: usize, made: &mut [$float]) {
            let squares = |column: usize| {
                let row = block.iter().skip(column).step_by(step);
                row.fold(0.0, |sum: $float, number| sum + number * number)
                    .sqrt()
            };
            divide(block, step, made, squares);
        }

        fn $sizes(block: &[$float], step: usize, made: &mut [$float]) {
            let sizes = |column: usize| {
                let row = block.iter().skip(column).step_by(step);
                row.fold(0.0, |sum: $float, number| sum + number.abs())
            };
            divide(block, step, made, sizes);
        }
    };
}

norms!(f32, roots_32, sizes_32);
norms!(f64, roots_64, sizes_64);

/// Writes quotients by the norm of each column; zero where that is zero.
fn divide<T>(block: &[T], step: usize, made: &mut [T], norm: impl Fn(usize) -> T)
where
    T: Element + std::ops::Div<Output = T>,
{
    for column in 0..step {
        let norm = norm(column);
        if norm == T::default() {
            continue;
        }
        let places = made.iter_mut().skip(column).step_by(step);
        for (place, number) in places.zip(block.iter().skip(column).step_by(step)) {
            *place = *number / norm;
        }
    }
}

impl<T: Element> Operator for LpNormalization<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let axis = shape::axis(self.axis, input.shape().len())?;
        let (_, size, inner) = shape::around(input.shape(), axis);
        let numbers: &[T] = elements(input)?;
        let mut made = vec![T::default(); numbers.len()];
        if !numbers.is_empty() {
            let blocks = numbers.chunks_exact(size * inner);
            for (block, made) in blocks.zip(made.chunks_exact_mut(size * inner)) {
                (self.row)(block, inner, made);
            }
        }
        Ok(one(tensor(input.shape(), made)?))
    }
}
