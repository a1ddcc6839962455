//! What is known of a value without its elements, and where they are not zero.

use super::super::shape;
use super::super::standard;
use crate::data::{Element, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::DataType;
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Shape", 1, sizes, ""),
    standard("Size", 1, size, ""),
    standard("NonZero", 9, non_zero, ""),
];

/// The sizes from one dimension to before another.
struct Sizes {
    start: i64,
    end: Option<i64>,
}

/// How many elements there are.
struct Size;

/// The places of elements that are not zero: a row for each dimension.
struct NonZero<T>(PhantomData<fn(T)>);

fn sizes(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    node.datatype(0)?;
    let sizes = Sizes {
        start: node.int("start", 0)?,
        end: node.node.int("end")?,
    };
    Ok(Lowered::one(sizes, DataType::I64))
}

fn size(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    node.datatype(0)?;
    Ok(Lowered::one(Size, DataType::I64))
}

fn non_zero(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.datatype(0)?;
    if datatype == DataType::Bool {
        return Ok(Lowered::one(NonZero::<bool>(PhantomData), DataType::I64));
    }
    with_type!(datatype, T in [F32 = f32, I64 = i64, I32 = i32, U8 = u8] => {
        Ok(Lowered::one(NonZero::<T>(PhantomData), DataType::I64))
    }, else node.refuse(format!("elements of `{datatype}` are not taken")))
}

impl Operator for Sizes {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let sizes = inputs.get(0)?.shape();
        let rank = i64::try_from(sizes.len()).unwrap_or(i64::MAX);
        let place = |place: i64| {
            let place = if place < 0 {
                place.saturating_add(rank)
            } else {
                place
            };
            usize::try_from(place).unwrap_or(0).min(sizes.len())
        };
        let (start, end) = (place(self.start), self.end.map_or(sizes.len(), place));
        let sizes = sizes.get(start..end).unwrap_or_default().iter();
        let made: Vec<i64> = sizes
            .map(|size| i64::try_from(*size).unwrap_or(i64::MAX))
            .collect();
        Ok(one(tensor(&[made.len()], made)?))
    }
}

impl Operator for Size {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let count = i64::try_from(inputs.get(0)?.data().len()).unwrap_or(i64::MAX);
        Ok(one(tensor(&[], vec![count])?))
    }
}

impl<T: Element> Operator for NonZero<T> {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        // A scalar is a list of one.
        let sizes = if input.shape().is_empty() {
            &[1]
        } else {
            input.shape()
        };
        let found = elements::<T>(input)?.iter().enumerate();
        let found: Vec<usize> = found
            .filter(|(_, element)| **element != T::default())
            .map(|(place, _)| place)
            .collect();
        shape::count(&[sizes.len(), found.len()])?;
        let mut made = Vec::with_capacity(sizes.len() * found.len());
        for (size, apart) in sizes.iter().zip(shape::strides(sizes)) {
            let places = found.iter().map(|place| place / apart % size);
            made.extend(places.map(|place| i64::try_from(place).unwrap_or(i64::MAX)));
        }
        Ok(one(tensor(&[sizes.len(), found.len()], made)?))
    }
}
