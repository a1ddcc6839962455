//! A LightGBM model as its text says it: what is asked at each node, and nothing of how it is run.

use flowgate_core::program::{CategorySet, Link, Missing};

/// A model.
#[derive(Debug)]
pub(crate) struct Model {
    /// What the columns of a row are.
    pub(crate) features: Vec<Feature>,
    /// Sums of a row; each round has a tree for each of them.
    pub(crate) outputs: usize,
    /// What becomes of the sums.
    pub(crate) objective: Objective,
    /// Whether the sums are divided by the number of rounds before that.
    pub(crate) averages: bool,
    /// The trees, those of a round in the order of the outputs.
    pub(crate) trees: Vec<Tree>,
    /// The categories of the columns of pandas' type `category`, in the order of those columns.
    pub(crate) categories: Vec<Names>,
}

/// A column of a row.
#[derive(Debug)]
pub(crate) struct Feature {
    /// Its name, blanks replaced by `_`.
    pub(crate) name: String,
    /// Whether its numbers stand for categories.
    pub(crate) categorical: bool,
    /// The largest category that was seen, of a column whose numbers stand for such.
    pub(crate) largest: Option<i64>,
}

/// The categories of a column; the code of one is its place in the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Names {
    /// None at all: every cell was missing.
    None,
    Texts(Vec<String>),
    Integers(Vec<i64>),
    Floats(Vec<f64>),
    Bools(Vec<bool>),
    /// So many, which mix kinds or are something else.
    Mixed(usize),
}

/// What a model was trained for, as far as its answers depend on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Objective {
    /// The function of the sums; `None` where they are the answer.
    pub(crate) link: Option<Link>,
    /// The classes that it names itself.
    pub(crate) classes: Option<usize>,
}

/// A tree.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The line of the text that it begins at.
    pub(crate) line: usize,
    /// The nodes with two ways to go on, the first of them first; none where there is one leaf.
    pub(crate) splits: Vec<Split>,
    /// What each leaf adds; one more than there are splits.
    pub(crate) leaves: Vec<f64>,
    /// The functions of the row that are added in the place of leaves, one for each or none at all.
    pub(crate) linear: Vec<Linear>,
    /// What [`Question::Among`] names.
    pub(crate) sets: Vec<CategorySet>,
    /// How many rows of the training reached each leaf; none where that is not known.
    pub(crate) rows: Vec<u32>,
}

/// A node with two ways to go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Split {
    pub(crate) feature: u32,
    pub(crate) question: Question,
    pub(crate) missing: Missing,
    pub(crate) left: Child,
    pub(crate) right: Child,
}

/// What is asked; the answer yes goes left.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question {
    /// Whether the cell is this number or below.
    UpTo(f64),
    /// Whether the cell is in this set of the tree.
    Among(u32),
}

/// Where a way goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Child {
    Split(usize),
    Leaf(usize),
}

/// A constant and products of cells. Where one of the cells is NaN, the leaf's value counts.
#[derive(Debug, Clone)]
pub(crate) struct Linear {
    pub(crate) constant: f64,
    /// Columns and coefficients; where there are none, the constant counts.
    pub(crate) terms: Vec<(u32, f64)>,
}

impl Names {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Texts(names) => names.len(),
            Self::Integers(names) => names.len(),
            Self::Floats(names) => names.len(),
            Self::Bools(names) => names.len(),
            Self::Mixed(count) => *count,
        }
    }
}
