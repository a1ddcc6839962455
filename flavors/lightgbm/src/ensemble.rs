//! From trees as LightGBM links them to an ensemble of a program.

use crate::model::{Child, Model, Question, Tree};
use crate::text::Fault;
use flowgate_core::program::{
    Ensemble, Leaf as End, LinearLeaf, Precision, Split as Way, Test, TreeNode, Weight,
};

/// The ensemble of the first `trees` trees, all of them where there are fewer.
///
/// Nodes are put behind their parents, the left way first. What leaves add stands in the order in
/// which the training reached them, those with about twice the rows first: a few of a tree's
/// leaves have most of the rows, and lie together then. Each sum begins with 0 and has the
/// trees added in order, as LightGBM does.
///
/// # Errors
/// When the nodes of a tree are no tree: one is reached on two ways, or on none.
pub(crate) fn ensemble(model: &Model, trees: usize) -> Result<Ensemble, Fault> {
    let used = model.trees.get(..trees).unwrap_or(&model.trees);
    let count: usize = used
        .iter()
        .map(|tree| tree.splits.len() + tree.leaves.len())
        .sum();
    let mut builder = Builder {
        ensemble: Ensemble {
            features: model.features.len(),
            cells: Precision::F64,
            sums: Precision::F64,
            outputs: model.outputs,
            start: vec![0.0; model.outputs],
            nodes: Vec::with_capacity(count),
            roots: Vec::with_capacity(used.len()),
            weights: Vec::with_capacity(count / 2 + used.len()),
            sets: Vec::new(),
            linear: Vec::new(),
        },
        reached: Vec::new(),
        places: Vec::new(),
    };
    for (index, tree) in used.iter().enumerate() {
        builder
            .tree(tree, index % model.outputs)
            .ok_or_else(|| Fault {
                line: tree.line,
                reason: "the nodes are no tree: one is reached twice, or never".to_owned(),
            })?;
    }
    Ok(builder.ensemble)
}

struct Builder {
    ensemble: Ensemble,
    /// Which nodes of the tree at hand were reached: those with two ways, then the leaves.
    reached: Vec<bool>,
    /// Where what its leaves add stands, from the first of them on.
    places: Vec<u32>,
}

/// The most bits of a number of rows.
const BITS: usize = u32::BITS as usize;

impl Builder {
    /// Adds `tree`, whose leaves add to the sum `output`; `None` where it is no tree.
    fn tree(&mut self, tree: &Tree, output: usize) -> Option<()> {
        let output = u32::try_from(output).ok()?;
        let sets = u32::try_from(self.ensemble.sets.len()).ok()?;
        self.ensemble.sets.extend(tree.sets.iter().cloned());
        self.ensemble.roots.push(self.place()?);
        self.weights(tree, output)?;
        self.reached.clear();
        self.reached
            .resize(tree.splits.len() + tree.leaves.len(), false);
        let mut child = match tree.splits.is_empty() {
            true => Child::Leaf(0),
            false => Child::Split(0),
        };
        // The right ways that are still to be gone, and who waits for their places.
        let mut open = Vec::new();
        loop {
            let place = self.place()?;
            let index = match child {
                Child::Split(at) => at,
                Child::Leaf(at) => tree.splits.len() + at,
            };
            let reached = self.reached.get_mut(index)?;
            if std::mem::replace(reached, true) {
                return None;
            }
            match child {
                Child::Split(at) => {
                    let split = tree.splits.get(at)?;
                    let test = match split.question {
                        Question::UpTo(threshold) => Test::LessOrEqual(threshold),
                        Question::Among(set) => Test::InSet(sets.checked_add(set)?),
                    };
                    open.push((split.right, self.ensemble.nodes.len()));
                    self.ensemble.nodes.push(TreeNode::Split(Way {
                        feature: split.feature,
                        test,
                        missing: split.missing,
                        yes: place.checked_add(1)?,
                        // Known when it is put.
                        no: place,
                    }));
                    child = split.left;
                }
                Child::Leaf(at) => {
                    self.leaf(tree, at, output)?;
                    let Some((right, parent)) = open.pop() else {
                        break;
                    };
                    let place = self.place()?;
                    if let Some(TreeNode::Split(way)) = self.ensemble.nodes.get_mut(parent) {
                        way.no = place;
                    }
                    child = right;
                }
            }
        }
        self.reached.iter().all(|reached| *reached).then_some(())
    }

    /// Adds what leaves add, and notes the place of each.
    fn weights(&mut self, tree: &Tree, output: u32) -> Option<()> {
        let bits = |at: usize| {
            let rows = tree.rows.get(at).copied().unwrap_or(0);
            BITS - rows.leading_zeros() as usize
        };
        // How many leaves come before those of as many bits, which is where the next one goes.
        let mut next = [0_u32; BITS + 1];
        for at in 0..tree.leaves.len() {
            next[bits(at)] += 1;
        }
        let mut before = u32::try_from(self.ensemble.weights.len()).ok()?;
        for count in next.iter_mut().rev() {
            let first = before;
            before = before.checked_add(*count)?;
            *count = first;
        }
        let nothing = Weight { output, value: 0.0 };
        self.ensemble.weights.resize(before as usize, nothing);
        self.places.clear();
        for (at, &value) in tree.leaves.iter().enumerate() {
            let place = &mut next[bits(at)];
            let value = match tree.linear.get(at) {
                Some(function) if function.terms.is_empty() => function.constant,
                _ => value,
            };
            self.ensemble.weights[*place as usize].value = value;
            self.places.push(*place);
            *place += 1;
        }
        Some(())
    }

    fn leaf(&mut self, tree: &Tree, at: usize, output: u32) -> Option<()> {
        let first = *self.places.get(at)?;
        let mut linear = None;
        if let Some(function) = tree.linear.get(at)
            && !function.terms.is_empty()
        {
            linear = Some(u32::try_from(self.ensemble.linear.len()).ok()?);
            self.ensemble.linear.push(LinearLeaf {
                output,
                constant: function.constant,
                terms: function.terms.clone(),
            });
        }
        self.ensemble.nodes.push(TreeNode::Leaf(End {
            first,
            count: 1,
            linear,
        }));
        Some(())
    }

    /// The place of the next node.
    fn place(&self) -> Option<u32> {
        u32::try_from(self.ensemble.nodes.len()).ok()
    }
}
