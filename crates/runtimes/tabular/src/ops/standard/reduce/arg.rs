//! Where the largest and the least lie.

use super::super::half::widened;
use super::super::{shape, standard};
use crate::data::{Number, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{DataType, Shape};
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("ArgMax", 1, |node| widened(node, arg_max), ""),
    standard("ArgMin", 1, |node| widened(node, arg_min), ""),
];

/// Places along an axis: of the first element that no other is beyond. NaN is beyond nothing, and
/// nothing is beyond it.
struct Arg<T, F> {
    axis: i64,
    keep: bool,
    /// Whether the second is beyond the first.
    beyond: F,
    types: PhantomData<fn(T)>,
}

fn arg_max(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let last = node.int("select_last_index", 0)? != 0;
    let datatype = node.datatype(0)?;
    with_type!(datatype, T in [
        F32 = f32, F64 = f64, I64 = i64, I32 = i32, I8 = i8, U8 = u8,
    ] => if last {
        arg(node, |most: T, next: T| next >= most)
    } else {
        arg(node, |most: T, next: T| next > most)
    }, else node.refuse(format!("elements of `{datatype}` are not taken")))
}

fn arg_min(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let last = node.int("select_last_index", 0)? != 0;
    let datatype = node.datatype(0)?;
    with_type!(datatype, T in [
        F32 = f32, F64 = f64, I64 = i64, I32 = i32, I8 = i8, U8 = u8,
    ] => if last {
        arg(node, |least: T, next: T| next <= least)
    } else {
        arg(node, |least: T, next: T| next < least)
    }, else node.refuse(format!("elements of `{datatype}` are not taken")))
}

fn arg<T: Number>(
    node: &Lowering<'_>,
    beyond: impl Fn(T, T) -> bool + Send + Sync + 'static,
) -> Result<Lowered, LowerError> {
    let arg = Arg {
        axis: node.int("axis", 0)?,
        keep: node.int("keepdims", 1)? != 0,
        beyond,
        types: PhantomData,
    };
    Ok(Lowered::one(arg, DataType::I64))
}

impl<T, F> Operator for Arg<T, F>
where
    T: Number,
    F: Fn(T, T) -> bool + Send + Sync,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let axis = shape::axis(self.axis, input.shape().len())?;
        let (_, size, inner) = shape::around(input.shape(), axis);
        let mut made = Shape::from_slice(input.shape());
        if self.keep {
            if let Some(size) = made.get_mut(axis) {
                *size = 1;
            }
        } else {
            made.remove(axis);
        }
        let count = shape::count(&made)?;
        if count > 0 && size == 0 {
            return Err(Fault::refused("there is no largest or least of nothing"));
        }
        let elements: &[T] = elements(input)?;
        let mut places = Vec::with_capacity(count);
        if count > 0 {
            for block in elements.chunks_exact(size * inner) {
                if inner == 1 {
                    places.push(self.place(block));
                } else {
                    self.places(block, inner, &mut places);
                }
            }
        }
        Ok(one(tensor(&made, places)?))
    }
}

impl<T: Number, F: Fn(T, T) -> bool> Arg<T, F> {
    /// Where it lies in `row`.
    fn place(&self, row: &[T]) -> i64 {
        let mut found = (0, row.first().copied().unwrap_or_default());
        for (place, next) in (1..).zip(row.iter().skip(1)) {
            if (self.beyond)(found.1, *next) {
                found = (place, *next);
            }
        }
        found.0
    }

    /// In which row of `block` it lies, for each of `width` columns.
    fn places(&self, block: &[T], width: usize, places: &mut Vec<i64>) {
        let (first, rest) = block.split_at(width.min(block.len()));
        let mut found: Vec<(i64, T)> = first.iter().map(|element| (0, *element)).collect();
        for (row, elements) in (1..).zip(rest.chunks_exact(width)) {
            for (found, next) in found.iter_mut().zip(elements) {
                if (self.beyond)(found.1, *next) {
                    *found = (row, *next);
                }
            }
        }
        places.extend(found.into_iter().map(|(place, _)| place));
    }
}
