//! Any number of values, one after the other.

use super::super::half::widened;
use super::super::{broadcast::Broadcast, standard};
use super::refuse_type;
use crate::data::{Number, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType, Tensor};
use half::f16;
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Max", 6, max, ""),
    standard("Min", 6, min, ""),
    standard("Sum", 6, |node| widened(node, sum), ""),
    standard("Mean", 6, |node| widened(node, mean), ""),
];

/// Folds values, spread to a common shape, from the first to the last.
struct Fold<T, F> {
    function: F,
    /// Whether what comes out is divided by the number of values.
    mean: Option<fn(T, f32) -> T>,
    types: PhantomData<fn(T)>,
}

fn max(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.same_type()? {
        DataType::F32 => Ok(fold(larger_float::<f32>)),
        DataType::F64 => Ok(fold(larger_float::<f64>)),
        DataType::F16 => Ok(fold(|one: f16, two: f16| choose(one, two, one >= two))),
        datatype => {
            with_type!(datatype, T in [
                I64 = i64, I32 = i32, I16 = i16, I8 = i8, U64 = u64, U32 = u32, U16 = u16, U8 = u8,
            ] => Ok(fold(|one: T, two: T| if one > two { one } else { two })),
            else refuse_type(datatype))
        }
    }
}

fn min(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.same_type()? {
        DataType::F32 => Ok(fold(smaller_float::<f32>)),
        DataType::F64 => Ok(fold(smaller_float::<f64>)),
        DataType::F16 => Ok(fold(|one: f16, two: f16| choose(one, two, one <= two))),
        datatype => {
            with_type!(datatype, T in [
                I64 = i64, I32 = i32, I16 = i16, I8 = i8, U64 = u64, U32 = u32, U16 = u16, U8 = u8,
            ] => Ok(fold(|one: T, two: T| if one < two { one } else { two })),
            else refuse_type(datatype))
        }
    }
}

/// The first where it is chosen or NaN, else the second. Of zeros of both signs it is the first.
fn choose(one: f16, two: f16, first: bool) -> f16 {
    if first || one.is_nan() { one } else { two }
}

/// NaN where either is. Of zeros of both signs it is the second.
#[expect(clippy::eq_op, reason = "only NaN differs from itself")]
fn larger_float<T: Number>(one: T, two: T) -> T {
    if one > two || one != one { one } else { two }
}

/// As [`larger_float`].
#[expect(clippy::eq_op, reason = "only NaN differs from itself")]
fn smaller_float<T: Number>(one: T, two: T) -> T {
    if one < two || one != one { one } else { two }
}

fn sum(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.same_type()? {
        DataType::F32 => Ok(fold(|one: f32, two: f32| one + two)),
        DataType::F64 => Ok(fold(|one: f64, two: f64| one + two)),
        other => refuse_type(other),
    }
}

fn mean(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.same_type()? {
        DataType::F32 => {
            let fold = Fold {
                function: |one: f32, two: f32| one + two,
                mean: Some(|sum: f32, values| sum * (1.0 / values)),
                types: PhantomData,
            };
            Ok(Lowered::one(fold, DataType::F32))
        }
        other => refuse_type(other),
    }
}

fn fold<T: Number>(function: impl Fn(T, T) -> T + Send + Sync + 'static) -> Lowered
where
    Data: From<Buffer<T>>,
{
    let fold = Fold {
        function,
        mean: None,
        types: PhantomData,
    };
    Lowered::one(fold, T::TYPE)
}

impl<T, F> Operator for Fold<T, F>
where
    T: Number,
    F: Fn(T, T) -> T + Send + Sync,
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let mut folded: Tensor = inputs.get(0)?.clone();
        let mut values = 1.0;
        for next in inputs.iter().skip(1) {
            let broadcast = Broadcast::new([folded.shape(), next.shape()])?;
            let (one, two) = (elements(&folded)?, elements(next)?);
            // ONNX Runtime has what stands still as the second operand: of equals it is chosen.
            let made = match broadcast.run() {
                (_, [0, _]) => broadcast.zip(one, two, |one, two| (self.function)(two, one))?,
                _ => broadcast.zip(one, two, &self.function)?,
            };
            folded = tensor(broadcast.shape(), made)?;
            values += 1.0;
        }
        if let Some(mean) = self.mean {
            let made = elements(&folded)?.iter().map(|sum| mean(*sum, values));
            folded = tensor(folded.shape(), made.collect())?;
        }
        Ok(one(folded))
    }
}
