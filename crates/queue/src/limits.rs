//! What may wait, and what may be run together.

use super::{Job, State};
use std::time::Duration;

/// The bounds of a queue and of its batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most rows of a batch that joins jobs. 1: jobs are never joined. A job with more rows is
    /// run as it is.
    pub max_rows: usize,
    /// The most octets of the inputs of a batch that joins jobs.
    pub max_octets: usize,
    /// The most jobs that wait.
    pub queue_jobs: usize,
    /// The most rows that wait; a job that passes it is taken where it is alone.
    pub queue_rows: usize,
    /// How long a batch that is not full waits for more, if at all.
    pub delay: Option<Duration>,
}

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// There are too many jobs or rows.
    Full,
    /// The queue was closed.
    Closed,
}

impl<J: Job, S> State<J, S> {
    /// Whether there is room for `job`. A job alone always has some, however large: it could never
    /// be run otherwise.
    pub(super) fn admit(&self, job: &J) -> Result<(), Full> {
        if self.closed {
            return Err(Full::Closed);
        }
        let rows = self.rows.saturating_add(job.rows());
        let too_many = self.jobs.len() >= self.limits.queue_jobs
            || (rows > self.limits.queue_rows && !self.jobs.is_empty());
        if too_many { Err(Full::Full) } else { Ok(()) }
    }
}
