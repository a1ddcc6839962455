//! The two loops of the walk: some trees for one row, or one tree for some rows.
//!
//! One walk waits for memory at every step; eight and more that have nothing to do with each
//! other keep the CPU busy meanwhile. They take as many steps as the deepest needs.

use super::super::lanes::LANES;
use super::super::order::each;
use super::Spot;
use super::deep::{SIDE_BY_SIDE, Ways};
use super::node::Node;

/// Steps after which walks of deep trees look whether all have ended.
pub(super) const STRIDE: u32 = 4;

/// Depth up to which walks do not look.
pub(super) const SHALLOW: u32 = 10;

/// What walks read.
#[derive(Debug)]
pub(super) struct Ground<'a, N> {
    pub(super) nodes: &'a [N],
    /// The tables of sets.
    pub(super) table: &'a [u8],
}

impl<N> Clone for Ground<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Ground<'_, N> {}

/// What one row, the first of eight lanes, walks along.
#[derive(Debug)]
pub(super) struct Along<'a, N: Node, const SETS: bool> {
    pub(super) ground: Ground<'a, N>,
    pub(super) words: &'a N::Words,
}

impl<N: Node, const SETS: bool> Clone for Along<'_, N, SETS> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N: Node, const SETS: bool> Copy for Along<'_, N, SETS> {}

impl<N: Node, const SETS: bool> Ways for Along<'_, N, SETS> {
    #[inline(always)]
    fn step(self, at: u32) -> u32 {
        step::<N, SETS>(self.ground, at, self.words, 0)
    }

    #[inline(always)]
    fn is_leaf(self, at: u32) -> bool {
        self.ground.nodes[at as usize].ahead() == 0
    }

    #[inline(always)]
    fn keys(self, at: [u32; SIDE_BY_SIDE]) -> [u32; SIDE_BY_SIDE] {
        each(at, |at| self.ground.nodes[at as usize].key())
    }
}

/// Gives `add` the payloads at which one row, the first of eight lanes, ends in `K` trees at a
/// time, none of them deeper than their depth in `depths`. A function by itself, so that its loops
/// have all registers.
#[inline(never)]
pub(super) fn one_row<N: Node, const SETS: bool, const K: usize>(
    ground: Ground<'_, N>,
    (roots, depths): (&[[u32; K]], &[u32]),
    words: &N::Words,
    mut add: impl FnMut([u32; K]),
) {
    for (roots, &depth) in roots.iter().zip(depths) {
        add(descend(ground, *roots, depth, |_, at| {
            step::<N, SETS>(ground, at, words, 0)
        }));
    }
}

/// The payloads at which `G` times eight rows end in a tree.
#[inline(always)]
pub(super) fn some_rows<N: Node, const SETS: bool, const G: usize, const K: usize>(
    ground: Ground<'_, N>,
    tree: Spot,
    words: [&N::Words; G],
) -> [u32; K] {
    descend(ground, [tree.root; K], tree.depth, |k, at| {
        step::<N, SETS>(ground, at, words[k / LANES], k % LANES)
    })
}

#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "such a loop is unrolled, so that places stay in registers; one over an iterator is not"
)]
fn descend<N: Node, const K: usize>(
    ground: Ground<'_, N>,
    mut at: [u32; K],
    depth: u32,
    step: impl Fn(usize, u32) -> u32,
) -> [u32; K] {
    if depth <= SHALLOW {
        for _ in 0..depth {
            for k in 0..K {
                at[k] = step(k, at[k]);
            }
        }
    } else {
        let mut left = depth;
        loop {
            for _ in 0..STRIDE {
                for k in 0..K {
                    at[k] = step(k, at[k]);
                }
            }
            left = left.saturating_sub(STRIDE);
            let mut ahead = 0;
            for at in at {
                ahead |= ground.nodes[at as usize].ahead();
            }
            if left == 0 || ahead == 0 {
                break;
            }
        }
    }
    each(at, |at| ground.nodes[at as usize].key())
}

#[inline(always)]
fn step<N: Node, const SETS: bool>(
    ground: Ground<'_, N>,
    at: u32,
    words: &N::Words,
    lane: usize,
) -> u32 {
    // By reference, so that each part of it is loaded where it is used.
    let node = &ground.nodes[at as usize];
    let word = node.word::<SETS>(words, lane);
    // The borrow of `key - word` is whether the word is above the key; it is added as it is.
    let (_, above) = node.key().overflowing_sub(word);
    let next = at + node.ahead() + u32::from(above);
    if !SETS {
        return next;
    }
    // The key of a set's node is above all codes, and other nodes look at the 0 that the table
    // begins with.
    let mask = 0_u32.wrapping_sub(u32::from(node.is_set()));
    let place = node.key().wrapping_add(word) & mask;
    next + u32::from(ground.table[place as usize])
}
