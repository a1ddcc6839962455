//! What is run together.

use super::{Batch, Job, State};
use std::time::Duration;

impl<J: Job, S> State<J, S> {
    /// The first job that somebody waits for, with all that may run with it and fits, in order of
    /// arrival; jobs that nobody waits for are let go. None where no session is free.
    pub(super) fn collect(&mut self) -> Option<Batch<J, S>> {
        if self.free.is_empty() {
            return None;
        }
        let first = self.next_wanted()?;
        let joinable = self.limits.max_rows > 1 && first.is_joinable();
        let (mut rows, mut octets) = (first.rows(), first.octets());
        let mut jobs = vec![first];
        let mut at = 0;
        while joinable && rows < self.limits.max_rows && at < self.jobs.len() {
            let job = &self.jobs[at];
            let fits = job.is_joinable()
                && rows + job.rows() <= self.limits.max_rows
                && octets + job.octets() <= self.limits.max_octets
                && jobs[0].joins(job);
            if !fits {
                at += 1;
                continue;
            }
            let Some(job) = self.remove(at) else { break };
            if let Some(job) = job.taken() {
                rows += job.rows();
                octets += job.octets();
                jobs.push(job);
            }
        }
        let session = self.begin(rows)?;
        Some(Batch { session, jobs })
    }

    /// How long the batch at hand still waits for more; none where it does not.
    pub(super) fn delay_left(&self) -> Option<Duration> {
        let delay = self.limits.delay?;
        if self.closed || self.rows >= self.limits.max_rows {
            return None;
        }
        let left = delay.checked_sub(self.jobs.front()?.arrived().elapsed())?;
        (!left.is_zero()).then_some(left)
    }

    fn next_wanted(&mut self) -> Option<J> {
        while let Some(job) = self.remove(0) {
            if let Some(job) = job.taken() {
                return Some(job);
            }
        }
        None
    }

    fn remove(&mut self, at: usize) -> Option<J> {
        let job = self.jobs.remove(at)?;
        self.rows -= job.rows();
        Some(job)
    }
}
