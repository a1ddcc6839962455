//! How near a row is to vectors.

use super::super::linear::{Bias, Products};
use super::distance::Distances;
use crate::onnx::{LowerError, Lowering};
use crate::ops::approximations::{Tanh, map_in_place};

/// A kernel function with its numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kernel {
    /// The sum of products.
    Linear,
    /// A power of it.
    Poly { gamma: f32, coef0: f32, degree: u8 },
    /// `exp(-gamma * d)` of the squared distance `d`.
    Rbf { gamma: f32 },
    /// The hyperbolic tangent of the sum of products.
    Sigmoid { gamma: f32, coef0: f32 },
}

/// Which of all rows of a run are at hand: that decides how some are computed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The place of the first of them.
    pub(super) first: usize,
    /// How many the run has in all.
    pub(super) all: usize,
}

/// The highest degree: ONNX Runtime has another approximation for those above.
const DEGREE: u8 = 7;

/// Vectors of one length.
#[derive(Debug)]
pub(super) struct Vectors {
    /// `[count, features]`.
    numbers: Vec<f32>,
    pub(super) count: usize,
    pub(super) features: usize,
    /// Where the kernel is one of distances.
    distances: Option<Distances>,
}

impl Vectors {
    /// `count` of them in `numbers`, for `kernel`; `None` where there are none, or their lengths
    /// differ.
    pub(super) fn new(numbers: &[f32], count: usize, kernel: Kernel) -> Option<Self> {
        if numbers.is_empty() || count == 0 || !numbers.len().is_multiple_of(count) {
            return None;
        }
        let features = numbers.len() / count;
        let distances = matches!(kernel, Kernel::Rbf { .. });
        Some(Self {
            numbers: numbers.to_vec(),
            count,
            features,
            distances: distances.then(|| Distances::new(numbers, features)),
        })
    }
}

impl Kernel {
    /// The attributes `kernel_type` and `kernel_params`.
    ///
    /// # Errors
    /// For an unknown word, and for parameters that lack.
    pub(super) fn read(node: &Lowering<'_>) -> Result<Self, LowerError> {
        let [gamma, coef0, degree] = match *node.floats("kernel_params")? {
            [gamma, coef0, degree, ..] => [gamma, coef0, degree],
            [] => [0.0; 3],
            _ => return node.refuse("`kernel_params` has less than three entries"),
        };
        Ok(match node.node.string("kernel_type")? {
            None | Some("LINEAR") => Self::Linear,
            Some("POLY") => {
                let Some(degree) = (0..=DEGREE).find(|whole| degree == f32::from(*whole)) else {
                    return node.refuse(format!(
                        "`kernel_params` has a degree that is no whole number up to {DEGREE}"
                    ));
                };
                Self::Poly {
                    gamma,
                    coef0,
                    degree,
                }
            }
            Some("RBF") => Self::Rbf { gamma },
            Some("SIGMOID") => Self::Sigmoid { gamma, coef0 },
            Some(_) => return node.refuse("`kernel_type` has an unknown value"),
        })
    }

    /// Writes the kernel of each of `rows` with each vector to `made`, `[rows, count]`; `added`
    /// is added to sums of products.
    pub(super) fn write(
        self,
        rows: &[f32],
        part: Part,
        vectors: &Vectors,
        added: f32,
        made: &mut [f32],
    ) {
        let products = |alpha: f32, added: f32| Products {
            weights: &vectors.numbers,
            features: vectors.features,
            sums: vectors.count,
            alpha,
            alone: part.all == 1,
            bias: if added == 0.0 {
                Bias::None
            } else {
                Bias::One(added)
            },
        };
        match self {
            Self::Linear => products(1.0, added).write(rows, made),
            Self::Poly {
                gamma,
                coef0,
                degree,
            } => {
                products(gamma, coef0).write(rows, made);
                // Numbers are raised four at a time, and those that are left otherwise.
                let groups = part.all.saturating_mul(vectors.count) / 4 * 4;
                let first = part.first.saturating_mul(vectors.count);
                let of_groups = groups.saturating_sub(first).min(made.len());
                let (of_groups, left) = made.split_at_mut(of_groups);
                of_groups
                    .iter_mut()
                    .for_each(|number| *number = power(*number, degree));
                left.iter_mut().for_each(|number| {
                    *number = match degree {
                        0..=3 => power(*number, degree),
                        _ => number.powf(f32::from(degree)),
                    };
                });
            }
            Self::Sigmoid { gamma, coef0 } => {
                products(gamma, coef0).write(rows, made);
                map_in_place(Tanh, made);
            }
            Self::Rbf { gamma } => {
                let Some(distances) = &vectors.distances else {
                    return;
                };
                let rows = rows.chunks_exact(vectors.features.max(1));
                for (made, row) in made.chunks_exact_mut(vectors.count.max(1)).zip(rows) {
                    distances.write(row, made);
                    for distance in made {
                        *distance = (-gamma * *distance).exp();
                    }
                }
            }
        }
    }
}

/// The power by squares, as ONNX Runtime has it for these degrees.
fn power(number: f32, degree: u8) -> f32 {
    if degree == 0 {
        return 1.0;
    }
    let (mut square, mut power, mut left) = (number, 1.0, degree);
    while left > 1 {
        if left % 2 == 1 {
            power *= square;
        }
        square *= square;
        left /= 2;
    }
    power * square
}
