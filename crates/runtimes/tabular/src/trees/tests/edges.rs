//! Ensembles and rows of kinds that chance seldom makes.

use super::{PATHS, check};
use crate::trees::{Level, Path, Trees};
use flowgate_core::program::{
    BelowZero, CategorySet, Ensemble, Leaf, Missing, Precision, Side, Split, Test, TreeNode, Weight,
};

fn empty(cells: Precision, sums: Precision, features: usize) -> Ensemble {
    Ensemble {
        features,
        cells,
        sums,
        outputs: 1,
        start: vec![0.1_f32.into()],
        nodes: Vec::new(),
        roots: Vec::new(),
        weights: Vec::new(),
        sets: Vec::new(),
        linear: Vec::new(),
    }
}

fn add_leaf(ensemble: &mut Ensemble, value: f64) {
    let first = ensemble.weights.len().try_into().expect("few weights");
    ensemble.weights.push(Weight { output: 0, value });
    ensemble.nodes.push(TreeNode::Leaf(Leaf {
        first,
        count: 1,
        linear: None,
    }));
}

/// A split on the first feature, whose children are the next node and the one at `no`.
fn add_split(ensemble: &mut Ensemble, feature: u32, test: Test, missing: Missing, no: usize) {
    let next = u32::try_from(ensemble.nodes.len() + 1).expect("few nodes");
    ensemble.nodes.push(TreeNode::Split(Split {
        feature,
        test,
        missing,
        yes: next,
        no: no.try_into().expect("few nodes"),
    }));
}

fn begin_tree(ensemble: &mut Ensemble) {
    let root = ensemble.nodes.len().try_into().expect("few nodes");
    ensemble.roots.push(root);
}

/// One split a tree.
fn stump(ensemble: &mut Ensemble, feature: u32, test: Test, missing: Missing) {
    begin_tree(ensemble);
    let no = ensemble.nodes.len() + 2;
    add_split(ensemble, feature, test, missing, no);
    let share = f64::from(1 << (ensemble.roots.len() % 16));
    add_leaf(ensemble, share);
    add_leaf(ensemble, -1.0 / share);
}

/// A tree that goes on in one child only, `depth` times.
fn chain(ensemble: &mut Ensemble, depth: usize, left: bool) {
    begin_tree(ensemble);
    for step in 0..depth {
        let at = ensemble.nodes.len();
        let threshold = step as f64 / depth as f64;
        if left {
            // The other child comes after all that is below this one.
            let no = at + 1 + 2 * (depth - step) - 1;
            add_split(
                ensemble,
                0,
                Test::Less(1.0 - threshold),
                Missing::Nan(Side::No),
                no,
            );
        } else {
            add_split(
                ensemble,
                0,
                Test::Less(threshold),
                Missing::Nan(Side::No),
                at + 2,
            );
            add_leaf(ensemble, step as f64);
        }
    }
    add_leaf(ensemble, -1.0);
    for step in (0..depth).rev().filter(|_| left) {
        add_leaf(ensemble, step as f64);
    }
}

const EDGES: [f64; 19] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    1.401_298_464_324_817e-45,
    -1.401_298_464_324_817e-45,
    1.000_000_018_002_509_5e-35,
    -1.000_000_018_002_509_5e-35,
    1.1e-35,
    1.0,
    -1.0,
    -0.5,
    -1.5,
    2.75,
    3.402_823_466_385_288_6e38,
    4_294_967_040.0,
    4_294_967_296.0,
    1e38,
];

const MISSING: [Missing; 5] = [
    Missing::Nan(Side::Yes),
    Missing::Nan(Side::No),
    Missing::NanOrZero(Side::Yes),
    Missing::NanOrZero(Side::No),
    Missing::NanIsZero,
];

#[test]
fn every_threshold_meets_every_cell_under_every_rule() {
    for cells in [Precision::F32, Precision::F64] {
        let held = |number: f64| match cells {
            Precision::F32 => f64::from(number as f32),
            Precision::F64 => number,
        };
        let mut ensemble = empty(cells, Precision::F64, 1);
        for threshold in EDGES.into_iter().filter(|edge| !edge.is_nan()).map(held) {
            for missing in MISSING {
                stump(&mut ensemble, 0, Test::Less(threshold), missing);
                stump(&mut ensemble, 0, Test::LessOrEqual(threshold), missing);
                stump(&mut ensemble, 0, Test::Equal(threshold), missing);
            }
        }
        let rows: Vec<Vec<f64>> = EDGES.iter().map(|&cell| vec![held(cell)]).collect();
        check(&ensemble, &rows);
    }
}

#[test]
fn every_set_meets_every_cell_under_every_rule() {
    let members = [
        vec![],
        vec![0],
        vec![0, 1, 2],
        vec![2, 4_294_967_040, u32::MAX],
        vec![1, 70_000],
    ];
    let mut ensemble = empty(Precision::F64, Precision::F32, 1);
    for members in members {
        for below_zero in [BelowZero::Outside, BelowZero::Truncated] {
            let set = ensemble.sets.len().try_into().expect("few sets");
            let members = members.clone();
            ensemble.sets.push(CategorySet {
                members,
                below_zero,
            });
            for missing in MISSING {
                stump(&mut ensemble, 0, Test::InSet(set), missing);
            }
        }
    }
    let cells = EDGES
        .into_iter()
        .chain([70_000.9, 2.0, 1.999, 4_294_967_295.5, -0.999, 1e300]);
    let rows: Vec<Vec<f64>> = cells.map(|cell| vec![cell]).collect();
    check(&ensemble, &rows);
}

#[test]
fn nothing_to_ask_and_nothing_to_add_leave_the_start() {
    let rows = vec![Vec::new(); 40];
    let mut ensemble = empty(Precision::F32, Precision::F32, 0);
    ensemble.start = vec![-0.0];
    check(&ensemble, &rows);
    check(&ensemble, &[]);
    // A leaf that adds nothing keeps the sign of zero.
    ensemble.roots.push(0);
    ensemble.nodes.push(TreeNode::Leaf(Leaf {
        first: 0,
        count: 0,
        linear: None,
    }));
    check(&ensemble, &rows);
    ensemble.outputs = 0;
    ensemble.start.clear();
    check(&ensemble, &rows);
}

#[test]
fn a_chain_of_ten_thousand_steps_is_followed_to_its_end() {
    for left in [false, true] {
        let mut ensemble = empty(Precision::F64, Precision::F64, 1);
        chain(&mut ensemble, 10_000, left);
        chain(&mut ensemble, 3, left);
        let cells = [f64::NAN, -1.0, 0.0, 0.000_05, 0.5, 0.999_95, 1.0, 7.0];
        let rows: Vec<Vec<f64>> = cells.map(|cell| vec![cell]).into();
        check(&ensemble, &rows);
    }
}

#[test]
fn chains_of_up_to_256_leaves_are_swept() {
    for (depth, swept) in [(255, true), (256, false)] {
        for left in [false, true] {
            let mut ensemble = empty(Precision::F32, Precision::F64, 1);
            chain(&mut ensemble, depth, left);
            for node in &mut ensemble.nodes {
                if let TreeNode::Split(Split {
                    test: Test::Less(threshold),
                    ..
                }) = node
                {
                    *threshold = f64::from(*threshold as f32);
                }
            }
            let trees = Trees::compile(&ensemble).expect("an ensemble");
            assert_eq!(trees.offers(Path::Sweep(Level::Portable)), swept);
            let rows: Vec<Vec<f64>> = (0..130)
                .map(|row| vec![f64::from(row as f32 / 128.0)])
                .collect();
            check(&ensemble, &rows);
        }
    }
}

/// Trees that read so many columns, or are so large, that nodes of eight octets do not suffice.
#[test]
fn wide_nodes_reach_what_narrow_ones_do_not() {
    let mut ensemble = empty(Precision::F32, Precision::F32, 9_000);
    for feature in 0..9_000 {
        stump(
            &mut ensemble,
            feature,
            Test::Less(0.5),
            Missing::Nan(Side::No),
        );
    }
    check_wide(&ensemble);

    // The same with so many sets that nodes ask for them themselves.
    for member in 0..2_000 {
        let set = ensemble.sets.len().try_into().expect("few sets");
        ensemble.sets.push(CategorySet {
            members: vec![member % 2, member + 2],
            below_zero: BelowZero::Outside,
        });
        stump(
            &mut ensemble,
            member % 7,
            Test::InSet(set),
            Missing::Nan(Side::No),
        );
    }
    check_wide(&ensemble);

    // One tree of 140,001 nodes: the other child of the root is the last of them.
    let mut ensemble = empty(Precision::F64, Precision::F64, 1);
    chain(&mut ensemble, 70_000, true);
    let rows: Vec<Vec<f64>> = [0.0, 0.25, 0.999, 2.0].map(|cell| vec![cell]).into();
    check(&ensemble, &rows);
}

fn check_wide(ensemble: &Ensemble) {
    let cell = |row: usize, feature: usize| {
        if (row + feature).is_multiple_of(3) {
            0.0
        } else {
            1.0
        }
    };
    let rows: Vec<Vec<f64>> = (0..9)
        .map(|row| (0..9_000).map(|feature| cell(row, feature)).collect())
        .collect();
    check(ensemble, &rows);
}

/// So many unlike sets that nodes ask for them themselves, in tables that stay small.
#[test]
fn thousands_of_sets_take_memory_in_proportion() {
    let mut ensemble = empty(Precision::F64, Precision::F64, 2);
    for category in 0..3_000_u32 {
        ensemble.sets.push(CategorySet {
            members: vec![category, category + 5_000],
            below_zero: BelowZero::Outside,
        });
        stump(
            &mut ensemble,
            category % 2,
            Test::InSet(category),
            Missing::Nan(Side::Yes),
        );
        stump(
            &mut ensemble,
            1,
            Test::Less(f64::from(category)),
            Missing::Nan(Side::Yes),
        );
    }
    let trees = Trees::compile(&ensemble).expect("an ensemble");
    assert!(trees.footprint() < 8 << 20, "{} octets", trees.footprint());
    let cells = [
        0.0,
        17.5,
        2_999.0,
        5_000.0,
        7_999.9,
        f64::NAN,
        -1.0,
        9_000.0,
    ];
    let rows: Vec<Vec<f64>> = (0..cells.len() * 3)
        .map(|row| vec![cells[row % 8], cells[row / 3]])
        .collect();
    check(&ensemble, &rows);
}

#[test]
fn ways_that_are_not_there_are_not_offered() {
    let mut ensemble = empty(Precision::F32, Precision::F32, 1);
    chain(&mut ensemble, 400, false);
    for node in &mut ensemble.nodes {
        if let TreeNode::Split(Split {
            test: Test::Less(threshold),
            ..
        }) = node
        {
            *threshold = f64::from(*threshold as f32);
        }
    }
    let trees = Trees::compile(&ensemble).expect("an ensemble");
    for path in PATHS {
        assert_eq!(
            trees.offers(path),
            !matches!(path, Path::Sweep(_)),
            "{path:?}"
        );
    }
}

/// A tree whose leaves all have the same depth; the leaf at `k` from the left adds `value(k)`.
fn complete(ensemble: &mut Ensemble, depth: u32, value: &mut impl FnMut() -> f64) {
    if depth == 0 {
        add_leaf(ensemble, value());
        return;
    }
    let at = ensemble.nodes.len();
    let feature = (at * 7 % ensemble.features).try_into().expect("few");
    let threshold = f64::from((at * 5 % 11) as u32) / 16.0;
    let no = at + (1 << depth);
    let missing = Missing::Nan([Side::Yes, Side::No][at % 2]);
    add_split(ensemble, feature, Test::LessOrEqual(threshold), missing, no);
    complete(ensemble, depth - 1, value);
    complete(ensemble, depth - 1, value);
}

/// Pairs of leaves that are alike stand once for a tree, where most are; one tree is too large
/// for that.
#[test]
fn leaves_that_are_alike_are_those_of_their_own_tree() {
    let mut state = 1_u32;
    let mut chance = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    for precision in [Precision::F32, Precision::F64] {
        let mut ensemble = empty(precision, precision, 3);
        for depth in [9, 12, 1, 0, 6] {
            begin_tree(&mut ensemble);
            let unlike = f64::from(depth);
            complete(&mut ensemble, depth, &mut || {
                unlike + f64::from(chance() % 3) / 4.0
            });
        }
        // What is large has leaves of its own.
        begin_tree(&mut ensemble);
        let mut count = 0.0;
        complete(&mut ensemble, 15, &mut || {
            count += 1.0;
            count
        });
        let cell = |of: usize| match of % 13 {
            0 => f64::NAN,
            at => at as f64 / 16.0 - 0.031_25,
        };
        let rows: Vec<Vec<f64>> = (0..70)
            .map(|row| {
                (0..3)
                    .map(|at| cell(row * 5 + at * (row % 4 + 1)))
                    .collect()
            })
            .collect();
        check(&ensemble, &rows);
    }
}
