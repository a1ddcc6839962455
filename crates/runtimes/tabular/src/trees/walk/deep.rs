//! One row through deep trees.
//!
//! The deepest of eight walks takes twice the steps of the mean one, and all would wait for it. So
//! all trees are walked down some steps, and from then on only those whose walk has not ended:
//! they are gathered anew every few steps, without a branch.

use super::super::order::each;
use super::kernel::STRIDE;

/// Walks side by side, all of whose places have registers.
pub(super) const SIDE_BY_SIDE: usize = 8;

/// What is kept between runs.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Where the walk down each tree stands.
    places: Vec<u32>,
    /// The trees whose walk has not ended.
    open: Vec<u32>,
}

/// Deep trees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deep<'a> {
    /// Their roots, and further ones until they are a multiple of [`SIDE_BY_SIDE`].
    pub(super) roots: &'a [u32],
    /// How many there are.
    pub(super) count: usize,
    /// Steps that are taken before it is looked which walks have ended.
    pub(super) first: u32,
}

/// Where a row goes in trees.
pub(super) trait Ways: Copy {
    /// The node after the one at a place; a leaf is after itself.
    fn step(self, at: u32) -> u32;

    /// Whether there is a leaf.
    fn is_leaf(self, at: u32) -> bool;

    /// What leaves hold.
    fn keys(self, at: [u32; SIDE_BY_SIDE]) -> [u32; SIDE_BY_SIDE];
}

/// Gives `add` what the leaves hold that a row ends at, some trees after the other, with the first
/// of these. A function by itself, so that its loops have all registers.
#[inline(never)]
pub(super) fn deep_row(
    ways: impl Ways,
    Deep {
        roots,
        count,
        first,
    }: Deep<'_>,
    room: &mut Places,
    mut add: impl FnMut(usize, &[u32]),
) {
    let walked = |mut at: [u32; SIDE_BY_SIDE], steps: u32| {
        for _ in 0..steps {
            for at in &mut at {
                *at = ways.step(*at);
            }
        }
        at
    };
    let is_open = |at: u32| usize::from(!ways.is_leaf(at));
    room.places.resize(roots.len(), 0);
    room.open.resize(roots.len(), 0);
    let (places, open) = (&mut *room.places, &mut *room.open);
    let mut left = 0;
    let groups = roots.as_chunks().0.iter().zip(places.as_chunks_mut().0);
    for ((roots, places), start) in groups.zip((0..).step_by(SIDE_BY_SIDE)) {
        *places = walked(*roots, first);
        for (at, tree) in places.iter().zip(start..) {
            open[left] = tree;
            left += is_open(*at);
        }
    }
    while left > 0 {
        // What a walk that is there twice does, it does twice.
        let full = left.next_multiple_of(SIDE_BY_SIDE);
        let last = open[left - 1];
        open[left..full].fill(last);
        left = 0;
        for start in (0..full).step_by(SIDE_BY_SIDE) {
            let mut trees = [0; SIDE_BY_SIDE];
            trees.copy_from_slice(&open[start..start + SIDE_BY_SIDE]);
            let at = walked(each(trees, |tree| places[tree as usize]), STRIDE);
            for (at, tree) in at.into_iter().zip(trees) {
                places[tree as usize] = at;
                open[left] = tree;
                left += is_open(at);
            }
        }
    }
    let whole = count / SIDE_BY_SIDE;
    let (groups, last) = places.as_chunks::<SIDE_BY_SIDE>().0.split_at(whole);
    for (places, first) in groups.iter().zip((0..).step_by(SIDE_BY_SIDE)) {
        add(first, &ways.keys(*places));
    }
    if let Some(places) = last.first() {
        let first = whole * SIDE_BY_SIDE;
        add(first, &ways.keys(*places)[..count - first]);
    }
}
