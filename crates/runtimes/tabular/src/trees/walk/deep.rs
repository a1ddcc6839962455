//! One row through deep trees.
//!
//! The deepest of eight walks takes twice the steps of the mean one, and all would wait for it. So
//! all trees are walked down some steps, and from then on only those whose walk has not ended:
//! they are gathered anew every few steps, without a branch.

use super::super::order::each;
use super::kernel::{Ground, STRIDE, step};
use super::node::Node;

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

/// The payloads at which one row, the first of eight lanes, ends in all trees. `roots` are their
/// roots, with further ones until they are a multiple of [`SIDE_BY_SIDE`]; `first` steps are taken
/// before it is looked who has ended. A function by itself, so that its loops have all registers.
#[inline(never)]
pub(super) fn deep_row<'a, N: Node, const SETS: bool>(
    ground: Ground<'_, N>,
    roots: &[u32],
    first: u32,
    words: &N::Words,
    room: &'a mut Places,
) -> &'a [u32] {
    let walked = |mut at: [u32; SIDE_BY_SIDE], steps: u32| {
        for _ in 0..steps {
            for at in &mut at {
                *at = step::<N, SETS>(ground, *at, words, 0);
            }
        }
        at
    };
    let is_open = |at: u32| usize::from(ground.nodes[at as usize].ahead() != 0);
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
    for place in &mut *places {
        *place = ground.nodes[*place as usize].key();
    }
    places
}
