//! Ensembles followed as they are described, one node at a time: what kernels are held against.

use flowgate_core::program::{
    BelowZero, Ensemble, LinearLeaf, Missing, Precision, Side, Split, Test, TreeNode,
};

/// LightGBM's `kZeroThreshold`, a `float`.
const ZERO: f64 = 1.000_000_018_002_509_5e-35;

/// The sums of `row`, whose cells are of the type of the ensemble's; those of `f32` exactly such.
///
/// # Panics
/// When the row has not as many cells as the ensemble reads.
pub fn sums(ensemble: &Ensemble, row: &[f64]) -> Vec<f64> {
    assert_eq!(row.len(), ensemble.features, "a cell for every feature");
    let mut sums = ensemble.start.clone();
    let mut add = |output: u32, value: f64| {
        let sum = &mut sums[output as usize];
        *sum = match ensemble.sums {
            Precision::F32 => f64::from(*sum as f32 + value as f32),
            Precision::F64 => *sum + value,
        };
    };
    for &root in &ensemble.roots {
        let mut at = root;
        let leaf = loop {
            match ensemble.nodes[at as usize] {
                TreeNode::Leaf(leaf) => break leaf,
                TreeNode::Split(split) => {
                    at = match answer(ensemble, &split, row[split.feature as usize]) {
                        Side::Yes => split.yes,
                        Side::No => split.no,
                    };
                }
            }
        };
        let linear = leaf.linear.map(|at| &ensemble.linear[at as usize]);
        match linear.and_then(|linear| Some((linear.output, value(linear, row)?))) {
            Some((output, value)) => add(output, value),
            None => {
                let (first, count) = (leaf.first as usize, leaf.count as usize);
                for weight in &ensemble.weights[first..first + count] {
                    add(weight.output, weight.value);
                }
            }
        }
    }
    sums
}

fn answer(ensemble: &Ensemble, split: &Split, cell: f64) -> Side {
    let mut cell = cell;
    match split.missing {
        Missing::Nan(side) if cell.is_nan() => return side,
        Missing::NanOrZero(side) if cell.is_nan() || cell.abs() <= ZERO => return side,
        Missing::NanIsZero if cell.is_nan() => cell = 0.0,
        _ => {}
    }
    let yes = match split.test {
        Test::Less(threshold) => cell < threshold,
        Test::LessOrEqual(threshold) => cell <= threshold,
        Test::Equal(value) => cell == value,
        Test::InSet(set) => {
            let set = &ensemble.sets[set as usize];
            let below = match set.below_zero {
                BelowZero::Outside => cell < 0.0,
                BelowZero::Truncated => cell <= -1.0,
            };
            let inside = !below && cell < 4_294_967_296.0;
            inside && set.members.binary_search(&(cell as u32)).is_ok()
        }
    };
    if yes { Side::Yes } else { Side::No }
}

fn value(linear: &LinearLeaf, row: &[f64]) -> Option<f64> {
    let mut sum = linear.constant;
    for &(feature, coefficient) in &linear.terms {
        let cell = row[feature as usize];
        if cell.is_nan() {
            return None;
        }
        sum += coefficient * cell;
    }
    Some(sum)
}
