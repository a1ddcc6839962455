//! A map a row becomes a tensor with labels.

use super::Case;
use super::bench::{Bench, assert_runs, frame, named};
use flowgate_core::{Frame, Labels};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "maps become a tensor with labels in ascending order",
        ask: labels,
    },
    Case {
        name: "no rows of maps are a tensor without rows",
        ask: no_rows,
    },
];

fn labels(bench: &Bench<'_>) {
    let ints = || Labels::Ints(vec![-1, 3, 7].into());
    let x = vec![0.25_f32, 0.5, 1.0, 2.0, 4.0, 8.0];
    for (graph, labels, zipped) in [
        ("zipmap_ints", ints(), x.clone()),
        (
            "zipmap_strings",
            Labels::Strs(["a", "b", "ü"].map(str::to_owned).into_iter().collect()),
            x.clone(),
        ),
        // ONNX Runtime's maps are sorted by key, and so is what MLflow answers.
        (
            "zipmap_unsorted",
            ints(),
            vec![0.5, 1.0, 0.25, 4.0, 8.0, 2.0],
        ),
    ] {
        let Some(mut session) = bench.session(graph) else {
            continue;
        };
        for rows in [2, 1] {
            let mut map = named("zipped", &[rows, 3], zipped[..rows * 3].to_vec());
            map.labels = Some(labels.clone());
            let plain = named("plain", &[rows, 3], x[..rows * 3].to_vec());
            let inputs = frame("x", &[rows, 3], x[..rows * 3].to_vec());
            assert_runs(&mut *session, &inputs, &Frame::new(vec![plain, map]));
        }
    }
}

fn no_rows(bench: &Bench<'_>) {
    if bench.refuses_rows(0) {
        return;
    }
    let Some(mut session) = bench.session("zipmap_ints") else {
        return;
    };
    let outputs = session
        .run(frame("x", &[0, 3], Vec::<f32>::new()))
        .expect("a run of no rows");
    let zipped = outputs.get("zipped").expect("the map is there");
    let labels = zipped.labels.as_ref().expect("a map has labels, if none");
    // An engine that learns the labels from the answer knows none here.
    assert_eq!(zipped.tensor.shape(), [0, labels.len()]);
}
