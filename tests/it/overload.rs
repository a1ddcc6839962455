//! What happens under load: joining requests, full queues, late answers, failing rows.
//!
//! The runtime is a fake whose runs start and end when the test says so.

use crate::support::{Answer, Limits, TestApp, difference, found, loader, loader_with, root};
use flowgate::batcher::Policy;
use flowgate_core::{
    Data, Frame, ModelSignature, NamedTensor, Port, PortKind, RuntimeError, Tensor,
};
use flowgate_testkit::Fake;
use futures_util::future::{FutureExt, join_all};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A value that makes the fake fail, and one that makes it panic.
pub(crate) const FAILING: f32 = 666.0;
pub(crate) const PANICKING: f32 = 667.0;

pub(crate) fn package() -> PathBuf {
    root().join("models/iris/3")
}

/// What the graph of the sample takes.
pub(crate) fn inputs() -> Vec<Port> {
    let (_, plan) = loader("tabular")
        .plan(&found(&package()))
        .expect("a sample");
    plan.inputs.ports().to_vec()
}

/// A model that answers the sum of each row: to the bit, whatever runs with it.
pub(crate) fn sums() -> Fake {
    let output = Port {
        name: "sum".into(),
        kind: PortKind::Tensor(flowgate_core::DataType::F32),
        shape: None,
    };
    let signature = ModelSignature {
        inputs: inputs(),
        outputs: vec![output],
    };
    Fake::new(signature, |frame| {
        let Some(Data::F32(numbers)) = frame.tensors().first().map(|named| named.tensor.data())
        else {
            return Err(RuntimeError::Failed {
                reason: "no numbers".into(),
            });
        };
        assert!(!numbers.contains(&PANICKING), "asked to");
        if numbers.contains(&FAILING) {
            return Err(RuntimeError::Failed {
                reason: "a secret of the engine".into(),
            });
        }
        let sums: Vec<f32> = numbers.chunks(4).map(|row| row.iter().sum()).collect();
        Ok(Frame::new(vec![NamedTensor::new(
            "sum",
            Tensor::column(sums),
        )]))
    })
}

/// Serves the sample with `fake`; what ran at load is forgotten.
pub(crate) fn serve(fake: &Fake, policy: Policy, limits: Limits) -> TestApp {
    let loader = loader_with(vec![Arc::new(fake.clone())], None, policy);
    let app = TestApp::load(&loader, &package(), limits).expect("loaded");
    fake.forget();
    app
}

pub(crate) fn body(rows: &[[f32; 4]]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    format!(
        r#"{{"dataframe_split": {{"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"], "data": [{}]}}}}"#,
        rows.join(", ")
    )
}

pub(crate) fn one(value: f32) -> String {
    body(&[[value, 0.0, 0.0, 0.0]])
}

pub(crate) fn answer(value: f32) -> String {
    format!("{{\"predictions\": [{{\"sum\": {value:?}}}]}}")
}

#[tokio::test]
async fn requests_that_wait_are_run_together_and_each_gets_its_own_rows() {
    let fake = sums();
    let app = serve(&fake, Policy::default(), Limits::default());
    fake.hold();
    let mut first = pin!(app.invoke_json(one(1.0)));
    assert!(first.as_mut().now_or_never().is_none());
    fake.wait_for_runs(1);
    let mut second = pin!(app.invoke_json(one(2.0)));
    let mut third = pin!(app.invoke_json(body(&[[3.0; 4], [4.0; 4]])));
    assert!(second.as_mut().now_or_never().is_none());
    assert!(third.as_mut().now_or_never().is_none());
    fake.release();
    assert_eq!(first.await.text(), answer(1.0));
    assert_eq!(second.await.text(), answer(2.0));
    assert_eq!(
        third.await.text(),
        "{\"predictions\": [{\"sum\": 12.0}, {\"sum\": 16.0}]}"
    );
    let rows: Vec<_> = fake.runs().iter().map(Frame::rows).collect();
    assert_eq!(rows, [Some(1), Some(3)]);
}

#[tokio::test]
async fn a_full_queue_is_answered_with_429_and_nobody_who_waits_is_lost() {
    let fake = sums();
    let policy = Policy {
        queue_requests: 2,
        ..Policy::default()
    };
    let app = serve(&fake, policy, Limits::default());
    fake.hold();
    let mut running = pin!(app.invoke_json(one(1.0)));
    assert!(running.as_mut().now_or_never().is_none());
    fake.wait_for_runs(1);
    let mut waiting = pin!(join_all([
        app.invoke_json(one(2.0)),
        app.invoke_json(one(3.0))
    ]));
    assert!(waiting.as_mut().now_or_never().is_none());
    let refused = app.invoke_json(one(4.0)).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, "1")
    );
    assert_eq!(refused.json()["error_code"], "REQUEST_LIMIT_EXCEEDED");
    fake.release();
    assert_eq!(running.await.text(), answer(1.0));
    let texts: Vec<String> = waiting.await.iter().map(Answer::text).collect();
    assert_eq!(texts, [answer(2.0), answer(3.0)]);
}

#[tokio::test]
async fn a_late_answer_is_a_504_and_what_waits_too_long_is_never_run() {
    let fake = sums();
    let limits = Limits {
        timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let app = serve(&fake, Policy::default(), limits);
    fake.hold();
    let late = join_all([app.invoke_json(one(1.0)), app.invoke_json(one(2.0))]).await;
    for answer in late {
        assert_eq!(answer.status, 504, "{}", answer.text());
    }
    let started = fake.wait_for_runs(1).len();
    fake.release();
    assert_eq!(app.invoke_json(one(3.0)).await.text(), answer(3.0));
    assert_eq!(
        fake.runs().len(),
        started + 1,
        "one for the last request, none for the dead"
    );
}

#[tokio::test]
async fn a_row_that_fails_fails_nobody_else_and_tells_nothing_of_the_engine() {
    for bad in [FAILING, PANICKING] {
        let fake = sums();
        let app = serve(&fake, Policy::default(), Limits::default());
        fake.hold();
        let mut first = pin!(app.invoke_json(one(1.0)));
        assert!(first.as_mut().now_or_never().is_none());
        fake.wait_for_runs(1);
        let requests = [one(2.0), one(bad), one(3.0)].map(|body| app.invoke_json(body));
        let mut others = pin!(join_all(requests));
        assert!(others.as_mut().now_or_never().is_none());
        fake.release();
        assert_eq!(first.await.text(), answer(1.0));
        let others = others.await;
        assert_eq!(others[0].text(), answer(2.0));
        assert_eq!(others[2].text(), answer(3.0));
        assert_eq!(others[1].status, 500);
        assert_eq!(others[1].json()["error_code"], "INTERNAL_ERROR");
        assert!(!others[1].text().contains("secret"), "{}", others[1].text());
        assert_eq!(
            app.invoke_json(one(5.0)).await.text(),
            answer(5.0),
            "the worker lives on"
        );
    }
}

#[tokio::test]
async fn a_model_that_mixes_rows_is_never_given_two_requests_at_once() {
    let signature = ModelSignature {
        inputs: inputs(),
        outputs: Vec::new(),
    };
    // Every row is answered with the number of rows.
    let fake = Fake::new(signature, |frame| {
        let rows = frame.rows().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "few rows")]
        let counts = vec![rows as f32; rows];
        Ok(Frame::new(vec![NamedTensor::new(
            "sum",
            Tensor::column(counts),
        )]))
    });
    let app = serve(&fake, Policy::default(), Limits::default());
    fake.hold();
    let mut requests = pin!(join_all((0..3).map(|_| app.invoke_json(one(1.0)))));
    assert!(requests.as_mut().now_or_never().is_none());
    fake.release();
    for found in requests.await {
        assert_eq!(found.text(), answer(1.0));
    }
    assert_eq!(fake.runs().len(), 3);
}

/// Sends `requests` so that all but the first wait together, and gives the answers.
fn joined(fake: &Fake, app: &TestApp, requests: &[Vec<[f32; 4]>]) -> Vec<String> {
    blocking(async {
        fake.forget();
        fake.hold();
        let mut first = pin!(app.invoke_json(one(0.5)));
        assert!(first.as_mut().now_or_never().is_none());
        fake.wait_for_runs(1);
        let mut others = pin!(join_all(
            requests.iter().map(|rows| app.invoke_json(body(rows)))
        ));
        assert!(requests.is_empty() || others.as_mut().now_or_never().is_none());
        fake.release();
        first.await;
        others.await.iter().map(Answer::text).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joined_answers_are_the_unjoined_ones_bit_for_bit(
        requests in prop::collection::vec(
            prop::collection::vec(prop::array::uniform4(-1e6_f32..1e6), 1..5), 1..8,
        ),
    ) {
        let fake = sums();
        let app = serve(&fake, Policy::default(), Limits::default());
        let found = joined(&fake, &app, &requests);
        for (rows, found) in requests.iter().zip(found) {
            let sums: Vec<String> = rows
                .iter()
                .map(|row| format!("{{\"sum\": {:?}}}", f64::from(row.iter().sum::<f32>())))
                .collect();
            prop_assert_eq!(found, python(&format!("{{\"predictions\": [{}]}}", sums.join(", "))));
        }
        prop_assert!(fake.runs().len() <= 1 + requests.len());
    }
}

/// Whether one of the numbers of `frame` is `value`.
pub(crate) fn holds(frame: &Frame, value: f32) -> bool {
    frame
        .tensors()
        .iter()
        .any(|named| matches!(named.tensor.data(), Data::F32(numbers) if numbers.contains(&value)))
}

/// Rust and Python lay very small numbers out differently; the value is what counts here.
fn python(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let mut out = String::from("{\"predictions\": [");
    for (index, row) in value["predictions"]
        .as_array()
        .expect("rows")
        .iter()
        .enumerate()
    {
        let mut number = Vec::new();
        flowgate::json::write_f64(&mut number, row["sum"].as_f64().expect("a number"));
        let comma = if index > 0 { ", " } else { "" };
        out.push_str(&format!(
            "{comma}{{\"sum\": {}}}",
            String::from_utf8_lossy(&number)
        ));
    }
    out.push_str("]}");
    out
}

/// Real engines change the last digits with the number of rows: within a part in 100 000.
#[test]
fn joined_answers_of_real_runtimes_are_the_unjoined_ones_within_a_tolerance() {
    for (runtime, version) in [
        ("ort", "1"),
        ("ort", "2"),
        ("tract", "1"),
        ("tabular", "2"),
        ("tabular", "3"),
    ] {
        let path = root().join("models/iris").join(version);
        let loaded = loader(runtime).load(&found(&path)).expect("loaded");
        let session = Mutex::new(loaded.model.session().expect("a session"));
        let run = move |frame: &Frame| session.lock().expect("whole").run(frame.clone());
        let fake = Fake::new(loaded.model.signature().clone(), run);
        let loader = loader_with(vec![Arc::new(fake.clone())], None, Policy::default());
        let app = TestApp::load(&loader, &path, Limits::default()).expect("loaded");
        let config = ProptestConfig {
            cases: 16,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let rows = prop::collection::vec(prop::array::uniform4(0.0_f32..8.0), 1..5);
        let requests = prop::collection::vec(rows, 2..8);
        let equal = TestRunner::new(config).run(&requests, |requests| {
            let found = joined(&fake, &app, &requests);
            prop_assert_eq!(fake.runs().len(), 2, "they are run together");
            for (rows, found) in requests.iter().zip(found) {
                let alone = blocking(app.invoke_json(body(rows)));
                let found = serde_json::from_str(&found).expect("JSON");
                prop_assert_eq!(difference(&alone.json(), &found, 1e-5), None);
            }
            Ok(())
        });
        equal.unwrap_or_else(|error| panic!("iris/{version} through {runtime}: {error}"));
    }
}

fn blocking<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}
