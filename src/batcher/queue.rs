//! The bounded queue: what is put in, what is taken together.

use super::{Answer, BatchError, BatchMetrics, Policy, Times};
use flowgate_core::{Frame, Params};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// One request that waits.
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
}

impl Job {
    pub(super) fn new(
        frame: Frame,
        params: Params,
        deadline: Instant,
        answer: oneshot::Sender<Result<Answer, BatchError>>,
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
        }
    }

    /// Rows for counting: a frame without rows takes the place of one.
    pub(super) fn weight(&self) -> usize {
        self.rows.unwrap_or(1)
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

    /// Notes that it is taken, and gives how long it waited.
    fn taken(&mut self) -> Duration {
        self.waited = self.arrived.elapsed();
        self.waited
    }

    /// Whether the run of `self` may take `other` along.
    fn joins(&self, other: &Self) -> bool {
        self.frame.is_like(&other.frame) && self.params == other.params
    }
}

/// Jobs in order of arrival, bounded, shared by the callers and the workers.
#[derive(Debug)]
pub(super) struct Queue {
    policy: Policy,
    metrics: BatchMetrics,
    state: Mutex<State>,
    arrival: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    rows: usize,
    closed: bool,
    /// Set when the model turned out not to keep rows apart.
    single: bool,
}

impl Queue {
    pub(super) fn new(policy: Policy, metrics: BatchMetrics) -> Self {
        Self {
            policy,
            metrics,
            state: Mutex::default(),
            arrival: Condvar::new(),
        }
    }

    pub(super) fn policy(&self) -> Policy {
        self.policy
    }

    pub(super) fn metrics(&self) -> &BatchMetrics {
        &self.metrics
    }

    pub(super) fn waiting_rows(&self) -> usize {
        self.lock().rows
    }

    /// Puts `job` in, or refuses it when it is full. A job alone is always taken, however large:
    /// it could never be run otherwise.
    pub(super) fn push(&self, job: Job) -> Result<(), BatchError> {
        let mut state = self.lock();
        if state.closed {
            return Err(BatchError::Stopped);
        }
        let rows = state.rows.saturating_add(job.weight());
        let full = state.jobs.len() >= self.policy.queue_requests
            || (rows > self.policy.queue_rows && !state.jobs.is_empty());
        if full {
            return Err(BatchError::QueueFull);
        }
        state.rows = rows;
        state.jobs.push_back(job);
        self.gauge(&state);
        drop(state);
        self.arrival.notify_one();
        Ok(())
    }

    /// Waits for work and takes the first job with all that may run with it, in order of arrival;
    /// `None` when the queue was closed and is empty.
    pub(super) fn take(&self) -> Option<Vec<Job>> {
        let mut state = self.lock();
        loop {
            if let Some(first) = self.next_alive(&mut state) {
                let batch = self.collect(first, &mut state);
                self.gauge(&state);
                return Some(batch);
            }
            if state.closed {
                return None;
            }
            state = self
                .arrival
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// From now on every request is run alone.
    pub(super) fn never_join(&self) {
        self.lock().single = true;
    }

    /// No more jobs; the workers finish what waits.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrival.notify_all();
    }

    /// The first job that somebody still waits for; the others before it are let go.
    fn next_alive(&self, state: &mut State) -> Option<Job> {
        while let Some(job) = state.jobs.pop_front() {
            state.rows = state.rows.saturating_sub(job.weight());
            if let Some(job) = self.alive(job) {
                return Some(job);
            }
        }
        self.gauge(state);
        None
    }

    /// `job`, unless its caller is gone or its time is over.
    fn alive(&self, job: Job) -> Option<Job> {
        if job.answer.is_closed() {
            self.metrics.dropped.inc();
            return None;
        }
        if Instant::now() >= job.deadline {
            self.metrics.dropped.inc();
            job.answer(Err(BatchError::DeadlineExceeded), Duration::ZERO);
            return None;
        }
        Some(job)
    }

    /// `first` with the jobs that may run with it, as many as fit.
    fn collect(&self, mut first: Job, state: &mut State) -> Vec<Job> {
        self.metrics
            .queue_seconds
            .observe(first.taken().as_secs_f64());
        // A frame without rows, or with none, is run alone: there is nothing to split it by.
        let joinable = self.policy.max_rows > 1 && !state.single && first.rows > Some(0);
        let (mut rows, mut bytes) = (first.weight(), first.frame.size());
        let mut batch = vec![first];
        let mut index = 0;
        while joinable && rows < self.policy.max_rows && index < state.jobs.len() {
            let job = &state.jobs[index];
            let fits = job.rows > Some(0)
                && rows + job.weight() <= self.policy.max_rows
                && bytes + job.frame.size() <= self.policy.max_bytes
                && batch[0].joins(job);
            if !fits {
                index += 1;
                continue;
            }
            let Some(job) = state.jobs.remove(index) else {
                break;
            };
            state.rows = state.rows.saturating_sub(job.weight());
            if let Some(mut job) = self.alive(job) {
                rows += job.weight();
                bytes += job.frame.size();
                self.metrics
                    .queue_seconds
                    .observe(job.taken().as_secs_f64());
                batch.push(job);
            }
        }
        batch
    }

    fn gauge(&self, state: &State) {
        self.metrics
            .queue_rows
            .set(i64::try_from(state.rows).unwrap_or(i64::MAX));
        self.metrics
            .queue_requests
            .set(i64::try_from(state.jobs.len()).unwrap_or(i64::MAX));
    }

    /// Nothing panics while the lock is held; were it poisoned, the state would still be whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
