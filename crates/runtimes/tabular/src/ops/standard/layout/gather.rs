//! Elements, rows and blocks at places that another value tells.

use super::super::blocks::blocks;
use super::super::{shape, standard};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Gather", 1, gather, ""),
    standard("GatherElements", 11, gather_elements, ""),
    standard("GatherND", 11, gather_nd, ""),
];

/// Slices of an axis.
///
/// ONNX Runtime 1.32.0 copies only the first text of every slice and leaves the others empty; here all
/// of them are copied, as the operator is described.
struct Gather {
    axis: i64,
}

/// An element for every place, of the same row in all dimensions but the axis.
struct GatherElements {
    axis: i64,
}

/// Slices at tuples of places, in as many leading dimensions walked through together.
struct GatherNd {
    together: usize,
}

fn gather(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let axis = node.int("axis", 0)?;
    Ok(Lowered::one(Gather { axis }, by_places(node)?))
}

fn gather_elements(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let axis = node.int("axis", 0)?;
    Ok(Lowered::one(GatherElements { axis }, by_places(node)?))
}

fn gather_nd(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let together = node.int("batch_dims", 0)?;
    match usize::try_from(together) {
        Ok(together) => Ok(Lowered::one(GatherNd { together }, by_places(node)?)),
        Err(_) => node.refuse("its attribute `batch_dims` is negative"),
    }
}

/// The type of the elements, where the places are whole numbers.
fn by_places(node: &Lowering<'_>) -> Result<DataType, LowerError> {
    match node.datatype(1)? {
        DataType::I64 | DataType::I32 => node.datatype(0),
        other => node.refuse(format!("its places are of `{other}`")),
    }
}

/// `place` of `size`, counted from the end where it is negative.
///
/// # Errors
/// [`Fault::Refused`] when there is no such place.
pub(super) fn inside(place: i64, size: usize) -> Result<usize, Fault> {
    let from_start = if place < 0 {
        usize::try_from(place.unsigned_abs())
            .ok()
            .and_then(|back| size.checked_sub(back))
    } else {
        usize::try_from(place).ok()
    };
    from_start
        .filter(|place| *place < size)
        .ok_or_else(|| Fault::refused(format!("a place is not among {size}")))
}

/// Nothing, in `shape`.
fn nothing(datatype: DataType, shape: Shape) -> Result<Outputs, Fault> {
    Ok(one(Tensor::new(shape, Data::empty(datatype))?))
}

impl Operator for Gather {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (input, wanted) = (inputs.get(0)?, inputs.get(1)?);
        let axis = shape::axis(self.axis, input.shape().len())?;
        let (outer, size, inner) = shape::around(input.shape(), axis);
        let mut made = Shape::from_slice(input.shape());
        made.remove(axis);
        made.insert_from_slice(axis, wanted.shape());
        let places = shape::integers(wanted)?.into_iter();
        let places: Vec<usize> = places
            .map(|place| inside(place, size))
            .collect::<Result<_, _>>()?;
        if shape::count(&made)? == 0 {
            return nothing(input.datatype(), made);
        }
        let starts = (0..outer).flat_map(|row| {
            let begin = row * size;
            places.iter().map(move |place| (begin + place) * inner)
        });
        let data = blocks(input.data(), inner, starts)?;
        Ok(one(Tensor::new(made, data)?))
    }
}

impl Operator for GatherElements {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (input, wanted) = (inputs.get(0)?, inputs.get(1)?);
        let (sizes, made) = (input.shape(), Shape::from_slice(wanted.shape()));
        let axis = shape::axis(self.axis, sizes.len())?;
        let fits = sizes.len() == made.len()
            && made
                .iter()
                .zip(sizes)
                .enumerate()
                .all(|(place, (wanted, size))| place == axis || wanted <= size);
        if !fits {
            return Err(Fault::refused(format!(
                "places of shape {:?} are not in a value of shape {sizes:?}",
                made.as_slice()
            )));
        }
        if shape::count(&made)? == 0 {
            return nothing(input.datatype(), made);
        }
        let size = sizes.get(axis).copied().unwrap_or(0);
        let steps = shape::strides(sizes);
        let own = shape::strides(&made);
        let step = steps.get(axis).copied().unwrap_or(0);
        let mut starts = Vec::with_capacity(wanted.data().len());
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
            starts.push(start);
        }
        let data = blocks(input.data(), 1, starts.into_iter())?;
        Ok(one(Tensor::new(made, data)?))
    }
}

impl Operator for GatherNd {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (input, wanted) = (inputs.get(0)?, inputs.get(1)?);
        let (sizes, tuples) = (input.shape(), wanted.shape());
        let unfit = || {
            Fault::refused(format!(
                "places of shape {tuples:?} are not in a value of shape {sizes:?}"
            ))
        };
        let together = self.together;
        let (depth, before) = tuples.split_last().ok_or_else(unfit)?;
        let behind = together.saturating_add(*depth);
        let (common, inner) = (sizes.get(..together), sizes.get(behind..));
        let (Some(common), Some(inner)) = (common, inner) else {
            return Err(unfit());
        };
        if before.get(..together) != Some(common) {
            return Err(unfit());
        }
        let mut made = Shape::from_slice(before);
        made.extend_from_slice(inner);
        if shape::count(&made)? == 0 {
            return nothing(input.datatype(), made);
        }
        let indexed = sizes.get(together..behind).unwrap_or_default();
        let (width, each) = (shape::count(inner)?, shape::count(sizes)?);
        let rows = shape::count(common)?.max(1);
        let each = each / rows;
        let tuples = shape::count(before)?;
        let per_row = tuples / rows;
        let places = shape::integers(wanted)?;
        let mut starts = Vec::with_capacity(tuples);
        for nth in 0..tuples {
            let tuple = places
                .get(nth * depth..(nth + 1) * depth)
                .ok_or_else(unfit)?;
            let mut start = 0;
            for (place, size) in tuple.iter().zip(indexed) {
                start = start * size + inside(*place, *size)?;
            }
            starts.push(nth / per_row.max(1) * each + start * width);
        }
        let data = blocks(input.data(), width, starts.into_iter())?;
        Ok(one(Tensor::new(made, data)?))
    }
}
