//! From the trees of a file to an ensemble of a program.
//!
//! Responsible for which trees count, for the order of nodes, and that every tree is one: a file
//! can say anything.
//!
//! Source: XGBoost 3.2.0, its CPU predictor, as measured on the real library.

mod growth;
mod rounds;

use crate::class::Class;
use crate::model::{Forest, Model};
use crate::source::{Read, ReadError};
use flowgate_core::program::{Ensemble, Precision};
use growth::Growth;

/// What becomes of the value of a leaf before it is added.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// Nothing.
    None,
    /// It is multiplied with the weight of its tree: `dart` from 3.3 on.
    Times(f32),
    /// It is added to what sums of one tree begin with, that is taken off again, and the rest is
    /// multiplied, rounded each time: `dart` before 3.3.
    Around {
        /// The margin of the output where a wrapper for scikit-learn asks, 0 where a booster does.
        begin: f32,
        /// The weight of the tree.
        weight: f32,
    },
}

impl Scale {
    fn apply(self, value: f32) -> f32 {
        match self {
            Self::None => value,
            Self::Times(weight) => value * weight,
            Self::Around { begin, weight } => ((begin + value) - begin) * weight,
        }
    }
}

/// The first version whose `dart` is `gbtree` with weights.
const ONE_TREE_BOOSTER: [u32; 3] = [3, 3, 0];

/// The trees of `forest` that count for `class`, whose sums begin with `margins`.
///
/// # Errors
/// When a tree is none, or names a feature or output that is not there.
pub(crate) fn ensemble(
    model: &Model,
    forest: &Forest,
    class: Class,
    margins: &[f32],
) -> Read<Ensemble> {
    let count = rounds::trees(model, forest, class)?;
    let start = margins.iter().copied().map(f64::from).collect();
    let trees = forest.trees.iter().take(count);
    let nodes = trees.map(|tree| tree.left.len()).sum();
    let mut growth = Growth::new(Ensemble {
        features: model.features,
        cells: Precision::F32,
        sums: Precision::F32,
        outputs: model.outputs,
        start,
        nodes: Vec::with_capacity(nodes),
        roots: Vec::with_capacity(count),
        weights: Vec::new(),
        sets: Vec::new(),
        linear: Vec::new(),
    });
    let goes_around = model.version < ONE_TREE_BOOSTER;
    let groups = forest.groups.iter().copied();
    for (at, (tree, group)) in forest.trees.iter().zip(groups).take(count).enumerate() {
        let weights = forest.weights.as_ref();
        let weight = weights.map(|weights| weights.get(at).copied().unwrap_or(1.0));
        let scale = |output: usize| match weight {
            None => Scale::None,
            Some(weight) if goes_around => {
                let margin = margins.get(output).copied().unwrap_or(0.0);
                let begin = if class.is_wrapper() { margin } else { 0.0 };
                Scale::Around { begin, weight }
            }
            Some(weight) => Scale::Times(weight),
        };
        growth
            .add(tree, group, |output, value| scale(output).apply(value))
            .map_err(|error: ReadError| error.item(at).under("trees"))?;
    }
    Ok(growth.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Booster, Tree};

    #[test]
    fn weights_of_dart_are_folded_into_the_leaves_as_the_version_and_the_class_round() {
        let leaf = Tree {
            left: vec![-1],
            right: vec![-1],
            feature: vec![0],
            condition: vec![0.3],
            default_left: vec![false],
            ..Tree::default()
        };
        let forest = Forest {
            trees: vec![leaf],
            groups: vec![0],
            rounds: vec![0, 1],
            weights: Some(vec![0.7]),
            categories: Vec::new(),
        };
        let mut model = Model::sample("reg:squarederror", Booster::Trees(forest.clone()));
        let mut value = |version, class, margin| {
            model.version = version;
            let ensemble = ensemble(&model, &forest, class, &[margin]).expect("a tree");
            assert_eq!(ensemble.start, [f64::from(margin)]);
            ensemble.weights[0].value
        };
        let plain = f64::from(0.3_f32 * 0.7);
        assert_eq!(value([3, 2, 0], Class::Booster, 1000.0), plain);
        assert_eq!(value([3, 3, 0], Class::Regressor, 1000.0), plain);
        // 1000.3 as a float, less 1000.
        let around = f64::from((1000.3_f32 - 1000.0) * 0.7);
        assert_ne!(around, plain);
        assert_eq!(value([3, 2, 0], Class::Regressor, 1000.0), around);
    }
}
