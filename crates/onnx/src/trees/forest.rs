//! Tree ensembles of all versions in one form, for runtimes that evaluate them.

use super::summary::Checked;
use super::{Aggregate, Mode, PostTransform, TreeFault, v5};
use crate::error::OnnxError;
use crate::labels::Labels;
use crate::node::{AI_ONNX_ML, Node};

/// A tree ensemble: what its lists say, in an order that can be followed. All numbers are held as
/// `f64`, which holds those of `f32` exactly.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Forest {
    /// The nodes of all trees. Those of a tree lie together, its root first; a child lies after
    /// its parent, and no node has two.
    pub nodes: Vec<ForestNode>,
    /// Where each tree begins in `nodes`, in the order of the file.
    pub roots: Vec<usize>,
    /// What the leaves say; a leaf has a run of them, in the order of the file.
    pub votes: Vec<Vote>,
    /// The members that [`Comparison::Member`] names, in the order of the file.
    pub sets: Vec<Vec<f64>>,
    /// One more than the largest feature that a branch reads; 0 without branches. This is any
    /// number the file likes: compare it with something before taking memory for it.
    pub features: u64,
    /// Classes or targets. Without labels or `n_targets` one more than the largest that a leaf
    /// names: any number, as `features`.
    pub outputs: usize,
    /// One an output as a rule; their number is not checked. Empty where there are none.
    pub base_values: Vec<f64>,
    /// What is done to the scores at the end.
    pub post_transform: PostTransform,
    /// How the trees' weights become one.
    pub aggregate: Aggregate,
    /// Class labels, when there are any.
    pub labels: Option<Labels>,
    /// Whether thresholds, weights or base values are doubles.
    pub doubles: bool,
    /// As [`TreeSummary::roots_first`](super::TreeSummary::roots_first).
    pub roots_first: bool,
}

/// A node of a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ForestNode {
    /// Two ways to go on.
    Branch(Branch),
    /// The end: this run of [`Forest::votes`].
    Leaf {
        /// The first of the run.
        first: usize,
        /// How many there are.
        count: usize,
    },
}

/// A question to a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Branch {
    /// The feature that is asked.
    pub feature: u64,
    /// The question.
    pub comparison: Comparison,
    /// Whether NaN goes to the true side, whatever the comparison says of it. What it says
    /// counts otherwise.
    pub missing_true: bool,
    /// The place in [`Forest::nodes`] to go on at where the answer is yes.
    pub on_true: usize,
    /// Where it is no.
    pub on_false: usize,
}

/// How a feature `x` is compared. Thresholds may be NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// `x <= t`.
    Leq(f64),
    /// `x < t`.
    Lt(f64),
    /// `x >= t`.
    Gte(f64),
    /// `x > t`.
    Gt(f64),
    /// `x == t`.
    Eq(f64),
    /// `x != t`.
    Neq(f64),
    /// Whether `x` is a member of this one of [`Forest::sets`].
    Member(usize),
}

/// What a leaf says of a class or target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vote {
    /// The class or target, below [`Forest::outputs`].
    pub output: usize,
    /// What it adds, or whatever the aggregation does with it.
    pub weight: f64,
}

impl Forest {
    /// The trees of a `TreeEnsembleClassifier` or `TreeEnsembleRegressor`, checked as
    /// [`check`](super::check) does, or of a `TreeEnsemble` (version 5), whose nodes are checked
    /// in the same way; nodes that no way leads to are left out of the latter, and leaves may be
    /// shared.
    ///
    /// # Errors
    ///
    /// As [`check`](super::check).
    pub fn read(node: Node<'_>) -> Result<Self, OnnxError> {
        if node.is(AI_ONNX_ML, "TreeEnsemble") {
            v5::read(node)
        } else {
            Ok(Checked::of(node)?.into_forest())
        }
    }
}

impl Checked<'_> {
    fn into_forest(self) -> Forest {
        let (runs, votes) = self.votes();
        let mut nodes = Vec::with_capacity(self.lists.trees.len());
        let mut roots = Vec::with_capacity(self.links.roots.len());
        let mut stack = Vec::new();
        for root in &self.links.roots {
            roots.push(nodes.len());
            stack.push((*root, None));
            while let Some((place, parent)) = stack.pop() {
                let at = nodes.len();
                enter(&mut nodes, parent, at);
                match self.links.children.get(place) {
                    Some(Some([on_true, on_false])) => {
                        nodes.push(ForestNode::Branch(self.branch(place)));
                        stack.push((*on_false, Some((at, Side::False))));
                        stack.push((*on_true, Some((at, Side::True))));
                    }
                    _ => {
                        let (first, count) = runs.get(place).copied().unwrap_or_default();
                        nodes.push(ForestNode::Leaf { first, count });
                    }
                }
            }
        }
        Forest {
            nodes,
            roots,
            votes,
            sets: Vec::new(),
            features: self.summary.n_features_used,
            outputs: self.summary.n_classes,
            base_values: self.base_values.iter().collect(),
            post_transform: self.summary.post_transform,
            aggregate: self.summary.aggregate,
            labels: self.summary.labels,
            doubles: self.summary.doubles || self.base_values.doubles(),
            roots_first: self.summary.roots_first,
        }
    }

    /// The branch at `place`, whose children are not known yet.
    fn branch(&self, place: usize) -> Branch {
        let value = self.values.at(place);
        let feature = self.features.get(place).copied().unwrap_or_default();
        let mode = self.lists.modes.get(place).copied();
        Branch {
            // Negative ones are refused by the check.
            feature: feature.unsigned_abs(),
            comparison: match mode {
                Some(Mode::BranchLt) => Comparison::Lt(value),
                Some(Mode::BranchGte) => Comparison::Gte(value),
                Some(Mode::BranchGt) => Comparison::Gt(value),
                Some(Mode::BranchEq) => Comparison::Eq(value),
                Some(Mode::BranchNeq) => Comparison::Neq(value),
                Some(Mode::BranchLeq | Mode::Leaf) | None => Comparison::Leq(value),
            },
            // 1 is yes; other numbers mean nothing.
            missing_true: self.missing.get(place) == Some(&1),
            on_true: 0,
            on_false: 0,
        }
    }

    /// The votes leaf by leaf, and the run of each by its place in the lists.
    fn votes(&self) -> (Vec<(usize, usize)>, Vec<Vote>) {
        let ids = self.weights.trees.iter().zip(self.weights.nodes);
        let mut finder = self.links.places.finder();
        let leaves: Vec<usize> = ids
            .filter_map(|(tree, node)| finder.find(*tree, *node))
            .collect();
        let mut runs = vec![(0_usize, 0_usize); self.lists.trees.len()];
        for leaf in &leaves {
            if let Some((_, count)) = runs.get_mut(*leaf) {
                *count += 1;
            }
        }
        let mut first = 0;
        for run in &mut runs {
            run.0 = first;
            first += run.1;
        }
        let none = Vote {
            output: 0,
            weight: 0.0,
        };
        let mut votes = vec![none; first];
        let mut next: Vec<usize> = runs.iter().map(|run| run.0).collect();
        for (at, leaf) in leaves.into_iter().enumerate() {
            let Some(next) = next.get_mut(leaf) else {
                continue;
            };
            if let Some(vote) = votes.get_mut(*next) {
                let id = self.weights.ids.get(at).copied().unwrap_or_default();
                vote.output = usize::try_from(id).unwrap_or_default();
                vote.weight = self.weights.values.at(at);
            }
            *next += 1;
        }
        (runs, votes)
    }
}

/// A side of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    True,
    False,
}

/// Leads the `parent`, a branch and its side, to the node at `at`.
pub(super) fn enter(nodes: &mut [ForestNode], parent: Option<(usize, Side)>, at: usize) {
    let Some((parent, side)) = parent else {
        return;
    };
    if let Some(ForestNode::Branch(branch)) = nodes.get_mut(parent) {
        match side {
            Side::True => branch.on_true = at,
            Side::False => branch.on_false = at,
        }
    }
}

/// A fault of the ensemble of `node`.
pub(super) fn fault(node: Node<'_>, fault: TreeFault) -> OnnxError {
    OnnxError::Tree {
        node: node.label(),
        fault,
    }
}
