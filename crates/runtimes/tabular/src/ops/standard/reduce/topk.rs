//! The largest or the least few along an axis, in order.

use super::super::half::widened;
use super::super::shape::{self, Numbers};
use super::super::standard;
use crate::data::{Element, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::{Buffer, Data, DataType, Shape};
use std::cmp::Ordering;
use std::marker::PhantomData;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard(
    "TopK",
    1,
    |node| widened(node, top_k),
    "without `sorted` the order is as with it",
)];

/// The first few in an order, equals by place.
struct TopK<T> {
    axis: i64,
    wanted: Wanted,
    largest: bool,
    types: PhantomData<fn(T)>,
}

/// How many are wanted.
enum Wanted {
    Always(i64),
    Read(Numbers),
}

/// An order of all elements: NaN is larger than all numbers.
trait Ordered: Element {
    fn order(&self, other: &Self) -> Ordering;

    /// Whether this is less.
    fn before(self, other: Self) -> bool;
}

macro_rules! floats {
    ($($float:ty),*) => {
        $(impl Ordered for $float {
            fn order(&self, other: &Self) -> Ordering {
                let order = self.partial_cmp(other);
                order.unwrap_or_else(|| self.is_nan().cmp(&other.is_nan()))
            }

            fn before(self, other: Self) -> bool {
                self < other || other.is_nan() && !self.is_nan()
            }
        })*
    };
}

macro_rules! integers {
    ($($integer:ty),*) => {
        $(impl Ordered for $integer {
            fn order(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }

            fn before(self, other: Self) -> bool {
                self < other
            }
        })*
    };
}

floats!(f32, f64);
integers!(i64, i32, i16, i8, u8);

fn top_k(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.datatype(0)?;
    with_type!(datatype, T in [
        F32 = f32, F64 = f64, I64 = i64, I32 = i32, I16 = i16, I8 = i8, U8 = u8,
    ] => of::<T>(node), else node.refuse(format!("elements of `{datatype}` are not taken")))
}

fn of<T: Ordered>(node: &Lowering<'_>) -> Result<Lowered, LowerError>
where
    Data: From<Buffer<T>>,
{
    let top_k = TopK::<T> {
        axis: node.int("axis", -1)?,
        wanted: if node.opset < 10 {
            Wanted::Always(node.int("k", -1)?)
        } else {
            Wanted::Read(Numbers::input(node, 1)?)
        },
        largest: node.int("largest", 1)? != 0,
        types: PhantomData,
    };
    Ok(Lowered {
        op: Box::new(top_k),
        outputs: vec![T::TYPE, DataType::I64],
    })
}

impl<T: Ordered> TopK<T> {
    fn wanted(&self, inputs: Inputs<'_>, size: usize) -> Result<usize, Fault> {
        let wanted = match &self.wanted {
            Wanted::Always(wanted) => *wanted,
            Wanted::Read(numbers) => match numbers.get(inputs)?.as_deref() {
                Some(&[wanted]) => wanted,
                _ => return Err(Fault::refused("how many are wanted is not one number")),
            },
        };
        let wanted = shape::size(wanted)?;
        if wanted > size {
            return Err(Fault::refused(format!(
                "{wanted} of {size} elements are wanted"
            )));
        }
        Ok(wanted)
    }

    /// Puts the first `wanted` of `row` into `order`, each with its place, in order.
    fn sort(
        &self,
        row: impl Iterator<Item = (T, usize)>,
        wanted: usize,
        order: &mut Vec<(T, usize)>,
    ) {
        /// So many are found by putting each where it belongs.
        const FEW: usize = 16;
        let largest = self.largest;
        let compare = |one: &(T, usize), two: &(T, usize)| {
            let order = one.0.order(&two.0);
            let order = if largest { order.reverse() } else { order };
            order.then(one.1.cmp(&two.1))
        };
        order.clear();
        if wanted > FEW {
            order.extend(row);
            if wanted < order.len() {
                order.select_nth_unstable_by(wanted - 1, compare);
            }
            order.truncate(wanted);
            order.sort_unstable_by(compare);
            return;
        }
        for next in row {
            if order.len() == wanted {
                // Of equals the first stays.
                let further = |last: &(T, usize)| {
                    let (one, two) = if largest {
                        (last.0, next.0)
                    } else {
                        (next.0, last.0)
                    };
                    one.before(two)
                };
                if !order.last().is_some_and(further) {
                    continue;
                }
                order.truncate(wanted - 1);
            }
            let place = order.partition_point(|other| compare(other, &next).is_lt());
            order.insert(place, next);
        }
    }
}

impl<T: Ordered> Operator for TopK<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let axis = shape::axis(self.axis, input.shape().len())?;
        let (_, size, inner) = shape::around(input.shape(), axis);
        let wanted = self.wanted(inputs, size)?;
        let mut made = Shape::from_slice(input.shape());
        if let Some(size) = made.get_mut(axis) {
            *size = wanted;
        }
        let count = shape::count(&made)?;
        let mut values = vec![T::default(); count];
        let mut places = vec![0_i64; count];
        if count > 0 {
            let blocks = elements::<T>(input)?.chunks_exact(size * inner);
            let values = values.chunks_exact_mut(wanted * inner);
            let places = places.chunks_exact_mut(wanted * inner);
            let mut order = Vec::with_capacity(size);
            for (block, (values, places)) in blocks.zip(values.zip(places)) {
                for column in 0..inner {
                    let row = block.iter().skip(column).step_by(inner).copied();
                    self.sort(row.zip(0..), wanted, &mut order);
                    let values = values.iter_mut().skip(column).step_by(inner);
                    let places = places.iter_mut().skip(column).step_by(inner);
                    for ((value, place), found) in values.zip(places).zip(&order) {
                        *value = found.0;
                        *place = i64::try_from(found.1).unwrap_or(i64::MAX);
                    }
                }
            }
        }
        Ok([tensor(&made, values)?, tensor::<i64>(&made, places)?]
            .into_iter()
            .collect())
    }
}
