//! The walk: from the root of every tree to a leaf, step by step, several at once.
//!
//! It takes every ensemble. One row walks down eight or twelve trees side by side, several rows
//! walk down one tree eight or sixteen at a time; both read the same nodes. Deep trees have a way
//! ([`deep`]), and where they are many, nodes ([`compact`]) of their own for one row.

mod compact;
mod deep;
mod kernel;
mod layout;
mod node;

use super::CompileError;
use super::columns::{Ask, Columns};
use super::lanes::{LANES, Prepare};
use super::leaves::{Batch, Common};
use super::order::Cell;
use super::simd::Simd;
use super::sum::Sum;
use super::tree::trees;
use compact::Compact;
use deep::{Deep, Places, SIDE_BY_SIDE, deep_row};
use flowgate_core::program::{Ensemble, TreeNode};
use kernel::{Along, Ground, SHALLOW, one_row, some_rows};
use layout::{LINE, Layout, Placed, Tree, aligned};
use node::{Narrow, Node, Wide};

/// Rows of a block, whose words and sums stay in the nearest cache while the trees pass by.
const BLOCK: usize = 64;

/// Rows of a block where a single tree would fill that cache.
const LARGE_BLOCK: usize = 128;

/// The octets of a mean tree from which on the blocks are large.
const LARGE_TREE: usize = 32 << 10;

/// The most octets of a block's words.
const MOST_WORDS: usize = 4 << 20;

/// Trees that one row walks down side by side, all of whose places have registers.
const FEW: usize = 8;

/// The same where the nodes are so far away that waiting for more of them at once pays; not where
/// trees are deep, since the deepest of more walks is deeper, and all wait for it.
const MANY: usize = 12;

/// The octets of all nodes from which on they are far away.
const FAR: usize = 256 << 10;

/// The octets of all nodes up to which they are so near that smaller ones would not be faster; the
/// ensembles of tests are small.
const NEAR: usize = if cfg!(test) { 4 << 10 } else { 128 << 10 };

/// Trees whose payloads are kept before they are added.
const KEPT: usize = 8;

/// An ensemble as the walk reads it.
#[derive(Debug)]
pub(super) struct Walk<C: Cell> {
    prepare: Prepare<C>,
    /// Whether nodes ask for sets themselves.
    sets: bool,
    nodes: Nodes,
    spots: Vec<Spot>,
    /// For one row, where trees are deep and many.
    compact: Option<Compact<C>>,
    /// Where trees are deep, the steps after which most walks of one row have ended.
    deep: Option<u32>,
    /// [`FEW`] or [`MANY`].
    side_by_side: usize,
    /// The roots of all trees, and that of the last again until they are a multiple of so many.
    roots: Vec<u32>,
    /// The steps to the deepest leaf of each so many trees.
    depths: Vec<u32>,
    block: usize,
    /// Steps that a row takes in all trees, about.
    pub(super) steps: f64,
    /// Octets of the nodes.
    pub(super) size: usize,
}

#[derive(Debug)]
enum Nodes {
    Narrow(Vec<Narrow>),
    Wide(Vec<Wide>),
}

/// A tree: its root, and the steps to its deepest leaf.
#[derive(Debug, Clone, Copy)]
struct Spot {
    root: u32,
    depth: u32,
}

/// How many rows walk at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    One,
    Eight,
    Sixteen,
}

/// What is kept between runs.
#[derive(Debug, Default)]
pub(super) struct Room {
    words: Vec<u32>,
    payloads: Vec<u32>,
    places: Places,
    compact: compact::Words,
}

/// The words of groups of eight rows.
#[derive(Debug, Clone, Copy)]
struct Words<'a> {
    all: &'a [u32],
    /// Columns of a group.
    columns: usize,
}

impl<C: Cell> Walk<C> {
    /// Lays out the nodes. `payloads` has one for every node of the ensemble; `ranks` says whether
    /// the columns have them.
    ///
    /// # Errors
    /// When there are more nodes than can be numbered.
    pub(super) fn new(
        ensemble: &Ensemble,
        columns: &Columns,
        payloads: &[u32],
        (ranks, simd): (bool, Simd),
    ) -> Result<Self, CompileError> {
        let of = |nodes| Tree::of(ensemble, payloads, nodes);
        // What the first tree is like, the others are.
        let first = trees(ensemble).next().map(of);
        let once = first.is_some_and(|tree| tree.repeats_leaves());
        let mut placed = Placed::new(ensemble);
        let mut layout = Layout::new(once);
        let (mut steps, mut mean_depth) = (0.0, 0.0);
        for tree in trees(ensemble) {
            layout.place(of(tree));
            placed.push(&layout);
            steps += layout.steps();
            mean_depth += layout.mean_depth;
        }
        if u32::try_from(placed.slots + LINE).is_err() {
            return Err(CompileError::Nodes);
        }
        // A column costs a little for every row; a node that asks for a set costs every step.
        let count = columns.codes.sets.len();
        let set_columns = count <= 32 || (count as f64) < steps / 8.0;
        let prepare = Prepare::new(columns, set_columns, simd);
        let narrow = lay_out::<C, Narrow>(ensemble, columns, payloads, &prepare, &placed);
        let (nodes, spots) = match narrow {
            Some((nodes, spots)) => (Nodes::Narrow(nodes), spots),
            None => {
                let wide = lay_out::<C, Wide>(ensemble, columns, payloads, &prepare, &placed);
                let (nodes, spots) = wide.ok_or(CompileError::Nodes)?;
                (Nodes::Wide(nodes), spots)
            }
        };
        let size = nodes.footprint();
        let is_deep = spots.iter().any(|tree| tree.depth > SHALLOW);
        let deep = is_deep.then(|| first_steps(mean_depth / spots.len().max(1) as f64));
        let first = deep.filter(|_| ranks && set_columns && size > NEAR);
        let compact = first
            .and_then(|first| Compact::new(ensemble, columns, payloads, &placed, (first, simd)));
        let side_by_side = match deep {
            Some(_) => SIDE_BY_SIDE,
            None if size > FAR => MANY,
            None => FEW,
        };
        let deepest = |trees: &[Spot]| trees.iter().map(|tree| tree.depth).max().unwrap_or(0);
        let last = spots.last().map(|tree| tree.root);
        let roots = spots
            .iter()
            .map(|tree| tree.root)
            .chain(last.into_iter().cycle());
        let roots = roots.take(spots.len().next_multiple_of(side_by_side));
        let large = size / spots.len().max(1) > LARGE_TREE;
        let block = if large { LARGE_BLOCK } else { BLOCK };
        let most = MOST_WORDS / (prepare.columns() * size_of::<u32>());
        Ok(Self {
            block: block.min(most / LANES * LANES).max(LANES),
            sets: !set_columns && count > 0,
            prepare,
            nodes,
            compact,
            deep,
            side_by_side,
            roots: roots.collect(),
            depths: spots.chunks(side_by_side).map(deepest).collect(),
            spots,
            steps,
            size,
        })
    }

    /// Adds the leaves that each row ends at to its sums.
    pub(super) fn run<S: Sum>(
        &self,
        common: &Common<S>,
        batch: Batch<'_, C, S>,
        width: Width,
        room: &mut Room,
    ) {
        match (&self.nodes, self.sets) {
            (Nodes::Narrow(nodes), false) => {
                self.run_on::<S, Narrow, false>(nodes, common, batch, width, room);
            }
            (Nodes::Narrow(nodes), true) => {
                self.run_on::<S, Narrow, true>(nodes, common, batch, width, room);
            }
            (Nodes::Wide(nodes), false) => {
                self.run_on::<S, Wide, false>(nodes, common, batch, width, room);
            }
            (Nodes::Wide(nodes), true) => {
                self.run_on::<S, Wide, true>(nodes, common, batch, width, room);
            }
        }
    }

    fn run_on<S: Sum, N: Node, const SETS: bool>(
        &self,
        nodes: &[N],
        common: &Common<S>,
        batch: Batch<'_, C, S>,
        width: Width,
        room: &mut Room,
    ) {
        let table = &*common.codes.table;
        let ground = Ground { nodes, table };
        let Batch { rows, sums } = batch;
        let outputs = common.leaves.outputs;
        if width == Width::One {
            for (row, sums) in sums.chunks_exact_mut(outputs).enumerate() {
                let rows = rows.part(row..row + 1);
                self.one::<S, N, SETS>(ground, common, Batch { rows, sums }, room);
            }
            return;
        }
        for (at, sums) in sums.chunks_mut(self.block * outputs).enumerate() {
            let start = at * self.block;
            let rows = rows.part(start..start + sums.len() / outputs);
            self.block::<S, N, SETS>(ground, common, Batch { rows, sums }, width, room);
        }
    }

    fn one<S: Sum, N: Node, const SETS: bool>(
        &self,
        ground: Ground<'_, N>,
        common: &Common<S>,
        batch: Batch<'_, C, S>,
        room: &mut Room,
    ) {
        if let Some(compact) = &self.compact {
            compact.run(common, batch, (&mut room.compact, &mut room.places));
            return;
        }
        let row = batch.rows.cells;
        let lanes = room.lanes::<N>(1, self.prepare.columns());
        self.prepare.fill::<1>(batch.rows, &common.codes, lanes);
        let Some(words) = N::words(&room.words) else {
            return;
        };
        if let Some(first) = self.deep {
            let deep = Deep {
                roots: &self.roots,
                count: self.spots.len(),
                first,
            };
            let places = &mut room.places;
            let along = Along::<N, SETS> { ground, words };
            deep_row(along, deep, places, |first, payloads| {
                common.leaves.add_row(first, payloads, row, batch.sums);
            });
        } else if self.side_by_side == FEW {
            self.one_with::<S, N, SETS, FEW>(ground, common, words, row, batch.sums);
        } else {
            self.one_with::<S, N, SETS, MANY>(ground, common, words, row, batch.sums);
        }
    }

    #[inline(always)]
    fn one_with<S: Sum, N: Node, const SETS: bool, const K: usize>(
        &self,
        ground: Ground<'_, N>,
        common: &Common<S>,
        words: &N::Words,
        row: &[C],
        sums: &mut [S],
    ) {
        // The last trees may be there only to fill up.
        let whole = self.spots.len() / K;
        let (roots, last) = self.roots.as_chunks().0.split_at(whole);
        let (depths, last_depth) = self.depths.split_at(whole);
        let mut first = 0;
        one_row::<N, SETS, K>(ground, (roots, depths), words, |payloads| {
            common.leaves.add_row(first, &payloads, row, sums);
            first += K;
        });
        one_row::<N, SETS, K>(ground, (last, last_depth), words, |payloads| {
            let payloads = &payloads[..self.spots.len() - first];
            common.leaves.add_row(first, payloads, row, sums);
        });
    }

    fn block<S: Sum, N: Node, const SETS: bool>(
        &self,
        ground: Ground<'_, N>,
        common: &Common<S>,
        batch: Batch<'_, C, S>,
        width: Width,
        room: &mut Room,
    ) {
        let Batch { rows, sums } = batch;
        let count = sums.len() / common.leaves.outputs;
        let groups = count.div_ceil(LANES);
        let columns = self.prepare.columns();
        let lanes = room.lanes::<N>(groups, columns);
        for (group, lanes) in lanes.chunks_exact_mut(columns).enumerate() {
            let part = rows.part(group * LANES..count.min((group + 1) * LANES));
            self.prepare.fill::<LANES>(part, &common.codes, lanes);
        }
        let padded = groups * LANES;
        room.payloads.resize(KEPT * padded, 0);
        for (at, trees) in self.spots.chunks(KEPT).enumerate() {
            for (&tree, payloads) in trees.iter().zip(room.payloads.chunks_exact_mut(padded)) {
                let payloads = payloads.as_chunks_mut::<LANES>().0;
                let words = Words {
                    all: &room.words,
                    columns,
                };
                walk_rows::<N, SETS>(ground, tree, words, width, payloads);
            }
            let kept = room.payloads.chunks_exact(padded).take(trees.len());
            for (tree, payloads) in (at * KEPT..).zip(kept) {
                let payloads = payloads.iter().copied();
                common.leaves.add_rows(tree, payloads, rows, sums);
            }
        }
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        let compact = self.compact.as_ref().map_or(0, Compact::footprint);
        self.size + size_of_val(&*self.spots) + compact + self.prepare.footprint()
    }
}

/// The payloads of groups of eight rows in a tree. A function by itself, so that its loops have
/// all registers.
#[inline(never)]
fn walk_rows<N: Node, const SETS: bool>(
    ground: Ground<'_, N>,
    tree: Spot,
    words: Words<'_>,
    width: Width,
    payloads: &mut [[u32; LANES]],
) {
    let group = |group: usize| N::words(words.all.get(group * words.columns * LANES..)?);
    let mut next = 0;
    if width == Width::Sixteen {
        for (at, pair) in payloads.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let (Some(first), Some(second)) = (group(2 * at), group(2 * at + 1)) else {
                return;
            };
            let found = some_rows::<N, SETS, 2, 16>(ground, tree, [first, second]);
            pair.as_flattened_mut().copy_from_slice(&found);
            next = 2 * at + 2;
        }
    }
    for (at, payloads) in payloads.iter_mut().enumerate().skip(next) {
        let Some(words) = group(at) else { return };
        *payloads = some_rows::<N, SETS, 1, LANES>(ground, tree, [words]);
    }
}

impl Room {
    /// The columns of some groups of eight rows, with what has to follow them.
    fn lanes<N: Node>(&mut self, groups: usize, columns: usize) -> &mut [[u32; LANES]] {
        let wanted = groups * columns * LANES;
        if self.words.len() < wanted + N::padding() {
            self.words.resize(wanted + N::padding(), 0);
        }
        self.words[..wanted].as_chunks_mut().0
    }
}

impl Nodes {
    fn footprint(&self) -> usize {
        match self {
            Self::Narrow(nodes) => size_of_val(&**nodes),
            Self::Wide(nodes) => size_of_val(&**nodes),
        }
    }
}

/// The steps after which about half of the walks down trees of this mean depth have ended: rows
/// reach the leaves that are near more often than the others.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is positive, and no more than nodes are numbered"
)]
fn first_steps(mean_depth: f64) -> u32 {
    (0.8 * mean_depth) as u32
}

/// The nodes of all trees, lines at the start of cache lines; none where a number is too large
/// for such nodes.
fn lay_out<C: Cell, N: Node>(
    ensemble: &Ensemble,
    columns: &Columns,
    payloads: &[u32],
    prepare: &Prepare<C>,
    placed: &Placed,
) -> Option<(Vec<N>, Vec<Spot>)> {
    let mut nodes: Vec<N> = aligned(placed.slots, LINE * size_of::<u64>());
    let mut spots = Vec::with_capacity(ensemble.roots.len());
    for (tree, &(length, depth)) in trees(ensemble).zip(&placed.trees) {
        let places = &placed.places[tree.clone()];
        let root = tree.start;
        let base = nodes.len();
        nodes.resize(base + length, N::default());
        spots.push(Spot {
            root: u32::try_from(base).ok()?,
            depth,
        });
        for (at, node) in tree.enumerate() {
            let place = places[at];
            nodes[base + place as usize] = match (ensemble.nodes[node], columns.asks[node]) {
                (TreeNode::Split(split), ask @ (Ask::Number { .. } | Ask::Set(_))) => {
                    let asked = prepare.place(&columns.codes, ask)?;
                    let child = places[split.yes as usize - root];
                    N::new(asked.key, asked.column, asked.set, child - place)?
                }
                _ => N::new(payloads[node], prepare.nothing(), false, 0)?,
            };
        }
    }
    Some((nodes, spots))
}
