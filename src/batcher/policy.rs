//! What may wait, and what may be run together.

/// The bounds of one model's queue and runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Sessions, each with a thread of its own.
    pub sessions: usize,
    /// The most rows of one run that joins requests. 1: requests are never joined. A single
    /// request with more rows is run as it is.
    pub max_rows: usize,
    /// The most octets of the inputs of one run that joins requests.
    pub max_bytes: usize,
    /// The most requests that wait; one more is refused.
    pub queue_requests: usize,
    /// The most rows that wait; a request that would pass it is refused unless it is alone.
    pub queue_rows: usize,
}

impl Default for Policy {
    /// One session, runs of up to 256 rows and 16 MiB, 1 024 requests and 65 536 rows waiting.
    fn default() -> Self {
        Self {
            sessions: 1,
            max_rows: 256,
            max_bytes: 16 << 20,
            queue_requests: 1024,
            queue_rows: 1 << 16,
        }
    }
}
