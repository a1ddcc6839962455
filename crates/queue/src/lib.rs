//! Where jobs that wait and sessions that are free meet.
//!
//! One lock holds both, so that no job waits while a session is free and nobody knows of it. Who
//! finds a session free may take it and run there and then ([`Queue::lease`], [`Queue::collect`]);
//! threads wait for work in [`Queue::take`]. A batch is closed only once a session was won: what
//! arrives until then goes with it. No timer runs unless a delay was asked for.
//!
//! The crate knows neither models nor futures, so that all interleavings of its callers can be
//! tried (`tests/model.rs`).

mod batch;
mod limits;
mod sync;

pub use limits::{Full, Limits};

use std::collections::VecDeque;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use sync::{Condvar, Mutex, MutexGuard};

/// What waits.
pub trait Job: Sized {
    /// Rows that it counts for, at least one.
    fn rows(&self) -> usize;

    /// Octets of its inputs.
    fn octets(&self) -> usize;

    /// Whether it may be run together with others at all.
    fn is_joinable(&self) -> bool;

    /// Whether a run of `self` may take `other` along.
    fn joins(&self, other: &Self) -> bool;

    /// When it came.
    fn arrived(&self) -> Instant;

    /// The job, now that it is taken; none where nobody waits for it any more.
    fn taken(self) -> Option<Self>;
}

/// Jobs and sessions: bounded, in order of arrival, shared by callers and threads.
#[derive(Debug)]
pub struct Queue<J, S> {
    state: Mutex<State<J, S>>,
    change: Condvar,
}

#[derive(Debug)]
struct State<J, S> {
    limits: Limits,
    jobs: VecDeque<J>,
    rows: usize,
    /// Sessions that nobody runs.
    free: Vec<S>,
    /// Sessions that run, and the rows that they run.
    running: usize,
    running_rows: usize,
    /// Threads that wait for work: waking none costs a call of the kernel.
    idle: usize,
    closed: bool,
}

/// What waits and runs at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Jobs that wait.
    pub jobs: usize,
    /// Their rows.
    pub rows: usize,
    /// Sessions that run.
    pub running: usize,
    /// The rows that they run.
    pub running_rows: usize,
    /// All sessions.
    pub sessions: usize,
}

/// Whether a caller that finds a session free may take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// Where nothing else runs.
    Lone,
    /// Whatever else runs.
    Any,
}

/// Jobs that are run together by a session.
#[derive(Debug)]
pub struct Batch<J, S> {
    /// The session; given back with [`Queue::release`].
    pub session: S,
    /// The jobs, in order of arrival.
    pub jobs: Vec<J>,
}

impl<J: Job, S> Queue<J, S> {
    /// No job, and these sessions.
    pub fn new(limits: Limits, sessions: Vec<S>) -> Self {
        Self {
            state: Mutex::new(State {
                limits,
                jobs: VecDeque::new(),
                rows: 0,
                free: sessions,
                running: 0,
                running_rows: 0,
                idle: 0,
                closed: false,
            }),
            change: Condvar::new(),
        }
    }

    /// A session for `rows` rows of the caller's own, which no job waits for.
    pub fn lease(&self, lease: Lease, rows: usize) -> Option<S> {
        let mut state = self.lock();
        let lone = lease == Lease::Any || state.running == 0;
        if !lone || state.closed || !state.jobs.is_empty() {
            return None;
        }
        state.begin(rows)
    }

    /// Puts `job` in. Where a session is free, a thread is woken, unless no more than `here` rows
    /// wait now: then the answer is true, the caller comes back, and [`Queue::collect`] or
    /// [`Queue::nudge`] must follow.
    ///
    /// # Errors
    /// Where there is no room or the queue is closed; the job is given back.
    pub fn push(&self, job: J, here: usize) -> Result<bool, (J, Full)> {
        let mut state = self.lock();
        if let Err(full) = state.admit(&job) {
            return Err((job, full));
        }
        state.rows += job.rows();
        state.jobs.push_back(job);
        let free = !state.free.is_empty();
        let comes_back = free && state.rows <= here;
        // A thread that waits for more rows looks whether there are enough.
        if !comes_back && (free || state.limits.delay.is_some()) {
            self.wake(state);
        }
        Ok(comes_back)
    }

    /// What waits and may run together, where a session is free and no more than `here` rows wait;
    /// more are left to a thread.
    pub fn collect(&self, here: usize) -> Option<Batch<J, S>> {
        let mut state = self.lock();
        let batch = match state.rows <= here {
            true => state.collect(),
            false => None,
        };
        // Another session may take what this one did not.
        if state.is_ready() {
            self.wake(state);
        }
        batch
    }

    /// Wakes a thread where there is something to do: for a caller that does not come back.
    pub fn nudge(&self) {
        let state = self.lock();
        if state.is_ready() {
            self.wake(state);
        }
    }

    /// Waits for work; none when the queue was closed and is empty.
    pub fn take(&self) -> Option<Batch<J, S>> {
        let mut state = self.lock();
        loop {
            if state.is_ready() {
                if let Some(left) = state.delay_left() {
                    state = self.wait(state, Some(left));
                    continue;
                }
                if let Some(batch) = state.collect() {
                    if state.is_ready() {
                        self.wake(state);
                    }
                    return Some(batch);
                }
            }
            if state.closed && state.jobs.is_empty() {
                return None;
            }
            state = self.wait(state, None);
        }
    }

    /// Gives a session back that ran `rows` rows, and has a thread take what waits meanwhile.
    pub fn release(&self, session: S, rows: usize) {
        let mut state = self.lock();
        state.free.push(session);
        state.running -= 1;
        state.running_rows -= rows;
        if state.closed {
            // Threads that wait for the last session may end now.
            drop(state);
            self.change.notify_all();
        } else if !state.jobs.is_empty() {
            self.wake(state);
        }
    }

    /// Gives up a session that ran `rows` rows and never comes back.
    pub fn abandon(&self, rows: usize) {
        let mut state = self.lock();
        state.running -= 1;
        state.running_rows -= rows;
    }

    /// Adds a session.
    pub fn add(&self, session: S) {
        let mut state = self.lock();
        state.free.push(session);
        if !state.jobs.is_empty() {
            self.wake(state);
        }
    }

    /// From now on runs have at most `rows` rows; 1: nothing is joined.
    pub fn limit_rows(&self, rows: usize) {
        self.lock().limits.max_rows = rows;
    }

    /// No more jobs; what waits is still run.
    pub fn close(&self) {
        self.lock().closed = true;
        self.change.notify_all();
    }

    /// What waits and runs.
    pub fn load(&self) -> Load {
        let state = self.lock();
        Load {
            jobs: state.jobs.len(),
            rows: state.rows,
            running: state.running,
            running_rows: state.running_rows,
            sessions: state.running + state.free.len(),
        }
    }

    /// Nothing panics under the lock but the callers' own; were it poisoned, the state would be
    /// whole.
    fn lock(&self) -> MutexGuard<'_, State<J, S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes a thread, if one waits.
    fn wake(&self, state: MutexGuard<'_, State<J, S>>) {
        let idle = state.idle > 0;
        drop(state);
        if idle {
            self.change.notify_one();
        }
    }

    /// Waits for a change, at most for `time` where that is given.
    fn wait<'a>(
        &self,
        mut state: MutexGuard<'a, State<J, S>>,
        time: Option<Duration>,
    ) -> MutexGuard<'a, State<J, S>> {
        state.idle += 1;
        // The model checker has no clock.
        let time = time.filter(|_| !cfg!(loom));
        let mut state = match time {
            Some(time) => {
                let waited = self.change.wait_timeout(state, time);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.change.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        state.idle -= 1;
        state
    }
}

impl<J: Job, S> State<J, S> {
    /// Whether a session is free and a job waits for it.
    fn is_ready(&self) -> bool {
        !self.free.is_empty() && !self.jobs.is_empty()
    }

    /// A session for `rows` rows.
    fn begin(&mut self, rows: usize) -> Option<S> {
        let session = self.free.pop()?;
        self.running += 1;
        self.running_rows += rows;
        Some(session)
    }
}
