//! Sums of products of rows and weights.
//!
//! In the order in which ONNX Runtime's kernels add, so that the bits are the same: for several
//! rows here, for a row alone in [`dots`].

use crate::ops::dots::dots;
use crate::ops::wide::{Work, wide};

/// `alpha * rows * weights + bias`.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Products<'a> {
    /// `[sums, features]`.
    pub(in super::super) weights: &'a [f32],
    pub(in super::super) features: usize,
    pub(in super::super) sums: usize,
    pub(in super::super) alpha: f32,
    pub(in super::super) bias: Bias<'a>,
    /// Whether the rows are all of a run and only one: it is added in an order of its own.
    pub(in super::super) alone: bool,
}

/// What is added to sums.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Bias<'a> {
    /// Nothing.
    None,
    /// The same for all.
    One(f32),
    /// One a sum.
    Each(&'a [f32]),
}

/// Rows that are summed at once.
const LANES: usize = 8;
/// Sums that are in the making at once.
const SUMS: usize = 4;

impl Products<'_> {
    /// Writes the sums of `rows`, `[rows, features]`, to `made`, `[rows, sums]`.
    #[expect(clippy::float_cmp, reason = "one is meant")]
    pub(in super::super) fn write(&self, rows: &[f32], made: &mut [f32]) {
        let is_empty = self.features == 0 || self.sums == 0;
        if is_empty || (self.alone && self.alpha == 1.0) {
            for row in made.chunks_exact_mut(self.sums.max(1)) {
                for (sum, made) in row.iter_mut().enumerate() {
                    *made = self.first(sum).unwrap_or(0.0);
                }
            }
            dots(rows, self.weights, made);
            return;
        }
        wide(Together {
            products: *self,
            rows,
            made,
        });
    }

    /// What the sum at `sum` begins with.
    pub(super) fn first(&self, sum: usize) -> Option<f32> {
        match self.bias {
            Bias::None => None,
            Bias::One(bias) => Some(bias),
            Bias::Each(biases) => biases.get(sum).copied(),
        }
    }

    /// How many products are added, each with one rounding, before a sum begins anew: the fewer
    /// sums there are, the more (`sgemm.cpp` of MLAS in ONNX Runtime 1.32).
    fn run(&self) -> usize {
        let mut run = 128;
        if self.sums >= self.features {
            while run / 2 >= self.features.max(1) {
                run /= 2;
            }
            return run;
        }
        let mut sums = 128;
        while sums > 16 && sums / 2 >= self.sums {
            sums /= 2;
            run *= 2;
        }
        run
    }
}

/// The sums of several rows.
struct Together<'a> {
    products: Products<'a>,
    rows: &'a [f32],
    made: &'a mut [f32],
}

impl Work for Together<'_> {
    #[inline(always)]
    fn run(self) {
        let Self {
            products,
            rows,
            made,
        } = self;
        let (features, sums) = (products.features, products.sums);
        let run = products.run();
        let mut columns = vec![[0.0_f32; LANES]; features];
        let blocks = rows.chunks(features * LANES);
        for (rows, made) in blocks.zip(made.chunks_mut(sums * LANES)) {
            for (lane, row) in rows.chunks_exact(features).enumerate() {
                for (column, cell) in columns.iter_mut().zip(row) {
                    column[lane] = *cell;
                }
            }
            let weights = products.weights.chunks(features * SUMS);
            for (first, weights) in (0..sums).step_by(SUMS).zip(weights) {
                let mut rows_of: [&[f32]; SUMS] = [&[]; SUMS];
                // Sums that lack are summed of the weights of the first.
                for (place, row) in rows_of.iter_mut().enumerate() {
                    let start = place * features;
                    let row_of = weights.get(start..start + features);
                    *row = row_of.or(weights.get(..features)).unwrap_or_default();
                }
                let firsts: [Option<f32>; SUMS] =
                    std::array::from_fn(|place| products.first(first + place));
                let mut totals = firsts.map(|first| [first.unwrap_or(0.0); LANES]);
                for start in (0..features).step_by(run) {
                    let end = features.min(start + run);
                    let block = of_run(&columns[start..end], rows_of.map(|row| &row[start..end]));
                    for ((total, block), first) in totals.iter_mut().zip(block).zip(&firsts) {
                        let begun = first.is_some() || start > 0;
                        for (total, block) in total.iter_mut().zip(block) {
                            *total = if begun {
                                block.mul_add(products.alpha, *total)
                            } else {
                                block * products.alpha
                            };
                        }
                    }
                }
                for (lane, row) in made.chunks_exact_mut(sums).enumerate() {
                    for (made, total) in row.iter_mut().skip(first).zip(&totals) {
                        *made = total[lane];
                    }
                }
            }
        }
    }
}

/// The sums of one run.
#[inline(always)]
fn of_run(columns: &[[f32; LANES]], weights: [&[f32]; SUMS]) -> [[f32; LANES]; SUMS] {
    let mut totals = [[0.0_f32; LANES]; SUMS];
    let [one, two, three, four] = weights;
    let weights = one.iter().zip(two).zip(three.iter().zip(four));
    for (column, ((one, two), (three, four))) in columns.iter().zip(weights) {
        for (total, weight) in totals.iter_mut().zip([one, two, three, four]) {
            for (total, cell) in total.iter_mut().zip(column) {
                *total = cell.mul_add(*weight, *total);
            }
        }
    }
    totals
}
