//! The loop: where rows end in their trees.
//!
//! The leaves of a tree are numbered from left to right, and a subtree that is not
//! yet entered is named by its leftmost leaf. Every row has a position, 0 at first: the subtree
//! that it is in. A node that covers the leaves from `from` on, and whose right subtree begins at
//! `to`, moves exactly those rows that are at `from` and do not go left. Nodes come after their
//! ancestors, so a row that is at `from` is at this node: rows that went right before are beyond,
//! rows that are in another subtree have the name of a leaf of that one. There is no branch, and
//! positions stay in registers.
//!
//! Three nodes that are a parent and its two children are one step: where a row would go is
//! chosen among four, and taken by the rows that are at the parent.

use super::super::simd::{Bits, Lanes};

/// A node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Single {
    /// The column that is compared.
    pub(super) column: u16,
    /// Cells below it go left.
    pub(super) bound: i8,
    /// The leftmost leaf of its left subtree.
    pub(super) from: i8,
    /// That of its right one.
    pub(super) to: i8,
}

/// A node and its two children.
#[derive(Debug, Clone, Copy)]
pub(super) struct Triple {
    /// The columns of the parent, the left and the right child.
    pub(super) columns: [u16; 3],
    /// Cells below them go left.
    pub(super) bounds: [i8; 3],
    /// The leftmost leaves of the four subtrees below.
    pub(super) to: [i8; 4],
}

/// Makes a column that is -1 where a code is in a set, else 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetStep {
    /// The first of the three columns of the code.
    pub(super) from: u16,
    /// The column that is made.
    pub(super) to: u16,
    /// The place in [`Program::bits`].
    pub(super) bits: u32,
}

/// The steps of all trees.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) sets: Vec<SetStep>,
    pub(super) bits: Vec<Bits>,
    pub(super) singles: Vec<Single>,
    pub(super) triples: Vec<Triple>,
}

/// Where the steps of a tree begin in a [`Program`], and how many there are: first its sets, then
/// the nodes at its top, then the triples, then the nodes at its bottom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) set: u32,
    pub(super) sets: u32,
    pub(super) single: u32,
    pub(super) top: u32,
    pub(super) bottom: u32,
    pub(super) triple: u32,
    pub(super) triples: u32,
}

impl Program {
    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        size_of_val(&*self.sets)
            + size_of_val(&*self.bits)
            + size_of_val(&*self.singles)
            + size_of_val(&*self.triples)
    }
}

/// The positions at which `N` vectors of rows end in each tree of `spans`.
#[inline(always)]
pub(super) fn positions<L: Lanes, const N: usize>(
    lanes: L,
    program: &Program,
    spans: &[Span],
    columns: &mut [[L::Cells; N]],
    found: &mut [[L::Cells; N]],
) {
    for (span, found) in spans.iter().zip(found) {
        for step in part(&program.sets, span.set, span.sets) {
            make_set(lanes, step, &program.bits[step.bits as usize], columns);
        }
        let mut at = [lanes.splat(0); N];
        for node in part(&program.singles, span.single, span.top) {
            single(lanes, node, columns, &mut at);
        }
        for nodes in part(&program.triples, span.triple, span.triples) {
            triple(lanes, nodes, columns, &mut at);
        }
        for node in part(&program.singles, span.single + span.top, span.bottom) {
            single(lanes, node, columns, &mut at);
        }
        for v in 0..N {
            lanes.store(at[v], &mut found[v]);
        }
    }
}

#[inline(always)]
fn part<T>(steps: &[T], first: u32, count: u32) -> &[T] {
    &steps[first as usize..][..count as usize]
}

#[inline(always)]
fn single<L: Lanes, const N: usize>(
    lanes: L,
    node: &Single,
    columns: &[[L::Cells; N]],
    at: &mut [L::Octets; N],
) {
    let cells = &columns[node.column as usize];
    let (bound, from, to) = (
        lanes.splat(node.bound),
        lanes.splat(node.from),
        lanes.splat(node.to),
    );
    for v in 0..N {
        let here = lanes.equal(at[v], from);
        let right = lanes.not_below(here, lanes.load(&cells[v]), bound);
        at[v] = lanes.choose(right, to, at[v]);
    }
}

#[inline(always)]
fn triple<L: Lanes, const N: usize>(
    lanes: L,
    nodes: &Triple,
    columns: &[[L::Cells; N]],
    at: &mut [L::Octets; N],
) {
    // Each octet by itself, so that it is spread as it is loaded.
    let splat = |octet: &i8| lanes.splat(*octet);
    let cells = |k: usize| &columns[nodes.columns[k] as usize];
    let (parent, left, right) = (cells(0), cells(1), cells(2));
    let [bound, left_bound, right_bound] = &nodes.bounds;
    let (bound, left_bound, right_bound) = (splat(bound), splat(left_bound), splat(right_bound));
    let [a, b, c, d] = &nodes.to;
    let (a, b, c, d) = (splat(a), splat(b), splat(c), splat(d));
    for v in 0..N {
        let here = lanes.equal(at[v], a);
        let to_left = lanes.choose(lanes.below(lanes.load(&left[v]), left_bound), a, b);
        let to_right = lanes.choose(lanes.below(lanes.load(&right[v]), right_bound), c, d);
        let next = lanes.below(lanes.load(&parent[v]), bound);
        let next = lanes.choose(next, to_left, to_right);
        at[v] = lanes.choose(here, next, at[v]);
    }
}

#[inline(always)]
fn make_set<L: Lanes, const N: usize>(
    lanes: L,
    step: &SetStep,
    set: &Bits,
    columns: &mut [[L::Cells; N]],
) {
    let [low, high, bit] = [0, 1, 2].map(|k| columns[step.from as usize + k]);
    let made = &mut columns[step.to as usize];
    for v in 0..N {
        let [low, high, bit] = [&low[v], &high[v], &bit[v]].map(|cells| lanes.load(cells));
        lanes.store(lanes.member(set, low, high, bit), &mut made[v]);
    }
}
