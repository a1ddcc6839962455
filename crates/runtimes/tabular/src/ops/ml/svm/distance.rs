//! Squared distances of rows from vectors: the squares of a row and a vector are added one after
//! the other, as ONNX Runtime does, for so many vectors side by side.

/// Vectors side by side.
const LANES: usize = 16;

/// Vectors, turned: what is read together lies together.
#[derive(Debug)]
pub(super) struct Distances {
    /// For every sixteen vectors a row a feature; those that lack are zero.
    blocks: Vec<Vec<[f32; LANES]>>,
    count: usize,
}

impl Distances {
    /// To `vectors`, `[vectors, features]`.
    pub(super) fn new(vectors: &[f32], features: usize) -> Self {
        let features = features.max(1);
        let block = |vectors: &[f32]| {
            let mut turned = vec![[0.0; LANES]; features];
            for (lane, vector) in vectors.chunks_exact(features).enumerate() {
                for (lanes, number) in turned.iter_mut().zip(vector) {
                    lanes[lane] = *number;
                }
            }
            turned
        };
        Self {
            blocks: vectors.chunks(features * LANES).map(block).collect(),
            count: vectors.len() / features,
        }
    }

    /// Writes the distances of `row` to `made`, one a vector.
    pub(super) fn write(&self, row: &[f32], made: &mut [f32]) {
        debug_assert_eq!(made.len(), self.count);
        for (made, block) in made.chunks_mut(LANES).zip(&self.blocks) {
            let mut sums = [0.0_f32; LANES];
            for (cell, numbers) in row.iter().zip(block) {
                for (sum, number) in sums.iter_mut().zip(numbers) {
                    let apart = cell - number;
                    *sum += apart * apart;
                }
            }
            for (made, sum) in made.iter_mut().zip(sums) {
                *made = sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_vector_by_vector() {
        let vectors: Vec<f32> = (0_u8..35 * 3)
            .map(|number| f32::from(number) * 0.37)
            .collect();
        let row = [0.1, -2.0, 7.5];
        let mut made = vec![0.0; 35];
        Distances::new(&vectors, 3).write(&row, &mut made);
        for (distance, vector) in made.iter().zip(vectors.chunks(3)) {
            let squares = row
                .iter()
                .zip(vector)
                .map(|(one, two)| (one - two) * (one - two));
            assert_eq!(*distance, squares.fold(0.0, |sum, square| sum + square));
        }
    }
}
