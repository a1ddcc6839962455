//! Every way gives the sums of following the trees node by node, bit for bit.

mod edges;
mod random;

use super::simd::Simd;
use super::{Cells, Compiled, How, Level, Path, Scratch, Sums, Trees};
use flowgate_core::program::{Ensemble, Op, Precision, ProgramBuilder, TreeNode};
use flowgate_core::{DataType, Dim, Port, PortKind};

const PATHS: [Path; 7] = [
    Path::Auto,
    Path::One,
    Path::Eight,
    Path::Sixteen,
    Path::Sweep(Level::Portable),
    Path::Sweep(Level::Avx2),
    Path::Sweep(Level::Avx512),
];

const LEVELS: [Level; 3] = [Level::Portable, Level::Avx2, Level::Avx512];

/// Compares every way, for the first rows of several numbers, with following the trees. Cells of
/// 32 bits are given as what they are in 64.
fn check(ensemble: &Ensemble, rows: &[Vec<f64>]) {
    assert_valid(ensemble);
    let expected: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| flowgate_testkit::trees::sums(ensemble, row))
        .collect();
    let mut scratch = Scratch::default();
    for level in LEVELS {
        let Some(simd) = Simd::get(level) else {
            continue;
        };
        let mut trees = Trees::compile_for(ensemble, simd).expect("an ensemble");
        assert!(trees.footprint() > 0);
        let counts = [rows.len(), 1, 5, 17, 40, 100];
        for count in counts.into_iter().filter(|count| *count <= rows.len()) {
            for path in PATHS.into_iter().filter(|path| trees.offers(*path)) {
                let how = How { path, threads: 1 };
                compare(
                    &trees,
                    ensemble,
                    &rows[..count],
                    &expected,
                    &how,
                    &mut scratch,
                );
            }
        }
        match &mut trees.model {
            Compiled::F32F32(model) => model.divide_always(),
            Compiled::F32F64(model) => model.divide_always(),
            Compiled::F64F32(model) => model.divide_always(),
            Compiled::F64F64(model) => model.divide_always(),
        }
        let how = How {
            path: Path::Auto,
            threads: 3,
        };
        compare(&trees, ensemble, rows, &expected, &how, &mut scratch);
    }
    check_leaves(ensemble, rows, &expected);
}

fn compare(
    trees: &Trees,
    ensemble: &Ensemble,
    rows: &[Vec<f64>],
    expected: &[Vec<f64>],
    how: &How,
    scratch: &mut Scratch,
) {
    let wide: Vec<f64> = rows.iter().flatten().copied().collect();
    let narrow: Vec<f32> = wide.iter().map(|&cell| cell as f32).collect();
    let cells = match ensemble.cells {
        Precision::F32 => Cells::F32(&narrow),
        Precision::F64 => Cells::F64(&wide),
    };
    let count = rows.len() * ensemble.outputs;
    let found: Vec<f64> = match ensemble.sums {
        Precision::F32 => {
            let mut sums = vec![7.0_f32; count];
            trees.run(cells, Sums::F32(&mut sums), how, scratch);
            sums.into_iter().map(f64::from).collect()
        }
        Precision::F64 => {
            let mut sums = vec![7.0_f64; count];
            trees.run(cells, Sums::F64(&mut sums), how, scratch);
            sums
        }
    };
    for (row, (found, expected)) in found
        .chunks(ensemble.outputs.max(1))
        .zip(expected)
        .enumerate()
    {
        for (found, expected) in found.iter().zip(expected) {
            // What a NaN is made of is nobody's contract.
            let same =
                found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
            assert!(
                same,
                "row {row} of {} by {how:?}: {found:e} in place of {expected:e}",
                rows.len()
            );
        }
    }
}

/// The leaves that are reached are leaves, and give the sums.
fn check_leaves(ensemble: &Ensemble, rows: &[Vec<f64>], expected: &[Vec<f64>]) {
    let wide: Vec<f64> = rows.iter().flatten().copied().collect();
    let narrow: Vec<f32> = wide.iter().map(|&cell| cell as f32).collect();
    let cells = match ensemble.cells {
        Precision::F32 => Cells::F32(&narrow),
        Precision::F64 => Cells::F64(&wide),
    };
    let leaves = super::leaves(ensemble, cells, 0..rows.len());
    assert_eq!(leaves.len(), rows.len() * ensemble.roots.len());
    if ensemble.roots.is_empty() || !ensemble.linear.is_empty() {
        return;
    }
    for (leaves, expected) in leaves.chunks(ensemble.roots.len()).zip(expected) {
        // An ensemble of these leaves alone.
        let nodes: Vec<TreeNode> = leaves
            .iter()
            .map(|&at| ensemble.nodes[at as usize])
            .collect();
        let alone = Ensemble {
            roots: (0..).take(nodes.len()).collect(),
            nodes,
            ..ensemble.clone()
        };
        let found = flowgate_testkit::trees::sums(&alone, &vec![0.0; ensemble.features]);
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
        );
    }
}

fn assert_valid(ensemble: &Ensemble) {
    let port = Port {
        name: "x".into(),
        kind: PortKind::Tensor(match ensemble.cells {
            Precision::F32 => DataType::F32,
            Precision::F64 => DataType::F64,
        }),
        shape: Some(vec![Dim::Free, Dim::Fixed(ensemble.features)]),
    };
    let (mut program, inputs) = ProgramBuilder::new(vec![port]);
    let sums = program.step(Op::Trees(ensemble.clone().into()), &inputs);
    program.output("y", sums);
    program.finish().expect("an ensemble that can be followed");
}
