//! A node of the walk: eight octets, or twelve where those do not suffice.
//!
//! The next node is `ahead` further, and one more where the word of the row is above `key`. A
//! leaf is ahead of itself by nothing and reads the column that is always 0, so that a walk which
//! has ended stays where it is; its key is free for the payload.

use super::super::lanes::LANES;

/// Words that a node of eight octets can reach: a column in 16 bits, and the lanes of the last.
const REACH: usize = (1 << 16) + LANES;

/// A node.
pub(in super::super) trait Node:
    Copy + Default + Send + Sync + std::fmt::Debug
{
    /// The words that nodes look at.
    type Words: ?Sized;

    /// A node; none where a number is too large for it.
    fn new(key: u32, column: u32, set: bool, ahead: u32) -> Option<Self>;

    /// The largest word that goes to the first child; the payload of a leaf; where a set's table
    /// begins.
    fn key(&self) -> u32;

    /// How far the children are; 0 for a leaf.
    fn ahead(&self) -> u32;

    /// Whether it asks for a set.
    fn is_set(&self) -> bool;

    /// The words from the first of eight rows on; at least [`padding`](Self::padding) more than
    /// are looked at.
    fn words(words: &[u32]) -> Option<&Self::Words>;

    /// The word that the node looks at in a lane. Without `SETS` no node asks for one.
    fn word<const SETS: bool>(&self, words: &Self::Words, lane: usize) -> u32;

    /// How many words have to follow the last row.
    fn padding() -> usize;
}

/// Eight octets: up to 8,192 columns and 65,535 nodes ahead.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(8))]
pub(in super::super) struct Narrow {
    key: u32,
    /// Eight times the column, and 1 for a set.
    column: u16,
    ahead: u16,
}

/// Twelve octets.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Wide {
    key: u32,
    /// As in [`Narrow`].
    column: u32,
    ahead: u32,
}

/// Where a column's words begin, with a bit for sets.
fn scaled(column: u32, set: bool) -> Option<u32> {
    let scaled = column.checked_mul(u32::try_from(LANES).ok()?)?;
    Some(scaled | u32::from(set))
}

impl Node for Narrow {
    // As many as 16 bits can reach: there is nothing to check.
    type Words = [u32; REACH];

    fn new(key: u32, column: u32, set: bool, ahead: u32) -> Option<Self> {
        Some(Self {
            key,
            column: u16::try_from(scaled(column, set)?).ok()?,
            ahead: u16::try_from(ahead).ok()?,
        })
    }

    #[inline(always)]
    fn key(&self) -> u32 {
        self.key
    }

    #[inline(always)]
    fn ahead(&self) -> u32 {
        u32::from(self.ahead)
    }

    #[inline(always)]
    fn is_set(&self) -> bool {
        self.column & 1 != 0
    }

    #[inline(always)]
    fn words(words: &[u32]) -> Option<&[u32; REACH]> {
        words.first_chunk()
    }

    #[inline(always)]
    fn word<const SETS: bool>(&self, words: &[u32; REACH], lane: usize) -> u32 {
        let column = if SETS { self.column & !1 } else { self.column };
        words[usize::from(column) + lane]
    }

    fn padding() -> usize {
        REACH
    }
}

impl Node for Wide {
    type Words = [u32];

    fn new(key: u32, column: u32, set: bool, ahead: u32) -> Option<Self> {
        Some(Self {
            key,
            column: scaled(column, set)?,
            ahead,
        })
    }

    #[inline(always)]
    fn key(&self) -> u32 {
        self.key
    }

    #[inline(always)]
    fn ahead(&self) -> u32 {
        self.ahead
    }

    #[inline(always)]
    fn is_set(&self) -> bool {
        self.column & 1 != 0
    }

    #[inline(always)]
    fn words(words: &[u32]) -> Option<&[u32]> {
        Some(words)
    }

    #[inline(always)]
    fn word<const SETS: bool>(&self, words: &[u32], lane: usize) -> u32 {
        let column = if SETS { self.column & !1 } else { self.column };
        words[column as usize + lane]
    }

    fn padding() -> usize {
        LANES
    }
}
