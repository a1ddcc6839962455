//! Metrics: every counter that this process has, under names that say what it counts.
//!
//! Handles of a model are resolved once, when it is loaded; a request only counts. Read by
//! `GET /metrics` alone.

mod triton;

use crate::batcher::BatchMetrics;
use crate::store::ModelVersion;
use prometheus::{
    Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder, core::Collector,
};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Upper bounds of time histograms, in seconds: 1 microsecond to 60 seconds.
const SECONDS: &[f64] = &[
    0.000_001,
    0.000_002_5,
    0.000_005,
    0.000_01,
    0.000_025,
    0.000_05,
    0.000_1,
    0.000_25,
    0.000_5,
    0.001,
    0.002_5,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
];

/// Upper bounds of row histograms.
const ROWS: &[f64] = &[
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0, 16384.0, 65536.0,
];

const MODEL: &[&str] = &["model", "version"];

const REASON: &[&str] = &["model", "version", "reason"];

/// Under whose names metrics are told, beside our own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum MetricsCompat {
    /// Nobody's.
    #[default]
    None,
    /// Triton's: `nv_inference_request_success` and its kind.
    Triton,
}

/// All metrics and the registry that they are read from.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    in_flight: IntGauge,
    rows: IntCounterVec,
    refused_values: IntCounterVec,
    dropped_columns: IntCounterVec,
    output_mismatches: IntCounterVec,
    queue_rows: IntGaugeVec,
    queue_requests: IntGaugeVec,
    queue_seconds: HistogramVec,
    batch_rows: HistogramVec,
    run_seconds: HistogramVec,
    refused: IntCounterVec,
    dropped: IntCounterVec,
    panics: IntCounterVec,
    lost_sessions: IntCounterVec,
    load_seconds: GaugeVec,
}

/// The handles of one model.
#[derive(Debug)]
pub struct ModelMetrics {
    /// Rows that were sent to the model.
    pub rows: prometheus::IntCounter,
    /// Values that were refused.
    pub refused_values: prometheus::IntCounter,
    /// Columns that were sent and are not in the signature.
    pub dropped_columns: prometheus::IntCounter,
    /// Whether an answer was not what the signature declares: counted once.
    pub output_mismatches: prometheus::IntCounter,
    /// Seconds that loading took.
    pub load_seconds: Gauge,
    /// The batcher's own.
    pub batch: BatchMetrics,
    by_status: ByStatus,
    id: ModelVersion,
    /// What is counted nearly always: it is looked up by nobody.
    predicted: Answered,
    /// All others by protocol and status, resolved at first use.
    others: Mutex<HashMap<(&'static str, u16), Answered>>,
}

/// The protocol and the status of a prediction.
const PREDICTED: (&str, u16) = ("invocations", 200);

#[derive(Debug)]
struct ByStatus {
    requests: IntCounterVec,
    seconds: HistogramVec,
}

#[derive(Debug, Clone)]
struct Answered {
    requests: prometheus::IntCounter,
    seconds: prometheus::Histogram,
}

impl Metrics {
    /// All metrics, registered.
    ///
    /// # Errors
    /// When two have the same name: a fault of this file.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let reg = Registered(&registry);
        let answered = &["model", "version", "protocol", "status"];
        Ok(Self {
            requests: reg.counter("requests_total", "requests by status", answered)?,
            request_seconds: reg.histogram(
                "request_duration_seconds",
                "seconds from the first octet of a request to the last of its answer",
                &["model", "version", "protocol"],
                SECONDS,
            )?,
            in_flight: reg.add(IntGauge::new(
                "flowgate_requests_in_flight",
                "requests being answered",
            )?)?,
            rows: reg.counter("rows_total", "rows that were sent to a model", MODEL)?,
            refused_values: reg.counter(
                "refused_values_total",
                "values that did not fit the signature",
                MODEL,
            )?,
            dropped_columns: reg.counter(
                "dropped_columns_total",
                "columns that were sent and are not in the signature",
                MODEL,
            )?,
            output_mismatches: reg.counter(
                "output_mismatches_total",
                "models whose answers are not what their signature declares",
                MODEL,
            )?,
            queue_rows: reg.gauge("queue_rows", "rows that wait for a run", MODEL)?,
            queue_requests: reg.gauge("queue_requests", "requests that wait for a run", MODEL)?,
            queue_seconds: reg.histogram(
                "queue_duration_seconds",
                "seconds that a request waited for its run",
                MODEL,
                SECONDS,
            )?,
            batch_rows: reg.histogram("batch_rows", "rows of a run", MODEL, ROWS)?,
            run_seconds: reg.histogram(
                "run_duration_seconds",
                "seconds of a run",
                MODEL,
                SECONDS,
            )?,
            refused: reg.counter(
                "refused_requests_total",
                "requests that were answered 429, by reason: concurrency, queue_full, too_late (no answer by its deadline was to be expected)",
                REASON,
            )?,
            dropped: reg.counter(
                "dropped_requests_total",
                "requests that were let go before their run, by reason: gone (nobody waited any more), late (their time was over)",
                REASON,
            )?,
            panics: reg.counter("panicked_runs_total", "runs that panicked", MODEL)?,
            lost_sessions: reg.counter(
                "lost_sessions_total",
                "sessions that were given up since their run did not end",
                MODEL,
            )?,
            load_seconds: reg.add(GaugeVec::new(
                Opts::new(
                    "flowgate_model_load_seconds",
                    "seconds that loading the model took",
                ),
                MODEL,
            )?)?,
            registry,
        })
    }

    /// The handles of the model `id`.
    pub fn model(&self, id: &ModelVersion) -> ModelMetrics {
        let labels = &[id.name.as_str(), id.version.as_str()];
        let reason = |counter: &IntCounterVec, reason| {
            counter.with_label_values(&[labels[0], labels[1], reason])
        };
        let by_status = ByStatus {
            requests: self.requests.clone(),
            seconds: self.request_seconds.clone(),
        };
        let (protocol, status) = PREDICTED;
        ModelMetrics {
            predicted: by_status.resolve(id, protocol, status),
            by_status,
            rows: self.rows.with_label_values(labels),
            refused_values: self.refused_values.with_label_values(labels),
            dropped_columns: self.dropped_columns.with_label_values(labels),
            output_mismatches: self.output_mismatches.with_label_values(labels),
            load_seconds: self.load_seconds.with_label_values(labels),
            batch: BatchMetrics {
                queue_rows: self.queue_rows.with_label_values(labels),
                queue_requests: self.queue_requests.with_label_values(labels),
                queue_seconds: self.queue_seconds.with_label_values(labels),
                batch_rows: self.batch_rows.with_label_values(labels),
                run_seconds: self.run_seconds.with_label_values(labels),
                full: reason(&self.refused, "queue_full"),
                hopeless: reason(&self.refused, "too_late"),
                gone: reason(&self.dropped, "gone"),
                late: reason(&self.dropped, "late"),
                panics: self.panics.with_label_values(labels),
                lost_sessions: self.lost_sessions.with_label_values(labels),
            },
            id: id.clone(),
            others: Mutex::default(),
        }
    }

    /// Counts a request that no model was found for.
    pub fn unresolved(&self, protocol: &'static str, status: u16) {
        self.requests
            .with_label_values(&["", "", protocol, &status.to_string()])
            .inc();
    }

    /// Counts a request that was refused since too many are being answered.
    pub fn crowded(&self, protocol: &'static str) {
        self.refused
            .with_label_values(&["", "", "concurrency"])
            .inc();
        self.unresolved(protocol, 429);
    }

    /// One more request is being answered, until the guard is dropped.
    pub fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// All metrics in the text format of Prometheus, as `compat` wants them.
    pub fn text(&self, compat: MetricsCompat) -> String {
        let families = self.registry.gather();
        let mut text = String::new();
        // Writing into memory fails on no valid metric.
        let _ = TextEncoder::new().encode_utf8(&families, &mut text);
        if compat == MetricsCompat::Triton {
            triton::write(&families, &mut text);
        }
        text
    }
}

impl ModelMetrics {
    /// Counts an answered request of `protocol`.
    pub fn answered(&self, protocol: &'static str, status: u16, seconds: f64) {
        if (protocol, status) == PREDICTED {
            return self.predicted.count(seconds);
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = others
            .entry((protocol, status))
            .or_insert_with(|| self.by_status.resolve(&self.id, protocol, status));
        handle.count(seconds);
    }
}

impl Answered {
    fn count(&self, seconds: f64) {
        self.requests.inc();
        self.seconds.observe(seconds);
    }
}

impl ByStatus {
    fn resolve(&self, id: &ModelVersion, protocol: &str, status: u16) -> Answered {
        let (name, version) = (id.name.as_str(), id.version.as_str());
        let code = status.to_string();
        Answered {
            requests: self
                .requests
                .with_label_values(&[name, version, protocol, &code]),
            seconds: self.seconds.with_label_values(&[name, version, protocol]),
        }
    }
}

/// Counts down when a request is answered, or its client is gone.
#[derive(Debug)]
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

struct Registered<'a>(&'a Registry);

impl Registered<'_> {
    fn add<C: Collector + Clone + 'static>(&self, collector: C) -> Result<C, prometheus::Error> {
        self.0.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    fn counter(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, prometheus::Error> {
        self.add(IntCounterVec::new(
            Opts::new(format!("flowgate_{name}"), help),
            labels,
        )?)
    }

    fn gauge(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntGaugeVec, prometheus::Error> {
        self.add(IntGaugeVec::new(
            Opts::new(format!("flowgate_{name}"), help),
            labels,
        )?)
    }

    fn histogram(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        buckets: &[f64],
    ) -> Result<HistogramVec, prometheus::Error> {
        let options =
            HistogramOpts::new(format!("flowgate_{name}"), help).buckets(buckets.to_vec());
        self.add(HistogramVec::new(options, labels)?)
    }
}
