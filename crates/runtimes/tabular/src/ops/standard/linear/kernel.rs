//! The innermost loops of products of matrices.
//!
//! ONNX Runtime multiplies and adds in one rounding, element by element along the common
//! dimension, and begins anew with zero after every block of it. So does this: the results are
//! the same to the last place.

use crate::ops::wide::{Work, wide};
use std::ops::Range;

/// The rows of a tile.
const ROWS: usize = 4;

/// A float that matrices are made of.
pub(super) trait Float: Copy + Default + Send + Sync + 'static {
    /// The columns of a panel: what two vector registers hold.
    type Lanes: Lanes<Self>;
}

/// The columns of a panel.
pub(super) trait Lanes<T>: Copy + Default + Send + Sync + 'static {
    /// How many there are.
    const COUNT: usize;

    /// The columns themselves.
    fn as_mut(&mut self) -> &mut [T];

    /// `factor` times `other` added to each, in one rounding.
    fn add_product(&mut self, factor: T, other: &Self);

    /// Writes `factor` times these to `places`, or adds it to what is there in one rounding.
    fn write(&self, places: &mut [T], factor: T, add: bool);
}

macro_rules! float {
    ($float:ty, $count:expr) => {
        impl Float for $float {
            type Lanes = [$float; $count];
        }

        impl Lanes<$float> for [$float; $count] {
            const COUNT: usize = $count;

            fn as_mut(&mut self) -> &mut [$float] {
                self
            }

            #[inline(always)]
            fn add_product(&mut self, factor: $float, other: &Self) {
                for (sum, number) in self.iter_mut().zip(other) {
                    *sum = factor.mul_add(*number, *sum);
                }
            }

            #[inline(always)]
            fn write(&self, places: &mut [$float], factor: $float, add: bool) {
                for (place, sum) in places.iter_mut().zip(self) {
                    *place = if add {
                        factor.mul_add(*sum, *place)
                    } else {
                        factor * *sum
                    };
                }
            }
        }
    };
}

float!(f32, 16);
float!(f64, 8);

/// The right matrix in panels of columns, zeros behind the last.
#[derive(Debug, Clone)]
pub(super) struct Panels<T: Float> {
    panels: Vec<T::Lanes>,
    /// The common dimension: so many rows.
    depth: usize,
    columns: usize,
}

impl<T: Float> Panels<T> {
    /// Those of `matrix`.
    pub(super) fn new(matrix: Matrix<'_, T>) -> Self {
        let Matrix {
            numbers,
            rows: depth,
            columns,
            turned,
        } = matrix;
        let count = columns.div_ceil(T::Lanes::COUNT);
        let mut panels = vec![T::Lanes::default(); count * depth];
        for (panel, rows) in panels.chunks_exact_mut(depth.max(1)).enumerate() {
            let from = panel * T::Lanes::COUNT;
            let width = T::Lanes::COUNT.min(columns - from);
            for (row, lanes) in rows.iter_mut().enumerate() {
                let (first, step) = if turned {
                    (from * depth + row, depth)
                } else {
                    (row * columns + from, 1)
                };
                let numbers = numbers.get(first..).unwrap_or_default();
                let lanes = lanes.as_mut().iter_mut().take(width);
                for (lane, number) in lanes.zip(numbers.iter().step_by(step)) {
                    *lane = *number;
                }
            }
        }
        Self {
            panels,
            depth,
            columns,
        }
    }
}

/// A matrix row by row, or one that is turned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix<'a, T> {
    /// Its elements.
    pub(super) numbers: &'a [T],
    /// Its rows, after it is turned.
    pub(super) rows: usize,
    /// Its columns, after it is turned.
    pub(super) columns: usize,
    /// Whether its elements lie column by column.
    pub(super) turned: bool,
}

/// How blocks of the common dimension become a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<T> {
    /// How long a block is.
    pub(super) block: usize,
    /// What the product is multiplied with.
    pub(super) alpha: T,
    /// Whether it is added to what is there.
    pub(super) add: bool,
}

/// Writes the product of `left` and `right` to `made`, as many rows as `left` has.
pub(super) fn multiply<T: Float>(
    left: Matrix<'_, T>,
    right: &Panels<T>,
    made: &mut [T],
    how: How<T>,
) {
    let (depth, len) = (right.depth, how.block.max(1));
    if right.columns == 0 || left.rows == 0 {
        return;
    }
    let mut packed: Vec<[T; ROWS]> = Vec::new();
    for from in (0..depth).step_by(len) {
        let places = from..from.saturating_add(len).min(depth);
        packed.clear();
        pack(left, places.clone(), &mut packed);
        let block = Block {
            left: &packed,
            places,
            alpha: how.alpha,
            add: how.add || from > 0,
        };
        wide(Tiles {
            block: &block,
            right,
            made,
        });
    }
}

/// A block of the common dimension.
struct Block<'a, T> {
    /// The left matrix in it, packed by tiles of rows.
    left: &'a [[T; ROWS]],
    places: Range<usize>,
    alpha: T,
    add: bool,
}

/// Lays what `left` has in `places` of its columns by tiles of rows, zeros behind the last.
fn pack<T: Float>(left: Matrix<'_, T>, places: Range<usize>, packed: &mut Vec<[T; ROWS]>) {
    let len = places.len();
    for tile in (0..left.rows).step_by(ROWS) {
        let begin = packed.len();
        packed.resize(begin + len, [T::default(); ROWS]);
        let columns = packed.get_mut(begin..).unwrap_or_default();
        for nth in 0..ROWS.min(left.rows - tile) {
            let row = tile + nth;
            let (first, step) = if left.turned {
                (places.start * left.rows + row, left.rows)
            } else {
                (row * left.columns + places.start, 1)
            };
            let numbers = left.numbers.get(first..).unwrap_or_default();
            for (column, number) in columns.iter_mut().zip(numbers.iter().step_by(step)) {
                if let Some(place) = column.get_mut(nth) {
                    *place = *number;
                }
            }
        }
    }
}

/// What a block adds to the product, tile by tile.
struct Tiles<'a, T: Float> {
    block: &'a Block<'a, T>,
    right: &'a Panels<T>,
    made: &'a mut [T],
}

impl<T: Float> Work for Tiles<'_, T> {
    #[inline(always)]
    fn run(self) {
        tiles(self.block, self.right, self.made);
    }
}

#[inline(always)]
fn tiles<T: Float>(block: &Block<'_, T>, right: &Panels<T>, made: &mut [T]) {
    let len = block.places.len();
    let panels = right.panels.chunks_exact(right.depth);
    for (panel, from) in panels.zip((0..right.columns).step_by(T::Lanes::COUNT)) {
        let panel = panel.get(block.places.clone()).unwrap_or_default();
        let width = T::Lanes::COUNT.min(right.columns - from);
        let groups = made.chunks_mut(ROWS * right.columns);
        for (left, made) in block.left.chunks_exact(len).zip(groups) {
            let sums = tile::<T>(left, panel);
            for (row, sums) in made.chunks_exact_mut(right.columns).zip(&sums) {
                if let Some(places) = row.get_mut(from..from + width) {
                    sums.write(places, block.alpha, block.add);
                }
            }
        }
    }
}

/// The product of some rows and the columns of a panel.
#[inline(always)]
fn tile<T: Float>(left: &[[T; ROWS]], panel: &[T::Lanes]) -> [T::Lanes; ROWS] {
    let [mut a, mut b, mut c, mut d] = [T::Lanes::default(); ROWS];
    for ([one, two, three, four], lanes) in left.iter().zip(panel) {
        a.add_product(*one, lanes);
        b.add_product(*two, lanes);
        c.add_product(*three, lanes);
        d.add_product(*four, lanes);
    }
    [a, b, c, d]
}
