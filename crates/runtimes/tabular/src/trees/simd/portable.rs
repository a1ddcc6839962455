//! The operations in plain Rust: what they mean, and what other CPUs run.

use super::super::tables::BLOCK;
use super::{Bits, Lanes, Vectors, Work};

/// Plain Rust.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Portable;

/// As many rows as the compiler makes two vectors of everywhere.
const ROWS: usize = 32;

/// The octets of [`ROWS`] rows.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(in super::super) struct Cells([i8; ROWS]);

impl AsRef<[i8]> for Cells {
    fn as_ref(&self) -> &[i8] {
        &self.0
    }
}

impl AsMut<[i8]> for Cells {
    fn as_mut(&mut self) -> &mut [i8] {
        &mut self.0
    }
}

/// [`std::array::from_fn`], which is not always compiled into its caller.
#[inline(always)]
fn rows(made: impl Fn(usize) -> i8) -> [i8; ROWS] {
    let mut to = [0; ROWS];
    for (row, to) in to.iter_mut().enumerate() {
        *to = made(row);
    }
    to
}

impl Lanes for Portable {
    const ROWS: usize = ROWS;

    type Cells = Cells;
    type Octets = [i8; ROWS];
    /// -1 where it holds, else 0.
    type Mask = [i8; ROWS];

    #[inline(always)]
    fn load(self, cells: &Cells) -> [i8; ROWS] {
        cells.0
    }

    #[inline(always)]
    fn store(self, octets: [i8; ROWS], cells: &mut Cells) {
        cells.0 = octets;
    }

    #[inline(always)]
    fn splat(self, octet: i8) -> [i8; ROWS] {
        [octet; ROWS]
    }

    #[inline(always)]
    fn equal(self, a: [i8; ROWS], b: [i8; ROWS]) -> [i8; ROWS] {
        rows(|row| -i8::from(a[row] == b[row]))
    }

    #[inline(always)]
    fn below(self, cells: [i8; ROWS], bound: [i8; ROWS]) -> [i8; ROWS] {
        rows(|row| -i8::from(cells[row] < bound[row]))
    }

    #[inline(always)]
    fn not_below(self, within: [i8; ROWS], cells: [i8; ROWS], bound: [i8; ROWS]) -> [i8; ROWS] {
        rows(|row| within[row] & -i8::from(cells[row] >= bound[row]))
    }

    #[inline(always)]
    fn choose(self, mask: [i8; ROWS], yes: [i8; ROWS], no: [i8; ROWS]) -> [i8; ROWS] {
        rows(|row| (mask[row] & yes[row]) | (!mask[row] & no[row]))
    }

    #[inline(always)]
    fn member(self, set: &Bits, low: [i8; ROWS], high: [i8; ROWS], bit: [i8; ROWS]) -> [i8; ROWS] {
        let half = |bits: &[u8; 16], at: i8| match u8::try_from(at) {
            Ok(at) => bits[usize::from(at % 16)],
            Err(_) => 0,
        };
        rows(|row| {
            let bits = half(&set.halves[0], low[row]) | half(&set.halves[1], high[row]);
            -i8::from(bits & bit[row].cast_unsigned() != 0)
        })
    }

    #[inline(always)]
    fn count_below(self, block: &[i32; BLOCK], key: i32) -> u32 {
        block.iter().map(|&cut| u32::from(cut < key)).sum()
    }

    fn room(vectors: &mut Vectors) -> &mut Vec<Cells> {
        &mut vectors.portable
    }

    #[inline(always)]
    fn call<W: Work>(self, work: W) {
        work.run(self);
    }
}
