//! A session while it runs: what is known of the run from outside, so that one that does not end
//! is not waited for.
//!
//! A run that goes on for longer than any request may take, and that nobody waits for any more, is
//! given up: its session is not counted with, and another takes its place. A client that has little
//! patience does not make a run a lost one. A thread cannot be ended from outside, so that its
//! memory is lost until the run ends after all; hence there is a limit.

use super::Shared;
use flowgate_core::Session;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Sessions of a model that may be lost at the same time.
const MOST_LOST: usize = 4;

/// The runs that go on, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Runs(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    going_on: BTreeMap<u64, Going>,
    lost: usize,
}

/// A run that goes on.
#[derive(Debug, Clone, Copy)]
struct Going {
    since: Instant,
    /// When nobody waits for it any more.
    deadline: Instant,
    rows: usize,
}

impl Runs {
    /// A run of `rows` rows begins.
    pub(super) fn begin(&self, deadline: Instant, rows: usize) -> u64 {
        let mut state = self.lock();
        state.next += 1;
        let run = state.next;
        let since = Instant::now();
        state.going_on.insert(
            run,
            Going {
                since,
                deadline,
                rows,
            },
        );
        run
    }

    /// It ended; false where it was given up before.
    pub(super) fn end(&self, run: u64) -> bool {
        let mut state = self.lock();
        let known = state.going_on.remove(&run).is_some();
        if !known {
            state.lost -= 1;
        }
        known
    }

    /// Gives up a run that has gone on for `limit` and that nobody waits for any more, and gives its
    /// rows.
    fn give_up(&self, limit: Duration) -> Option<usize> {
        let mut state = self.lock();
        if state.lost >= MOST_LOST || state.going_on.is_empty() {
            return None;
        }
        let now = Instant::now();
        let over = |run: &Going| run.deadline <= now && now - run.since >= limit;
        let (&number, run) = state.going_on.iter().find(|(_, run)| over(run))?;
        let rows = run.rows;
        state.going_on.remove(&number);
        state.lost += 1;
        Some(rows)
    }

    /// Nothing panics under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts new sessions, with threads of their own, in the place of those whose runs nobody waits for
/// any more. Called by who waits, or waited in vain.
pub(super) fn replace_lost(shared: &Arc<Shared>) {
    while let Some(rows) = shared.runs.give_up(shared.policy.run_limit) {
        shared.queue.abandon(rows);
        shared.metrics.lost_sessions.inc();
        tracing::error!(
            model = shared.name,
            "a run does not end: its session is given up, another takes its place"
        );
        let fresh = Arc::clone(shared);
        // Making a session may take as long as the load.
        let started = std::thread::Builder::new()
            .name(format!("run {}", shared.name))
            .spawn(move || match fresh.model.session() {
                Ok(session) => {
                    fresh.queue.add(session);
                    super::worker::work(&fresh);
                }
                Err(error) => tracing::error!(%error, "no new session in place of a lost one"),
            });
        if let Err(error) = started {
            tracing::error!(%error, "no thread for a new session");
        }
    }
}

/// A new session in place of one that panicked; the old one is kept when there is none to be had.
pub(super) fn renew(shared: &Shared, session: &mut Box<dyn Session>) {
    match shared.model.session() {
        Ok(fresh) => *session = fresh,
        Err(error) => tracing::error!(%error, "no new session after a panic"),
    }
}
