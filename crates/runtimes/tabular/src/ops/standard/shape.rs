//! Sizes and axes: checked where a request or a file decides them.

use crate::data::elements;
use crate::onnx::{LowerError, Lowering};
use crate::op::Fault;
use flowgate_core::{Data, DataType, Shape, Tensor};
use smallvec::SmallVec;

/// The most elements that a value may have: what is larger is refused before it is allocated.
pub(super) const LARGEST: usize = 1 << 28;

/// Places of dimensions, in any order.
pub(super) type Axes = SmallVec<[usize; 4]>;

/// The number of elements of `shape`.
///
/// # Errors
/// [`Fault::Refused`] when there are more than [`LARGEST`].
pub(super) fn count(shape: &[usize]) -> Result<usize, Fault> {
    match flowgate_core::element_count(shape) {
        Some(count) if count <= LARGEST => Ok(count),
        _ => Err(Fault::refused(format!(
            "a value would have more than {LARGEST} elements"
        ))),
    }
}

/// `axis` of `rank` dimensions, counted from the end where it is negative.
///
/// # Errors
/// [`Fault::Refused`] when there is no such dimension.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, Fault> {
    let place = usize::try_from(axis).ok().or_else(|| {
        let back = usize::try_from(axis.unsigned_abs()).ok()?;
        rank.checked_sub(back)
    });
    match place {
        Some(place) if place < rank => Ok(place),
        _ => Err(Fault::refused(format!(
            "there is no axis {axis} in {rank} dimensions"
        ))),
    }
}

/// `axes` of `rank` dimensions, as [`axis`] counts them.
///
/// # Errors
/// As [`axis`].
pub(super) fn axes(axes: &[i64], rank: usize) -> Result<Axes, Fault> {
    axes.iter().map(|place| axis(*place, rank)).collect()
}

/// The sizes before, at and after `axis`, each multiplied. What is too large for an index, which
/// only an empty value can have, is the largest there is.
pub(super) fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    let product = |sizes: Option<&[usize]>| {
        let sizes = sizes.unwrap_or_default().iter();
        sizes.fold(1_usize, |product, size| product.saturating_mul(*size))
    };
    (
        product(shape.get(..axis)),
        shape.get(axis).copied().unwrap_or(1),
        product(shape.get(axis + 1..)),
    )
}

/// That something may be done for each of `count` places of `elements` elements in all: an empty
/// value can have any number of places.
///
/// # Errors
/// [`Fault::Refused`] when there are many more places than elements.
pub(super) fn worthwhile(count: usize, elements: usize) -> Result<(), Fault> {
    const FEW: usize = 1 << 12;
    if count <= elements.max(FEW) {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "a value of {elements} elements has {count} places"
    )))
}

/// How far apart neighbours along each dimension of `shape` lie, in elements.
pub(super) fn strides(shape: &[usize]) -> SmallVec<[usize; 6]> {
    let mut strides = SmallVec::from_elem(1, shape.len());
    let mut apart = 1_usize;
    for (stride, size) in strides.iter_mut().zip(shape).rev() {
        *stride = apart;
        apart = apart.saturating_mul((*size).max(1));
    }
    strides
}

/// `size`, which a file or a request gave as a number that must not be negative.
///
/// # Errors
/// [`Fault::Refused`] when it is.
pub(super) fn size(size: i64) -> Result<usize, Fault> {
    usize::try_from(size).map_err(|_| Fault::refused("a size is negative"))
}

/// `sizes` as a shape.
///
/// # Errors
/// As [`size`], and as [`count`].
pub(super) fn shape(sizes: &[i64]) -> Result<Shape, Fault> {
    let shape: Shape = sizes
        .iter()
        .map(|each| size(*each))
        .collect::<Result<_, _>>()?;
    count(&shape)?;
    Ok(shape)
}

/// The whole numbers of `tensor`, which is of `I64` or `I32`.
///
/// # Errors
/// [`Fault::Failed`] when it is of another type.
pub(super) fn integers(tensor: &Tensor) -> Result<Vec<i64>, Fault> {
    match tensor.data() {
        Data::I32(numbers) => Ok(numbers.iter().copied().map(i64::from).collect()),
        _ => Ok(elements::<i64>(tensor)?.to_vec()),
    }
}

/// The only element of `tensor`, which is of `I64` or `I32`.
///
/// # Errors
/// [`Fault::Refused`] when there is another number of elements.
pub(super) fn integer(tensor: &Tensor) -> Result<i64, Fault> {
    match *integers(tensor)?.as_slice() {
        [number] => Ok(number),
        ref numbers => Err(Fault::refused(format!(
            "found {} numbers where one is asked for",
            numbers.len()
        ))),
    }
}

/// Numbers that a node has as an attribute in one version, and reads as an input in another.
pub(super) enum Numbers {
    /// The same in every run.
    Fixed(Vec<i64>),
    /// What the input at this place holds.
    Read(usize),
    /// None are given.
    Absent,
}

impl Numbers {
    /// The numbers of the attribute `name` before the version `since`, of the input at `place`
    /// from then on.
    ///
    /// # Errors
    /// When the attribute is of another kind, or the input not of whole numbers.
    pub(super) fn of(
        node: &Lowering<'_>,
        name: &str,
        place: usize,
        since: i64,
    ) -> Result<Self, LowerError> {
        if node.opset < since {
            return Ok(match node.node.ints(name)? {
                Some(numbers) => Self::Fixed(numbers.to_vec()),
                None => Self::Absent,
            });
        }
        Self::input(node, place)
    }

    /// The numbers that the input at `place` holds.
    ///
    /// # Errors
    /// When it is not of whole numbers.
    pub(super) fn input(node: &Lowering<'_>, place: usize) -> Result<Self, LowerError> {
        if !node.has(place) {
            return Ok(Self::Absent);
        }
        match node.datatype(place)? {
            DataType::I64 | DataType::I32 => Ok(Self::Read(place)),
            other => node.refuse(format!("its input {place} is of `{other}`")),
        }
    }

    /// The numbers of this run; `None` where none are given.
    ///
    /// # Errors
    /// [`Fault::Failed`] when the input is missing.
    pub(super) fn get(
        &self,
        inputs: crate::op::Inputs<'_>,
    ) -> Result<Option<std::borrow::Cow<'_, [i64]>>, Fault> {
        Ok(match self {
            Self::Fixed(numbers) => Some(numbers.as_slice().into()),
            Self::Read(place) => Some(integers(inputs.get(*place)?)?.into()),
            Self::Absent => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_counted_from_either_end() {
        assert_eq!(axis(0, 2), Ok(0));
        assert_eq!(axis(-1, 2), Ok(1));
        for wrong in [2, -3, i64::MAX, i64::MIN] {
            assert!(axis(wrong, 2).is_err(), "{wrong}");
        }
        assert!(axis(0, 0).is_err());
    }

    #[test]
    fn too_many_elements_are_refused_before_they_are_allocated() {
        assert_eq!(count(&[LARGEST, 1]), Ok(LARGEST));
        assert!(count(&[LARGEST, 2]).is_err());
        assert!(count(&[usize::MAX, usize::MAX]).is_err());
        assert!(shape(&[-1]).is_err());
    }
}
