//! Tensors and frames: the data that flows from a request to a session and back.
//!
//! Nothing here is serialisable: how a tensor looks on a wire belongs to the protocols.

mod buffer;
mod data;
mod datatype;
mod frame;

pub use buffer::{Blobs, BlobsBuilder, Buffer, Strings, StringsBuilder};
pub use data::Data;
pub use datatype::DataType;
pub use frame::{Frame, FrameError, Labels, NamedTensor};

use smallvec::SmallVec;

/// Sizes of the dimensions, outermost first; empty for a scalar.
pub type Shape = SmallVec<[usize; 4]>;

/// A datatype, a shape and that many elements in row-major order; cheap to clone.
#[derive(Debug, PartialEq)]
pub struct Tensor {
    shape: Shape,
    data: Data,
}

impl Clone for Tensor {
    fn clone(&self) -> Self {
        Self {
            // Copied as a whole: the clone of a shape goes size by size.
            shape: Shape::from_slice(&self.shape),
            data: self.data.clone(),
        }
    }
}

/// The shape does not ask for as many elements as there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tensor of shape {shape:?} does not hold {elements} elements")]
pub struct ShapeError {
    /// The shape that was asked for.
    pub shape: Shape,
    /// The elements that are there.
    pub elements: usize,
}

impl<T> From<Buffer<T>> for Tensor
where
    Data: From<Buffer<T>>,
{
    /// A tensor of one dimension.
    #[inline]
    fn from(elements: Buffer<T>) -> Self {
        Self {
            shape: Shape::from_slice(&[elements.len()]),
            data: elements.into(),
        }
    }
}

impl Tensor {
    /// A tensor of `shape` over `data`.
    ///
    /// # Errors
    /// When the product of `shape` is not the number of elements, or overflows.
    pub fn new(shape: impl Into<Shape>, data: impl Into<Data>) -> Result<Self, ShapeError> {
        let (shape, data) = (shape.into(), data.into());
        if element_count(&shape) == Some(data.len()) {
            Ok(Self { shape, data })
        } else {
            Err(ShapeError {
                shape,
                elements: data.len(),
            })
        }
    }

    /// A tensor of one dimension: `[rows]`.
    pub fn column(data: impl Into<Data>) -> Self {
        let data = data.into();
        Self {
            shape: Shape::from_slice(&[data.len()]),
            data,
        }
    }

    /// The sizes of the dimensions.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The type of the elements.
    pub fn datatype(&self) -> DataType {
        self.data.datatype()
    }

    /// The elements in row-major order.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The elements, given up by the tensor.
    pub fn into_data(self) -> Data {
        self.data
    }

    /// The size of the first dimension; `None` for a scalar.
    pub fn rows(&self) -> Option<usize> {
        self.shape.first().copied()
    }

    /// The same elements under another shape.
    ///
    /// # Errors
    /// When the product of `shape` is another number of elements.
    pub fn reshape(self, shape: impl Into<Shape>) -> Result<Self, ShapeError> {
        Self::new(shape, self.data)
    }

    /// The rows `start..end` along the first dimension, without copying; `None` when they are
    /// not all there.
    pub fn slice_rows(&self, start: usize, end: usize) -> Option<Self> {
        let rows = self.rows()?;
        if start > end || end > rows {
            return None;
        }
        let mut shape = self.shape.clone();
        shape[0] = end - start;
        let row = element_count(&self.shape[1..])?;
        Some(Self {
            shape,
            data: self.data.slice(start * row..end * row),
        })
    }
}

/// The number of elements of a shape; `None` when it overflows.
pub fn element_count(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1_usize, |product, &size| product.checked_mul(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_that_overflows_is_refused() {
        let shape = Shape::from_slice(&[usize::MAX, 2]);
        assert!(Tensor::new(shape, vec![0_u8, 0]).is_err());
    }

    #[test]
    fn rows_are_cut_along_the_first_dimension() {
        let tensor = Tensor::new([3, 2].as_slice(), vec![1_i64, 2, 3, 4, 5, 6]).expect("3 * 2 = 6");
        let cut = tensor.slice_rows(1, 3).expect("inside");
        assert_eq!(
            (cut.shape(), cut.data()),
            ([2, 2].as_slice(), &Data::from(vec![3_i64, 4, 5, 6]))
        );
        assert_eq!(tensor.slice_rows(2, 4), None);
        assert_eq!(tensor.slice_rows(0, 0).expect("empty").shape(), [0, 2]);
    }

    #[test]
    fn a_scalar_has_no_rows() {
        let scalar = Tensor::new(Shape::new(), vec![1.5_f64]).expect("one element");
        assert_eq!((scalar.rows(), scalar.slice_rows(0, 0)), (None, None));
    }
}
