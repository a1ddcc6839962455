//! The batcher: a bounded queue, sessions, and who runs what waits on them.
//!
//! Async ends here. Who finds a session free runs at once what waits together with his own rows;
//! who finds none free waits and is taken along by the next run. Nobody waits for a timer unless
//! a delay was asked for. A run that is known to be short happens on the thread that read the
//! request, any other on a thread of the batcher: `costs` knows which. Every submitted frame is
//! answered exactly once or its caller is gone. A model whose rows must not be joined goes the
//! same way, one request a run.

mod answer;
mod costs;
mod job;
mod metrics;
mod policy;
mod run;
mod session;
mod trial;
mod worker;

pub use answer::{Answer, Times};
pub use costs::Cost;
pub use metrics::BatchMetrics;
pub use policy::{BatchRows, Policy};
pub use trial::measured;

use costs::{Costs, Place};
use flowgate_core::{ErrorKind, Frame, Model, Params, RuntimeError, Session};
use flowgate_queue::{Full, Lease, Queue};
use job::{Job, weight};
use serde_json::{Value, json};
use session::Runs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The part of a foreseen time that it may take longer: what runs cost is a mean, and a request
/// that is taken and answered too late is worse for everyone than one that is refused.
const HEADROOM: u32 = 8;

/// Why a submitted frame has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BatchError {
    /// The queue is full, or so long that the answer would come too late.
    #[error("the queue of the model is full")]
    QueueFull {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The caller's time was over before the answer was there.
    #[error("the request took longer than it was allowed")]
    DeadlineExceeded,
    /// The model is being unloaded.
    #[error("the model is being unloaded")]
    Stopped,
    /// The model answered another number of rows than it was given, though it keeps rows apart.
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
            Self::QueueFull { .. } => ErrorKind::Overloaded,
            Self::DeadlineExceeded => ErrorKind::DeadlineExceeded,
            Self::Stopped => ErrorKind::NotReady,
            Self::RowCount { .. } => ErrorKind::Internal,
            Self::Run(error) => error.kind(),
        }
    }

    /// When it is worth trying again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::QueueFull { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

/// The queue of one model and its sessions. Dropping it lets what still waits be answered.
#[derive(Debug)]
pub struct Batcher {
    shared: Arc<Shared>,
}

/// What the callers and the threads share.
struct Shared {
    name: String,
    model: Arc<dyn Model>,
    queue: Queue<Job, Box<dyn Session>>,
    costs: Costs,
    runs: Runs,
    metrics: Arc<BatchMetrics>,
    policy: Policy,
}

/// What a batcher does, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The most rows that are joined.
    pub max_rows: usize,
    /// The most rows that are run where they are read, whatever else runs.
    pub at_once_rows: usize,
    /// The same where nothing else runs.
    pub alone_rows: usize,
    /// What runs cost, from the smallest size on.
    pub costs: Vec<Cost>,
}

impl Decision {
    /// As JSON: times in microseconds.
    pub fn json(&self) -> Value {
        let micros = |time: Duration| (time.as_secs_f64() * 1e8).round() / 100.0;
        let costs = self.costs.iter().map(|cost| {
            json!({
                "up_to_rows": cost.up_to_rows,
                "runs": cost.runs,
                "mean_rows": (cost.mean_rows * 100.0).round() / 100.0,
                "run_us": micros(cost.run),
                "row_us": micros(cost.row()),
            })
        });
        json!({
            "max_batch_rows": self.max_rows,
            "at_once_rows": self.at_once_rows,
            "alone_rows": self.alone_rows,
            "costs": costs.collect::<Vec<_>>(),
        })
    }
}

impl Batcher {
    /// Makes sessions until there are as many as the policy wants, `first` among them, and starts
    /// a thread for each. `trials`, rows and what their runs took, are known of the costs so far.
    ///
    /// # Errors
    /// When the engine refuses a session or the machine a thread.
    pub fn spawn(
        name: &str,
        model: &Arc<dyn Model>,
        first: Box<dyn Session>,
        policy: Policy,
        metrics: BatchMetrics,
        trials: &[(usize, Duration)],
    ) -> Result<Self, RuntimeError> {
        let count = policy.sessions.max(1);
        let mut sessions = vec![first];
        while sessions.len() < count {
            sessions.push(model.session()?);
        }
        let costs = Costs::new(policy.batch);
        let mut limits = policy.limits();
        if let Some(cap) = costs.know(trials) {
            limits.max_rows = cap;
        }
        let batcher = Self {
            shared: Arc::new(Shared {
                name: name.to_owned(),
                model: Arc::clone(model),
                queue: Queue::new(limits, sessions),
                costs,
                runs: Runs::default(),
                metrics: Arc::new(metrics),
                policy,
            }),
        };
        for index in 0..count {
            let shared = Arc::clone(&batcher.shared);
            // A batcher that is dropped lets the threads started so far end.
            std::thread::Builder::new()
                .name(format!("run {name} {index}"))
                .spawn(move || worker::work(&shared))
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
    /// At once when the queue is full or the answer would come too late; at `deadline` when no
    /// answer is there by then; else what the run ends with.
    pub async fn submit(
        &self,
        frame: Frame,
        params: Params,
        deadline: Instant,
    ) -> Result<Answer, BatchError> {
        let shared = &self.shared;
        let rows = weight(&frame);
        let place = shared.place(rows);
        let lease = match place {
            Place::AtOnce => shared.queue.lease(Lease::Any, rows),
            Place::Alone => shared.queue.lease(Lease::Lone, rows),
            Place::Thread => None,
        };
        if let Some(session) = lease {
            return worker::run_here(shared, session, frame);
        }
        session::replace_lost(shared);
        shared.admit(rows, deadline)?;
        let (answer, answered) = oneshot::channel();
        let metrics = Arc::clone(&shared.metrics);
        let job = Job::new(frame, params, deadline, answer, metrics);
        let here = match place {
            Place::AtOnce | Place::Alone => shared.costs.most_alone(),
            Place::Thread => 0,
        };
        let comes_back = shared.queue.push(job, here);
        if comes_back.map_err(|(_, full)| shared.refused(full))? {
            self.come_back(here).await;
        }
        match tokio::time::timeout_at(deadline.into(), answered).await {
            Ok(Ok(answer)) => answer,
            // The job was dropped: that is so only when the queue was closed.
            Ok(Err(_)) => Err(BatchError::Stopped),
            Err(_) => {
                session::replace_lost(shared);
                Err(BatchError::DeadlineExceeded)
            }
        }
    }

    /// Runs what waits, once others that are ready by now had their turn and joined it.
    async fn come_back(&self, here: usize) {
        let promise = Promise(&self.shared);
        tokio::task::yield_now().await;
        promise.keep();
        if let Some(batch) = self.shared.queue.collect(here) {
            worker::run_batch(&self.shared, batch);
        }
    }

    /// Rows that wait.
    pub fn waiting_rows(&self) -> usize {
        self.shared.queue.load().rows
    }

    /// Tells the metrics how much waits: when they are read, not whenever it changes.
    pub fn gauge(&self) {
        let load = self.shared.queue.load();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let metrics = &self.shared.metrics;
        metrics.queue_rows.set(number(load.rows));
        metrics.queue_requests.set(number(load.jobs));
    }

    /// The policy it was made with.
    pub fn policy(&self) -> Policy {
        self.shared.policy
    }

    /// What it does now, and why.
    pub fn decision(&self) -> Decision {
        self.shared.costs.decision()
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

/// A caller that said it comes back: where it is dropped meanwhile, a thread does its work.
struct Promise<'a>(&'a Shared);

impl Promise<'_> {
    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        self.0.queue.nudge();
    }
}

impl Shared {
    /// The answer to a frame of `rows` rows that was run alone, where it has as many.
    fn checked(&self, rows: Option<usize>, answer: Frame) -> Result<Frame, BatchError> {
        let Some(expected) = rows.filter(|_| self.costs.joins()) else {
            return Ok(answer);
        };
        match answer.rows() {
            Some(found) if found != expected => Err(BatchError::RowCount { expected, found }),
            _ => Ok(answer),
        }
    }

    /// Where `rows` rows are run.
    fn place(&self, rows: usize) -> Place {
        // Who asked for a delay wants requests joined, and a model whose runs may be of any length
        // must not hold the reactor.
        if self.policy.delay.is_some() || !self.model.is_steady() {
            return Place::Thread;
        }
        self.costs.place(rows)
    }

    /// Refuses rows that could not be answered by `deadline`.
    fn admit(&self, rows: usize, deadline: Instant) -> Result<(), BatchError> {
        let load = self.queue.load();
        if load.rows + load.running_rows == 0 {
            return Ok(());
        }
        let Some(time) = self.costs.answered_in(rows, load) else {
            return Ok(());
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if time.saturating_add(time / HEADROOM) <= left {
            return Ok(());
        }
        self.metrics.hopeless.inc();
        Err(BatchError::QueueFull { retry_after: time })
    }

    fn refused(&self, full: Full) -> BatchError {
        match full {
            Full::Closed => BatchError::Stopped,
            Full::Full => {
                self.metrics.full.inc();
                let time = self.costs.answered_in(1, self.queue.load());
                BatchError::QueueFull {
                    retry_after: time.unwrap_or_default(),
                }
            }
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("name", &self.name)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
