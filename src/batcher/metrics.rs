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
    /// Requests that were refused since the queue was full.
    pub full: IntCounter,
    /// Requests that were refused since they would not have been answered in time.
    pub hopeless: IntCounter,
    /// Requests that were let go before their run since nobody waited for the answer.
    pub gone: IntCounter,
    /// Requests that were let go before their run since their time was over.
    pub late: IntCounter,
    /// Runs that panicked.
    pub panics: IntCounter,
    /// Sessions that were given up since their run did not end.
    pub lost_sessions: IntCounter,
}
