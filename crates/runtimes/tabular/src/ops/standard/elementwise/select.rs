//! One of several elements, or an element within bounds.

use super::super::blocks::each_type;
use super::super::half::widened;
use super::super::{broadcast::Broadcast, standard};
use super::refuse_type;
use crate::data::{Number, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType, Shape, StringsBuilder, Tensor};
use half::f16;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Where", 9, select, ""),
    standard("Clip", 6, clip, ""),
];

/// The second value where the first is true, else the third.
struct Where;

/// No less than the one bound, no more than the other.
struct Clip<T> {
    /// The bounds, where they are the same in every run; else they are further inputs.
    fixed: Option<[T; 2]>,
    least: T,
    largest: T,
}

fn select(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let (condition, one, two) = (node.datatype(0)?, node.datatype(1)?, node.datatype(2)?);
    if condition != DataType::Bool {
        return refuse_type(condition);
    }
    if one != two {
        return node.refuse(format!("it chooses between `{one}` and `{two}`"));
    }
    Ok(Lowered::one(Where, one))
}

fn clip(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.opset < 12 {
        return widened(node, clip_floats);
    }
    let datatype = node.same_type()?;
    with_type!(datatype, T in [
        F16 = f16, F32 = f32, F64 = f64, I64 = i64, I32 = i32, I16 = i16, I8 = i8, U64 = u64,
        U32 = u32, U16 = u16, U8 = u8,
    ] => Ok(bounded(None, T::MIN, T::MAX)), else refuse_type(datatype))
}

/// Before version 12, which ONNX Runtime has for 32-bit floats alone; the bounds are attributes
/// before version 11.
fn clip_floats(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.same_type()?;
    if datatype != DataType::F32 {
        return refuse_type(datatype);
    }
    let least = node.node.float("min")?.unwrap_or(f32::MIN);
    let largest = node.node.float("max")?.unwrap_or(f32::MAX);
    let fixed = (node.opset < 11).then_some([least, largest]);
    Ok(bounded(fixed, f32::MIN, f32::MAX))
}

fn bounded<T: Number>(fixed: Option<[T; 2]>, least: T, largest: T) -> Lowered
where
    Data: From<Buffer<T>>,
{
    let clip = Clip {
        fixed,
        least,
        largest,
    };
    Lowered::one(clip, T::TYPE)
}

impl<T: Number> Clip<T> {
    /// The only element of the input at `place`.
    fn bound(inputs: Inputs<'_>, place: usize, otherwise: T) -> Result<T, Fault> {
        let Some(bound) = inputs.optional(place) else {
            return Ok(otherwise);
        };
        match *elements(bound)? {
            [bound] => Ok(bound),
            _ => Err(Fault::refused("a bound is not one number")),
        }
    }
}

impl<T: Number> Operator for Clip<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let [least, largest] = match self.fixed {
            Some(bounds) => bounds,
            None => [
                Self::bound(inputs, 1, self.least)?,
                Self::bound(inputs, 2, self.largest)?,
            ],
        };
        let within = |number: &T| {
            // NaN is within all bounds, and bounds of NaN bound nothing.
            let number = if *number < least { least } else { *number };
            if number > largest { largest } else { number }
        };
        let made = elements::<T>(input)?.iter().map(within).collect();
        Ok(one(tensor(input.shape(), made)?))
    }
}

impl Operator for Where {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (condition, yes, no) = (inputs.get(0)?, inputs.get(1)?, inputs.get(2)?);
        let broadcast = Broadcast::new([condition.shape(), yes.shape(), no.shape()])?;
        let condition: &[bool] = elements(condition)?;
        let made = each_type!(
            yes.data(),
            yes => numbers(&broadcast, condition, yes, no)?,
            texts yes => {
                let Data::Str(no) = no.data() else {
                    return Err(Fault::failed("found numbers, expected texts"));
                };
                let mut made = StringsBuilder::new();
                walk(&broadcast, |from, one, two| {
                    made.push(if *condition.get(from)? { yes.get(one)? } else { no.get(two)? });
                    Some(())
                })?;
                made.finish()
            }
        );
        Ok(one(Tensor::new(
            Shape::from_slice(broadcast.shape()),
            made,
        )?))
    }
}

fn numbers<T: crate::data::Element>(
    broadcast: &Broadcast<3>,
    condition: &[bool],
    yes: &[T],
    no: &Tensor,
) -> Result<Vec<T>, Fault> {
    let no: &[T] = elements(no)?;
    let mut made = Vec::with_capacity(broadcast.count());
    if broadcast.run() == (broadcast.count(), [1, 1, 1]) {
        let pairs = condition.iter().zip(yes.iter().zip(no));
        made.extend(pairs.map(|(condition, (yes, no))| {
            // Both are read, so that there is nothing to guess.
            let (yes, no) = (*yes, *no);
            if *condition { yes } else { no }
        }));
        return Ok(made);
    }
    walk(broadcast, |from, one, two| {
        made.push(if *condition.get(from)? {
            *yes.get(one)?
        } else {
            *no.get(two)?
        });
        Some(())
    })?;
    Ok(made)
}

/// Calls `place` with where each operand is, for all places in order.
fn walk(
    broadcast: &Broadcast<3>,
    mut place: impl FnMut(usize, usize, usize) -> Option<()>,
) -> Result<(), Fault> {
    let (len, steps) = broadcast.run();
    broadcast.each(|starts| {
        let [mut one, mut two, mut three] = starts;
        for _ in 0..len {
            place(one, two, three)?;
            one += steps[0];
            two += steps[1];
            three += steps[2];
        }
        Some(())
    })
}
