//! Numbers as parts of a whole.

use super::super::half::widened;
use super::super::layout::transpose::transposed;
use super::super::{shape, standard};
use crate::data::{Element, elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use crate::ops::approximations;
use flowgate_core::{Buffer, Data, DataType, Tensor};
use smallvec::SmallVec;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Softmax", 1, |node| widened(node, softmax), ""),
    standard("LogSoftmax", 1, |node| widened(node, log_softmax), ""),
];

/// Makes rows of rows.
struct Rows<T> {
    along: Along,
    row: fn(&[T], &mut [T]),
}

/// What a row is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Along {
    /// The elements along an axis.
    Axis(i64),
    /// All from an axis on: before version 13.
    From(i64),
}

impl Along {
    /// As `node` says.
    pub(super) fn of(node: &Lowering<'_>) -> Result<Self, LowerError> {
        Ok(if node.opset < 13 {
            Self::From(node.int("axis", 1)?)
        } else {
            Self::Axis(node.int("axis", -1)?)
        })
    }

    /// What `rows`, which takes how wide rows are and all of them, makes of the rows of `input`.
    pub(super) fn each<T: Element>(
        self,
        input: &Tensor,
        rows: impl Fn(usize, &[T]) -> Vec<T>,
    ) -> Result<Tensor, Fault>
    where
        Data: From<Buffer<T>>,
    {
        let sizes = input.shape();
        let rank = sizes.len();
        match self {
            Self::From(axis) => {
                // The axis may be behind the last dimension.
                let axis = if usize::try_from(axis) == Ok(rank) {
                    rank
                } else {
                    shape::axis(axis, rank)?
                };
                let width = shape::count(sizes.get(axis..).unwrap_or_default())?;
                tensor(sizes, rows(width, elements(input)?))
            }
            Self::Axis(axis) => {
                let axis = shape::axis(axis, rank)?;
                let width = sizes.get(axis).copied().unwrap_or(1);
                if axis + 1 == rank {
                    return tensor(sizes, rows(width, elements(input)?));
                }
                // An exchange of two dimensions is its own reverse.
                let mut order: SmallVec<[usize; 4]> = (0..rank).collect();
                order.swap(axis, rank - 1);
                let turned = transposed(input, &order)?;
                let made = rows(width, elements(&turned)?);
                transposed(&tensor(turned.shape(), made)?, &order)
            }
        }
    }
}

fn softmax(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let along = Along::of(node)?;
    match node.datatype(0)? {
        DataType::F32 => Ok(of(along, approximations::softmax)),
        DataType::F64 => Ok(of(along, parts_64)),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn log_softmax(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let along = Along::of(node)?;
    match node.datatype(0)? {
        DataType::F32 => Ok(of(along, logs_32)),
        DataType::F64 => Ok(of(along, logs_64)),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn of<T: Element>(along: Along, row: fn(&[T], &mut [T])) -> Lowered
where
    Data: From<Buffer<T>>,
{
    Lowered::one(Rows { along, row }, T::TYPE)
}

impl<T: Element> Operator for Rows<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let made = self.along.each(inputs.get(0)?, |width, numbers: &[T]| {
            let mut made = vec![T::default(); numbers.len()];
            let rows = numbers.chunks_exact(width.max(1));
            for (row, made) in rows.zip(made.chunks_exact_mut(width.max(1))) {
                (self.row)(row, made);
            }
            made
        })?;
        Ok(one(made))
    }
}

fn logs_32(row: &[f32], made: &mut [f32]) {
    let (most, sum) = approximations::powers(row, made);
    let log = sum.ln();
    for (log_of_part, number) in made.iter_mut().zip(row) {
        *log_of_part = (number - most) - log;
    }
}

/// As [`approximations::powers`].
fn powers_64(row: &[f64], made: &mut [f64]) -> (f64, f64) {
    let larger = |one, two| if two > one { two } else { one };
    let most = row.iter().copied().reduce(larger).unwrap_or_default();
    let mut sum = 0.0;
    for (power, number) in made.iter_mut().zip(row) {
        *power = (number - most).exp();
        sum += *power;
    }
    (most, sum)
}

fn parts_64(row: &[f64], made: &mut [f64]) {
    let (_, sum) = powers_64(row, made);
    for part in made {
        *part /= sum;
    }
}

fn logs_64(row: &[f64], made: &mut [f64]) {
    let (most, sum) = powers_64(row, made);
    // A sum that is none, or nothing, is taken for the least there may be.
    let log = sum.max(f64::from(1e-20_f32)).ln();
    for (log_of_part, number) in made.iter_mut().zip(row) {
        *log_of_part = (number - most) - log;
    }
}
