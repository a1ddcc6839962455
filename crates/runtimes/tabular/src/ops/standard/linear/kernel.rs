//! The innermost loops of products of matrices.
//!
//! ONNX Runtime multiplies and adds in one rounding, element by element along the common
//! dimension, and begins anew with zero after every block of it. So does this: the results are
//! the same to the last place.

use crate::ops::wide::{Work, prefetch, wide};
use std::ops::Range;

/// The rows of a full tile: with the two registers of a panel's columns each, and three for what is
/// multiplied, they fill the sixteen that there are.
const ROWS: usize = 6;

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
    ($float:ty, $lanes:ident, $count:expr) => {
        /// As long as a line of a cache and aligned to it, so that no load needs two.
        #[derive(Debug, Clone, Copy, Default)]
        #[repr(C, align(64))]
        pub(super) struct $lanes([$float; $count]);

        impl Float for $float {
            type Lanes = $lanes;
        }

        impl Lanes<$float> for $lanes {
            const COUNT: usize = $count;

            fn as_mut(&mut self) -> &mut [$float] {
                &mut self.0
            }

            #[inline(always)]
            fn add_product(&mut self, factor: $float, other: &Self) {
                for (sum, number) in self.0.iter_mut().zip(&other.0) {
                    *sum = factor.mul_add(*number, *sum);
                }
            }

            #[inline(always)]
            fn write(&self, places: &mut [$float], factor: $float, add: bool) {
                for (place, sum) in places.iter_mut().zip(&self.0) {
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

float!(f32, Singles, 16);
float!(f64, Doubles, 8);

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

impl<T: Float> Panels<T> {
    fn count(&self) -> usize {
        self.columns.div_ceil(T::Lanes::COUNT)
    }

    /// The rows `places` of the `nth` panel.
    fn part(&self, nth: usize, places: &Range<usize>) -> &[T::Lanes] {
        let from = nth * self.depth;
        &self.panels[from + places.start..from + places.end]
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
    let mut packed = Vec::new();
    for from in (0..depth).step_by(len) {
        let places = from..from.saturating_add(len).min(depth);
        packed.clear();
        pack(left, places.clone(), &mut packed);
        let block = Block {
            left: &packed,
            tile_rows: tile_rows(left.rows),
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
    left: &'a [T],
    tile_rows: usize,
    places: Range<usize>,
    alpha: T,
    add: bool,
}

/// How many rows each tile of `rows` has, the last maybe fewer: as alike as can be, for one of few
/// rows takes longer a row than others.
fn tile_rows(rows: usize) -> usize {
    rows.div_ceil(rows.div_ceil(ROWS).max(1)).max(1)
}

/// Lays what `left` has in `places` of its columns by tiles of rows: place by place, the rows of a
/// tile beside each other.
fn pack<T: Float>(left: Matrix<'_, T>, places: Range<usize>, packed: &mut Vec<T>) {
    let (len, of_tile) = (places.len(), tile_rows(left.rows));
    packed.resize(left.rows * len, T::default());
    for (tile, packed) in packed.chunks_mut(of_tile * len).enumerate() {
        let rows = packed.len() / len;
        for nth in 0..rows {
            let row = tile * of_tile + nth;
            let (first, step) = if left.turned {
                (places.start * left.rows + row, left.rows)
            } else {
                (row * left.columns + places.start, 1)
            };
            let numbers = left.numbers.get(first..).unwrap_or_default();
            let packed = packed.get_mut(nth..).unwrap_or_default();
            let packed = packed.iter_mut().step_by(rows);
            for (place, number) in packed.zip(numbers.iter().step_by(step)) {
                *place = *number;
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
        let Self { block, right, made } = self;
        let (columns, len) = (right.columns, block.places.len());
        let count = right.count();
        for nth in 0..count {
            // Panels come from the third cache or from memory: the next one meanwhile.
            let panels = [nth, (nth + 1).min(count - 1)].map(|nth| right.part(nth, &block.places));
            let tiles = block.left.chunks(block.tile_rows * len);
            for (left, made) in tiles.zip(made.chunks_mut(block.tile_rows * columns)) {
                let tile = Tile {
                    made,
                    columns,
                    from: nth * T::Lanes::COUNT,
                    alpha: block.alpha,
                    add: block.add,
                };
                match left.len() / len {
                    1 => tile.write(&sums_1(left, panels)),
                    2 => tile.write(&sums_2(left, panels)),
                    3 => tile.write(&sums_3(left, panels)),
                    4 => tile.write(&sums_4(left, panels)),
                    5 => tile.write(&sums_5(left, panels)),
                    _ => tile.write(&sums_6(left, panels)),
                }
            }
        }
    }
}

macro_rules! sums {
    ($($name:ident: $rows:literal, $($sum:ident)+;)+) => {
        $(
            /// The products of so many rows and a panel; the panel `ahead`, which is as long, is
            /// brought nearer. Each sum is a variable of its own: those of an array would not stay
            /// in registers.
            #[inline(always)]
            fn $name<T: Float>(left: &[T], [panel, ahead]: [&[T::Lanes]; 2]) -> [T::Lanes; $rows] {
                let [$(mut $sum),+] = [T::Lanes::default(); $rows];
                let (left, _) = left.as_chunks::<$rows>();
                for ((factors, lanes), ahead) in left.iter().zip(panel).zip(ahead) {
                    prefetch(ahead);
                    let mut factors = factors.iter();
                    $(if let Some(factor) = factors.next() { $sum.add_product(*factor, lanes); })+
                }
                [$($sum),+]
            }
        )+
    };
}

sums! {
    sums_1: 1, a;
    sums_2: 2, a b;
    sums_3: 3, a b c;
    sums_4: 4, a b c d;
    sums_5: 5, a b c d e;
    sums_6: 6, a b c d e f;
}

/// Some rows and the columns of a panel.
struct Tile<'a, T: Float> {
    /// Whole rows of the product, each of `columns`.
    made: &'a mut [T],
    columns: usize,
    /// The first column of the panel.
    from: usize,
    alpha: T,
    add: bool,
}

impl<T: Float> Tile<'_, T> {
    /// Writes the product, whose rows `sums` gives.
    #[inline(always)]
    fn write(self, sums: &[T::Lanes]) {
        let to = self.columns.min(self.from + T::Lanes::COUNT);
        for (row, sums) in self.made.chunks_exact_mut(self.columns).zip(sums) {
            if let Some(places) = row.get_mut(self.from..to) {
                sums.write(places, self.alpha, self.add);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers whose sums depend on the order and the roundings.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(state) / f64::from(u32::MAX) - 0.5) as f32
        };
        (0..count).map(next).collect()
    }

    /// One element: fused sums over blocks of the common dimension, added one after the other.
    fn element(row: &[f32], column: impl Iterator<Item = f32>, how: How<f32>, before: f32) -> f32 {
        let column: Vec<f32> = column.collect();
        let blocks = row.chunks(how.block).zip(column.chunks(how.block));
        blocks
            .enumerate()
            .fold(before, |made, (nth, (row, column))| {
                let pairs = row.iter().zip(column);
                let sum = pairs.fold(0.0_f32, |sum, (one, other)| one.mul_add(*other, sum));
                if how.add || nth > 0 {
                    how.alpha.mul_add(sum, made)
                } else {
                    how.alpha * sum
                }
            })
    }

    #[test]
    fn every_number_of_rows_gives_the_same_to_the_last_bit() {
        let (depth, columns) = (37, 35);
        for (add, turned) in [(false, false), (true, false), (false, true), (true, true)] {
            for rows in 1..=3 * ROWS + 1 {
                let how = How {
                    block: 16,
                    alpha: 1.5,
                    add,
                };
                let (left, right) = (numbers(rows * depth, 1), numbers(depth * columns, 2));
                let matrix = |numbers, rows, columns, turned| Matrix {
                    numbers,
                    rows,
                    columns,
                    turned,
                };
                let panels = Panels::new(matrix(&right, depth, columns, false));
                let before = numbers(rows * columns, 3);
                let mut made = before.clone();
                multiply(matrix(&left, rows, depth, turned), &panels, &mut made, how);
                for (place, (found, before)) in made.iter().zip(before).enumerate() {
                    let (row, column) = (place / columns, place % columns);
                    let of_row: Vec<f32> = (0..depth)
                        .map(|nth| {
                            if turned {
                                left[nth * rows + row]
                            } else {
                                left[row * depth + nth]
                            }
                        })
                        .collect();
                    let of_column = right.iter().skip(column).step_by(columns).copied();
                    let wanted = element(&of_row, of_column, how, before);
                    assert_eq!(found.to_bits(), wanted.to_bits(), "{rows} rows, {place}");
                }
            }
        }
    }
}
