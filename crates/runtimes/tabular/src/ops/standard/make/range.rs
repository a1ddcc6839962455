//! Numbers in a row, and ones on a diagonal.

use super::super::cast::CastTo;
use super::super::elementwise::arithmetic::Arithmetic;
use super::super::{shape, standard};
use crate::data::{Number, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, Tensor};
use flowgate_onnx::{ElemType, datatype};
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Range", 11, range, ""),
    standard("EyeLike", 9, eye_like, ""),
];

/// From a start to before a limit, each so much more than the last.
struct Range<T>(PhantomData<fn(T)>);

/// A matrix as large as another, with ones so far above the diagonal.
struct EyeLike<T> {
    above: i64,
    types: PhantomData<fn(T)>,
}

fn range(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.same_type()?;
    with_type!(datatype, T in [F32 = f32, F64 = f64, I64 = i64, I32 = i32, I16 = i16] => {
        Ok(Lowered::one(Range::<T>(PhantomData), datatype))
    }, else node.refuse(format!("elements of `{datatype}` are not taken")))
}

fn eye_like(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let made = match node.node.int("dtype")? {
        Some(number) => {
            let elem = i32::try_from(number).ok().and_then(ElemType::from_number);
            elem.and_then(datatype)
        }
        None => Some(node.datatype(0)?),
    };
    let Some(made) = made else {
        return node.refuse("it makes elements of a type that is not known");
    };
    let above = node.int("k", 0)?;
    with_type!(made, T in [F32 = f32, F64 = f64, I64 = i64, I32 = i32, U64 = u64] => {
        Ok(Lowered::one(EyeLike::<T> { above, types: PhantomData }, made))
    }, else node.refuse(format!("elements of `{made}` are not made")))
}

/// The only element of `tensor`.
fn only<T: Number>(tensor: &Tensor) -> Result<T, Fault> {
    match *elements(tensor)? {
        [number] => Ok(number),
        _ => Err(Fault::refused("a limit of a range is not one number")),
    }
}

impl<T: Arithmetic + CastTo<f64>> Operator for Range<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let start: T = only(inputs.get(0)?)?;
        let limit: T = only(inputs.get(1)?)?;
        let step: T = only(inputs.get(2)?)?;
        if step == T::ZERO {
            return Err(Fault::refused("a range has no step"));
        }
        let count = ((limit.cast() - start.cast()) / step.cast()).ceil();
        if count.is_nan() || count > shape::LARGEST as f64 {
            return Err(Fault::refused(format!(
                "a value would have more than {} elements",
                shape::LARGEST
            )));
        }
        let count = if count > 0.0 { count as usize } else { 0 };
        let mut next = start;
        let made: Vec<T> = (0..count)
            .map(|_| {
                let number = next;
                next = number.add(step);
                number
            })
            .collect();
        Ok(one(tensor(&[count], made)?))
    }
}

impl<T: Number> Operator for EyeLike<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let &[rows, columns] = inputs.get(0)?.shape() else {
            return Err(Fault::refused("found a value that is no matrix"));
        };
        let mut made = vec![T::ZERO; shape::count(&[rows, columns])?];
        let diagonal = i128::from(self.above)..;
        for (row, place) in made.chunks_exact_mut(columns.max(1)).zip(diagonal) {
            let place = usize::try_from(place).ok();
            if let Some(place) = place.and_then(|place| row.get_mut(place)) {
                *place = T::ONE;
            }
        }
        Ok(one(tensor(&[rows, columns], made)?))
    }
}
