//! Powers.
//!
//! Whole numbers are raised as 64-bit floats and cut off again; what does not fit becomes the
//! least number of its type.

use super::super::cast::CastTo;
use super::super::half::widened;
use super::super::{broadcast::Broadcast, standard};
use super::arithmetic::Arithmetic;
use super::refuse_type;
use crate::data::{Element, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType};
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("Pow", 7, |node| widened(node, pow), "")];

/// Powers of numbers `A` with exponents `B`.
struct Pow<A, B, F> {
    function: F,
    types: PhantomData<fn(A, B)>,
}

fn pow(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let (base, exponent) = (node.datatype(0)?, node.datatype(1)?);
    if (base, exponent) == (DataType::F32, DataType::F32) {
        return Ok(of(f32::powf));
    }
    with_type!(base, A in [F32 = f32, F64 = f64, I64 = i64, I32 = i32] => {
        with_type!(exponent, B in [F32 = f32, F64 = f64, I64 = i64, I32 = i32] => {
            Ok(of::<A, B>(in_double))
        }, else refuse_type(exponent))
    }, else refuse_type(base))
}

fn of<A, B>(function: impl Fn(A, B) -> A + Send + Sync + 'static) -> Lowered
where
    A: Arithmetic,
    B: Element + CastTo<f64>,
    Data: From<Buffer<A>>,
{
    let pow = Pow {
        function,
        types: PhantomData,
    };
    Lowered::one(pow, A::TYPE)
}

fn in_double<A: CastTo<f64>, B: CastTo<f64>>(base: A, exponent: B) -> A
where
    f64: CastTo<A>,
{
    base.cast().powf(exponent.cast()).cast()
}

impl<A, B, F> Operator for Pow<A, B, F>
where
    A: Arithmetic,
    B: Element + CastTo<f64>,
    F: Fn(A, B) -> A + Send + Sync,
    Data: From<Buffer<A>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (base, exponent) = (inputs.get(0)?, inputs.get(1)?);
        let broadcast = Broadcast::new([base.shape(), exponent.shape()])?;
        let (base, exponent) = (elements::<A>(base)?, elements::<B>(exponent)?);
        let only = match *exponent {
            [only] => only.cast(),
            _ => f64::NAN,
        };
        // ONNX Runtime multiplies where one exponent holds for all.
        let made = if only == 2.0 {
            base.iter().map(|base| base.mul(*base)).collect()
        } else if only == 3.0 {
            base.iter().map(|base| base.mul(*base).mul(*base)).collect()
        } else {
            broadcast.zip(base, exponent, &self.function)?
        };
        Ok(one(tensor(broadcast.shape(), made)?))
    }
}
