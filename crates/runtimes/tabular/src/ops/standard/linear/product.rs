//! Products of matrices of all types that have one.

use super::super::elementwise::arithmetic::Arithmetic;
use super::kernel::{Float, How, Matrix, Panels, multiply};
use super::vector;
use crate::ops::dots::dots;

/// A number that matrices of it are multiplied.
pub(super) trait Multiply: Arithmetic {
    /// What is made of a right matrix that is the same in every run.
    type Prepared: Send + Sync + 'static;

    /// The right matrix as it is wanted in every run.
    fn prepare(right: Matrix<'_, Self>) -> Self::Prepared;

    /// Writes the product of `left` and a prepared matrix to `made`.
    fn prepared(
        left: Matrix<'_, Self>,
        right: &Self::Prepared,
        made: &mut [Self],
        scale: Scale<Self>,
    );

    /// Writes the product of `left` and `right`, which is known only now, to `made`.
    fn product(
        left: Matrix<'_, Self>,
        right: Matrix<'_, Self>,
        made: &mut [Self],
        scale: Scale<Self>,
    );
}

/// What becomes of a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale<T> {
    /// What it is multiplied with.
    pub(super) alpha: T,
    /// Whether it is added to what is there, multiplied already.
    pub(super) add: bool,
    /// Whether what is there was not multiplied with anything.
    pub(super) whole: bool,
}

impl<T: Arithmetic> Scale<T> {
    /// The product alone.
    pub(super) const NONE: Self = Self {
        alpha: T::ONE,
        add: false,
        whole: true,
    };
}

impl Multiply for f32 {
    type Prepared = Panels<f32>;

    fn prepare(right: Matrix<'_, f32>) -> Panels<f32> {
        Panels::new(right)
    }

    fn prepared(left: Matrix<'_, f32>, right: &Panels<f32>, made: &mut [f32], scale: Scale<f32>) {
        multiply(left, right, made, scale.blocks(256));
    }

    fn product(left: Matrix<'_, f32>, right: Matrix<'_, f32>, made: &mut [f32], scale: Scale<f32>) {
        let plain = scale.alpha == 1.0 && scale.whole;
        let (row, column) = (
            left.rows == 1 && !left.turned,
            right.columns == 1 && !right.turned,
        );
        if plain && (row || column) {
            if !scale.add {
                made.fill(0.0);
            }
            return match (row, right.turned, left.turned) {
                (true, false, _) => vector::rows(left.numbers, right, made),
                (true, true, _) => dots(left.numbers, right.numbers, made),
                (false, _, false) => dots(right.numbers, left.numbers, made),
                (false, _, true) => vector::rows(right.numbers, left.lying(), made),
            };
        }
        let block = block(&left, &right, 128);
        multiply(left, &Panels::new(right), made, scale.blocks(block));
    }
}

impl Multiply for f64 {
    /// With how many rows and columns there are.
    type Prepared = (Panels<f64>, usize);

    fn prepare(right: Matrix<'_, f64>) -> (Panels<f64>, usize) {
        (Panels::new(right), block(&right, &right, 64))
    }

    fn prepared(
        left: Matrix<'_, f64>,
        (right, block): &(Panels<f64>, usize),
        made: &mut [f64],
        scale: Scale<f64>,
    ) {
        let block = if left.turned { 128 } else { *block };
        multiply(left, right, made, scale.blocks(block));
    }

    fn product(left: Matrix<'_, f64>, right: Matrix<'_, f64>, made: &mut [f64], scale: Scale<f64>) {
        let block = block(&left, &right, 64);
        multiply(left, &Panels::new(right), made, scale.blocks(block));
    }
}

/// How long the blocks of the common dimension are: longer where the right matrix is narrower than
/// `width` columns and less wide than high.
pub(super) fn block<T>(left: &Matrix<'_, T>, right: &Matrix<'_, T>, width: usize) -> usize {
    let (mut width, mut block) = (width, 128);
    if right.columns < right.rows && !left.turned {
        while width > 16 && width / 2 >= right.columns {
            width /= 2;
            block *= 2;
        }
    }
    block
}

impl<T: Float> Scale<T> {
    fn blocks(self, block: usize) -> How<T> {
        How {
            block,
            alpha: self.alpha,
            add: self.add,
        }
    }
}

impl<T> Matrix<'_, T> {
    /// Its elements row by row as those of a matrix that is not turned.
    fn lying(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            turned: false,
            ..self
        }
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {
        $(impl Multiply for $integer {
            type Prepared = Vec<$integer>;

            fn prepare(right: Matrix<'_, $integer>) -> Vec<$integer> {
                right.numbers.to_vec()
            }

            fn prepared(
                left: Matrix<'_, $integer>,
                right: &Vec<$integer>,
                made: &mut [$integer],
                scale: Scale<$integer>,
            ) {
                let columns = made.len().checked_div(left.rows).unwrap_or(0);
                let right = Matrix {
                    numbers: right,
                    rows: left.columns,
                    columns,
                    turned: false,
                };
                Self::product(left, right, made, scale);
            }

            fn product(
                left: Matrix<'_, $integer>,
                right: Matrix<'_, $integer>,
                made: &mut [$integer],
                _: Scale<$integer>,
            ) {
                let rows = left.numbers.chunks_exact(left.columns.max(1));
                for (row, made) in rows.zip(made.chunks_exact_mut(right.columns.max(1))) {
                    for (factor, other) in row.iter().zip(right.numbers.chunks_exact(right.columns.max(1))) {
                        for (made, number) in made.iter_mut().zip(other) {
                            *made = made.wrapping_add(factor.wrapping_mul(*number));
                        }
                    }
                }
            }
        })*
    };
}

integers!(i32, i64, u32, u64);
