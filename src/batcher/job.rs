//! One request that waits.

use super::{Answer, BatchError, BatchMetrics, Times};
use flowgate_core::{Frame, Params};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A frame, and who waits for its answer.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) frame: Frame,
    params: Params,
    /// Rows of the frame; `None` when its tensors have no common number of rows.
    rows: Option<usize>,
    deadline: Instant,
    arrived: Instant,
    /// Time between its arrival and the moment it was taken.
    waited: Duration,
    answer: oneshot::Sender<Result<Answer, BatchError>>,
    metrics: Arc<BatchMetrics>,
}

impl Job {
    pub(super) fn new(
        frame: Frame,
        params: Params,
        deadline: Instant,
        answer: oneshot::Sender<Result<Answer, BatchError>>,
        metrics: Arc<BatchMetrics>,
    ) -> Self {
        let rows = frame.rows();
        Self {
            frame,
            params,
            rows,
            deadline,
            arrived: Instant::now(),
            waited: Duration::ZERO,
            answer,
            metrics,
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Gives the answer of a run that took `run`; a caller that is gone does not matter.
    pub(super) fn answer(self, answer: Result<Frame, BatchError>, run: Duration) {
        let times = Times {
            queue: self.waited,
            run,
        };
        let answer = answer.map(|frame| Answer { frame, times });
        let _ = self.answer.send(answer);
    }
}

/// Rows of a frame for counting: one without rows takes the place of one.
pub(super) fn weight(frame: &Frame) -> usize {
    frame.rows().unwrap_or(1).max(1)
}

impl flowgate_queue::Job for Job {
    fn rows(&self) -> usize {
        self.rows.unwrap_or(1).max(1)
    }

    fn octets(&self) -> usize {
        self.frame.size()
    }

    /// A frame without rows, or with none, is run alone: there is nothing to split it by.
    fn is_joinable(&self) -> bool {
        self.rows > Some(0)
    }

    fn joins(&self, other: &Self) -> bool {
        self.frame.is_like(&other.frame) && self.params == other.params
    }

    fn arrived(&self) -> Instant {
        self.arrived
    }

    fn taken(mut self) -> Option<Self> {
        if self.answer.is_closed() {
            self.metrics.gone.inc();
            return None;
        }
        let now = Instant::now();
        if now >= self.deadline {
            self.metrics.late.inc();
            self.answer(Err(BatchError::DeadlineExceeded), Duration::ZERO);
            return None;
        }
        self.waited = now.saturating_duration_since(self.arrived);
        self.metrics
            .queue_seconds
            .observe(self.waited.as_secs_f64());
        Some(self)
    }
}
