//! Ensembles of decision trees.

use super::Precision;

/// Trees whose leaves are added up. All numbers are held as `f64`; those of `f32` are exactly
/// such.
///
/// For each row and output: the sum begins with `start`, the leaves that the row reaches are
/// added in the order of the trees, every addition rounded in the type `sums`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// Columns of a row.
    pub features: usize,
    /// The type of a row's cells and of the thresholds.
    pub cells: Precision,
    /// The type of the leaves and of the sums.
    pub sums: Precision,
    /// Sums of a row.
    pub outputs: usize,
    /// What each sum begins with; `outputs` of them.
    pub start: Vec<f64>,
    /// The nodes of all trees. Those of a tree lie together, its root first; a child lies after
    /// its parent.
    pub nodes: Vec<TreeNode>,
    /// Where each tree begins in `nodes`, in order.
    pub roots: Vec<u32>,
    /// What the leaves add; a leaf has a run of them. No answer depends on their order, but what
    /// is added often is near where it stands together.
    pub weights: Vec<Weight>,
    /// Sets of categories that [`Test::InSet`] names.
    pub sets: Vec<CategorySet>,
    /// Linear functions that leaves name.
    pub linear: Vec<LinearLeaf>,
}

/// A node of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TreeNode {
    /// Two ways to go on.
    Split(Split),
    /// The end.
    Leaf(Leaf),
}

/// A question to a cell of the row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The column of the cell.
    pub feature: u32,
    /// The question.
    pub test: Test,
    /// What counts as missing, and where it goes.
    pub missing: Missing,
    /// The place in [`Ensemble::nodes`] to go on at where the answer is yes.
    pub yes: u32,
    /// Where it is no.
    pub no: u32,
}

/// The question of a split, to a cell that is not missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Test {
    /// `cell < threshold`, in the type of the cells.
    Less(f64),
    /// `cell <= threshold`.
    LessOrEqual(f64),
    /// `cell == value`.
    Equal(f64),
    /// Whether the cell is a category of the set at this place of [`Ensemble::sets`].
    InSet(u32),
}

/// What counts as a missing value at a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// NaN, which goes to this side.
    Nan(Side),
    /// NaN, and numbers with `|x| <= 1.0000000180025095e-35` (a `float` of LightGBM's
    /// `kZeroThreshold`); both go to this side.
    NanOrZero(Side),
    /// Nothing: NaN is compared as 0.
    NanIsZero,
}

/// One of the two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// As if the answer were yes.
    Yes,
    /// As if it were no.
    No,
}

/// The end of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// The first of its weights in [`Ensemble::weights`].
    pub first: u32,
    /// How many there are; none adds nothing.
    pub count: u32,
    /// The place in [`Ensemble::linear`] of the function that takes the place of its weights.
    pub linear: Option<u32>,
}

/// What a leaf adds to one sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weight {
    /// Which sum.
    pub output: u32,
    /// What is added.
    pub value: f64,
}

/// Categories that are whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategorySet {
    /// In ascending order, all unlike.
    pub members: Vec<u32>,
    /// What cells between -1 and 0 are.
    pub below_zero: BelowZero,
}

/// How cells become categories: the fraction is cut off; cells below zero, or of 2^32 and more,
/// are in no set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BelowZero {
    /// Cells between -1 and 0 are below zero.
    Outside,
    /// Their fraction is cut off first: they are 0.
    Truncated,
}

/// A leaf's function of the row: `constant`, then each `coefficient * cell` rounded and added in
/// order, in `f64`. Where one of the cells is NaN, the leaf's weights count instead; infinite
/// cells are numbers like others (LightGBM 4.7, `Tree::Predict`).
#[derive(Debug, Clone, PartialEq)]
pub struct LinearLeaf {
    /// Which sum it is added to.
    pub output: u32,
    /// What it begins with.
    pub constant: f64,
    /// Columns and coefficients.
    pub terms: Vec<(u32, f64)>,
}
