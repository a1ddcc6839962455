//! Vectors of octets: the few operations that the sweep and the ranks are made of, once in plain
//! Rust and once for each set of instructions. What is made of them belongs elsewhere.
//!
//! A value of a type with [`Lanes`] is a proof that the CPU has its instructions: there is no way
//! to one but [`Simd::get`]. What an operation means is written here and tested against the plain
//! form on every CPU that has the instructions.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
#[cfg(test)]
mod tests;

use super::tables::BLOCK;
#[cfg(target_arch = "x86_64")]
use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use avx512::Avx512;
use portable::Portable;

/// Sets of instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Plain Rust.
    Portable,
    /// AVX2 and POPCNT.
    Avx2,
    /// AVX-512: F, BW, VL, DQ.
    Avx512,
}

/// A set of instructions that the CPU has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Simd {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

/// Room for the columns of a sweep, for each set of instructions.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    portable: Vec<portable::Cells>,
    #[cfg(target_arch = "x86_64")]
    avx2: Vec<avx2::Cells>,
    #[cfg(target_arch = "x86_64")]
    avx512: Vec<avx512::Cells>,
}

/// The members of a set of up to 256 codes, a bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bits {
    /// The codes below 128, then the others.
    pub(super) halves: [[u8; 16]; 2],
}

/// Operations on as many rows at once as a vector has octets. Octets are compared signed.
pub(super) trait Lanes: Copy {
    /// Rows of a vector.
    const ROWS: usize;

    /// The octets of a vector in memory.
    type Cells: Copy + Default + AsRef<[i8]> + AsMut<[i8]> + Send + Sync + std::fmt::Debug + 'static;

    /// A vector.
    type Octets: Copy;

    /// A yes or no for every row.
    type Mask: Copy;

    /// What is in memory.
    fn load(self, cells: &Self::Cells) -> Self::Octets;

    /// Back to memory.
    fn store(self, octets: Self::Octets, cells: &mut Self::Cells);

    /// The same octet for every row.
    fn splat(self, octet: i8) -> Self::Octets;

    /// Where `a == b`.
    fn equal(self, a: Self::Octets, b: Self::Octets) -> Self::Mask;

    /// Where `cell < bound`.
    fn below(self, cells: Self::Octets, bound: Self::Octets) -> Self::Mask;

    /// Where `within` holds and `cell >= bound`.
    fn not_below(self, within: Self::Mask, cells: Self::Octets, bound: Self::Octets) -> Self::Mask;

    /// `yes` where the mask holds, else `no`.
    fn choose(self, mask: Self::Mask, yes: Self::Octets, no: Self::Octets) -> Self::Octets;

    /// -1 where a code is in the set, else 0. A code `c` comes as three octets: `low` is `c / 8`
    /// where `c < 128`, else -128; `high` is `(c - 128) / 8` where `c >= 128`, else -128; `bit`
    /// is `1 << (c % 8)`.
    fn member(
        self,
        set: &Bits,
        low: Self::Octets,
        high: Self::Octets,
        bit: Self::Octets,
    ) -> Self::Octets;

    /// How many of the block are below `key`.
    fn count_below(self, block: &[i32; BLOCK], key: i32) -> u32;

    /// Room for columns.
    fn room(vectors: &mut Vectors) -> &mut Vec<Self::Cells>;

    /// Does the work, compiled for these instructions.
    fn call<W: Work>(self, work: W);
}

/// Work that vectors do. All that it calls has to be compiled into [`run`](Self::run)
/// (`#[inline(always)]`), or else it is compiled for no instructions.
pub(super) trait Work {
    /// Does it.
    fn run<L: Lanes>(self, lanes: L);
}

impl Simd {
    /// These instructions, where the CPU has them.
    pub(super) fn get(level: Level) -> Option<Self> {
        match level {
            Level::Portable => Some(Self::Portable(Portable)),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Avx2::found().map(Self::Avx2),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Avx512::found().map(Self::Avx512),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        }
    }

    /// The widest that the CPU has.
    pub(super) fn best() -> Self {
        Self::get(Level::Avx512)
            .or_else(|| Self::get(Level::Avx2))
            .unwrap_or(Self::Portable(Portable))
    }

    /// Which one it is.
    pub(super) fn level(self) -> Level {
        match self {
            Self::Portable(_) => Level::Portable,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Level::Avx2,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Level::Avx512,
        }
    }

    /// Rows of a vector.
    pub(super) fn rows(self) -> usize {
        match self {
            Self::Portable(_) => Portable::ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Avx2::ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Avx512::ROWS,
        }
    }

    /// Does the work with these instructions.
    pub(super) fn call<W: Work>(self, work: W) {
        match self {
            Self::Portable(lanes) => lanes.call(work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(lanes) => lanes.call(work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(lanes) => lanes.call(work),
        }
    }
}
