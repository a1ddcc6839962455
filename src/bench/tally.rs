//! What became of the requests of one rate.

use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// The longest latency that is told apart from longer ones.
const LONGEST: Duration = Duration::from_secs(3600);

/// What the generator may add to a latency before it is told.
const LATE: Duration = Duration::from_millis(1);

/// The part of its core from which on the generator counts as used up.
const BUSY: f64 = 0.9;

/// What became of the requests that were due within a window; all times count from the start of
/// the run. Requests that are due before the window warm the server up and are not counted.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The time in which requests that are counted are due.
    pub window: Range<Duration>,
    /// Requests that were due.
    pub offered: u64,
    /// Requests that were answered with 2xx.
    pub answered: u64,
    /// Answers of 2xx that came within the window, also to requests that were due before it: at
    /// a rate that the server can follow, as many as are due.
    pub answered_within: u64,
    /// Answers by status, of every kind.
    pub statuses: BTreeMap<u16, u64>,
    /// From due to the end of each answer that was none of 2xx, in microseconds.
    refusals: Histogram<u64>,
    /// Requests that ended without an answer: no connection, or one that broke.
    pub broken: u64,
    /// Requests that had no answer when the run was over, sent or not.
    pub unanswered: u64,
    /// Requests that found every connection busy.
    pub waited: u64,
    /// From due to the end of the answer, in microseconds: answers of 2xx, and what was unanswered
    /// with the time that it had waited so far.
    latency: Histogram<u64>,
    /// From due to being taken up while a connection was free, in microseconds: what the generator
    /// added.
    lag: Histogram<u64>,
    /// The part of one core that the generator used, 0 to 1.
    pub busy: f64,
}

impl Tally {
    /// A tally of nothing.
    pub fn new(window: Range<Duration>) -> Self {
        Self {
            window,
            offered: 0,
            answered: 0,
            answered_within: 0,
            statuses: BTreeMap::new(),
            refusals: histogram(),
            broken: 0,
            unanswered: 0,
            waited: 0,
            latency: histogram(),
            lag: histogram(),
            busy: 0.0,
        }
    }

    /// A request was taken up at `now`; `free` says whether a connection had been waiting for it.
    pub fn taken(&mut self, due: Duration, now: Duration, free: bool) {
        if !self.window.contains(&due) {
            return;
        }
        self.offered += 1;
        if free {
            self.lag.saturating_record(micros(now.saturating_sub(due)));
        } else {
            self.waited += 1;
        }
    }

    /// The whole answer was there at `now`.
    pub fn answered(&mut self, due: Duration, now: Duration, status: u16) {
        let good = (200..300).contains(&status);
        if good && self.window.contains(&now) {
            self.answered_within += 1;
        }
        if !self.window.contains(&due) {
            return;
        }
        *self.statuses.entry(status).or_default() += 1;
        if good {
            self.answered += 1;
            self.waited_for(due, now);
        } else {
            let time = now.saturating_sub(due);
            self.refusals.saturating_record(micros(time));
        }
    }

    /// The request has failed without an answer.
    pub fn broken(&mut self, due: Duration) {
        self.broken += u64::from(self.window.contains(&due));
    }

    /// The run was over at `now` before the request was answered. It counts with what it had waited
    /// by then: left out, the worst would be missing.
    pub fn unanswered(&mut self, due: Duration, now: Duration) {
        if self.window.contains(&due) {
            self.unanswered += 1;
            self.waited_for(due, now);
        }
    }

    /// As [`Self::unanswered`], for a request that was not even taken up.
    pub fn never_sent(&mut self, due: Duration, now: Duration) {
        self.offered += u64::from(self.window.contains(&due));
        self.unanswered(due, now);
    }

    fn waited_for(&mut self, due: Duration, now: Duration) {
        self.latency
            .saturating_record(micros(now.saturating_sub(due)));
    }

    /// Whether there are latencies: without an answer there may be none.
    pub fn has_latencies(&self) -> bool {
        !self.latency.is_empty()
    }

    /// The latency that `percent` of the requests did not exceed.
    pub fn percentile(&self, percent: f64) -> Duration {
        Duration::from_micros(self.latency.value_at_quantile(percent / 100.0))
    }

    /// How long `percent` of the answers that were none of 2xx took at most; none without such.
    pub fn refused(&self, percent: f64) -> Option<Duration> {
        let time = self.refusals.value_at_quantile(percent / 100.0);
        (!self.refusals.is_empty()).then(|| Duration::from_micros(time))
    }

    /// The longest latency.
    pub fn max(&self) -> Duration {
        Duration::from_micros(self.latency.max())
    }

    /// The mean latency.
    pub fn mean(&self) -> Duration {
        Duration::from_secs_f64(self.latency.mean() / 1e6)
    }

    /// Answers of 2xx a second, within the window.
    pub fn answered_per_second(&self) -> f64 {
        let seconds = (self.window.end - self.window.start).as_secs_f64();
        ratio(self.answered_within, seconds)
    }

    /// Requests without an answer of 2xx.
    pub fn errors(&self) -> u64 {
        self.offered - self.answered
    }

    /// Whether 99 % of what was offered was answered meanwhile. One request more may be on its way
    /// when the window closes.
    pub fn keeps_up(&self) -> bool {
        (u128::from(self.answered_within) + 1) * 100 >= u128::from(self.offered) * 99
    }

    /// How late the generator was at `percent` of the requests for which a connection was free.
    pub fn lag(&self, percent: f64) -> Duration {
        Duration::from_micros(self.lag.value_at_quantile(percent / 100.0))
    }

    /// Whether the generator had no core left that it could use.
    pub fn generator_used_up(&self) -> bool {
        self.busy >= BUSY
    }

    /// Whether the generator itself was late, so that it shows in the latencies: its core was used
    /// up, or it was kept from it.
    pub fn generator_late(&self) -> bool {
        let lag = self.lag(99.0);
        self.generator_used_up() || lag > LATE && lag > self.percentile(99.0) / 10
    }
}

/// `count` in `whole`; nothing of nothing is 0.
fn ratio(count: u64, whole: f64) -> f64 {
    if whole > 0.0 {
        count as f64 / whole
    } else {
        0.0
    }
}

/// Microseconds up to [`LONGEST`], exact to three digits.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, micros(LONGEST), 3).expect("the bounds are a constant")
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
