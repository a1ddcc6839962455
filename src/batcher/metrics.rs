//! The batcher's metric handles, resolved once for each model.

use prometheus::{Histogram, IntCounter, IntGauge};

/// Handles of one model.
#[derive(Debug, Clone)]
pub struct BatchMetrics {
    /// Rows that wait.
    pub queue_rows: IntGauge,
    /// Requests that wait.
    pub queue_requests: IntGauge,
    /// Seconds between a request's arrival in the queue and the start of its run.
    pub queue_seconds: Histogram,
    /// Rows of each run.
    pub batch_rows: Histogram,
    /// Seconds of each run.
    pub run_seconds: Histogram,
    /// Requests that were dropped before their run since nobody waited for the answer.
    pub dropped: IntCounter,
}
