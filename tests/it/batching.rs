//! Many clients at once: each is given the answer that it would be given alone, or is refused by
//! itself; no run of one harms another, whatever it does.

use crate::overload::{FAILING, PANICKING, answer, body, inputs, one, package, serve, sums};
use crate::support::{Limits, TestApp, loader_with, root};
use flowgate::batcher::{BatchRows, Policy};
use flowgate_core::{DataType, Frame, ModelSignature, NamedTensor, Port, PortKind, Tensor};
use flowgate_testkit::Fake;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

/// What a client does.
#[derive(Debug, Clone)]
struct Client {
    /// Times that it lets others go first.
    yields: usize,
    rows: Vec<[f32; 4]>,
    /// Whether it goes before its answer is there.
    leaves: bool,
}

fn client() -> impl Strategy<Value = Client> {
    let value = prop_oneof![
        12 => -1e6_f32..1e6,
        1 => Just(FAILING),
        1 => Just(PANICKING),
    ];
    let rows = prop::collection::vec(prop::array::uniform4(value), 1..12);
    let leaves = prop::bool::weighted(0.15);
    (0..40_usize, rows, leaves).prop_map(|(yields, rows, leaves)| Client {
        yields,
        rows,
        leaves,
    })
}

/// What a client of its own would be told: the status, and the answer where it is one.
fn alone(rows: &[[f32; 4]]) -> (u16, Option<Vec<f64>>) {
    let bad = |row: &[f32; 4]| row.contains(&FAILING) || row.contains(&PANICKING);
    if rows.iter().any(bad) {
        return (500, None);
    }
    let sums = rows.iter().map(|row| f64::from(row.iter().sum::<f32>()));
    (200, Some(sums.collect()))
}

fn numbers(answer: &serde_json::Value) -> Vec<f64> {
    let rows = answer["predictions"].as_array().expect("rows");
    rows.iter()
        .map(|row| row["sum"].as_f64().expect("a number"))
        .collect()
}

fn threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// All `clients` at once; whoever stays is told what he would be told alone.
fn check(app: &Arc<TestApp>, clients: Vec<Client>) -> Result<(), TestCaseError> {
    let answers = threads().block_on(async {
        let mut tasks = JoinSet::new();
        for client in clients {
            let app = Arc::clone(app);
            tasks.spawn(async move {
                for _ in 0..client.yields {
                    tokio::task::yield_now().await;
                }
                let asked = app.invoke_json(body(&client.rows));
                if client.leaves {
                    let _ = tokio::time::timeout(Duration::from_micros(50), asked).await;
                    return None;
                }
                let answer = asked.await;
                Some((client.rows, answer.status.as_u16(), answer.json()))
            });
        }
        tasks.join_all().await
    });
    for (rows, status, found) in answers.into_iter().flatten() {
        let (expected, sums) = alone(&rows);
        prop_assert_eq!(status, expected);
        if let Some(sums) = sums {
            prop_assert_eq!(numbers(&found), sums);
        }
    }
    Ok(())
}

#[test]
fn whoever_else_asks_each_is_told_what_he_is_told_alone() {
    // On threads of the batcher; where requests are read; and there with runs that take so long
    // that those who come meanwhile are joined.
    let long = || {
        let begin = std::time::Instant::now();
        while begin.elapsed() < Duration::from_micros(30) {
            std::hint::spin_loop();
        }
    };
    for (fake, sessions) in [
        (sums(), 1),
        (sums(), 2),
        (sums().steady(), 2),
        (sums().before(long).steady(), 1),
        (sums().before(long).steady(), 2),
    ] {
        let policy = Policy {
            batch: BatchRows::Auto(16),
            ..Policy::default()
        };
        let mut loader = loader_with(vec![Arc::new(fake.clone())], None, policy);
        loader.sessions = Some(sessions);
        let app = TestApp::load(&loader, &package(), Limits::default()).expect("loaded");
        let app = Arc::new(app);
        let config = ProptestConfig {
            cases: 24,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let clients = prop::collection::vec(client(), 1..40);
        let held = TestRunner::new(config).run(&clients, |clients| check(&app, clients));
        held.unwrap_or_else(|error| panic!("{error}"));
        let joined = fake.runs().iter().any(|run| run.rows() > Some(12));
        assert!(joined || sessions == 2, "some requests were run together");
    }
}

/// A model whose runs with [`HANGING`] end when they are told to.
fn hanging() -> (Fake, Sender<()>) {
    let (end, ended): (_, Receiver<()>) = channel();
    let ended = Mutex::new(ended);
    let fake = sums().before_each(move |frame| {
        if crate::overload::holds(frame, HANGING) {
            // Where nobody can tell it any more, it ends as well.
            let _ = ended.lock().expect("whole").recv();
        }
    });
    (fake, end)
}

const HANGING: f32 = 668.0;

#[tokio::test]
async fn a_run_that_never_ends_costs_its_own_request_and_a_session_that_is_replaced() {
    let (fake, end) = hanging();
    let limits = Limits {
        timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let policy = Policy {
        run_limit: Duration::from_millis(300),
        ..Policy::default()
    };
    let app = serve(&fake, policy, limits);
    assert_eq!(app.invoke_json(one(HANGING)).await.status, 504);
    // The next finds the session gone, waits in vain, and has it replaced.
    let mut answered = 0;
    for _ in 0..20 {
        answered += usize::from(app.invoke_json(one(1.0)).await.status == 200);
    }
    assert!(answered >= 18, "{answered} of 20 were answered");
    let metrics = app.get("/metrics").await.text();
    assert!(metrics.contains("flowgate_lost_sessions_total{model=\"iris\",version=\"3\"} 1"));
    drop(end);
    assert_eq!(app.invoke_json(one(2.0)).await.text(), answer(2.0));
}

#[tokio::test]
async fn a_client_without_patience_costs_no_session() {
    let (fake, end) = hanging();
    let limits = Limits {
        timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let app = serve(&fake, Policy::default(), limits);
    for _ in 0..10 {
        assert_eq!(app.invoke_json(one(HANGING)).await.status, 504);
    }
    let lost = "flowgate_lost_sessions_total{model=\"iris\",version=\"3\"} 0";
    assert!(app.get("/metrics").await.text().contains(lost));
    drop(end);
}

#[tokio::test]
async fn a_model_that_answers_another_number_of_rows_fails_that_request_alone() {
    let signature = ModelSignature {
        inputs: inputs(),
        outputs: vec![Port {
            name: "sum".into(),
            kind: PortKind::Tensor(DataType::F32),
            shape: None,
        }],
    };
    // One row too few where there are three.
    let fake = Fake::new(signature, |frame: &Frame| {
        let rows = frame.rows().unwrap_or(0);
        let few = if rows == 3 && crate::overload::holds(frame, 7.0) {
            2
        } else {
            rows
        };
        Ok(Frame::new(vec![NamedTensor::new(
            "sum",
            Tensor::column(vec![1.0_f32; few]),
        )]))
    });
    let app = serve(&fake, Policy::default(), Limits::default());
    let wrong = app.invoke_json(body(&[[7.0; 4]; 3])).await;
    assert_eq!(wrong.status, 500, "{}", wrong.text());
    assert_eq!(app.invoke_json(one(7.0)).await.text(), answer(1.0));
}

#[tokio::test]
async fn what_cannot_be_answered_in_time_is_refused_at_once() {
    let fake = sums().before(|| std::thread::park_timeout(Duration::from_millis(20)));
    let policy = Policy {
        batch: BatchRows::Fixed(2),
        ..Policy::default()
    };
    let limits = Limits {
        timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let app = Arc::new(serve(&fake, policy, limits));
    // What a run costs is known before the crowd comes.
    assert_eq!(app.invoke_json(one(1.0)).await.status, 200);
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let app = Arc::clone(&app);
        tasks.spawn(async move { app.invoke_json(one(1.0)).await });
    }
    let answers = tasks.join_all().await;
    let refused: Vec<_> = answers.iter().filter(|it| it.status == 429).collect();
    let answered = answers.iter().filter(|it| it.status == 200).count();
    assert!(answered >= 8, "{answered} answered");
    assert!(refused.len() > 100, "{} refused", refused.len());
    assert!(refused.iter().all(|it| it.header("retry-after") == "1"));
    let metrics = app.get("/metrics").await.text();
    assert!(metrics.contains("reason=\"too_late\""), "{metrics}");
}

#[tokio::test]
async fn no_more_requests_are_answered_at_the_same_time_than_may_be() {
    let fake = sums();
    let limits = Limits {
        concurrency: Some(2),
        ..Limits::default()
    };
    let app = Arc::new(serve(&fake, Policy::default(), limits));
    fake.hold();
    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        let app = Arc::clone(&app);
        tasks.spawn(async move { app.invoke_json(one(1.0)).await.status.as_u16() });
    }
    let mut refused = Vec::new();
    while refused.len() < 3 {
        refused.push(tasks.join_next().await.expect("a task").expect("no panic"));
    }
    assert_eq!(refused, [429; 3]);
    fake.release();
    assert_eq!(tasks.join_all().await, [200; 2]);
}

#[tokio::test]
async fn how_requests_are_joined_is_told() {
    let loader = loader_with(
        crate::support::runtimes(),
        Some("tabular"),
        Policy::default(),
    );
    let app = TestApp::load(&loader, &root().join("models/iris/3"), Limits::default());
    let app = app.expect("loaded");
    for _ in 0..10 {
        let rows = "{\"dataframe_split\": {\"columns\": [\"sepal_length\", \"sepal_width\", \"petal_length\", \"petal_width\"], \"data\": [[1.0, 2.0, 3.0, 4.0]]}}";
        assert_eq!(app.invoke_json(rows.to_owned()).await.status, 200);
    }
    let report = app.get("/admin/batching/iris").await.json();
    assert_eq!(
        (&report["model"], &report["version"]),
        (&"iris".into(), &"3".into())
    );
    // Rows of so small a tree become cheaper up to the most that is tried; how far depends on the
    // machine.
    assert!(report["max_batch_rows"].as_u64() > Some(1), "{report}");
    assert_eq!(report["costs"][0]["up_to_rows"], 1);
    assert!(report["costs"][0]["runs"].as_u64() > Some(10), "{report}");
    assert_eq!(app.get("/admin/batching/rose").await.status, 404);
}

#[tokio::test]
async fn a_package_may_say_how_it_is_run_within_the_bounds_of_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = folder.path().join("iris/3");
    fs_err::create_dir_all(&package).expect("made");
    for file in fs_err::read_dir(root().join("models/iris/3")).expect("a package") {
        let file = file.expect("a file").path();
        let name = file.file_name().expect("a name");
        fs_err::copy(&file, package.join(name)).expect("copied");
    }
    let manifest = package.join("MLmodel");
    let mut text = fs_err::read_to_string(&manifest).expect("text");
    text.push_str(
        "metadata:\n  flowgate.sessions: 3\n  flowgate.max_queue_rows: 70\n  flowgate.max_queue_requests: 5000\n",
    );
    fs_err::write(&manifest, text).expect("written");
    let policy = Policy {
        queue_requests: 9,
        ..Policy::default()
    };
    let mut loader = loader_with(crate::support::runtimes(), Some("tabular"), policy);
    for (asked, sessions) in [(None, 3), (Some(1), 1)] {
        loader.sessions = asked;
        loader.metrics = Arc::new(flowgate::metrics::Metrics::new().expect("metrics"));
        let app = TestApp::load(&loader, &package, Limits::default()).expect("loaded");
        let report = app.get("/admin/batching/iris").await.json();
        let bounds = ["sessions", "queue_rows", "queue_requests"].map(|key| report[key].as_u64());
        assert_eq!(bounds, [Some(sessions), Some(70), Some(9)]);
    }
}

#[tokio::test]
async fn triton_s_counters_are_told_to_who_knows_them() {
    let limits = Limits {
        metrics_compat: flowgate::metrics::MetricsCompat::Triton,
        ..Limits::default()
    };
    let app = serve(&sums(), Policy::default(), limits);
    for rows in [1, 2] {
        let asked = app.invoke_json(body(&vec![[1.0; 4]; rows])).await;
        assert_eq!(asked.status, 200);
    }
    assert_eq!(app.invoke_json("no rows").await.status, 400);
    let metrics = app.get("/metrics").await.text();
    for (name, value) in [
        ("request_success", 2),
        ("request_failure", 1),
        ("count", 3),
        ("exec_count", 2),
        ("pending_request_count", 0),
    ] {
        let line = format!("nv_inference_{name}{{model=\"iris\",version=\"3\"}} {value}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    assert!(metrics.contains("nv_inference_compute_infer_duration_us{"));
    let app = serve(&sums(), Policy::default(), Limits::default());
    assert!(!app.get("/metrics").await.text().contains("nv_inference"));
}

#[tokio::test]
async fn the_metrics_tell_what_waits_when_they_are_read() {
    let fake = sums();
    let app = Arc::new(serve(&fake, Policy::default(), Limits::default()));
    fake.hold();
    let mut tasks = JoinSet::new();
    for rows in [1, 2, 3] {
        let app = Arc::clone(&app);
        tasks.spawn(async move { app.invoke_json(body(&vec![[1.0; 4]; rows])).await });
        // Each has had its turn before the next.
        tokio::task::yield_now().await;
        fake.wait_for_runs(1);
    }
    let line = "flowgate_queue_rows{model=\"iris\",version=\"3\"} 5\n";
    let metrics = app.get("/metrics").await.text();
    assert!(metrics.contains(line), "{metrics}");
    fake.release();
    assert_eq!(tasks.join_all().await.len(), 3);
    let line = "flowgate_queue_rows{model=\"iris\",version=\"3\"} 0\n";
    assert!(app.get("/metrics").await.text().contains(line));
}
