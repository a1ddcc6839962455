//! Tree ensembles: whether the parallel lists of `TreeEnsembleClassifier` and
//! `TreeEnsembleRegressor` (`ai.onnx.ml` 1 to 4, `docs/Operators-ml.md` of `onnx` 1.23.2) are
//! trees, and what is in them.
//!
//! A runtime that follows the lists without looking reads out of bounds or never ends, so this is
//! checked before one sees them: [`check`] sums the lists up, [`Forest`] lays them out, those of
//! `TreeEnsemble` (`ai.onnx.ml` 5) as well. Evaluating trees belongs to the runtimes.

mod floats;
mod forest;
mod links;
mod places;
mod summary;
mod v5;

use std::collections::BTreeSet;

use crate::labels::Labels;

pub use forest::{Branch, Comparison, Forest, ForestNode, Vote};
pub use summary::check;

/// What is in a tree ensemble whose trees are known to be trees: see [`check`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TreeSummary {
    /// Which of the two operators it is.
    pub kind: TreeKind,
    /// Number of trees.
    pub n_trees: usize,
    /// Number of nodes of all trees, leaves included.
    pub n_nodes: usize,
    /// Nodes on the longest way from a root to a leaf.
    pub depth: usize,
    /// Number of class labels, or without labels one more than the largest class id; for a
    /// regressor the same of targets. Without labels this is any number the file likes: compare
    /// it with something before taking memory for it.
    pub n_classes: usize,
    /// One more than the largest feature id that a branch reads; 0 without branches.
    pub n_features_used: u64,
    /// The modes that occur.
    pub modes: BTreeSet<Mode>,
    /// What is done to the scores at the end.
    pub post_transform: PostTransform,
    /// How the trees' weights become one; always the sum for a classifier.
    pub aggregate: Aggregate,
    /// Class labels, when there are any; never for a regressor.
    pub labels: Option<Labels>,
    /// Whether every weight is for one and the same class: the form in which two classes are
    /// told by the score of one.
    pub single_class_id: bool,
    /// Whether a threshold, a weight or a base value is not a number.
    pub has_nan: bool,
    /// Whether a branch sends missing values to its true side.
    pub missing_tracks_true: bool,
    /// Number of base values, `None` when there are none.
    pub base_values: Option<usize>,
    /// Whether thresholds or weights are doubles (`..._as_tensor` of `ai.onnx.ml` 3).
    pub doubles: bool,
    /// Whether each tree's nodes are one run of the lists that begins with its root. Runtimes
    /// that take the first node of a run for a root agree with the others only then.
    pub roots_first: bool,
}

/// The operators that [`check`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeKind {
    /// `TreeEnsembleClassifier`.
    Classifier,
    /// `TreeEnsembleRegressor`.
    Regressor,
}

/// What a node does: compare the feature (left) with the value (right), or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Mode {
    BranchLeq,
    BranchLt,
    BranchGte,
    BranchGt,
    BranchEq,
    BranchNeq,
    Leaf,
}

impl Mode {
    /// The mode of an entry of `nodes_modes`.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"BRANCH_LEQ" => Self::BranchLeq,
            b"BRANCH_LT" => Self::BranchLt,
            b"BRANCH_GTE" => Self::BranchGte,
            b"BRANCH_GT" => Self::BranchGt,
            b"BRANCH_EQ" => Self::BranchEq,
            b"BRANCH_NEQ" => Self::BranchNeq,
            b"LEAF" => Self::Leaf,
            _ => return None,
        })
    }
}

/// `post_transform`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum PostTransform {
    #[default]
    None,
    Softmax,
    Logistic,
    SoftmaxZero,
    Probit,
}

/// `aggregate_function`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Aggregate {
    #[default]
    Sum,
    Average,
    Min,
    Max,
}

/// Why an ensemble is not a set of trees.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the message says of them")]
pub enum TreeFault {
    /// Not one of the operators read here.
    #[error("it is not a `TreeEnsembleClassifier` or `TreeEnsembleRegressor`")]
    Operator,
    /// No node at all.
    #[error("it has no nodes")]
    Empty,
    /// Lists that belong together differ in length.
    #[error("`{list}` has {found} entries, expected {expected}")]
    Length {
        list: String,
        expected: usize,
        found: usize,
    },
    /// The same list as floats and as a tensor, or a tensor that is not of floats.
    #[error("`{list}` is not one list of floats")]
    Floats { list: String },
    /// An unknown word.
    #[error("`{attribute}` has an unknown value")]
    Word { attribute: &'static str },
    /// Two nodes of one id.
    #[error("tree {tree} has the node {node} more than once")]
    DuplicateNode { tree: i64, node: i64 },
    /// A branch to nowhere.
    #[error("node {node} of tree {tree} leads to node {child}, which is not there")]
    NoChild { tree: i64, node: i64, child: i64 },
    /// Two ways to one node.
    #[error("node {node} of tree {tree} is reached more than once")]
    ReachedTwice { tree: i64, node: i64 },
    /// Nodes that no branch leads to.
    #[error("tree {tree} has more than one root")]
    SeveralRoots { tree: i64 },
    /// Nodes that lead to each other and not to a leaf.
    #[error("tree {tree} has a cycle")]
    Cycle { tree: i64 },
    /// A branch on a feature of a negative number.
    #[error("node {node} of tree {tree} reads the feature {feature}")]
    Feature { tree: i64, node: i64, feature: i64 },
    /// A weight for a node that is not a leaf.
    #[error("a weight is for node {node} of tree {tree}, which is not a leaf")]
    NotALeaf { tree: i64, node: i64 },
    /// A weight for a class or target that is not there.
    #[error("a weight is for class or target {id} of {count}")]
    ClassId { id: i64, count: usize },
    /// `n_targets` below 1.
    #[error("`n_targets` is {found}")]
    Targets { found: i64 },
}
