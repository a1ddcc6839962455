//! Named tensors that travel together.

use super::{Data, DataType, Shape, Tensor};
use crate::ErrorKind;
use std::sync::Arc;

/// Names of the places along a tensor's last dimension: the class labels of a classifier whose
/// answer is a map from label to probability.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// Whole numbers.
    Ints(Arc<[i64]>),
    /// Texts.
    Strs(Arc<[String]>),
}

impl Labels {
    /// The number of labels.
    pub fn len(&self) -> usize {
        match self {
            Self::Ints(labels) => labels.len(),
            Self::Strs(labels) => labels.len(),
        }
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A tensor under its name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTensor {
    /// What the model calls it.
    pub name: Arc<str>,
    /// Its elements.
    pub tensor: Tensor,
    /// Names along the last dimension, where it stands for a map (ONNX `ZipMap`).
    pub labels: Option<Labels>,
}

impl NamedTensor {
    /// `tensor` under `name`, without labels.
    pub fn new(name: impl Into<Arc<str>>, tensor: Tensor) -> Self {
        Self {
            name: name.into(),
            tensor,
            labels: None,
        }
    }
}

/// Named tensors in order.
///
/// Where all have the same first dimension it is the number of rows, and the frame can be joined
/// with others and split again along it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    tensors: Vec<NamedTensor>,
}

/// Frames that do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Other names, types or row shapes.
    #[error("the frames differ in names, types or shapes")]
    Unlike,
    /// No common first dimension.
    #[error("the tensors of the frame have no common number of rows")]
    NoRows,
    /// The parts asked for are not as many rows as there are.
    #[error("{wanted} rows were asked of a frame of {found}")]
    RowCount {
        /// Sum of the parts.
        wanted: usize,
        /// Rows that are there.
        found: usize,
    },
}

impl FrameError {
    /// Always a fault of the caller inside this program, never of a client.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unlike | Self::NoRows | Self::RowCount { .. } => ErrorKind::Internal,
        }
    }
}

impl Frame {
    /// A frame of `tensors`.
    pub fn new(tensors: Vec<NamedTensor>) -> Self {
        Self { tensors }
    }

    /// The tensors in order.
    pub fn tensors(&self) -> &[NamedTensor] {
        &self.tensors
    }

    /// The tensors, given up by the frame.
    pub fn into_tensors(self) -> Vec<NamedTensor> {
        self.tensors
    }

    /// The tensor called `name`.
    pub fn get(&self, name: &str) -> Option<&NamedTensor> {
        self.tensors.iter().find(|tensor| &*tensor.name == name)
    }

    /// The tensor called `name`, looked for at `hint` first.
    pub fn find(&self, name: &str, hint: usize) -> Option<&NamedTensor> {
        let hinted = self
            .tensors
            .get(hint)
            .filter(|tensor| &*tensor.name == name);
        hinted.or_else(|| self.get(name))
    }

    /// The common size of the first dimension; `None` when there is none.
    pub fn rows(&self) -> Option<usize> {
        let rows = self.tensors.first()?.tensor.rows()?;
        self.tensors
            .iter()
            .all(|other| other.tensor.rows() == Some(rows))
            .then_some(rows)
    }

    /// An upper bound of the octets that the elements take.
    pub fn size(&self) -> usize {
        self.tensors
            .iter()
            .map(|tensor| tensor.tensor.data().size())
            .sum()
    }

    /// Whether `other` can be joined with this one along the rows: same names in the same order,
    /// same types, same shape of a row.
    pub fn is_like(&self, other: &Self) -> bool {
        self.rows().is_some()
            && other.rows().is_some()
            && self.tensors.len() == other.tensors.len()
            && self.tensors.iter().zip(&other.tensors).all(|(one, two)| {
                one.name == two.name
                    && one.tensor.datatype() == two.tensor.datatype()
                    && one.tensor.shape()[1..] == two.tensor.shape()[1..]
            })
    }

    /// All rows of `frames`, in order. A single frame is handed back without a copy.
    ///
    /// # Errors
    /// When there is no frame, or two of them are not alike.
    pub fn concat(frames: &[Self]) -> Result<Self, FrameError> {
        let (first, rest) = frames.split_first().ok_or(FrameError::NoRows)?;
        if rest.is_empty() {
            return Ok(first.clone());
        }
        if !rest.iter().all(|frame| first.is_like(frame)) {
            return Err(FrameError::Unlike);
        }
        let tensors = first.tensors.iter().enumerate().map(|(index, named)| {
            let parts: Vec<&Data> = frames
                .iter()
                .map(|frame| frame.tensors[index].tensor.data())
                .collect();
            let rows = frames.iter().filter_map(Self::rows).sum();
            let mut shape = Shape::from_slice(named.tensor.shape());
            shape[0] = rows;
            let data = Data::concat(&parts).ok_or(FrameError::Unlike)?;
            let tensor = Tensor::new(shape, data).map_err(|_| FrameError::Unlike)?;
            Ok(NamedTensor {
                name: named.name.clone(),
                tensor,
                labels: named.labels.clone(),
            })
        });
        tensors.collect::<Result<_, _>>().map(Self::new)
    }

    /// Parts of `rows[0]`, `rows[1]`, … rows, in order, without copying.
    ///
    /// # Errors
    /// When the frame has no rows, or not exactly the sum of `rows`.
    pub fn split(&self, rows: &[usize]) -> Result<Vec<Self>, FrameError> {
        let found = self.rows().ok_or(FrameError::NoRows)?;
        let wanted = rows.iter().sum();
        if wanted != found {
            return Err(FrameError::RowCount { wanted, found });
        }
        let mut start = 0;
        rows.iter()
            .map(|count| {
                let range = (start, start + count);
                start += count;
                self.slice_rows(range.0, range.1).ok_or(FrameError::NoRows)
            })
            .collect()
    }

    /// The rows `start..end` of every tensor; `None` when they are not all there.
    pub fn slice_rows(&self, start: usize, end: usize) -> Option<Self> {
        let tensors = self.tensors.iter().map(|named| {
            let tensor = named.tensor.slice_rows(start, end)?;
            Some(NamedTensor {
                name: named.name.clone(),
                tensor,
                labels: named.labels.clone(),
            })
        });
        tensors.collect::<Option<Vec<_>>>().map(Self::new)
    }

    /// The type of the tensor called `name`.
    pub fn datatype(&self, name: &str) -> Option<DataType> {
        self.get(name).map(|named| named.tensor.datatype())
    }
}

impl FromIterator<NamedTensor> for Frame {
    fn from_iter<I: IntoIterator<Item = NamedTensor>>(tensors: I) -> Self {
        Self::new(tensors.into_iter().collect())
    }
}
