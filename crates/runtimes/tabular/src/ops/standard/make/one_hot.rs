//! Places as rows with one element that differs.

use super::super::blocks::blocks;
use super::super::cast::CastTo;
use super::super::{shape, standard};
use crate::data::{Element, elements, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape, Tensor};
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("OneHot", 9, one_hot, "")];

/// For each place, given as a number of type `I`, so many elements along a new axis, all of one
/// value but that at the place. No element differs for places that are not there.
struct OneHot<I> {
    axis: i64,
    types: PhantomData<fn(I)>,
}

fn one_hot(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let (places, depth, made) = (node.datatype(0)?, node.datatype(1)?, node.datatype(2)?);
    let axis = node.int("axis", -1)?;
    let known = |datatype| matches!(datatype, DataType::F32 | DataType::I64 | DataType::I32);
    if !known(depth) || !known(made) && made != DataType::Str {
        return node.refuse(format!(
            "a depth of `{depth}` and values of `{made}` are not taken"
        ));
    }
    with_type!(places, I in [F32 = f32, I64 = i64, I32 = i32] => {
        Ok(Lowered::one(OneHot::<I> { axis, types: PhantomData }, made))
    }, else node.refuse(format!("places of `{places}` are not taken")))
}

/// The depth, which is one number.
fn depth(tensor: &Tensor) -> Result<usize, Fault> {
    let depth = match tensor.data() {
        Data::F32(numbers) => numbers.first().map(|number| number.cast()),
        Data::I32(numbers) => numbers.first().map(|number| number.cast()),
        Data::I64(numbers) => numbers.first().copied(),
        _ => None,
    };
    match depth.and_then(|depth: i64| usize::try_from(depth).ok()) {
        Some(depth) if depth > 0 && tensor.data().len() == 1 => Ok(depth),
        _ => Err(Fault::refused("the depth is not one number above zero")),
    }
}

impl<I: Element + CastTo<i64>> Operator for OneHot<I> {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (places, values) = (inputs.get(0)?, inputs.get(2)?);
        let depth = depth(inputs.get(1)?)?;
        let axis = shape::axis(self.axis, places.shape().len() + 1)?;
        if values.data().len() != 2 {
            return Err(Fault::refused(format!(
                "found {} values, expected 2",
                values.data().len()
            )));
        }
        let mut made = Shape::from_slice(places.shape());
        made.insert(axis, depth);
        let count = shape::count(&made)?;
        let (outer, _, inner) = shape::around(&made, axis);
        let mut on = vec![0_usize; count];
        if count > 0 {
            let size = i64::try_from(depth).unwrap_or(i64::MAX);
            let rows = elements::<I>(places)?.chunks_exact(inner);
            for (row, made) in rows.zip(on.chunks_exact_mut(count / outer)) {
                for (nth, place) in row.iter().enumerate() {
                    let place: i64 = place.cast();
                    let place = if place < 0 {
                        place.saturating_add(size)
                    } else {
                        place
                    };
                    if (0..size).contains(&place) {
                        let place = usize::try_from(place).unwrap_or(0);
                        if let Some(made) = made.get_mut(place * inner + nth) {
                            *made = 1;
                        }
                    }
                }
            }
        }
        let data = blocks(values.data(), 1, on.into_iter())?;
        Ok(one(Tensor::new(made, data)?))
    }
}
