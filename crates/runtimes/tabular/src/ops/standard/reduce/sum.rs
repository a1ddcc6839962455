//! Sums, means, products, norms, logarithms of sums.
//!
//! Whole numbers are reckoned with as 64-bit floats and cut off again, the largest and the least
//! where they do not fit: that is how ONNX Runtime 1.32 does it.

use super::super::half::widened;
use super::super::standard;
use super::Along;
use super::levels::Levels;
use super::sums::{Lanes, folds, sums};
use crate::data::{Element, elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType};
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("ReduceSum", 1, |node| widened(node, sum), ""),
    standard("ReduceMean", 1, |node| widened(node, mean), ""),
    standard("ReduceProd", 1, |node| widened(node, product), ""),
    standard("ReduceL1", 1, |node| widened(node, l1), ""),
    standard("ReduceL2", 1, |node| widened(node, l2), ""),
    standard("ReduceSumSquare", 1, |node| widened(node, sum_square), ""),
    standard("ReduceLogSum", 1, |node| widened(node, log_sum), ""),
    standard("ReduceLogSumExp", 1, |node| widened(node, log_sum_exp), ""),
];

/// What numbers are reduced to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sum,
    Mean,
    Product,
    /// The sum of the sizes.
    L1,
    /// The root of [`Kind::SumSquare`].
    L2,
    SumSquare,
    LogSum,
    LogSumExp,
}

/// Reduces numbers of type `T`.
struct Reduce<T> {
    kind: Kind,
    along: Along,
    types: PhantomData<fn(T)>,
}

fn sum(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::Sum, 13)
}

fn mean(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::Mean, 18)
}

fn product(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::Product, 18)
}

fn l1(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::L1, 18)
}

fn l2(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::L2, 18)
}

fn sum_square(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::SumSquare, 18)
}

fn log_sum(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::LogSum, 18)
}

fn log_sum_exp(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    reduce(node, Kind::LogSumExp, 18)
}

/// The axes are an attribute before the version `since`.
fn reduce(node: &Lowering<'_>, kind: Kind, since: i64) -> Result<Lowered, LowerError> {
    let along = Along::of(node, since)?;
    match node.datatype(0)? {
        DataType::F32 => Ok(of::<f32>(kind, along)),
        DataType::F64 => Ok(of::<f64>(kind, along)),
        DataType::I64 => Ok(of::<i64>(kind, along)),
        DataType::I32 => Ok(of::<i32>(kind, along)),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn of<T: Reduced>(kind: Kind, along: Along) -> Lowered
where
    Data: From<Buffer<T>>,
{
    let reduce = Reduce::<T> {
        kind,
        along,
        types: PhantomData,
    };
    Lowered::one(reduce, T::TYPE)
}

/// Numbers that are reduced: floats as they are, whole numbers as floats.
trait Reduced: Element {
    fn reduce(kind: Kind, levels: &Levels, numbers: &[Self]) -> Result<Vec<Self>, Fault>;
}

macro_rules! floats {
    ($($float:ty),*) => {
        $(impl Reduced for $float {
            fn reduce(kind: Kind, levels: &Levels, numbers: &[Self]) -> Result<Vec<Self>, Fault> {
                let square = |number: Self| number * number;
                let add = |one: Self, two: Self| one + two;
                let mut made = match kind {
                    Kind::Sum | Kind::Mean => sums(levels, numbers)?,
                    Kind::Product => {
                        folds(levels, numbers, 1.0, |number| number, |one, two| one * two)?
                    }
                    Kind::L1 => folds(levels, numbers, 0.0, <$float>::abs, add)?,
                    Kind::L2 | Kind::SumSquare => folds(levels, numbers, 0.0, square, add)?,
                    Kind::LogSum => folds(levels, numbers, 0.0, |number| number, add)?,
                    Kind::LogSumExp => return log_sums(levels, numbers, |number| number),
                };
                let each = levels.each() as $float;
                for number in &mut made {
                    match kind {
                        // The sum of nothing is zero, and stays it.
                        Kind::Mean if each > 0.0 => *number /= each,
                        Kind::L2 => *number = number.sqrt(),
                        Kind::LogSum => *number = number.ln(),
                        _ => {}
                    }
                }
                Ok(made)
            }
        }

        impl Exponential for $float {
            const LEAST: Self = <$float>::NEG_INFINITY;

            fn exp(self) -> Self {
                <$float>::exp(self)
            }
            fn ln(self) -> Self {
                <$float>::ln(self)
            }
            fn finite_or_zero(self) -> Self {
                if self.is_infinite() { 0.0 } else { self }
            }
        })*
    };
}

floats!(f32, f64);

macro_rules! integers {
    ($($integer:ty),*) => {
        $(impl Reduced for $integer {
            fn reduce(kind: Kind, levels: &Levels, numbers: &[Self]) -> Result<Vec<Self>, Fault> {
                let wide: Vec<f64> = numbers.iter().map(|number| *number as f64).collect();
                let made = match kind {
                    // Powers are cut off.
                    Kind::LogSumExp => log_sums(levels, &wide, f64::trunc)?,
                    _ => f64::reduce(kind, levels, &wide)?,
                };
                Ok(made.into_iter()
                    .map(|number| if number.is_nan() { Self::MIN } else { number as Self })
                    .collect())
            }
        })*
    };
}

integers!(i32, i64);

/// What logarithms of sums are made with.
trait Exponential: Lanes + PartialOrd {
    const LEAST: Self;

    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn finite_or_zero(self) -> Self;
}

/// Less the largest number first, so that no power is too large; powers are made
/// `step`.
fn log_sums<T>(levels: &Levels, numbers: &[T], step: fn(T) -> T) -> Result<Vec<T>, Fault>
where
    T: Exponential + std::ops::Sub<Output = T>,
{
    let largest = levels.fold(
        numbers,
        T::LEAST,
        |most, number| {
            if number > most { number } else { most }
        },
    )?;
    let largest: Vec<T> = largest.into_iter().map(T::finite_or_zero).collect();
    let less = levels.spread(numbers, &largest, |number, largest| {
        step((number - largest).exp())
    })?;
    let made = levels.fold(&less, T::default(), |sum, power| sum + power)?;
    Ok(made
        .into_iter()
        .zip(largest)
        .map(|(sum, largest)| sum.ln() + largest)
        .collect())
}

impl<T: Reduced> Operator for Reduce<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let (levels, shape) = self.along.levels(inputs, input.shape())?;
        let made = T::reduce(self.kind, &levels, elements(input)?)?;
        Ok(one(tensor(&shape, made)?))
    }
}
