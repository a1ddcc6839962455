//! The trees of an ensemble.

use flowgate_core::program::{Ensemble, TreeNode};
use std::ops::Range;

/// Where each tree of an ensemble lies in its nodes.
pub(super) fn trees(ensemble: &Ensemble) -> impl Iterator<Item = Range<usize>> + '_ {
    let ends = ensemble.roots.iter().skip(1).map(|root| *root as usize);
    let ends = ends.chain([ensemble.nodes.len()]);
    let starts = ensemble.roots.iter().map(|root| *root as usize);
    starts.zip(ends).map(|(start, end)| start..end)
}

/// The nodes of one tree, numbered from its root on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nodes<'a> {
    nodes: &'a [TreeNode],
    /// Where they begin in the ensemble.
    root: usize,
}

impl<'a> Nodes<'a> {
    /// Those that lie in `range` of the ensemble.
    pub(super) fn of(ensemble: &'a Ensemble, range: Range<usize>) -> Self {
        Self {
            root: range.start,
            nodes: &ensemble.nodes[range],
        }
    }

    pub(super) fn len(self) -> usize {
        self.nodes.len()
    }

    /// The nodes below a split; none of a leaf.
    pub(super) fn children(self, node: usize) -> Option<[usize; 2]> {
        match self.nodes[node] {
            TreeNode::Split(split) => {
                Some([split.yes, split.no].map(|child| child as usize - self.root))
            }
            TreeNode::Leaf(_) => None,
        }
    }
}
