//! Sums of products, feature by feature.

use super::columns::by_floats;
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::program::Linear;
use std::ops::{AddAssign, Mul};

/// The sums of every row.
pub(super) struct Products {
    features: usize,
    outputs: usize,
    skips_missing: bool,
    f32: Numbers<f32>,
    f64: Numbers<f64>,
}

/// The numbers of a program in the type that is computed in.
struct Numbers<T> {
    weights: Vec<T>,
    start: Vec<T>,
}

impl Products {
    /// The sums of `linear`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "numbers of `f32` are held as such"
    )]
    pub(super) fn new(linear: &Linear) -> Self {
        let narrow = |numbers: &[f64]| numbers.iter().map(|number| *number as f32).collect();
        Self {
            features: linear.features,
            outputs: linear.outputs,
            skips_missing: linear.skips_missing,
            f32: Numbers {
                weights: narrow(&linear.weights),
                start: narrow(&linear.start),
            },
            f64: Numbers {
                weights: linear.weights.clone(),
                start: linear.start.clone(),
            },
        }
    }

    fn sums<T>(&self, numbers: &Numbers<T>, cells: &[T], rows: usize) -> Vec<T>
    where
        T: Copy + PartialEq + Mul<Output = T> + AddAssign,
    {
        let mut sums = Vec::with_capacity(rows.saturating_mul(self.outputs));
        for row in cells.chunks_exact(self.features.max(1)) {
            let first = sums.len();
            sums.extend_from_slice(&numbers.start);
            let weights = numbers.weights.chunks_exact(self.outputs.max(1));
            for (cell, weights) in row.iter().zip(weights) {
                #[expect(clippy::eq_op, reason = "NaN is what is not equal to itself")]
                if self.skips_missing && cell != cell {
                    continue;
                }
                for (sum, weight) in sums[first..].iter_mut().zip(weights) {
                    *sum += *cell * *weight;
                }
            }
        }
        sums
    }
}

impl Operator for Products {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let rows = match *read.shape() {
            [rows, features] if features == self.features && features > 0 => rows,
            _ => {
                let features = self.features;
                return Err(Fault::refused(format!(
                    "the model asks for {features} features"
                )));
            }
        };
        by_floats(
            read,
            |cells| Ok(self.sums(&self.f32, cells, rows)),
            |cells| Ok(self.sums(&self.f64, cells, rows)),
            &[rows, self.outputs],
        )
    }
}
