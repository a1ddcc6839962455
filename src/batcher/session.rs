//! A session while it runs: what is known of the run from outside, so that one that does not end
//! is not waited for.
//!
//! A run that is still going on when nobody waits for it any more is given up: its session is not
//! counted with, and another takes its place. A thread cannot be ended from outside, so that its
//! memory is lost until the run ends after all; hence there is a limit.

use super::Shared;
use flowgate_core::Session;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Sessions of a model that may be lost at the same time.
const MOST_LOST: usize = 4;

/// Time beyond the last deadline of its requests that a run is given.
const GRACE: Duration = Duration::from_millis(100);

/// The runs that go on, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Runs(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    /// When nobody waits for them any more, and their rows.
    going_on: BTreeMap<u64, (Instant, usize)>,
    lost: usize,
}

impl Runs {
    /// A run of `rows` rows begins.
    pub(super) fn begin(&self, deadline: Instant, rows: usize) -> u64 {
        let mut state = self.lock();
        state.next += 1;
        let run = state.next;
        state.going_on.insert(run, (deadline, rows));
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

    /// Gives up a run that nobody waits for any more, and gives its rows.
    fn give_up(&self, now: Instant) -> Option<usize> {
        let mut state = self.lock();
        if state.lost >= MOST_LOST {
            return None;
        }
        let over = |(deadline, _): &(Instant, usize)| *deadline + GRACE <= now;
        let found = state.going_on.iter().find(|(_, run)| over(run));
        let (&run, &(_, rows)) = found?;
        state.going_on.remove(&run);
        state.lost += 1;
        Some(rows)
    }

    /// Nothing panics under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts new sessions, with threads of their own, in the place of those whose runs nobody waits for
/// any more. Called by who waited too long.
pub(super) fn replace_lost(shared: &Arc<Shared>) {
    let now = Instant::now();
    while let Some(rows) = shared.runs.give_up(now) {
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
