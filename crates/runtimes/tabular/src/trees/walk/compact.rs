//! Deep trees for one row, in nodes of four octets: half of what the walk's others take, since one
//! row waits for its nodes more than for anything else.
//!
//! A node is one number: the rank of its cut, how far the children are, and the column, from the
//! highest bit on. A row's rank stands as high in its word, so that the word is above the node
//! exactly where the rank is above the cut's. The rank of a leaf is its number in the tree.

use super::super::codes::Codes;
use super::super::columns::{Ask, Columns};
use super::super::lanes::Prepare;
use super::super::leaves::{Batch, Common};
use super::super::order::{Cell, each};
use super::super::simd::Simd;
use super::super::sum::Sum;
use super::super::tree::trees;
use super::deep::{Deep, Places, SIDE_BY_SIDE, Ways, deep_row};
use super::layout::{LINE, Placed, aligned};
use flowgate_core::program::{Ensemble, TreeNode};

/// Where it stands how far the children are.
const AHEAD: u32 = 8;

/// Where the rank begins.
const RANK: u32 = 16;

/// Above all ranks of cuts and numbers of leaves.
const HIGHEST: u32 = u16::MAX as u32;

/// The most columns.
const COLUMNS: usize = 1 << 8;

/// The trees of an ensemble.
#[derive(Debug)]
pub(super) struct Compact<C: Cell> {
    prepare: Prepare<C>,
    nodes: Vec<u32>,
    /// With further ones until they are a multiple of [`SIDE_BY_SIDE`].
    roots: Vec<u32>,
    /// The lowest payload of each tree, as many as roots, or the place of its first in `payloads`.
    firsts: Vec<u32>,
    /// None where the payloads of a tree lie near each other.
    payloads: Option<Vec<u32>>,
    /// Trees.
    count: usize,
    first_steps: u32,
}

/// The words of a row.
#[derive(Debug)]
pub(super) struct Words(Box<[u32; COLUMNS]>);

impl Default for Words {
    fn default() -> Self {
        Self(Box::new([0; COLUMNS]))
    }
}

/// The nodes, and the words of a row.
#[derive(Debug, Clone, Copy)]
struct Ground<'a> {
    nodes: &'a [u32],
    words: &'a [u32; COLUMNS],
}

impl<C: Cell> Compact<C> {
    /// Lays out trees that were `placed`; `columns` have ranks. None where a number is too large
    /// for such nodes.
    pub(super) fn new(
        ensemble: &Ensemble,
        columns: &Columns,
        payloads: &[u32],
        placed: &Placed,
        (first_steps, simd): (u32, Simd),
    ) -> Option<Self> {
        let prepare = Prepare::with_ranks(columns, simd);
        if prepare.columns() > COLUMNS {
            return None;
        }
        let count = ensemble.roots.len();
        let padded = count.next_multiple_of(SIDE_BY_SIDE);
        let mut nodes = aligned(placed.slots, LINE * size_of::<u32>());
        let mut base = nodes.len();
        nodes.resize(base + placed.slots, 0);
        let mut roots = Vec::with_capacity(padded);
        let mut firsts = Vec::with_capacity(padded);
        let mut table = Vec::new();
        // The lowest of each tree, where all of a tree lie so near to it that leaves are numbered
        // by them.
        let lowest: Option<Vec<u32>> = trees(ensemble)
            .map(|tree| lowest(&ensemble.nodes[tree.clone()], &payloads[tree]))
            .collect();
        for (index, (tree, &(length, _))) in trees(ensemble).zip(&placed.trees).enumerate() {
            let root = tree.start;
            let places = &placed.places[tree.clone()];
            roots.push(u32::try_from(base).ok()?);
            let lowest = lowest.as_ref().map(|lowest| lowest[index]);
            let first = lowest.map_or_else(|| u32::try_from(table.len()).ok(), Some)?;
            firsts.push(first);
            let mut leaves = 0;
            for (&place, node) in places.iter().zip(tree) {
                nodes[base + place as usize] = match (&ensemble.nodes[node], columns.asks[node]) {
                    (TreeNode::Split(split), ask @ (Ask::Number { .. } | Ask::Set(_))) => {
                        let asked = prepare.place(&columns.codes, ask)?;
                        let child = places[split.yes as usize - root];
                        packed(asked.key, asked.column, child - place)?
                    }
                    _ if lowest.is_some() => packed(payloads[node] - first, prepare.nothing(), 0)?,
                    _ => {
                        table.push(payloads[node]);
                        leaves += 1;
                        packed(leaves - 1, prepare.nothing(), 0)?
                    }
                };
            }
            base += length;
        }
        let payloads = lowest.is_none().then_some(table);
        roots.resize(padded, *roots.last()?);
        firsts.resize(padded, *firsts.last()?);
        Some(Self {
            prepare,
            nodes,
            roots,
            firsts,
            payloads,
            count,
            first_steps,
        })
    }

    /// Adds the leaves that one row ends at to its sums.
    pub(super) fn run<S: Sum>(
        &self,
        common: &Common<S>,
        batch: Batch<'_, C, S>,
        (words, places): (&mut Words, &mut Places),
    ) {
        let Batch { rows, sums } = batch;
        self.words(rows.cells, &common.codes, words);
        let deep = Deep {
            roots: &self.roots,
            count: self.count,
            first: self.first_steps,
        };
        let ground = Ground {
            nodes: &self.nodes,
            words: &words.0,
        };
        deep_row(ground, deep, places, |first, leaves| {
            let firsts = &self.firsts[first..][..SIDE_BY_SIDE];
            let mut payloads = [0; SIDE_BY_SIDE];
            for ((payload, leaf), first) in payloads.iter_mut().zip(leaves).zip(firsts) {
                *payload = first + leaf;
                if let Some(table) = &self.payloads {
                    *payload = table[*payload as usize];
                }
            }
            let payloads = &payloads[..leaves.len()];
            common.leaves.add_row(first, payloads, rows.cells, sums);
        });
    }

    fn words(&self, row: &[C], codes: &Codes, words: &mut Words) {
        let words = &mut words.0[..self.prepare.columns()];
        self.prepare.fill_row(row, codes, words.as_chunks_mut().0);
        for word in words {
            *word <<= RANK;
        }
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        size_of_val(&*self.nodes)
            + size_of_val(&*self.roots)
            + size_of_val(&*self.firsts)
            + self
                .payloads
                .as_ref()
                .map_or(0, |table| size_of_val(&**table))
            + self.prepare.footprint()
    }
}

/// The lowest payload of the leaves of a tree; none where another is too far from it.
fn lowest(nodes: &[TreeNode], payloads: &[u32]) -> Option<u32> {
    let (mut lowest, mut highest) = (u32::MAX, 0);
    for (node, &payload) in nodes.iter().zip(payloads) {
        if let TreeNode::Leaf(_) = node {
            lowest = lowest.min(payload);
            highest = highest.max(payload);
        }
    }
    (highest.saturating_sub(lowest) < HIGHEST).then_some(lowest)
}

/// A node; none where a number is too large for it. No cut has the highest rank, which missing
/// cells can have.
fn packed(rank: u32, column: u32, ahead: u32) -> Option<u32> {
    let (column, ahead) = (u8::try_from(column).ok()?, u8::try_from(ahead).ok()?);
    let rank = Some(rank).filter(|rank| *rank < HIGHEST)?;
    Some(rank << RANK | u32::from(ahead) << AHEAD | u32::from(column))
}

fn ahead(node: u32) -> u32 {
    let [_, ahead, ..] = node.to_le_bytes();
    ahead.into()
}

impl Ways for Ground<'_> {
    #[inline(always)]
    fn step(self, at: u32) -> u32 {
        let node = self.nodes[at as usize];
        let [column, ..] = node.to_le_bytes();
        let (_, above) = node.overflowing_sub(self.words[usize::from(column)]);
        at + ahead(node) + u32::from(above)
    }

    #[inline(always)]
    fn is_leaf(self, at: u32) -> bool {
        ahead(self.nodes[at as usize]) == 0
    }

    #[inline(always)]
    fn keys(self, at: [u32; SIDE_BY_SIDE]) -> [u32; SIDE_BY_SIDE] {
        each(at, |at| self.nodes[at as usize] >> RANK)
    }
}
