//! Floats as whole numbers of the same order, so that every comparison is one of integers.
//!
//! The word of a cell is larger than another's exactly where the cell is; -0.0 has the word of
//! 0.0, and [`MISSING`] lies below all of them. A split asks whether the word is above its *cut*,
//! the largest word that still goes left: a NaN, an infinity and a threshold at one of them need
//! no case of their own.

use flowgate_core::program::{Missing, Precision, Side, Test};

/// The word of a cell that is missing; no number has it.
pub(super) const MISSING: u32 = 0;

/// LightGBM's `kZeroThreshold`, a `float`: what is as close to zero counts as zero.
pub(super) const ZERO: f64 = 1.000_000_018_002_509_5e-35;

/// The same in 32 bits, which hold it exactly.
const ZERO_F32: f32 = 1e-35;

/// What a cell is missing for, without the side that it then goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// NaN is missing.
    Nan,
    /// NaN and what is as close to zero as [`ZERO`] are missing.
    NanOrZero,
    /// Nothing is missing; NaN is 0.
    NanIsZero,
}

/// The kind of a rule, and the side that missing cells go to.
pub(super) fn parts(missing: Missing) -> (Kind, Side) {
    match missing {
        Missing::Nan(side) => (Kind::Nan, side),
        Missing::NanOrZero(side) => (Kind::NanOrZero, side),
        Missing::NanIsZero => (Kind::NanIsZero, Side::No),
    }
}

/// A cell of a row.
pub(super) trait Cell: Copy + Default + Send + Sync + std::fmt::Debug + 'static {
    /// Its word.
    type Word: Copy + Default + Ord + Send + Sync + std::fmt::Debug + 'static;

    /// Whether [`top`](Self::top) is the whole word.
    const WHOLE: bool;

    /// The cell as a number of 64 bits, which is the same number.
    fn number(self) -> f64;

    /// The words of some cells.
    fn words<const N: usize>(cells: [Self; N], kind: Kind) -> [Self::Word; N];

    /// The upper 32 bits of a word.
    fn top(word: Self::Word) -> u32;

    /// A word that [`cut`] gave.
    fn word(cut: u64) -> Self::Word;
}

/// The cut of a question, in the words of cells of this type; none where it is not about order.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the threshold is of the type of the cells"
)]
pub(super) fn cut(test: Test, cells: Precision) -> Option<u64> {
    let word = |threshold: f64| match cells {
        Precision::F32 => u64::from(order32(threshold as f32)),
        Precision::F64 => order64(threshold),
    };
    match test {
        // The lowest word of a number, of minus infinity, is far above 0.
        Test::Less(threshold) => Some(word(threshold) - 1),
        Test::LessOrEqual(threshold) => Some(word(threshold)),
        Test::Equal(_) | Test::InSet(_) => None,
    }
}

/// The word of a number of 32 bits.
#[inline(always)]
fn order32(number: f32) -> u32 {
    // Adding 0.0 makes 0.0 of -0.0 and changes nothing else.
    let bits = (number + 0.0).to_bits();
    let negative = bits.cast_signed() >> 31;
    bits ^ (negative.cast_unsigned() | 1 << 31)
}

/// The word of a number of 64 bits.
#[inline(always)]
pub(super) fn order64(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    let negative = bits.cast_signed() >> 63;
    bits ^ (negative.cast_unsigned() | 1 << 63)
}

/// [`array::map`], which is not always compiled into its caller.
#[inline(always)]
pub(super) fn each<T: Copy, U: Copy + Default, const N: usize>(
    from: [T; N],
    made: impl Fn(T) -> U,
) -> [U; N] {
    let mut to = [U::default(); N];
    for (to, from) in to.iter_mut().zip(from) {
        *to = made(from);
    }
    to
}

impl Cell for f32 {
    type Word = u32;

    const WHOLE: bool = true;

    #[inline(always)]
    fn number(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn words<const N: usize>(cells: [Self; N], kind: Kind) -> [u32; N] {
        match kind {
            Kind::Nan => each(cells, |cell| {
                if cell.is_nan() {
                    MISSING
                } else {
                    order32(cell)
                }
            }),
            Kind::NanOrZero => each(cells, |cell| {
                let missing = cell.is_nan() | (cell.abs() <= ZERO_F32);
                if missing { MISSING } else { order32(cell) }
            }),
            Kind::NanIsZero => each(cells, |cell| {
                order32(if cell.is_nan() { 0.0 } else { cell })
            }),
        }
    }

    #[inline(always)]
    fn top(word: u32) -> u32 {
        word
    }

    #[expect(clippy::cast_possible_truncation, reason = "it was made of 32 bits")]
    fn word(cut: u64) -> u32 {
        cut as u32
    }
}

impl Cell for f64 {
    type Word = u64;

    const WHOLE: bool = false;

    #[inline(always)]
    fn number(self) -> f64 {
        self
    }

    #[inline(always)]
    fn words<const N: usize>(cells: [Self; N], kind: Kind) -> [u64; N] {
        let missing = u64::from(MISSING);
        match kind {
            Kind::Nan => each(cells, |cell| {
                if cell.is_nan() {
                    missing
                } else {
                    order64(cell)
                }
            }),
            Kind::NanOrZero => each(cells, |cell| {
                let gone = cell.is_nan() | (cell.abs() <= ZERO);
                if gone { missing } else { order64(cell) }
            }),
            Kind::NanIsZero => each(cells, |cell| {
                order64(if cell.is_nan() { 0.0 } else { cell })
            }),
        }
    }

    #[inline(always)]
    fn top(word: u64) -> u32 {
        (word >> 32) as u32
    }

    fn word(cut: u64) -> u64 {
        cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_the_order_of_the_numbers() {
        let numbers = [
            f32::NEG_INFINITY,
            f32::MIN,
            -1.0,
            -f32::MIN_POSITIVE,
            -1e-45,
            0.0,
            1e-45,
            f32::MIN_POSITIVE,
            1.0,
            f32::MAX,
            f32::INFINITY,
        ];
        let words = f32::words(numbers, Kind::Nan);
        assert!(words.windows(2).all(|pair| pair[0] < pair[1]));
        let wide = f64::words(numbers.map(f64::from), Kind::Nan);
        assert!(wide.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(words[0] > MISSING && f64::top(wide[0]) > MISSING);
        assert_eq!(f32::words([-0.0], Kind::Nan), f32::words([0.0], Kind::Nan));
        assert_eq!(f64::words([-0.0], Kind::Nan), f64::words([0.0], Kind::Nan));
    }

    #[test]
    fn both_zeros_to_count_as_zero_are_one_number() {
        assert_eq!(f64::from(ZERO_F32), ZERO);
    }
}
