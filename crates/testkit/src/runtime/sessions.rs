//! What a model and its sessions promise beyond one run.

use super::Case;
use super::bench::{Bench, assert_runs, frame};
use crate::graphs;
use flowgate_core::{ExecutionProvider, Frame, LoadOptions, Session, SessionOptions};
use std::collections::BTreeMap;
use std::thread;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "the engine is there and says so",
        ask: engine,
    },
    Case {
        name: "sessions on two threads answer as one does",
        ask: two_threads,
    },
    Case {
        name: "a session outlives the model it came from",
        ask: outlives,
    },
    Case {
        name: "a model tells what it takes",
        ask: costs,
    },
    Case {
        name: "the options of MLflow's own packages do not stop a load",
        ask: default_options,
    },
];

fn engine(bench: &Bench<'_>) {
    assert!(!bench.runtime.name().is_empty());
    let line = bench.runtime.check().expect("the engine is there");
    assert!(
        !line.is_empty() && !line.contains('\n'),
        "{line:?} is not a line"
    );
}

fn two_threads(bench: &Bench<'_>) {
    let Some(model) = bench.model("layers") else {
        return;
    };
    let frames: Vec<Frame> = (0_u16..40)
        .map(|turn| {
            let rows = usize::from(turn % 5) + 1;
            let x: Vec<f32> = (0_u16..)
                .map(|place| f32::from(turn) - f32::from(place) / 3.0)
                .take(rows * 4)
                .collect();
            frame("x", &[rows, 4], x)
        })
        .collect();
    let run_all = |session: &mut dyn Session| -> Vec<Frame> {
        frames
            .iter()
            .map(|frame| session.run(frame.clone()).expect("a run"))
            .collect()
    };
    let alone = run_all(&mut *model.session().expect("a session"));
    let mut sessions = [
        model.session().expect("a session"),
        model.session().expect("a session"),
    ];
    thread::scope(|scope| {
        let threads = sessions
            .each_mut()
            .map(|session| scope.spawn(|| run_all(&mut **session)));
        for thread in threads {
            let together = thread.join().expect("no panic");
            assert!(together == alone, "two threads do not answer as one");
        }
    });
}

fn outlives(bench: &Bench<'_>) {
    let Some(model) = bench.model("double") else {
        return;
    };
    let mut session = model.session().expect("a session");
    drop(model);
    let outputs = frame("y", &[1, 3], vec![2.0_f32, 4.0, 6.0]);
    assert_runs(
        &mut *session,
        &frame("x", &[1, 3], vec![1.0_f32, 2.0, 3.0]),
        &outputs,
    );
}

fn costs(bench: &Bench<'_>) {
    let Some(model) = bench.model("external") else {
        return;
    };
    let files = fs_err::metadata(graphs::path("external"))
        .expect("the graph")
        .len()
        + fs_err::metadata(graphs::external_data())
            .expect("its data")
            .len();
    assert!(
        model.footprint(1) >= files,
        "an upper bound that is below the files themselves"
    );
    assert!(model.footprint(4) >= model.footprint(1));
    for cores in [1, 2, 64] {
        let options = LoadOptions {
            cores,
            ..LoadOptions::default()
        };
        let model = bench.runtime.load(&graphs::artifact("external"), &options);
        let sessions = model.expect("loaded as before").suggested_sessions();
        assert!(
            (1..=cores).contains(&sessions),
            "{sessions} sessions on {cores} cores"
        );
    }
}

fn default_options(bench: &Bench<'_>) {
    if bench.refuses_graph("double") {
        return;
    }
    let provider = |name: &str| ExecutionProvider {
        name: name.into(),
        options: BTreeMap::new(),
    };
    let options = LoadOptions {
        // `mlflow.onnx.save_model` of MLflow 3.17.2 asks for these when it is asked for none.
        providers: vec![
            provider("CUDAExecutionProvider"),
            provider("CPUExecutionProvider"),
        ],
        threads: Some(2),
        session: SessionOptions {
            parallel: Some(true),
            intra_op_threads: Some(1),
            inter_op_threads: Some(1),
            ..SessionOptions::default()
        },
        ..LoadOptions::default()
    };
    let model = bench
        .runtime
        .load(&graphs::artifact("double"), &options)
        .expect("a load");
    let mut session = model.session().expect("a session");
    let outputs = frame("y", &[1, 3], vec![2.0_f32, 4.0, 6.0]);
    assert_runs(
        &mut *session,
        &frame("x", &[1, 3], vec![1.0_f32, 2.0, 3.0]),
        &outputs,
    );
}
