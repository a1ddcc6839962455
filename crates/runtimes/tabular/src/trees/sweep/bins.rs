//! Rows as the sweep reads them: a column of octets for every source, many rows side by side.
//!
//! The octet of a number is its rank among the cuts of the source, from -128 on. Where a source
//! has more cuts than an octet tells apart, several columns hold its rank, each a part of it.

use super::super::codes::Codes;
use super::super::columns::{Ask, Columns};
use super::super::lanes::LANES;
use super::super::leaves::Rows;
use super::super::order::{Cell, Kind, each};
use super::super::simd::Lanes;
use super::super::tables::Tables;
use super::Bound;

/// Cuts that one column tells apart.
const CUTS: u32 = 255;

/// The most columns of the sweep.
const MOST_COLUMNS: usize = 4096;

/// The most codes of a column.
const MOST_CODES: u32 = 256;

/// How the columns of the sweep are made.
#[derive(Debug)]
pub(super) struct Bins<C: Cell> {
    tables: Tables<C>,
    sources: Vec<Source>,
    windows: Vec<Window>,
    /// The first of the three columns of every code.
    first_code: usize,
    /// All columns but those that sets make.
    pub(super) columns: usize,
}

#[derive(Debug)]
struct Source {
    feature: u32,
    kind: Kind,
    /// How many of the windows are its own, one source after the other.
    windows: usize,
    /// Whether its ranks are octets: no window is a part of them.
    whole: bool,
}

/// A column: `rank - base`, no less than 0 and no more than 255.
#[derive(Debug, Clone, Copy)]
struct Window {
    base: u32,
    /// Whether missing cells go right: ranks are one lower and wrap around.
    high: bool,
    column: u16,
}

impl<C: Cell> Bins<C> {
    /// The columns that the splits ask for; none when they are too many.
    pub(super) fn new(columns: &Columns) -> Option<Self> {
        let codes = &columns.codes.columns;
        if codes.iter().any(|column| column.codes > MOST_CODES) {
            return None;
        }
        let mut sources = Vec::with_capacity(columns.sources.len());
        let mut windows = Vec::new();
        for source in &columns.sources {
            let before = windows.len();
            let cuts = u32::try_from(source.cuts.len()).ok()?;
            let needed = cuts.div_ceil(CUTS);
            if windows.len() + 2 * needed as usize > MOST_COLUMNS {
                return None;
            }
            for high in [false, true] {
                if if high { source.high } else { source.low } {
                    for window in 0..needed {
                        windows.push(Window {
                            base: window * CUTS,
                            high,
                            column: u16::try_from(windows.len()).ok()?,
                        });
                    }
                }
            }
            sources.push(Source {
                feature: source.feature,
                kind: source.kind,
                windows: windows.len() - before,
                whole: needed <= 1,
            });
        }
        let first_code = windows.len();
        let count = first_code + 3 * codes.len();
        if count > MOST_COLUMNS {
            return None;
        }
        let cuts: Vec<_> = columns
            .sources
            .iter()
            .map(|source| source.cuts.clone())
            .collect();
        Some(Self {
            tables: Tables::new(&cuts),
            sources,
            windows,
            first_code,
            columns: count,
        })
    }

    /// What a node compares; none for one that compares no number.
    pub(super) fn bounds<'a>(&'a self, columns: &'a Columns) -> impl Fn(Ask) -> Option<Bound> + 'a {
        let starts: Vec<usize> = self
            .sources
            .iter()
            .scan(0, |next, source| {
                let start = *next;
                *next += source.windows;
                Some(start)
            })
            .collect();
        move |ask| {
            let Ask::Number {
                source, high, rank, ..
            } = ask
            else {
                return None;
            };
            let (at, source) = (source as usize, &columns.sources[source as usize]);
            // Right is where the rank is above the cut's; with `high`, both are one lower.
            let least = rank + u32::from(!high);
            let window = least.checked_sub(1)? / CUTS;
            let needed = source.cuts.len().div_ceil(CUTS as usize);
            let before = if high && source.low { needed } else { 0 };
            let column = self
                .windows
                .get(starts[at] + before + window as usize)?
                .column;
            Some(Bound {
                column,
                bound: octet(least - window * CUTS),
            })
        }
    }

    /// The first of the three columns of a code column.
    pub(super) fn code(&self, column: u32) -> Option<u16> {
        u16::try_from(self.first_code + 3 * column as usize).ok()
    }

    /// Makes the columns of some rows. Rows that fill up a group of eight are the last one.
    #[inline(always)]
    pub(super) fn fill<L: Lanes, const N: usize>(
        &self,
        lanes: L,
        rows: Rows<'_, C>,
        count: usize,
        codes: &Codes,
        columns: &mut [[L::Cells; N]],
    ) {
        let mut next = 0;
        for (at, source) in self.sources.iter().enumerate() {
            let windows = &self.windows[next..next + source.windows];
            next += source.windows;
            let table = self.tables.get(at);
            for start in (0..count).step_by(LANES) {
                let cells = eight(rows, start, count, source.feature);
                let words = C::words(cells, source.kind);
                let mut ranks = [0; LANES];
                table.ranks(lanes, &each(words, C::top), &mut ranks);
                for lane in 0..LANES {
                    ranks[lane] = self.tables.exact(at, words[lane], ranks[lane]);
                }
                if source.whole {
                    let word = side_by_side(ranks);
                    for window in windows {
                        let word = if window.high { one_less(word) } else { word };
                        let octets = (word ^ TOPS).to_le_bytes().map(u8::cast_signed);
                        put::<L, N>(&mut columns[usize::from(window.column)], start, octets);
                    }
                    continue;
                }
                for window in windows {
                    let lower = u32::from(window.high);
                    let octets = each(ranks, |rank| {
                        octet(
                            rank.wrapping_sub(lower)
                                .saturating_sub(window.base)
                                .min(CUTS),
                        )
                    });
                    put::<L, N>(&mut columns[usize::from(window.column)], start, octets);
                }
            }
        }
        for (at, column) in codes.columns.iter().enumerate() {
            let first = self.first_code + 3 * at;
            for start in (0..count).step_by(LANES) {
                let cells = eight(rows, start, count, column.feature);
                let codes = each(cells, |cell| column.code(cell.number()));
                for (k, octets) in split(codes).into_iter().enumerate() {
                    put::<L, N>(&mut columns[first + k], start, octets);
                }
            }
        }
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        self.tables.footprint() + size_of_val(&*self.sources) + size_of_val(&*self.windows)
    }
}

#[inline(always)]
fn eight<C: Cell>(rows: Rows<'_, C>, start: usize, count: usize, feature: u32) -> [C; LANES] {
    let (features, feature) = (rows.features, feature as usize);
    let mut cells = [C::default(); LANES];
    if start + LANES <= count {
        let first = start * features + feature;
        for (lane, cell) in cells.iter_mut().enumerate() {
            *cell = rows.cells[first + lane * features];
        }
    } else {
        for (lane, cell) in cells.iter_mut().enumerate() {
            *cell = rows.cells[(start + lane).min(count - 1) * features + feature];
        }
    }
    cells
}

#[inline(always)]
fn put<L: Lanes, const N: usize>(column: &mut [L::Cells; N], row: usize, octets: [i8; LANES]) {
    let cells = column[row / L::ROWS].as_mut();
    cells[row % L::ROWS..][..LANES].copy_from_slice(&octets);
}

/// The highest bit of every octet.
const TOPS: u64 = 0x8080_8080_8080_8080;

/// Numbers from 0 to 255 as the octets of a word, the first in the lowest.
#[inline(always)]
fn side_by_side(numbers: [u32; LANES]) -> u64 {
    let mut word = 0;
    for (lane, number) in numbers.into_iter().enumerate() {
        word |= u64::from(number) << (8 * lane);
    }
    word
}

/// One less in every octet; 255 in place of 0.
#[inline(always)]
fn one_less(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // With the highest bits set nothing is borrowed from a neighbour; then they are what they
    // would have been.
    ((word | TOPS) - ONES) ^ (!word & TOPS)
}

/// A number from 0 to 255 as an octet of the same order.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "it is no more than 255")]
fn octet(number: u32) -> i8 {
    (number as u8 ^ 1 << 7).cast_signed()
}

/// Codes as the three octets that [`Lanes::member`] reads.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "codes are no more than 255"
)]
fn split(codes: [u32; LANES]) -> [[i8; LANES]; 3] {
    let codes = each(codes, |code| code as u8);
    let low = |code: u8| {
        if code < 128 {
            (code / 8).cast_signed()
        } else {
            i8::MIN
        }
    };
    let high = |code: u8| {
        if code < 128 {
            i8::MIN
        } else {
            (code / 8 - 16).cast_signed()
        }
    };
    let bit = |code: u8| (1_u8 << (code % 8)).cast_signed();
    [each(codes, low), each(codes, high), each(codes, bit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_of_a_word_are_lowered_each_for_itself() {
        for first in 0..=255_u32 {
            let numbers = [first, 0, 1, 127, 128, 129, 254, 255];
            let lowered = numbers.map(|number| (number as u8).wrapping_sub(1));
            assert_eq!(one_less(side_by_side(numbers)).to_le_bytes(), lowered);
        }
    }
}
