//! Values with some elements replaced, and with some left out.

use super::super::blocks::blocks;
use super::super::elementwise::arithmetic::Arithmetic;
use super::super::{shape, standard};
use super::gather::inside;
use crate::data::{elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType, Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("ScatterElements", 11, scatter_elements, ""),
    standard("ScatterND", 11, scatter_nd, ""),
    standard("Compress", 9, compress, ""),
];

/// Writes elements to places along an axis, each in its own row of all other dimensions.
struct ScatterElements {
    axis: i64,
    write: Write,
}

/// Writes slices to tuples of places.
struct ScatterNd {
    write: Write,
}

/// Writes updates over elements, of which each has the place given for it.
type Write = fn(&Tensor, &Tensor, &[usize]) -> Result<Tensor, Fault>;

/// Keeps the slices of an axis for which a value is true; of all elements where there is no axis.
struct Compress {
    axis: Option<i64>,
}

fn scatter_elements(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let axis = node.int("axis", 0)?;
    let (write, datatype) = write(node)?;
    Ok(Lowered::one(ScatterElements { axis, write }, datatype))
}

fn scatter_nd(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let (write, datatype) = write(node)?;
    Ok(Lowered::one(ScatterNd { write }, datatype))
}

fn compress(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.datatype(1)? != DataType::Bool {
        return node.refuse("its condition is not true or false");
    }
    let axis = node.node.int("axis")?;
    Ok(Lowered::one(Compress { axis }, node.datatype(0)?))
}

/// How updates are written, and of what type elements are.
fn write(node: &Lowering<'_>) -> Result<(Write, DataType), LowerError> {
    let (datatype, places) = (node.datatype(0)?, node.datatype(1)?);
    if !matches!(places, DataType::I64 | DataType::I32) || node.datatype(2)? != datatype {
        return node.refuse("its places are no whole numbers, or its updates of another type");
    }
    let write: Option<Write> = match node.node.string("reduction")?.unwrap_or("none") {
        "none" => Some(replaced),
        reduction => with_type!(datatype, T in [
            F32 = f32, F64 = f64, I64 = i64, I32 = i32, I16 = i16, I8 = i8, U64 = u64, U32 = u32,
            U16 = u16, U8 = u8,
        ] => match reduction {
            "add" => Some(combined::<T, Add>),
            "mul" => Some(combined::<T, Mul>),
            "min" => Some(combined::<T, Min>),
            "max" => Some(combined::<T, Max>),
            _ => None,
        }, else None),
    };
    match write {
        Some(write) => Ok((write, datatype)),
        None => node.refuse(format!(
            "elements of `{datatype}` are not combined as it asks"
        )),
    }
}

/// The last update of each place takes the element's.
fn replaced(input: &Tensor, updates: &Tensor, places: &[usize]) -> Result<Tensor, Fault> {
    let count = input.data().len();
    let mut sources: Vec<usize> = (0..count).collect();
    for (nth, place) in places.iter().enumerate() {
        if let Some(source) = sources.get_mut(*place) {
            *source = count + nth;
        }
    }
    let missing = || Fault::failed("updates are of another type than the elements");
    let both = Data::concat(&[input.data(), updates.data()]).ok_or_else(missing)?;
    let data = blocks(&both, 1, sources.into_iter())?;
    Ok(Tensor::new(Shape::from_slice(input.shape()), data)?)
}

/// What an element and an update become.
trait Combine<T> {
    fn combine(element: T, update: T) -> T;
}

macro_rules! combine {
    ($($name:ident: |$element:ident, $update:ident| $combined:expr);* $(;)?) => {
        $(
            struct $name;

            impl<T: Arithmetic> Combine<T> for $name {
                fn combine($element: T, $update: T) -> T {
                    $combined
                }
            }
        )*
    };
}

combine!(
    Add: |element, update| element.add(update);
    Mul: |element, update| element.mul(update);
    Min: |element, update| if update < element { update } else { element };
    Max: |element, update| if element < update { update } else { element };
);

fn combined<T: Arithmetic, C: Combine<T>>(
    input: &Tensor,
    updates: &Tensor,
    places: &[usize],
) -> Result<Tensor, Fault>
where
    Data: From<Buffer<T>>,
{
    let mut made = elements::<T>(input)?.to_vec();
    for (place, update) in places.iter().zip(elements::<T>(updates)?) {
        if let Some(element) = made.get_mut(*place) {
            *element = C::combine(*element, *update);
        }
    }
    tensor(input.shape(), made)
}

impl Operator for ScatterElements {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (input, wanted, updates) = (inputs.get(0)?, inputs.get(1)?, inputs.get(2)?);
        let (sizes, shape) = (input.shape(), wanted.shape());
        let axis = shape::axis(self.axis, sizes.len())?;
        let mut pairs = shape.iter().zip(sizes).enumerate();
        let fits = shape.len() == sizes.len()
            && shape == updates.shape()
            && pairs.all(|(place, (wanted, size))| place == axis || wanted <= size);
        if !fits {
            return Err(Fault::refused(format!(
                "places of shape {shape:?} are not in a value of shape {sizes:?}"
            )));
        }
        let size = sizes.get(axis).copied().unwrap_or(0);
        let (steps, own) = (shape::strides(sizes), shape::strides(shape));
        let step = steps.get(axis).copied().unwrap_or(0);
        let mut places = Vec::with_capacity(wanted.data().len());
        for (nth, place) in shape::integers(wanted)?.into_iter().enumerate() {
            let mut start = inside(place, size)? * step;
            let mut rest = nth;
            for (dimension, (own, step)) in own.iter().zip(&steps).enumerate() {
                let at = rest / own;
                rest %= own;
                if dimension != axis {
                    start += at * step;
                }
            }
            places.push(start);
        }
        Ok(one((self.write)(input, updates, &places)?))
    }
}

impl Operator for ScatterNd {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (input, wanted, updates) = (inputs.get(0)?, inputs.get(1)?, inputs.get(2)?);
        let (sizes, tuples) = (input.shape(), wanted.shape());
        let unfit = || {
            Fault::refused(format!(
                "places of shape {tuples:?} are not in a value of shape {sizes:?}"
            ))
        };
        let (depth, before) = tuples.split_last().ok_or_else(unfit)?;
        let (indexed, inner) = sizes.split_at_checked(*depth).ok_or_else(unfit)?;
        let mut shape = Shape::from_slice(before);
        shape.extend_from_slice(inner);
        if updates.shape() != shape.as_slice() {
            return Err(unfit());
        }
        if updates.data().is_empty() {
            return Ok(one(input.clone()));
        }
        let (width, count) = (shape::count(inner)?, shape::count(before)?);
        let numbers = shape::integers(wanted)?;
        let mut places = Vec::with_capacity(updates.data().len());
        for nth in 0..count {
            let tuple = numbers
                .get(nth * depth..(nth + 1) * depth)
                .ok_or_else(unfit)?;
            let mut start = 0;
            for (place, size) in tuple.iter().zip(indexed) {
                start = start * size + inside(*place, *size)?;
            }
            places.extend(start * width..(start + 1) * width);
        }
        Ok(one((self.write)(input, updates, &places)?))
    }
}

impl Operator for Compress {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (input, condition) = (inputs.get(0)?, inputs.get(1)?);
        let condition: &[bool] = elements(condition)?;
        let kept = condition.iter().zip(0..).filter(|(kept, _)| **kept);
        let places: Vec<usize> = kept.map(|(_, place)| place).collect();
        let (shape, (outer, size, inner), axis) = match self.axis {
            Some(axis) => {
                let axis = shape::axis(axis, input.shape().len())?;
                let shape = Shape::from_slice(input.shape());
                (shape, shape::around(input.shape(), axis), axis)
            }
            None => {
                let count = input.data().len();
                (Shape::from_slice(&[count]), (1, count, 1), 0)
            }
        };
        // A condition may be shorter or longer than the axis.
        let places: Vec<usize> = places.into_iter().filter(|place| *place < size).collect();
        let mut made = shape;
        if let Some(size) = made.get_mut(axis) {
            *size = places.len();
        }
        if shape::count(&made)? == 0 {
            return Ok(one(Tensor::new(made, Data::empty(input.datatype()))?));
        }
        let starts = (0..outer).flat_map(|row| {
            let begin = row * size;
            places.iter().map(move |place| (begin + place) * inner)
        });
        let data = blocks(input.data(), inner, starts)?;
        Ok(one(Tensor::new(made, data)?))
    }
}
