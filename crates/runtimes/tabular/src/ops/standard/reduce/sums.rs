//! Sums and products of floats in the order in which ONNX Runtime 1.32 adds.
//!
//! It adds rows from a library for linear algebra: four numbers at a time (two, of 64 bits), in
//! two turns, from the first place whose address is a multiple of 16 octets; what lies before and
//! behind comes last. Along other dimensions it adds element by element, or by fours.

use super::levels::Levels;
use crate::op::Fault;
use std::ops::{Add, Mul};

/// A float whose sums are taken `LANES` at a time.
pub(in super::super) trait Lanes:
    Copy + Default + Add<Output = Self> + Mul<Output = Self>
{
    /// The numbers in 16 octets.
    const LANES: usize;

    /// What rows combine to: `combine` of all `run`, of which the first lies `place` numbers
    /// behind a multiple of 16 octets.
    fn row(run: &[Self], place: usize, combine: impl Fn(Self, Self) -> Self) -> Self;
}

impl Lanes for f32 {
    const LANES: usize = 4;

    fn row(run: &[Self], place: usize, combine: impl Fn(Self, Self) -> Self) -> Self {
        row(run, place, combine, |[a, b, c, d]: [Self; 4], combine| {
            combine(combine(a, c), combine(b, d))
        })
    }
}

impl Lanes for f64 {
    const LANES: usize = 2;

    fn row(run: &[Self], place: usize, combine: impl Fn(Self, Self) -> Self) -> Self {
        row(run, place, combine, |[a, b]: [Self; 2], combine| {
            combine(a, b)
        })
    }
}

/// As [`Lanes::row`]: `N` numbers at a time, which `across` combines in the end. Zero of nothing.
fn row<T: Copy + Default, F: Fn(T, T) -> T, const N: usize>(
    run: &[T],
    place: usize,
    combine: F,
    across: impl Fn([T; N], &F) -> T,
) -> T {
    let before = ((N - place % N) % N).min(run.len());
    let (before, rest) = run.split_at(before);
    let (groups, behind) = rest.as_chunks::<N>();
    let each = |one: [T; N], two: &[T; N]| {
        let mut made = one;
        for (made, other) in made.iter_mut().zip(two) {
            *made = combine(*made, *other);
        }
        made
    };
    let mut pairs = groups.chunks_exact(2);
    let turns = pairs
        .by_ref()
        .fold(None, |turns, pair| match (turns, pair) {
            (Some((one, two)), [first, second]) => Some((each(one, first), each(two, second))),
            (_, [first, second]) => Some((*first, *second)),
            (turns, _) => turns,
        });
    let lanes = match (turns, pairs.remainder()) {
        (Some((one, two)), [last]) => Some(each(each(one, &two), last)),
        (Some((one, two)), _) => Some(each(one, &two)),
        (None, [only]) => Some(*only),
        (None, _) => None,
    };
    let rest = before.iter().chain(behind);
    match lanes {
        Some(lanes) => rest.fold(across(lanes, &combine), |sum, number| combine(sum, *number)),
        None => {
            let mut rest = rest.copied();
            let first = rest.next();
            first.map_or_else(T::default, |first| rest.fold(first, combine))
        }
    }
}

/// The sums along what `levels` reduces.
pub(super) fn sums<T: Lanes>(levels: &Levels, numbers: &[T]) -> Result<Vec<T>, Fault> {
    let add = |one: T, two: T| one + two;
    match *levels.as_slice() {
        [(len, true)] | [(_, false), (len, true)] if len > 0 => {
            let rows = numbers.chunks_exact(len).enumerate();
            Ok(rows.map(|(nth, run)| T::row(run, nth * len, add)).collect())
        }
        [(_, true), (rows, false), (len, true)] if rows > 0 && len > 0 => {
            let mut made = vec![T::default(); rows];
            for (nth, run) in numbers.chunks_exact(len).enumerate() {
                if let Some(made) = made.get_mut(nth % rows) {
                    *made = *made + T::row(run, nth * len, add);
                }
            }
            Ok(made)
        }
        [(_, false), (len, true), (width, false)] if len > 0 && width > 1 && T::LANES == 4 => {
            let blocks = numbers.chunks_exact(len.saturating_mul(width));
            Ok(blocks.flat_map(|block| by_fours(block, width)).collect())
        }
        _ => levels.fold(numbers, T::default(), add),
    }
}

/// The sums of the columns of a matrix `width` wide: four rows are added, and then their sum to
/// that of those before.
fn by_fours<T: Lanes>(block: &[T], width: usize) -> Vec<T> {
    let mut made: Vec<T> = Vec::new();
    let mut left = block;
    while !left.is_empty() {
        let rows = match left.len() / width {
            4.. => 4,
            2..4 => 2,
            _ => 1,
        };
        let (group, rest) = left.split_at(rows * width);
        left = rest;
        let mut rows = group.chunks_exact(width);
        let mut sum = rows.next().unwrap_or_default().to_vec();
        for row in rows {
            for (sum, number) in sum.iter_mut().zip(row) {
                *sum = *sum + *number;
            }
        }
        if made.is_empty() {
            made = sum;
        } else {
            for (made, number) in made.iter_mut().zip(sum) {
                *made = number + *made;
            }
        }
    }
    made
}

/// `combine` of `map` of the numbers along what `levels` reduces, `first` of none.
pub(super) fn folds<T: Lanes>(
    levels: &Levels,
    numbers: &[T],
    first: T,
    map: impl Fn(T) -> T,
    combine: impl Fn(T, T) -> T,
) -> Result<Vec<T>, Fault> {
    if let [(len, true)] = *levels.as_slice()
        && len > 0
    {
        let mapped: Vec<T> = numbers.iter().map(|number| map(*number)).collect();
        return Ok(vec![T::row(&mapped, 0, combine)]);
    }
    levels.fold(numbers, first, |made, number| combine(made, map(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_added_in_two_turns_from_an_even_address() {
        // Numbers so unlike in size that every other order gives another sum.
        let run: Vec<f32> = (0..15_i16)
            .map(|place| (f32::from(place) + 1.3).powi(9))
            .collect();
        for place in 0..4 {
            let before = (4 - place) % 4;
            let lane = |lane: usize| -> f32 {
                let lanes = &run[before..];
                let groups = (lanes.len() / 4) as i32;
                let at = |group: usize| lanes[4 * group + lane];
                match groups {
                    3 => at(0) + at(1) + at(2),
                    _ => at(0) + at(1),
                }
            };
            let groups = (15 - before) / 4 * 4;
            let mut expected = (lane(0) + lane(2)) + (lane(1) + lane(3));
            for number in run[..before].iter().chain(&run[before + groups..]) {
                expected += number;
            }
            assert_eq!(
                f32::row(&run, place, |one, two| one + two),
                expected,
                "{place}"
            );
        }
    }

    #[test]
    fn short_rows_are_added_one_by_one() {
        let add = |one: f32, two: f32| one + two;
        assert_eq!(f32::row(&[], 1, add), 0.0);
        assert_eq!(f32::row(&[-0.0], 1, add).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(f32::row(&[1.0, 2.0, 3.0], 2, add), 6.0);
        assert_eq!(f64::row(&[1.0, 2.0, 3.0], 1, |one, two| one + two), 6.0);
    }
}
