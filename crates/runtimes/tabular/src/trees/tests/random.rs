//! Ensembles and rows that chance makes, with a liking for what is at the edge.

use super::check;
use flowgate_core::program::{
    BelowZero, CategorySet, Ensemble, Leaf, LinearLeaf, Missing, Precision, Side, Split, Test,
    TreeNode, Weight,
};
use proptest::prelude::*;

/// LightGBM's `kZeroThreshold`.
const ZERO: f64 = 1.000_000_018_002_509_5e-35;

/// What chance may do.
#[derive(Debug, Clone)]
struct Spec {
    seed: u64,
    cells: Precision,
    sums: Precision,
    features: usize,
    outputs: usize,
    trees: usize,
    /// The most leaves of a tree.
    leaves: usize,
    weights: Weights,
    /// How many thresholds there are to choose from.
    thresholds: usize,
    /// How many splits of ten ask about categories.
    categories: u64,
    /// Whether all splits have one rule of what is missing, as in most models.
    one_rule: bool,
    rows: usize,
}

/// What leaves add.
#[derive(Debug, Clone, Copy)]
enum Weights {
    /// One number, to the first sum.
    First,
    /// One number or none, to the tree's sum.
    OfTree,
    /// A number to every sum, from few vectors.
    Every,
    /// Any numbers, also several to one sum.
    Any,
    /// Functions of the row.
    Linear,
}

/// Xorshift: the same numbers for the same seed everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("a small number")
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn number(&mut self) -> f64 {
        match self.below(24) {
            0 => f64::INFINITY,
            1 => f64::NEG_INFINITY,
            2 => 0.0,
            3 => -0.0,
            4 => 1e-45,
            5 => -1e-45,
            6 => 5e-324,
            7 => self.of(&[ZERO, -ZERO, 1.1e-35, 0.9e-35]),
            8 => self.of(&[f64::MAX, f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE)]),
            9 => self.of(&[-0.5, -1.0, -1.5, 0.5]),
            10 => self.of(&[4_294_967_295.0, 4_294_967_296.0, 1e300, 255.0, 256.0]),
            11..16 => self.below(12) as f64,
            16..20 => self.below(400) as f64 / 8.0 - 20.0,
            _ => f64::from_bits(self.next() >> 3 | 3 << 60) - 1.0,
        }
    }
}

fn held(precision: Precision, number: f64) -> f64 {
    match precision {
        Precision::F32 => f64::from(number as f32),
        Precision::F64 => number,
    }
}

fn ensemble(spec: &Spec, chance: &mut Chance) -> (Ensemble, Vec<f64>) {
    let thresholds: Vec<f64> = (0..spec.thresholds.max(1))
        .map(|at| match spec.thresholds {
            0..=32 => held(spec.cells, chance.number()),
            _ => held(spec.cells, at as f64 / 7.0 - 20.0),
        })
        .collect();
    let mut made = Ensemble {
        features: spec.features,
        cells: spec.cells,
        sums: spec.sums,
        outputs: spec.outputs,
        start: (0..spec.outputs)
            .map(|_| held(spec.sums, chance.of(&[0.0, -0.0, 0.3, 1e30, -2.5])))
            .collect(),
        nodes: Vec::new(),
        roots: Vec::new(),
        weights: Vec::new(),
        sets: (0..8).map(|_| set(chance)).collect(),
        linear: Vec::new(),
    };
    for _ in 0..spec.trees {
        tree(spec, &thresholds, chance, &mut made);
    }
    (made, thresholds)
}

fn set(chance: &mut Chance) -> CategorySet {
    let most = chance.of(&[8, 8, 300, 3_000_000_000]);
    let count = chance.below(7);
    let mut members: Vec<u32> = (0..count)
        .map(|_| u32::try_from(chance.below(most)).expect("32 bits"))
        .collect();
    if chance.below(8) == 0 {
        members.push(u32::MAX);
    }
    members.sort_unstable();
    members.dedup();
    CategorySet {
        members,
        below_zero: chance.of(&[BelowZero::Outside, BelowZero::Truncated]),
    }
}

fn tree(spec: &Spec, thresholds: &[f64], chance: &mut Chance, made: &mut Ensemble) {
    let root = u32::try_from(made.nodes.len()).expect("few nodes");
    made.roots.push(root);
    let output = u32::try_from(chance.below(spec.outputs)).expect("few outputs");
    let leaves = match spec.features {
        0 => 1,
        _ => 1 + chance.below(spec.leaves),
    };
    let empty = Leaf {
        first: 0,
        count: 0,
        linear: None,
    };
    made.nodes.push(TreeNode::Leaf(empty));
    let mut open = vec![root];
    for _ in 1..leaves {
        // Now and then always the newest, which makes a chain.
        let at = match chance.below(3) {
            0 => open.len() - 1,
            _ => chance.below(open.len()),
        };
        let node = open.swap_remove(at);
        let next = u32::try_from(made.nodes.len()).expect("few nodes");
        made.nodes.extend([TreeNode::Leaf(empty); 2]);
        let (yes, no) = chance.of(&[(next, next + 1), (next + 1, next)]);
        made.nodes[node as usize] = TreeNode::Split(Split {
            feature: u32::try_from(chance.below(spec.features)).expect("few features"),
            test: test(spec, thresholds, chance),
            missing: chance.of(if spec.one_rule {
                &[Missing::Nan(Side::Yes), Missing::Nan(Side::No)]
            } else {
                &[
                    Missing::Nan(Side::Yes),
                    Missing::Nan(Side::No),
                    Missing::NanOrZero(Side::Yes),
                    Missing::NanOrZero(Side::No),
                    Missing::NanIsZero,
                ]
            }),
            yes,
            no,
        });
        open.extend([next, next + 1]);
    }
    for node in open {
        let leaf = leaf(spec, output, chance, made);
        made.nodes[node as usize] = TreeNode::Leaf(leaf);
    }
}

fn test(spec: &Spec, thresholds: &[f64], chance: &mut Chance) -> Test {
    let threshold = chance.of(thresholds);
    if chance.next() % 10 < spec.categories {
        let set = u32::try_from(chance.below(8)).expect("few sets");
        return chance.of(&[Test::Equal(threshold), Test::InSet(set), Test::InSet(set)]);
    }
    chance.of(&[Test::Less(threshold), Test::LessOrEqual(threshold)])
}

fn leaf(spec: &Spec, output: u32, chance: &mut Chance, made: &mut Ensemble) -> Leaf {
    let first = made.weights.len();
    let mut add = |output: u32, value: f64| {
        let value = held(spec.sums, value);
        made.weights.push(Weight { output, value });
    };
    let values = [-0.0, 0.0, 0.1, -0.7, 1e-3, 3e7, 1.0 / 3.0, f64::INFINITY];
    let outputs = u32::try_from(spec.outputs).expect("few outputs");
    let any = |chance: &mut Chance| match chance.below(3) {
        0 => chance.of(&values),
        _ => chance.below(1000) as f64 / 999.0 - 0.5,
    };
    match spec.weights {
        Weights::First => add(0, any(chance)),
        Weights::OfTree if chance.below(5) == 0 => {}
        Weights::OfTree => add(output, any(chance)),
        Weights::Every => {
            let vector = chance.below(4);
            (0..outputs).for_each(|output| add(output, values[vector + output as usize % 4]));
        }
        Weights::Any | Weights::Linear => {
            for _ in 0..chance.below(4) {
                let output = u32::try_from(chance.below(spec.outputs)).expect("few outputs");
                add(output, any(chance));
            }
        }
    }
    let linear = matches!(spec.weights, Weights::Linear) && chance.below(3) > 0;
    let linear = linear.then(|| {
        let terms = (0..chance.below(4).min(spec.features)).map(|_| {
            let feature = u32::try_from(chance.below(spec.features)).expect("few features");
            (feature, chance.below(1000) as f64 / 77.0 - 5.0)
        });
        let terms = terms.collect();
        made.linear.push(LinearLeaf {
            output,
            constant: chance.below(100) as f64 / 7.0,
            terms,
        });
        u32::try_from(made.linear.len() - 1).expect("few functions")
    });
    Leaf {
        first: u32::try_from(first).expect("few weights"),
        count: u32::try_from(made.weights.len() - first).expect("few weights"),
        linear,
    }
}

fn rows(spec: &Spec, thresholds: &[f64], chance: &mut Chance) -> Vec<Vec<f64>> {
    let cell = |chance: &mut Chance| {
        let threshold = chance.of(thresholds);
        held(
            spec.cells,
            match chance.below(10) {
                0 => f64::NAN,
                1 | 2 => threshold,
                3 => threshold.next_up(),
                4 => threshold.next_down(),
                5 => f64::from((threshold as f32).next_up()),
                6 => f64::from((threshold as f32).next_down()),
                7 => chance.below(10) as f64 + 0.75,
                _ => chance.number(),
            },
        )
    };
    (0..spec.rows)
        .map(|_| (0..spec.features).map(|_| cell(chance)).collect())
        .collect()
}

fn precisions() -> impl Strategy<Value = Precision> {
    prop_oneof![Just(Precision::F32), Just(Precision::F64)]
}

fn specs() -> impl Strategy<Value = Spec> {
    let weights = prop_oneof![
        Just(Weights::First),
        Just(Weights::OfTree),
        Just(Weights::Every),
        Just(Weights::Any),
        Just(Weights::Linear),
    ];
    let leaves = prop_oneof![4 => 1..12_usize, 4 => 12..80_usize, 1 => 200..400_usize];
    let thresholds = prop_oneof![6 => 1..20_usize, 1 => 200..300_usize, 1 => 600..700_usize];
    // More than one row's sources that are looked at together, and than the trees that it walks
    // down at once.
    let features = prop_oneof![6 => 0..7_usize, 1 => 60..140_usize];
    let trees = prop_oneof![6 => 0..12_usize, 1 => 12..40_usize];
    let shape = (
        1..=i64::MAX as u64,
        features,
        1..5_usize,
        trees,
        leaves,
        0..130_usize,
    );
    let kinds = (
        precisions(),
        precisions(),
        weights,
        thresholds,
        0..6_u64,
        any::<bool>(),
    );
    (shape, kinds).prop_map(|(shape, kinds)| {
        let (seed, features, outputs, trees, leaves, rows) = shape;
        let (cells, sums, weights, thresholds, categories, one_rule) = kinds;
        Spec {
            seed,
            cells,
            sums,
            features,
            outputs,
            trees,
            leaves,
            weights,
            thresholds,
            categories: categories.saturating_sub(2),
            one_rule,
            rows,
        }
    })
}

fn run(spec: &Spec) {
    let mut chance = Chance(spec.seed);
    let (ensemble, thresholds) = ensemble(spec, &mut chance);
    let rows = rows(spec, &thresholds, &mut chance);
    check(&ensemble, &rows);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_way_gives_the_sums_of_following_the_trees(spec in specs()) {
        run(&spec);
    }

    #[test]
    fn batches_for_several_threads_and_blocks_give_the_same(seed in 1..=i64::MAX as u64) {
        run(&Spec {
            seed,
            cells: Precision::F32,
            sums: Precision::F32,
            features: 3,
            outputs: 1,
            trees: 5,
            leaves: 30,
            weights: Weights::First,
            thresholds: 40,
            categories: 1,
            one_rule: false,
            rows: 600 + usize::try_from(seed % 40).expect("a small number"),
        });
    }
}
