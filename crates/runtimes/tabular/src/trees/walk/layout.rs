//! The order of the nodes in memory.
//!
//! Two children lie side by side. Four such pairs fill a cache line, and a line holds pairs that
//! hang together, subtree by subtree: a walk down finds the next two or three nodes in the line
//! that it has.

use super::kernel::SHALLOW;
use flowgate_core::program::TreeNode;
use std::collections::VecDeque;

/// Nodes of a line.
pub(super) const LINE: usize = 8;

/// Nodes whose lines are kept in the same places of the nearest cache: trees that are a multiple
/// of them would push each other out of it.
const PAGE: usize = 512;

/// Places nodes; keeps its queues between trees.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The place of every node of the tree, from the start of its first line.
    pub(super) places: Vec<usize>,
    /// How many places the tree takes, whole lines.
    pub(super) length: usize,
    /// Steps to the deepest leaf.
    pub(super) depth: u32,
    /// Steps to a leaf, the mean of all leaves.
    mean_depth: f64,
    depths: Vec<u32>,
    starts: Vec<usize>,
    line: VecDeque<usize>,
}

impl Layout {
    /// Places the nodes of a tree, which begin at `root` in the ensemble.
    pub(super) fn place(&mut self, nodes: &[TreeNode], root: usize) {
        let children = |node: usize| match nodes[node] {
            TreeNode::Split(split) => {
                Some([split.yes, split.no].map(|child| child as usize - root))
            }
            TreeNode::Leaf(_) => None,
        };
        self.measure(nodes.len(), children);
        self.places.clear();
        self.places.resize(nodes.len(), 0);
        // The root has a pair of its own, whose second place stays empty.
        let mut next = 2;
        let mut room = LINE / 2 - 1;
        self.starts.clear();
        self.starts.push(0);
        while let Some(start) = self.starts.pop() {
            self.line.clear();
            self.line.push_back(start);
            while let Some(node) = self.line.pop_front() {
                let Some(pair) = children(node) else { continue };
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
        self.length = next.next_multiple_of(LINE);
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
