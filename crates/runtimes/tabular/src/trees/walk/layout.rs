//! The order of the nodes in memory.
//!
//! Two children lie side by side. A line of eight such pairs holds pairs that hang together,
//! subtree by subtree: a walk down finds the next three nodes in the line that it has. It is a
//! cache line of nodes of four octets, and two that are fetched together of those of eight.
//!
//! Where few pairs of leaves are unlike, as in a forest that was grown until its leaves held one
//! class, each stands once, behind the tree: a third of all nodes is not there, and the last step
//! goes to a line that is always near.

use super::super::tree::Nodes;
use super::kernel::SHALLOW;
use flowgate_core::program::Ensemble;
use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

/// Nodes of a line.
pub(super) const LINE: usize = 16;

/// Nodes whose lines are kept in the same places of the nearest cache: trees that are a multiple
/// of them would push each other out of it.
const PAGE: usize = 512;

/// The most nodes of a tree whose pairs of leaves may stand behind it: nodes of eight octets reach
/// that far.
const REACHED: usize = 60_000;

/// A pair of leaves stands once where there are so many alike, on average.
const ALIKE: usize = 4;

/// A tree: its nodes, and their payloads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tree<'a> {
    nodes: Nodes<'a>,
    payloads: &'a [u32],
}

impl<'a> Tree<'a> {
    /// The one that lies in `range` of the ensemble, whose nodes have these `payloads`.
    pub(super) fn of(ensemble: &'a Ensemble, payloads: &'a [u32], range: Range<usize>) -> Self {
        Self {
            nodes: Nodes::of(ensemble, range.clone()),
            payloads: &payloads[range],
        }
    }

    /// The payloads of two nodes, where both are leaves.
    fn leaves(&self, pair: [usize; 2]) -> Option<[u32; 2]> {
        let are_leaves = pair.iter().all(|&node| self.nodes.children(node).is_none());
        are_leaves.then(|| pair.map(|node| self.payloads[node]))
    }

    /// Whether most of its pairs of leaves have others like them.
    pub(super) fn repeats_leaves(&self) -> bool {
        let splits = (0..self.nodes.len()).filter_map(|node| self.nodes.children(node));
        let (mut all, mut unlike) = (0, HashSet::new());
        for leaves in splits.filter_map(|pair| self.leaves(pair)) {
            all += 1;
            unlike.insert(leaves);
        }
        unlike.len() * ALIKE <= all
    }
}

/// Room for `slots` nodes, in which as many are put already as it takes that the next one begins
/// at a multiple of `octets`, at most a line of them.
pub(super) fn aligned<N: Clone + Default>(slots: usize, octets: usize) -> Vec<N> {
    let mut nodes: Vec<N> = Vec::with_capacity(slots + LINE);
    // The room is not moved later on: it is large enough.
    let skipped = match nodes.as_ptr().align_offset(octets) {
        skipped if skipped < LINE => skipped,
        _ => 0,
    };
    nodes.resize(skipped, N::default());
    nodes
}

/// Where the nodes of an ensemble stand.
#[derive(Debug)]
pub(super) struct Placed {
    /// The place of each, from the start of its tree's first line.
    pub(super) places: Vec<u32>,
    /// The places that each tree takes, and the steps to its deepest leaf.
    pub(super) trees: Vec<(usize, u32)>,
    /// The places that all trees take.
    pub(super) slots: usize,
}

impl Placed {
    /// None of them yet.
    pub(super) fn new(ensemble: &Ensemble) -> Self {
        Self {
            places: Vec::with_capacity(ensemble.nodes.len()),
            trees: Vec::with_capacity(ensemble.roots.len()),
            slots: 0,
        }
    }

    /// Adds the tree that was placed last.
    pub(super) fn push(&mut self, layout: &Layout) {
        self.places.extend(&layout.places);
        self.trees.push((layout.length, layout.depth));
        self.slots += layout.length;
    }
}

/// Places nodes; keeps its queues between trees.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The place of every node of the tree, from the start of its first line.
    places: Vec<u32>,
    /// How many places the tree takes, whole lines.
    length: usize,
    /// Steps to the deepest leaf.
    depth: u32,
    /// Steps to a leaf, the mean of all leaves.
    pub(super) mean_depth: f64,
    depths: Vec<u32>,
    starts: Vec<usize>,
    line: VecDeque<usize>,
    /// Whether pairs of leaves that are alike stand once.
    once: bool,
    /// Those of the tree, and where each of them stands once all other nodes are placed.
    pairs: Vec<([usize; 2], [u32; 2])>,
    stand: HashMap<[u32; 2], u32>,
}

impl Layout {
    /// For the trees of an ensemble; `once` says that pairs of leaves that are alike stand once.
    pub(super) fn new(once: bool) -> Self {
        Self {
            once,
            ..Self::default()
        }
    }

    /// Places the nodes of a tree.
    pub(super) fn place(&mut self, tree: Tree<'_>) {
        let count = tree.nodes.len();
        self.measure(count, |node| tree.nodes.children(node));
        self.places.clear();
        self.places.resize(count, 0);
        self.pairs.clear();
        let once = self.once && count <= REACHED;
        // The root has a pair of its own, whose second place stays empty.
        let mut next = 2_u32;
        let mut room = LINE / 2 - 1;
        self.starts.clear();
        self.starts.push(0);
        while let Some(start) = self.starts.pop() {
            self.line.clear();
            self.line.push_back(start);
            while let Some(node) = self.line.pop_front() {
                let Some(pair) = tree.nodes.children(node) else {
                    continue;
                };
                if once && let Some(leaves) = tree.leaves(pair) {
                    self.pairs.push((pair, leaves));
                    continue;
                }
                if room == 0 {
                    if node != start {
                        // The line is full: what is left begins lines of its own, the leftmost
                        // next.
                        self.starts.extend(self.line.drain(..).rev());
                        self.starts.push(node);
                        break;
                    }
                    room = LINE / 2;
                }
                for (child, place) in pair.into_iter().zip(next..) {
                    self.places[child] = place;
                    self.line.push_back(child);
                }
                next += 2;
                room -= 1;
            }
        }
        self.stand.clear();
        for (pair, leaves) in &self.pairs {
            let place = *self.stand.entry(*leaves).or_insert_with(|| {
                next += 2;
                next - 2
            });
            for (child, place) in pair.iter().zip(place..) {
                self.places[*child] = place;
            }
        }
        self.length = (next as usize).next_multiple_of(LINE);
        if self.length.is_multiple_of(PAGE) {
            self.length += LINE;
        }
    }

    /// Steps that walks side by side take, about: up to the deepest of the leaves that they reach,
    /// which is deeper than the mean one.
    pub(super) fn steps(&self) -> f64 {
        let deepest = f64::from(self.depth);
        if self.depth <= SHALLOW {
            deepest
        } else {
            deepest.min(1.5 * self.mean_depth)
        }
    }

    fn measure(&mut self, count: usize, children: impl Fn(usize) -> Option<[usize; 2]>) {
        self.depths.clear();
        self.depths.resize(count, 0);
        let (mut leaves, mut sum) = (0_u32, 0.0);
        self.depth = 0;
        // A child comes after its parent.
        for node in 0..count {
            let depth = self.depths[node];
            match children(node) {
                Some(pair) => pair
                    .iter()
                    .for_each(|&child| self.depths[child] = depth + 1),
                None => {
                    leaves += 1;
                    sum += f64::from(depth);
                    self.depth = self.depth.max(depth);
                }
            }
        }
        self.mean_depth = sum / f64::from(leaves.max(1));
    }
}
