//! Every type of element comes back as it went in.

use super::Case;
use super::bench::{Bench, assert_runs, assert_runs_close, frame};
use crate::{Tolerance, graphs};
use flowgate_core::{Data, DataType, Strings};
use half::f16;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "every datatype comes back bit for bit",
        ask: every_datatype,
    },
    Case {
        name: "numbers of a network are right within rounding",
        ask: a_network,
    },
];

fn every_datatype(bench: &Bench<'_>) {
    for datatype in DataType::ALL {
        let (Some(graph), Some(data)) = (graphs::identity(datatype), edges(datatype)) else {
            continue;
        };
        let Some(mut session) = bench.session(graph) else {
            continue;
        };
        let mut samples = vec![data.slice(0..1), data.clone()];
        if !bench.refuses_rows(0) {
            samples.push(Data::empty(datatype));
        }
        for data in samples {
            let rows = data.len();
            let inputs = frame("x", &[rows], data.clone());
            assert_runs(&mut *session, &inputs, &frame("y", &[rows], data));
        }
    }
}

/// The values of a type that are easily damaged; `None` for the types that ONNX does not have.
fn edges(datatype: DataType) -> Option<Data> {
    Some(match datatype {
        DataType::Bool => vec![true, false, false, true].into(),
        DataType::I8 => vec![0, i8::MIN, i8::MAX, -1].into(),
        DataType::I16 => vec![0, i16::MIN, i16::MAX, -1].into(),
        DataType::I32 => vec![0, i32::MIN, i32::MAX, -1].into(),
        DataType::I64 => vec![0, i64::MIN, i64::MAX, -1, (1 << 53) + 1].into(),
        DataType::U8 => vec![0, u8::MAX, 128].into(),
        DataType::U16 => vec![0, u16::MAX, 1 << 15].into(),
        DataType::U32 => vec![0, u32::MAX, 1 << 31].into(),
        DataType::U64 => vec![0, u64::MAX, 1 << 63, (1 << 53) + 1].into(),
        DataType::F16 => vec![
            f16::from_f32(1.5),
            f16::NAN,
            f16::INFINITY,
            f16::NEG_INFINITY,
            f16::NEG_ZERO,
            f16::ZERO,
            f16::MAX,
            f16::MIN_POSITIVE_SUBNORMAL,
        ]
        .into(),
        DataType::F32 => vec![
            1.5_f32,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            -0.0,
            0.0,
            f32::MAX,
            f32::from_bits(1),
        ]
        .into(),
        DataType::F64 => vec![
            0.1_f64,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            0.0,
            f64::MAX,
            f64::from_bits(1),
        ]
        .into(),
        DataType::Str => {
            let long = "x".repeat(4096);
            let texts: Strings = ["plain", "", "größer", "日本語", "🦀 x", "a\nb", &long, ""]
                .into_iter()
                .collect();
            texts.into()
        }
        DataType::Bytes | DataType::DateTime | DataType::Json => return None,
    })
}

fn a_network(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("layers") else {
        return;
    };
    let inputs = vec![
        1.0_f32, 0.0, 0.0, 0.0, 0.5, -1.0, 2.0, 0.25, -3.0, 1.5, 0.0, 1.0,
    ];
    // numpy 2.4.6 on the weights of the file, in float64
    let outputs: Vec<f32> = vec![
        -0.425_862_94,
        0.665_118_96,
        0.795_088,
        -7.109_821_3,
        1.521_290_9,
        6.658_41,
        5.279_340_3,
        2.697_473_2,
        4.776_453_6,
    ];
    assert_runs_close(
        &mut *session,
        &frame("x", &[3, 4], inputs),
        &frame("y", &[3, 3], outputs),
        Tolerance {
            absolute: 1e-5,
            relative: 1e-5,
        },
    );
}
