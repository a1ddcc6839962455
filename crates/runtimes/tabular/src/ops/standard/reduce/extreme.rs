//! The largest and the least of many.

use super::super::half::widened;
use super::super::standard;
use super::Along;
use crate::data::{Element, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("ReduceMax", 1, |node| widened(node, max), ""),
    standard("ReduceMin", 1, |node| widened(node, min), ""),
];

/// The first element that no other is beyond. NaN is beyond nothing and nothing is beyond it: it
/// is found where it comes first.
struct Extreme<T, F> {
    along: Along,
    /// What everything is beyond, or like.
    first: T,
    /// Whether the second is beyond the first.
    beyond: F,
}

fn max(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let along = along(node)?;
    match node.datatype(0)? {
        DataType::F32 => Ok(extreme(along, f32::NEG_INFINITY, |most, next| next > most)),
        DataType::F64 => Ok(extreme(along, f64::NEG_INFINITY, |most, next| next > most)),
        DataType::Bool => Ok(extreme(along, false, |most, next| next & !most)),
        other => with_type!(other, T in [I64 = i64, I32 = i32, I8 = i8, U8 = u8] => {
            Ok(extreme(along, T::MIN, |most, next| next > most))
        }, else node.refuse(format!("elements of `{other}` are not taken"))),
    }
}

fn min(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let along = along(node)?;
    match node.datatype(0)? {
        DataType::F32 => Ok(extreme(along, f32::INFINITY, |least, next| next < least)),
        DataType::F64 => Ok(extreme(along, f64::INFINITY, |least, next| next < least)),
        DataType::Bool => Ok(extreme(along, true, |least, next| !next & least)),
        other => with_type!(other, T in [I64 = i64, I32 = i32, I8 = i8, U8 = u8] => {
            Ok(extreme(along, T::MAX, |least, next| next < least))
        }, else node.refuse(format!("elements of `{other}` are not taken"))),
    }
}

fn along(node: &Lowering<'_>) -> Result<Along, LowerError> {
    Along::of(node, 18)
}

fn extreme<T: Element>(
    along: Along,
    first: T,
    beyond: impl Fn(T, T) -> bool + Send + Sync + 'static,
) -> Lowered
where
    Data: From<Buffer<T>>,
{
    let extreme = Extreme {
        along,
        first,
        beyond,
    };
    Lowered::one(extreme, T::TYPE)
}

impl<T, F> Operator for Extreme<T, F>
where
    T: Element,
    F: Fn(T, T) -> bool + Send + Sync,
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let (levels, shape) = self.along.levels(inputs, input.shape())?;
        let elements: &[T] = elements(input)?;
        let further = |found, next| {
            if (self.beyond)(found, next) {
                next
            } else {
                found
            }
        };
        #[expect(clippy::eq_op, reason = "only NaN differs from itself")]
        let comparable = elements.iter().all(|element| element == element);
        let made = if comparable {
            levels.fold(elements, self.first, further)?
        } else {
            // Of each place its element, and whether one was seen: the first is taken as it is.
            let made = levels.fold(elements, (self.first, false), |(found, seen), next| {
                (if seen { further(found, next) } else { next }, true)
            })?;
            made.into_iter().map(|(found, _)| found).collect()
        };
        Ok(one(tensor(&shape, made)?))
    }
}
