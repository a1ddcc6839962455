//! What may wait, and what may be run together.

use flowgate_queue::Limits;
use std::time::Duration;

/// The bounds of one model's queue and runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Sessions, each with a thread of its own.
    pub sessions: usize,
    /// How many rows are run together.
    pub batch: BatchRows,
    /// The most octets of the inputs of one run that joins requests.
    pub max_bytes: usize,
    /// How long a run that is not full waits for more requests, if at all.
    pub delay: Option<Duration>,
    /// How long a run may go on when nobody waits for it any more: then its session is given up.
    pub run_limit: Duration,
    /// The most requests that wait; one more is refused.
    pub queue_requests: usize,
    /// The most rows that wait; a request that would pass it is refused unless it is alone.
    pub queue_rows: usize,
}

/// The most rows of one run that joins requests. A single request with more rows is run as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchRows {
    /// Learned from what runs cost, never more than these.
    Auto(usize),
    /// These. 1: requests are never joined.
    Fixed(usize),
}

impl BatchRows {
    /// Rows that `auto` begins with.
    pub const DEFAULT: usize = 256;

    /// The most that it can be.
    pub fn most(self) -> usize {
        match self {
            Self::Auto(rows) | Self::Fixed(rows) => rows,
        }
    }

    /// No more than `rows`.
    #[must_use]
    pub fn at_most(self, rows: usize) -> Self {
        match self {
            Self::Auto(most) => Self::Auto(most.min(rows)),
            Self::Fixed(most) => Self::Fixed(most.min(rows)),
        }
    }
}

impl Default for Policy {
    /// One session, runs of up to 256 rows, 16 MiB and a minute, 1 024 requests and 65 536 rows waiting.
    fn default() -> Self {
        Self {
            sessions: 1,
            batch: BatchRows::Auto(BatchRows::DEFAULT),
            max_bytes: 16 << 20,
            delay: None,
            run_limit: Duration::from_secs(60),
            queue_requests: 1024,
            queue_rows: 1 << 16,
        }
    }
}

impl Policy {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            max_rows: self.batch.most(),
            max_octets: self.max_bytes,
            queue_jobs: self.queue_requests,
            queue_rows: self.queue_rows,
            delay: self.delay,
        }
    }
}
