//! The batcher: a bounded queue and the threads that run what waits in it.
//!
//! Async ends here. A request is put into the queue with a channel for its answer; a worker
//! thread, which owns a session, takes what waits and fits together, runs it and gives each
//! request its rows. Every submitted frame is answered exactly once or its caller is gone. A
//! model whose rows must not be joined goes the same way, one request a run.

mod answer;
mod metrics;
mod policy;
mod queue;
mod run;
mod worker;

pub use answer::{Answer, Times};
pub use metrics::BatchMetrics;
pub use policy::Policy;

use crate::batcher::queue::{Job, Queue};
use flowgate_core::{ErrorKind, Frame, Model, Params, RuntimeError, Session};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

/// Why a submitted frame has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BatchError {
    /// The queue is full.
    #[error("the queue of the model is full")]
    QueueFull,
    /// The caller's time was over before the answer was there.
    #[error("the request took longer than it was allowed")]
    DeadlineExceeded,
    /// The model is being unloaded.
    #[error("the model is being unloaded")]
    Stopped,
    /// The model answered another number of rows than it was given.
    #[error("the model answered {found} rows for {expected}")]
    RowCount {
        /// Rows that were given.
        expected: usize,
        /// Rows of the answer.
        found: usize,
    },
    /// The run failed.
    #[error(transparent)]
    Run(#[from] RuntimeError),
}

impl BatchError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::QueueFull => ErrorKind::Overloaded,
            Self::DeadlineExceeded => ErrorKind::DeadlineExceeded,
            Self::Stopped => ErrorKind::NotReady,
            Self::RowCount { .. } => ErrorKind::Internal,
            Self::Run(error) => error.kind(),
        }
    }
}

/// The queue of one model and its workers. Dropping it lets the workers answer what still waits
/// and end.
#[derive(Debug)]
pub struct Batcher {
    queue: Arc<Queue>,
}

impl Batcher {
    /// Starts a worker thread for `first`, which is a session of `model`, and for as many more
    /// as the policy wants.
    ///
    /// # Errors
    /// When the engine refuses a session or the machine a thread.
    pub fn spawn(
        name: &str,
        model: &Arc<dyn Model>,
        first: Box<dyn Session>,
        policy: Policy,
        metrics: BatchMetrics,
    ) -> Result<Self, RuntimeError> {
        let queue = Arc::new(Queue::new(policy, metrics));
        // Made first: a queue that is dropped lets the workers started so far end.
        let batcher = Self {
            queue: Arc::clone(&queue),
        };
        let mut first = Some(first);
        for index in 0..policy.sessions.max(1) {
            let session = first.take().map_or_else(|| model.session(), Ok)?;
            let (model, queue) = (Arc::clone(model), Arc::clone(&queue));
            std::thread::Builder::new()
                .name(format!("run {name} {index}"))
                .spawn(move || worker::work(&*model, session, &queue))
                .map_err(|error| RuntimeError::Failed {
                    reason: error.to_string(),
                })?;
        }
        Ok(batcher)
    }

    /// Runs `frame`, together with what else waits, and gives its rows of the answer with the
    /// times it took.
    ///
    /// # Errors
    /// At once when the queue is full; at `deadline` when no answer is there by then; else what
    /// the run ends with.
    pub async fn submit(
        &self,
        frame: Frame,
        params: Params,
        deadline: Instant,
    ) -> Result<Answer, BatchError> {
        let (answer, answered) = oneshot::channel();
        self.queue.push(Job::new(frame, params, deadline, answer))?;
        match tokio::time::timeout_at(deadline.into(), answered).await {
            Ok(Ok(answer)) => answer,
            // The worker dropped the channel: it only does so when it ends.
            Ok(Err(_)) => Err(BatchError::Stopped),
            Err(_) => Err(BatchError::DeadlineExceeded),
        }
    }

    /// Rows that wait.
    pub fn waiting_rows(&self) -> usize {
        self.queue.waiting_rows()
    }

    /// The policy it was made with.
    pub fn policy(&self) -> Policy {
        self.queue.policy()
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        self.queue.close();
    }
}
