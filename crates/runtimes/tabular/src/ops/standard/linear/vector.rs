//! The product of a vector and the rows of a matrix, where ONNX Runtime does not know the matrix before a run: it multiplies
//! and adds in two roundings then, and in another order.

use super::kernel::Matrix;

/// The product of `vector` and the rows of `matrix`: four rows are added, and then their sum to
/// that of those before, `made` at first.
pub(super) fn rows(vector: &[f32], matrix: Matrix<'_, f32>, made: &mut [f32]) {
    let mut left = vector;
    let mut below = matrix.numbers;
    let mut sums = vec![0.0_f32; matrix.columns];
    while !left.is_empty() && matrix.columns > 0 {
        let count = match left.len() {
            4.. => 4,
            2..4 => 2,
            _ => 1,
        };
        let (factors, rest) = left.split_at(count);
        let (group, others) = below.split_at((count * matrix.columns).min(below.len()));
        (left, below) = (rest, others);
        for (nth, (factor, row)) in factors
            .iter()
            .zip(group.chunks_exact(matrix.columns))
            .enumerate()
        {
            for (sum, number) in sums.iter_mut().zip(row) {
                let product = factor * number;
                *sum = if nth == 0 { product } else { *sum + product };
            }
        }
        for (made, sum) in made.iter_mut().zip(&sums) {
            *made += sum;
        }
    }
}
