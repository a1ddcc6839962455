//! The sweep: all nodes of every tree, for many rows at once.
//!
//! A node costs the same for 32 or 64 rows as for one, and nothing waits for memory: the cost is
//! the number of nodes, not of steps. It takes trees of up to 256 leaves on features with few
//! cuts, which is what histogram training makes.

mod bins;
mod kernel;
mod program;

use super::columns::Columns;
use super::leaves::{Batch, Common, Kind, Leaves};
use super::order::Cell;
use super::simd::{Bits, Lanes, Simd, Vectors, Work};
use super::sum::Sum;
use super::tree::{Nodes, trees};
use bins::Bins;
use flowgate_core::program::{Ensemble, TreeNode};
use kernel::{Program, Span, positions};
use program::{Builder, MOST_LEAVES, Tree};

/// Trees whose positions are kept before they are added.
const KEPT: usize = 8;

/// Trees whose leaves are added in one go.
const TOGETHER: usize = 4;

/// An ensemble as the sweep reads it.
#[derive(Debug)]
pub(super) struct Sweep<C: Cell, S> {
    bins: Bins<C>,
    program: Program,
    spans: Vec<Span>,
    /// All columns, with those that the sets of a tree make.
    columns: usize,
    leaves: Positions<S>,
    /// Steps of all trees: nodes alone, triples and sets.
    pub(super) steps: Steps,
}

/// How many steps all trees have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    pub(super) singles: usize,
    pub(super) triples: usize,
    pub(super) sets: usize,
    /// Columns that are made of cells.
    pub(super) columns: usize,
}

/// What the leaves of a tree add, by their number from left to right: a window of 256 for each
/// tree, of which as many count as it has leaves.
#[derive(Debug)]
struct Positions<S> {
    /// Where the window of each tree begins.
    starts: Vec<u32>,
    /// What is added, where it is one number.
    values: Vec<S>,
    /// Else the payload.
    payloads: Vec<u32>,
}

/// What a node compares: cells of the column that are below the bound go left.
#[derive(Debug, Clone, Copy)]
struct Bound {
    column: u16,
    bound: i8,
}

/// Whether the trees of an ensemble are small enough.
pub(super) fn takes(ensemble: &Ensemble) -> bool {
    trees(ensemble).all(|tree| {
        let nodes = ensemble.nodes[tree].iter();
        nodes
            .filter(|node| matches!(node, TreeNode::Leaf(_)))
            .count()
            <= MOST_LEAVES
    })
}

impl<C: Cell, S: Sum> Sweep<C, S> {
    /// Makes the steps of all trees; none where the sweep does not take them.
    pub(super) fn new(
        ensemble: &Ensemble,
        columns: &Columns,
        leaves: &Leaves<S>,
        payloads: &[u32],
    ) -> Option<Self> {
        let bins = Bins::<C>::new(columns)?;
        let codes = &columns.codes;
        let bounds = bins.bounds(columns);
        let mut builder = Builder::default();
        let mut spans = Vec::with_capacity(ensemble.roots.len());
        let mut starts = Vec::with_capacity(ensemble.roots.len());
        let mut found: Vec<u32> = Vec::new();
        for range in trees(ensemble) {
            let tree = Tree {
                nodes: Nodes::of(ensemble, range.clone()),
                asks: &columns.asks[range.clone()],
            };
            let start = found.len();
            starts.push(u32::try_from(start).ok()?);
            let span = builder.tree(
                tree,
                &bounds,
                |set| bins.code(codes.sets.get(set as usize)?.column),
                bins.columns,
                |leaf, node| {
                    let at = start + leaf as usize;
                    found.resize(found.len().max(at + 1), 0);
                    found[at] = payloads[range.start + node];
                },
            )?;
            spans.push(span);
        }
        let mut program = builder.program;
        program.bits = codes.sets.iter().map(|&set| bits(codes.row(set))).collect();
        let steps = Steps {
            singles: program.singles.len(),
            triples: program.triples.len(),
            sets: program.sets.len(),
            columns: bins.columns,
        };
        drop(bounds);
        // Whatever an octet says, it is in the last window.
        found.resize(found.len() + MOST_LEAVES - 1, 0);
        let (values, found) = match &leaves.kind {
            Kind::One { values, .. } => {
                let inside = |&payload: &u32| match S::NOTHING.inside() {
                    Some(_) => S::from_payload(payload, values),
                    None => values.get(payload as usize).copied().unwrap_or(S::NOTHING),
                };
                (found.iter().map(inside).collect(), Vec::new())
            }
            Kind::Every { .. } | Kind::Some(_) => (Vec::new(), found),
        };
        Some(Self {
            columns: bins.columns + builder.set_columns,
            bins,
            program,
            spans,
            leaves: Positions {
                starts,
                values,
                payloads: found,
            },
            steps,
        })
    }

    /// Adds the leaves that each row ends at to its sums: those of 1, 2 or up to 4 vectors of
    /// rows.
    pub(super) fn run(
        &self,
        common: &Common<S>,
        batch: Batch<'_, C, S>,
        (simd, vectors): (Simd, usize),
        room: &mut Vectors,
    ) {
        let sweep = self;
        match vectors {
            1 => simd.call(Block::<C, S, 1> {
                sweep,
                common,
                batch,
                room,
            }),
            2 => simd.call(Block::<C, S, 2> {
                sweep,
                common,
                batch,
                room,
            }),
            _ => simd.call(Block::<C, S, 4> {
                sweep,
                common,
                batch,
                room,
            }),
        }
    }

    #[inline(always)]
    fn block<L: Lanes, const N: usize>(
        &self,
        lanes: L,
        common: &Common<S>,
        batch: Batch<'_, C, S>,
        room: &mut Vec<L::Cells>,
    ) {
        let Batch { rows, sums } = batch;
        let leaves = &common.leaves;
        let count = sums.len() / leaves.outputs;
        let wanted = (self.columns + KEPT) * N;
        if room.len() < wanted {
            room.resize(wanted, L::Cells::default());
        }
        let (columns, found) = room[..wanted]
            .as_chunks_mut::<N>()
            .0
            .split_at_mut(self.columns);
        self.bins.fill(lanes, rows, count, &common.codes, columns);
        for (at, spans) in self.spans.chunks(KEPT).enumerate() {
            positions(lanes, &self.program, spans, columns, found);
            let batch = Batch {
                rows,
                sums: &mut *sums,
            };
            self.add(leaves, at * KEPT, &found[..spans.len()], batch);
        }
    }

    #[inline(always)]
    fn add<Octets: AsRef<[i8]>, const N: usize>(
        &self,
        leaves: &Leaves<S>,
        first: usize,
        found: &[[Octets; N]],
        batch: Batch<'_, C, S>,
    ) {
        let Batch { rows, sums } = batch;
        let one_sum = matches!(&leaves.kind, Kind::One { outputs: None, .. });
        let mut tree = first;
        let (fours, rest) = found.as_chunks::<TOGETHER>();
        for four in fours.iter().filter(|_| one_sum) {
            let windows = [0, 1, 2, 3].map(|k| self.leaves.window(&self.leaves.values, tree + k));
            if let [Some(a), Some(b), Some(c), Some(d)] = windows {
                add_four([a, b, c, d], four, sums);
            }
            tree += TOGETHER;
        }
        let rest = if one_sum { rest } else { found };
        for (tree, found) in (tree..).zip(rest) {
            let found = found.iter().flat_map(|octets| octets.as_ref());
            if let Kind::One { outputs, .. } = &leaves.kind {
                let Some(window) = self.leaves.window(&self.leaves.values, tree) else {
                    return;
                };
                let output = outputs.as_ref().map_or(0, |outputs| outputs[tree] as usize);
                for (&at, sums) in found.zip(sums.chunks_exact_mut(leaves.outputs)) {
                    sums[output] += window[usize::from(at.cast_unsigned())];
                }
            } else {
                let Some(window) = self.leaves.window(&self.leaves.payloads, tree) else {
                    return;
                };
                let payloads = found.map(|at| window[usize::from(at.cast_unsigned())]);
                leaves.add_rows(tree, payloads, rows, sums);
            }
        }
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        self.bins.footprint()
            + self.program.footprint()
            + size_of_val(&*self.spans)
            + size_of_val(&*self.leaves.starts)
            + size_of_val(&*self.leaves.values)
            + size_of_val(&*self.leaves.payloads)
    }
}

/// [`Sweep::run`] for `N` vectors.
struct Block<'a, C: Cell, S, const N: usize> {
    sweep: &'a Sweep<C, S>,
    common: &'a Common<S>,
    batch: Batch<'a, C, S>,
    room: &'a mut Vectors,
}

impl<C: Cell, S: Sum, const N: usize> Work for Block<'_, C, S, N> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let room = L::room(self.room);
        self.sweep
            .block::<L, N>(lanes, self.common, self.batch, room);
    }
}

impl<S> Positions<S> {
    #[inline(always)]
    fn window<'a, T>(&self, all: &'a [T], tree: usize) -> Option<&'a [T; MOST_LEAVES]> {
        let start = *self.starts.get(tree)?;
        all.get(start as usize..)?.first_chunk()
    }
}

/// Adds the leaves of four trees, one after the other, to the only sum of each row.
#[inline(always)]
fn add_four<S: Sum, Octets: AsRef<[i8]>, const N: usize>(
    windows: [&[S; MOST_LEAVES]; TOGETHER],
    found: &[[Octets; N]; TOGETHER],
    sums: &mut [S],
) {
    let [first, second, third, fourth] = found;
    let vectors = first.iter().zip(second).zip(third).zip(fourth);
    let mut left = sums;
    for (((a, b), c), d) in vectors {
        let (a, b, c, d) = (a.as_ref(), b.as_ref(), c.as_ref(), d.as_ref());
        let (now, later) = left.split_at_mut(left.len().min(a.len()));
        for (sum, (((a, b), c), d)) in now.iter_mut().zip(a.iter().zip(b).zip(c).zip(d)) {
            let mut made = *sum;
            for (window, at) in windows.iter().zip([a, b, c, d]) {
                made += window[usize::from(at.cast_unsigned())];
            }
            *sum = made;
        }
        left = later;
    }
}

/// The members of a set: its row says 0 for them.
fn bits(row: &[u8]) -> Bits {
    let mut bits = Bits::default();
    for (code, _) in row.iter().enumerate().filter(|(_, outside)| **outside == 0) {
        if let Some(half) = bits.halves.get_mut(code / 128) {
            half[code % 128 / 8] |= 1 << (code % 8);
        }
    }
    bits
}
