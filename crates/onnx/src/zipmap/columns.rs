//! How a tensor of scores becomes a map a row.

use flowgate_core::{Data, Labels, RuntimeError, Shape, Tensor};
use std::sync::Arc;

/// Where the numbers of a map come from.
#[derive(Debug, Clone, PartialEq)]
pub struct MapColumns {
    labels: Labels,
    /// For each key the column of its number.
    columns: Vec<usize>,
}

impl MapColumns {
    /// The map of the keys `labels`, which stand in the order of the columns.
    pub fn of(labels: &crate::Labels) -> Self {
        let mut columns: Vec<usize> = (0..labels.len()).collect();
        let labels = match labels {
            crate::Labels::Ints(labels) => {
                columns.sort_by_key(|&column| labels[column]);
                let sorted: Arc<[i64]> = columns.iter().map(|&column| labels[column]).collect();
                Labels::Ints(sorted)
            }
            crate::Labels::Strings(labels) => {
                columns.sort_by_key(|&column| &labels[column]);
                let sorted: Arc<[String]> = columns
                    .iter()
                    .map(|&column| labels[column].clone())
                    .collect();
                Labels::Strs(sorted)
            }
        };
        Self { labels, columns }
    }

    /// The keys in ascending order, as ONNX Runtime's maps have them.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Scores `[rows, labels]`, or those of a single row, with the columns in the order of the
    /// keys.
    ///
    /// # Errors
    /// [`RuntimeError::Failed`] when they are not 32-bit floats of that shape.
    pub fn sort(&self, scores: Tensor) -> Result<Tensor, RuntimeError> {
        let failed = |reason| Err(RuntimeError::Failed { reason });
        let width = self.columns.len();
        let rows = match *scores.shape() {
            [rows, columns] if columns == width => rows,
            [columns] if columns == width => 1,
            ref shape => {
                return failed(format!(
                    "a map of {width} labels is made of numbers of shape {shape:?}"
                ));
            }
        };
        let Data::F32(numbers) = scores.into_data() else {
            return failed("a map is made of something else than floats".to_owned());
        };
        let mut ordered = Vec::with_capacity(numbers.len());
        for row in numbers.chunks_exact(width.max(1)) {
            ordered.extend(self.columns.iter().map(|&column| row[column]));
        }
        let shape = Shape::from_slice(&[rows, width]);
        Tensor::new(shape, ordered).map_err(|error| RuntimeError::Failed {
            reason: error.to_string(),
        })
    }
}
