//! Rows as the walk reads them: eight at a time, column by column.
//!
//! A column of eight rows is eight words side by side. For cells of 32 bits a word is the order
//! of the number; for those of 64 bits it is the rank among the cuts of the source, so that both
//! are compared in 32 bits.

use super::codes::Codes;
use super::columns::{Ask, Columns};
use super::leaves::Rows;
use super::order::{Cell, Kind, each};
use super::simd::{Lanes, Simd, Work};
use super::tables::Tables;

/// Rows that lie side by side.
pub(super) const LANES: usize = 8;

/// Sources that are looked at together where there is one row.
const GROUP: usize = 64;

/// How the columns of the walk are made of a row.
#[derive(Debug)]
pub(super) struct Prepare<C: Cell> {
    numbers: Vec<Number>,
    /// The columns of those, in order, from the second on.
    singles: Vec<Single>,
    /// Whether the numbers are those of features side by side, all of one kind.
    dense: bool,
    /// The ranks' cuts, where words are ranks.
    tables: Option<Tables<C>>,
    /// How many columns hold codes, and where they begin.
    codes: usize,
    first_code: usize,
    /// Columns that are 1 where a code is not in a set: the code's column and the set's table.
    sets: Vec<(u32, u32)>,
    /// All columns, the last of which is always 0.
    columns: usize,
    simd: Simd,
}

#[derive(Debug)]
struct Number {
    feature: u32,
    kind: Kind,
    /// The column with missing cells to the left; one that nobody reads where none is wanted.
    low: u32,
    /// The same with missing cells to the right.
    high: u32,
}

/// A column of numbers.
#[derive(Debug)]
struct Single {
    /// The place of its source.
    source: u32,
    /// How much lower than the word of the source it is: 1 with missing cells to the right, else 0.
    lower: u32,
}

/// Where a node of the walk looks, and what it compares with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The column.
    pub(super) column: u32,
    /// The word that still goes left, or where the set's table begins.
    pub(super) key: u32,
    /// Whether it is a set's table.
    pub(super) set: bool,
}

/// [`Prepare::fill`].
struct Fill<'a, C: Cell, const N: usize, const W: usize> {
    prepare: &'a Prepare<C>,
    rows: Rows<'a, C>,
    codes: &'a Codes,
    lanes: &'a mut [[u32; W]],
}

impl<C: Cell, const N: usize, const W: usize> Work for Fill<'_, C, N, W> {
    #[inline(always)]
    fn run<L: Lanes>(self, simd: L) {
        self.prepare
            .fill_with::<L, N, W>(simd, self.rows, self.codes, self.lanes);
    }
}

impl<C: Cell> Prepare<C> {
    /// Numbers the columns. Sets have columns of their own where `set_columns` says so.
    pub(super) fn new(columns: &Columns, set_columns: bool, simd: Simd) -> Self {
        Self::numbered(columns, set_columns, !C::WHOLE, simd)
    }

    /// The same for one row alone, all of whose words are ranks; sets have columns of their own.
    pub(super) fn with_ranks(columns: &Columns, simd: Simd) -> Self {
        Self::numbered(columns, true, true, simd)
    }

    fn numbered(columns: &Columns, set_columns: bool, ranks: bool, simd: Simd) -> Self {
        // The first column is written to by those who have nothing to write.
        let mut count = 1;
        let mut next = |wanted: bool| {
            let next = if wanted { count } else { 0 };
            count += u32::from(wanted);
            next
        };
        let sources = columns.sources.iter();
        let numbers: Vec<Number> = sources
            .map(|source| Number {
                feature: source.feature,
                kind: source.kind,
                low: next(source.low),
                high: next(source.high),
            })
            .collect();
        let first_code = count as usize;
        let wanted = columns.sources.iter().zip(0..).flat_map(|(source, at)| {
            let single = |wanted: bool, lower| wanted.then_some(Single { source: at, lower });
            [single(source.low, 0), single(source.high, 1)]
        });
        let next_to = |pair: &[Number]| {
            pair[0].feature.checked_add(1) == Some(pair[1].feature) && pair[0].kind == pair[1].kind
        };
        let codes = columns.codes.columns.len();
        let sets: Vec<(u32, u32)> = if set_columns {
            let sets = columns.codes.sets.iter();
            sets.map(|set| (set.column, set.table)).collect()
        } else {
            Vec::new()
        };
        let cuts = || columns.sources.iter().map(|source| source.cuts.clone());
        Self {
            singles: wanted.flatten().collect(),
            dense: numbers.windows(2).all(next_to),
            numbers,
            tables: ranks.then(|| Tables::new(&cuts().collect::<Vec<_>>())),
            codes,
            first_code,
            columns: first_code + codes + sets.len() + 1,
            sets,
            simd,
        }
    }

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The column that is always 0: nothing there is above a key.
    pub(super) fn nothing(&self) -> u32 {
        u32::try_from(self.columns - 1).unwrap_or(u32::MAX)
    }

    /// Where a node looks; none for a leaf.
    pub(super) fn place(&self, codes: &Codes, ask: Ask) -> Option<Place> {
        let first_set = self.first_code + self.codes;
        match ask {
            Ask::Nothing => None,
            Ask::Number {
                source,
                high,
                cut,
                rank,
            } => {
                let number = &self.numbers[source as usize];
                let column = if high { number.high } else { number.low };
                let key = match self.tables {
                    Some(_) => rank,
                    None => C::top(C::word(cut)),
                };
                Some(Place {
                    column,
                    // The words of the high column are one lower, and so are its cuts, of which
                    // none is the lowest.
                    key: key - u32::from(high),
                    set: false,
                })
            }
            Ask::Set(set) if self.sets.is_empty() => {
                let set = codes.sets[set as usize];
                let column = self.first_code + set.column as usize;
                Some(Place {
                    column: u32::try_from(column).unwrap_or(u32::MAX),
                    key: set.table,
                    set: true,
                })
            }
            Ask::Set(set) => Some(Place {
                column: u32::try_from(first_set + set as usize).unwrap_or(u32::MAX),
                key: 0,
                set: false,
            }),
        }
    }

    /// Makes the columns of up to `N` rows, which are 1 or [`LANES`]; lanes that have no row are
    /// filled with the last one.
    pub(super) fn fill<const N: usize>(
        &self,
        rows: Rows<'_, C>,
        codes: &Codes,
        lanes: &mut [[u32; LANES]],
    ) {
        self.simd.call(Fill::<C, N, LANES> {
            prepare: self,
            rows,
            codes,
            lanes,
        });
    }

    /// Makes the columns of one row, one word each.
    pub(super) fn fill_row(&self, row: &[C], codes: &Codes, columns: &mut [[u32; 1]]) {
        let rows = Rows {
            cells: row,
            features: row.len(),
        };
        self.simd.call(Fill::<C, 1, 1> {
            prepare: self,
            rows,
            codes,
            lanes: columns,
        });
    }

    #[inline(always)]
    fn fill_with<L: Lanes, const N: usize, const W: usize>(
        &self,
        simd: L,
        rows: Rows<'_, C>,
        codes: &Codes,
        lanes: &mut [[u32; W]],
    ) {
        let (rows, features) = (rows.cells, rows.features);
        let count = rows.len().checked_div(features).unwrap_or(0).max(1);
        let mut starts = [0; N];
        for (lane, start) in starts.iter_mut().enumerate() {
            *start = lane.min(count - 1) * features;
        }
        if N == 1 {
            self.fill_one(simd, rows, lanes);
        }
        for (at, number) in self.numbers.iter().enumerate().filter(|_| N > 1) {
            let feature = number.feature as usize;
            let cells = each(starts, |start| rows[start + feature]);
            let words = C::words(cells, number.kind);
            let mut keys = each(words, C::top);
            if let Some(tables) = self.tables.as_ref().filter(|_| !C::WHOLE) {
                let tops = keys;
                tables.get(at).ranks(simd, &tops[..count.min(N)], &mut keys);
                for lane in 0..N {
                    keys[lane] = tables.exact(at, words[lane], keys[lane]);
                }
            }
            lanes[number.low as usize][..N].copy_from_slice(&keys);
            let lower = each(keys, |key| key.wrapping_sub(1));
            lanes[number.high as usize][..N].copy_from_slice(&lower);
        }
        for (column, to) in codes.columns.iter().zip(&mut lanes[self.first_code..]) {
            let feature = column.feature as usize;
            for lane in 0..N {
                to[lane] = column.code(rows[starts[lane] + feature].number());
            }
        }
        let (made, rest) = lanes.split_at_mut(self.first_code + self.codes);
        for (&(column, start), to) in self.sets.iter().zip(rest) {
            let found = &made[self.first_code + column as usize];
            for lane in 0..N {
                to[lane] = u32::from(codes.table[start as usize + found[lane] as usize]);
            }
        }
        lanes[self.columns - 1] = [0; W];
    }

    /// The columns of one row: vectors run over its sources then.
    #[inline(always)]
    fn fill_one<L: Lanes, const W: usize>(&self, simd: L, row: &[C], lanes: &mut [[u32; W]]) {
        // The columns of numbers stand in the order of their sources.
        let mut columns = &*self.singles;
        let mut lanes = lanes.get_mut(1..).unwrap_or_default();
        for (at, group) in self.numbers.chunks(GROUP).enumerate() {
            let mut cells = [C::default(); GROUP];
            match row.get(group[0].feature as usize..) {
                Some(row) if self.dense => {
                    let count = group.len().min(row.len());
                    cells[..count].copy_from_slice(&row[..count]);
                }
                _ => {
                    for (cell, number) in cells.iter_mut().zip(group) {
                        *cell = row[number.feature as usize];
                    }
                }
            }
            let kind = group[0].kind;
            let mut words = C::words(cells, kind);
            if !self.dense {
                for (at, number) in group
                    .iter()
                    .enumerate()
                    .filter(|(_, number)| number.kind != kind)
                {
                    [words[at]] = C::words([cells[at]], number.kind);
                }
            }
            let mut keys = each(words, C::top);
            if let Some(tables) = &self.tables {
                for (at, (key, word)) in (at * GROUP..)
                    .zip(keys.iter_mut().zip(words))
                    .take(group.len())
                {
                    let mut rank = [0];
                    tables.get(at).ranks(simd, &[*key], &mut rank);
                    *key = tables.exact(at, word, rank[0]);
                }
            }
            let end = columns.partition_point(|column| (column.source as usize) < (at + 1) * GROUP);
            let (now, later) = columns.split_at(end);
            let (to, rest) = lanes.split_at_mut(end.min(lanes.len()));
            for (column, to) in now.iter().zip(to) {
                let key = keys[column.source as usize % GROUP];
                to[0] = key.wrapping_sub(column.lower);
            }
            (columns, lanes) = (later, rest);
        }
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        size_of_val(&*self.numbers)
            + size_of_val(&*self.singles)
            + size_of_val(&*self.sets)
            + self.tables.as_ref().map_or(0, Tables::footprint)
    }
}
