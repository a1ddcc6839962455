//! Tree after tree into one list of nodes.

use crate::model::{Tree, Vectors};
use crate::source::{Read, ReadError};
use flowgate_core::program::{
    BelowZero, CategorySet, Ensemble, Leaf, Missing, Side, Split, Test, TreeNode, Weight,
};

/// An ensemble in the making.
#[derive(Debug)]
pub(super) struct Growth {
    ensemble: Ensemble,
    /// Nodes of the file that wait for their place, with the place that leads to them.
    waiting: Vec<(usize, Option<(usize, Side)>)>,
    /// Nodes of the file that were met.
    met: Vec<bool>,
}

/// A node of the file.
enum Found {
    Leaf,
    Split { left: usize, right: usize },
}

impl Growth {
    /// Begins with an ensemble without trees.
    pub(super) fn new(ensemble: Ensemble) -> Self {
        Self {
            ensemble,
            waiting: Vec::new(),
            met: Vec::new(),
        }
    }

    /// Adds `tree`, whose leaves add to the output `group`; `scale` gives what is added of an
    /// output's value. Nodes that the root does not lead to are left out: XGBoost keeps those that
    /// were pruned.
    ///
    /// # Errors
    /// When it is no tree.
    pub(super) fn add(
        &mut self,
        tree: &Tree,
        group: u32,
        scale: impl Fn(usize, f32) -> f32,
    ) -> Read<()> {
        let root = place(self.ensemble.nodes.len())?;
        self.ensemble.roots.push(root);
        let first_weight = self.ensemble.weights.len();
        if let Some(vectors) = &tree.vectors {
            self.add_vectors(vectors, &scale)?;
        }
        self.met.clear();
        self.met.resize(tree.left.len(), false);
        self.waiting.push((0, None));
        while let Some((node, parent)) = self.waiting.pop() {
            let at = self.ensemble.nodes.len();
            self.settle_parent(parent, place(at)?);
            let made = match self.found(tree, node)? {
                Found::Leaf => TreeNode::Leaf(match &tree.vectors {
                    None => {
                        let value = tree.condition.get(node).copied().unwrap_or(f32::NAN);
                        let value = f64::from(scale(group as usize, value));
                        let first = place(self.ensemble.weights.len())?;
                        let output = group;
                        self.ensemble.weights.push(Weight { output, value });
                        Leaf {
                            first,
                            count: 1,
                            linear: None,
                        }
                    }
                    Some(vectors) => vector_leaf(tree, vectors, node, first_weight)
                        .map_err(|error| error.item(node).under("left_children"))?,
                }),
                Found::Split { left, right } => {
                    let split = self.split(tree, node)?;
                    let asks_for_set = matches!(split.test, Test::InSet(_));
                    let (yes, no) = if asks_for_set {
                        (right, left)
                    } else {
                        (left, right)
                    };
                    // The way of yes is followed first, so that it lies next.
                    self.waiting.push((no, Some((at, Side::No))));
                    self.waiting.push((yes, Some((at, Side::Yes))));
                    TreeNode::Split(split)
                }
            };
            self.ensemble.nodes.push(made);
        }
        Ok(())
    }

    /// The ensemble.
    pub(super) fn finish(self) -> Ensemble {
        self.ensemble
    }

    /// Tells the split at the place `parent` that one of its ways leads to `child`.
    fn settle_parent(&mut self, parent: Option<(usize, Side)>, child: u32) {
        let Some((parent, side)) = parent else {
            return;
        };
        if let Some(TreeNode::Split(split)) = self.ensemble.nodes.get_mut(parent) {
            match side {
                Side::Yes => split.yes = child,
                Side::No => split.no = child,
            }
        }
    }

    /// What `node` is; every node is met once.
    fn found(&mut self, tree: &Tree, node: usize) -> Read<Found> {
        let bad = |what: &str| ReadError::new(what).item(node).under("left_children");
        match self.met.get_mut(node) {
            Some(met) if !*met => *met = true,
            _ => return Err(bad("two ways lead to the node, or it is not there")),
        }
        let left = tree.left.get(node).copied();
        let left = left.ok_or_else(|| bad("the node is not there"))?;
        if left == -1 {
            return Ok(Found::Leaf);
        }
        // XGBoost goes to the right by adding 1 to the left.
        let right = tree.right.get(node).copied();
        if left.checked_add(1) != right {
            return Err(bad("the children of the node do not lie side by side"));
        }
        let child = usize::try_from(left).ok();
        let child = child.filter(|child| child.saturating_add(1) < tree.left.len());
        let left = child.ok_or_else(|| bad("the children of the node are not there"))?;
        Ok(Found::Split {
            left,
            right: left + 1,
        })
    }

    /// The question of `node`; where its ways lead is not known yet.
    fn split(&mut self, tree: &Tree, node: usize) -> Read<Split> {
        let feature = tree.feature.get(node).copied().unwrap_or(-1);
        let feature = u32::try_from(feature)
            .ok()
            .filter(|feature| (*feature as usize) < self.ensemble.features)
            .ok_or_else(|| {
                let what = format!("the feature is none of {}", self.ensemble.features);
                ReadError::new(what).item(node).under("split_indices")
            })?;
        let goes_left = tree.default_left.get(node).copied().unwrap_or(false);
        let set = tree.set_nodes.binary_search(&node).ok();
        let (test, missing) = match set.and_then(|set| tree.sets.get(set)) {
            Some(members) => {
                let at = place(self.ensemble.sets.len())?;
                self.ensemble.sets.push(CategorySet {
                    members: members.clone(),
                    below_zero: BelowZero::Outside,
                });
                // Categories of the set go to the right.
                let missing = if goes_left { Side::No } else { Side::Yes };
                (Test::InSet(at), missing)
            }
            None => {
                let threshold = tree.condition.get(node).copied().unwrap_or(f32::NAN);
                // Nothing is less than NaN, nor less than what is below all numbers.
                let threshold = if threshold.is_nan() {
                    f32::NEG_INFINITY
                } else {
                    threshold
                };
                let missing = if goes_left { Side::Yes } else { Side::No };
                (Test::Less(f64::from(threshold)), missing)
            }
        };
        Ok(Split {
            feature,
            test,
            missing: Missing::Nan(missing),
            yes: 0,
            no: 0,
        })
    }

    /// Adds all vectors of a tree, so that leaves can share them.
    fn add_vectors(&mut self, vectors: &Vectors, scale: &impl Fn(usize, f32) -> f32) -> Read<()> {
        let Vectors { size, values, .. } = vectors;
        if *size != self.ensemble.outputs || values.len() % size != 0 {
            let what = format!(
                "vectors of {size} numbers, {} in all, for {} outputs",
                values.len(),
                self.ensemble.outputs
            );
            return Err(ReadError::new(what).under("leaf_weights"));
        }
        for vector in values.chunks_exact(*size) {
            for (output, value) in (0_u32..).zip(vector) {
                let value = f64::from(scale(output as usize, *value));
                self.ensemble.weights.push(Weight { output, value });
            }
        }
        Ok(())
    }
}

/// The leaf that adds the vector of `node`; the vectors of its tree begin at `first`.
fn vector_leaf(tree: &Tree, vectors: &Vectors, node: usize, first: usize) -> Read<Leaf> {
    let at = if vectors.by_node {
        Some(node)
    } else {
        let at = tree.right.get(node).copied();
        at.and_then(|at| usize::try_from(at).ok())
    };
    let start = at.and_then(|at| at.checked_mul(vectors.size));
    let end = start.and_then(|start| start.checked_add(vectors.size));
    match (start, end) {
        (Some(start), Some(end)) if end <= vectors.values.len() => Ok(Leaf {
            first: place(first + start)?,
            count: place(vectors.size)?,
            linear: None,
        }),
        _ => Err(ReadError::new("the vector of the leaf is not there")),
    }
}

/// `at` as the number of a place.
fn place(at: usize) -> Read<u32> {
    u32::try_from(at).map_err(|_| ReadError::new("more nodes or leaves than can be numbered"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::program::Precision;
    use flowgate_testkit::trees::sums;

    fn ensemble(features: usize, outputs: usize) -> Ensemble {
        Ensemble {
            features,
            cells: Precision::F32,
            sums: Precision::F32,
            outputs,
            start: vec![0.0; outputs],
            nodes: Vec::new(),
            roots: Vec::new(),
            weights: Vec::new(),
            sets: Vec::new(),
            linear: Vec::new(),
        }
    }

    /// A root and two leaves of -1 and 1.
    fn stump() -> Tree {
        Tree {
            left: vec![1, -1, -1],
            right: vec![2, -1, -1],
            feature: vec![0, 0, 0],
            condition: vec![0.5, -1.0, 1.0],
            default_left: vec![true, false, false],
            set_nodes: Vec::new(),
            sets: Vec::new(),
            vectors: None,
        }
    }

    fn grown(tree: &Tree, outputs: usize) -> Read<Ensemble> {
        let mut growth = Growth::new(ensemble(1, outputs));
        growth.add(tree, 0, |_, value| value)?;
        Ok(growth.finish())
    }

    fn answers(tree: &Tree, cells: &[f64]) -> Vec<f64> {
        let ensemble = grown(tree, 1).expect("a tree");
        cells
            .iter()
            .map(|cell| sums(&ensemble, &[*cell])[0])
            .collect()
    }

    #[test]
    fn less_goes_left_and_a_missing_value_to_its_default() {
        let mut tree = stump();
        let cells = [0.0, 0.5, 1.0, f64::NAN];
        assert_eq!(answers(&tree, &cells), [-1.0, 1.0, 1.0, -1.0]);
        tree.default_left[0] = false;
        assert_eq!(answers(&tree, &cells), [-1.0, 1.0, 1.0, 1.0]);
        tree.condition[0] = f32::NAN;
        tree.default_left[0] = true;
        assert_eq!(answers(&tree, &cells), [1.0, 1.0, 1.0, -1.0]);
    }

    #[test]
    fn categories_of_the_set_go_right_and_all_else_goes_left() {
        let mut tree = stump();
        tree.set_nodes = vec![0];
        tree.sets = vec![vec![0, 2]];
        let cells = [0.0, 0.9, 1.0, 2.0, -0.5, -1.0, 3.0, 16_777_216.0, f64::NAN];
        let expected = [1.0, 1.0, -1.0, 1.0, -1.0, -1.0, -1.0, -1.0, -1.0];
        assert_eq!(answers(&tree, &cells), expected);
        tree.default_left[0] = false;
        assert_eq!(answers(&tree, &[f64::NAN, 1.0]), [1.0, -1.0]);
    }

    #[test]
    fn nodes_that_nothing_leads_to_are_left_out() {
        let mut tree = stump();
        for list in [&mut tree.left, &mut tree.right] {
            list.extend([-1, 77]);
        }
        tree.feature.extend([i64::from(u32::MAX), -1]);
        tree.condition.extend([9.0, 9.0]);
        tree.default_left.extend([false, false]);
        assert_eq!(grown(&tree, 1).expect("a tree").nodes.len(), 3);
    }

    #[test]
    fn children_may_lie_before_their_parents_in_the_file() {
        let tree = Tree {
            left: vec![3, -1, -1, 1, -1],
            right: vec![4, -1, -1, 2, -1],
            feature: vec![0; 5],
            condition: vec![0.0, 10.0, 20.0, -5.0, 30.0],
            default_left: vec![true; 5],
            ..Tree::default()
        };
        assert_eq!(answers(&tree, &[-6.0, -1.0, 1.0]), [10.0, 20.0, 30.0]);
    }

    #[test]
    fn what_is_no_tree_is_refused_with_its_node() {
        for (change, expected) in [
            (0, "left_children[0]"),
            (1, "left_children[1]"),
            (2, "left_children[0]"),
            (3, "split_indices[0]"),
            (4, "left_children[0]"),
        ] {
            let mut tree = stump();
            match change {
                // The root leads to itself.
                0 => (tree.left[0], tree.right[0]) = (0, 1),
                // Two ways to one node.
                1 => (tree.left[1], tree.right[1]) = (1, 2),
                // Out of the tree.
                2 => (tree.left[0], tree.right[0]) = (2, 3),
                3 => tree.feature[0] = 1,
                _ => tree.right[0] = 1,
            }
            let error = grown(&tree, 1).expect_err("no tree").to_string();
            assert!(error.contains(expected), "{change}: {error}");
        }
    }

    #[test]
    fn leaves_share_the_vectors_that_they_name() {
        let mut tree = stump();
        tree.right = vec![2, 1, 0];
        tree.vectors = Some(Vectors {
            size: 2,
            values: vec![1.0, 2.0, 3.0, 4.0],
            by_node: false,
        });
        let ensemble = grown(&tree, 2).expect("a tree");
        assert_eq!(sums(&ensemble, &[0.0]), [3.0, 4.0]);
        assert_eq!(sums(&ensemble, &[1.0]), [1.0, 2.0]);
        tree.right[1] = 2;
        let error = grown(&tree, 2).expect_err("no such vector").to_string();
        assert!(error.contains("left_children[1]"), "{error}");
        assert!(grown(&tree, 3).is_err(), "vectors of another size");
    }

    #[test]
    fn older_files_have_a_vector_for_every_node() {
        let mut tree = stump();
        tree.vectors = Some(Vectors {
            size: 2,
            values: vec![0.0, 0.0, 1.0, 2.0, 3.0, 4.0],
            by_node: true,
        });
        let ensemble = grown(&tree, 2).expect("a tree");
        assert_eq!(sums(&ensemble, &[0.0]), [1.0, 2.0]);
        assert_eq!(sums(&ensemble, &[1.0]), [3.0, 4.0]);
    }
}
