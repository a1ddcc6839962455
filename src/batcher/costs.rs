//! What runs cost by their rows, as they are seen, and what follows from it: where a request is
//! run, how many rows are joined, how long those wait that come last.
//!
//! Sizes fall into classes, each twice as large as the one before. A class keeps a mean that
//! follows the last runs. Everything that the hot path asks for is one number, worked out when a
//! run ends.

use super::{BatchRows, Decision};
use flowgate_queue::Load;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Classes: runs of up to 2^23 rows; larger ones count as such.
const CLASSES: usize = 24;

/// A run goes on where the request is read, whatever else runs, up to this long: handing it to a
/// thread costs more.
const AT_ONCE: f64 = 12e-6;

/// The same where nothing else runs: two threads need not be woken. Longer ones would keep a
/// thread of the reactor from its other connections.
const ALONE: f64 = 200e-6;

/// The share of the last run in the mean of its class, and in that of a class with few runs.
const LAST: f64 = 1.0 / 16.0;

/// Runs of a class that are needed before anything is decided by it.
const ENOUGH: u64 = 3;

/// Runs of a class that are needed before rows are joined by it, or not.
const SURE: u64 = 32;

/// A class is worth its rows where a row costs no more than this share of what it costs in the
/// smaller ones: the last doubling must save a twentieth.
const SAVES: f64 = 0.95;

/// Runs after which a cap that was learned is tried again: what is run may have changed.
const AGAIN: u64 = 1 << 14;

/// What is known of one model's runs.
#[derive(Debug)]
pub(super) struct Costs {
    batch: BatchRows,
    curve: Mutex<Curve>,
    /// Cleared when the model turned out not to keep rows apart.
    joins: AtomicBool,
    /// The most rows that are run where they are read, whatever else runs.
    at_once: AtomicUsize,
    /// The same where nothing else runs.
    alone: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Curve {
    classes: [Class; CLASSES],
    runs: u64,
    cap: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Class {
    runs: u64,
    /// Means of the last runs: rows, and seconds.
    rows: f64,
    seconds: f64,
}

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// The most rows of the runs that it tells of; more than half of these.
    pub up_to_rows: usize,
    /// Runs of such sizes so far.
    pub runs: u64,
    /// Rows of a run, the mean of the last ones.
    pub mean_rows: f64,
    /// How long one takes, the mean of the last ones.
    pub run: Duration,
}

impl Cost {
    /// How long a row takes.
    pub fn row(&self) -> Duration {
        duration(self.run.as_secs_f64() / self.mean_rows.max(1.0))
    }
}

/// Where a request is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where it is read, whatever else runs.
    AtOnce,
    /// Where it is read when nothing else runs; else it is joined with what waits.
    Alone,
    /// On a thread of the batcher.
    Thread,
}

impl Costs {
    /// Nothing is known yet.
    pub(super) fn new(batch: BatchRows) -> Self {
        Self {
            batch,
            curve: Mutex::new(Curve {
                classes: [Class::default(); CLASSES],
                runs: 0,
                cap: batch.most(),
            }),
            joins: AtomicBool::new(true),
            at_once: AtomicUsize::new(0),
            alone: AtomicUsize::new(0),
        }
    }

    /// Where `rows` rows are run.
    pub(super) fn place(&self, rows: usize) -> Place {
        if rows <= self.at_once.load(Ordering::Relaxed) {
            Place::AtOnce
        } else if rows <= self.most_alone() {
            Place::Alone
        } else {
            Place::Thread
        }
    }

    /// The most rows that may be run on a thread of the reactor.
    pub(super) fn most_alone(&self) -> usize {
        self.alone.load(Ordering::Relaxed)
    }

    /// What runs of some sizes took, measured several times unless they are slow: as sure as if it
    /// had been seen often. The answer is the cap where it changed.
    pub(super) fn know(&self, trials: &[(usize, Duration)]) -> Option<usize> {
        let mut curve = self.lock();
        for &(rows, took) in trials {
            curve.classes[class(rows)] = Class {
                runs: SURE,
                rows: rows as f64,
                seconds: took.as_secs_f64(),
            };
        }
        self.place_anew(&curve);
        self.cap_anew(&mut curve)
    }

    /// Notes a run of `rows` rows. The answer is the cap where it changed.
    pub(super) fn note(&self, rows: usize, took: Duration) -> Option<usize> {
        let mut curve = self.lock();
        curve.note(rows, took.as_secs_f64());
        if curve.runs < 64 || curve.runs.is_multiple_of(8) {
            self.place_anew(&curve);
        }
        if !curve.runs.is_multiple_of(64) {
            return None;
        }
        if curve.runs.is_multiple_of(AGAIN) {
            curve.forget_above_cap();
        }
        self.cap_anew(&mut curve)
    }

    /// Has all that was noted count.
    pub(super) fn settle(&self) {
        let mut curve = self.lock();
        self.place_anew(&curve);
        self.cap_anew(&mut curve);
    }

    fn place_anew(&self, curve: &Curve) {
        let within = |limit| curve.most_within(limit);
        self.at_once.store(within(AT_ONCE), Ordering::Relaxed);
        self.alone.store(within(ALONE), Ordering::Relaxed);
    }

    /// The cap, where it changed.
    fn cap_anew(&self, curve: &mut Curve) -> Option<usize> {
        let BatchRows::Auto(most) = self.batch else {
            return None;
        };
        if !self.joins() {
            return None;
        }
        let cap = curve.best_rows().unwrap_or(most).min(most);
        let changed = cap != curve.cap;
        curve.cap = cap;
        changed.then_some(cap)
    }

    /// How long it takes until `rows` rows are answered that come behind all that `load` tells of;
    /// none where nothing is known.
    ///
    /// They are run with those before them, and with those that come meanwhile, as far as rows are
    /// joined: all wait for the whole run.
    pub(super) fn answered_in(&self, rows: usize, load: Load) -> Option<Duration> {
        let curve = self.lock();
        let before = match load.running {
            0 => 0.0,
            running => curve.seconds(load.running_rows.div_ceil(running))?,
        };
        let all = load.rows.saturating_add(rows);
        let together = all.saturating_mul(2).min(curve.cap).max(rows).max(1);
        let runs = all.div_ceil(together) as f64 / load.sessions.max(1) as f64;
        let run = curve.seconds(together)?;
        Some(duration(before + run * runs.max(1.0)))
    }

    /// Whether requests are joined: the model keeps rows apart.
    pub(super) fn joins(&self) -> bool {
        self.batch.most() > 1 && self.joins.load(Ordering::Relaxed)
    }

    /// From now on nothing is joined.
    pub(super) fn never_join(&self) {
        self.joins.store(false, Ordering::Relaxed);
        self.lock().cap = 1;
    }

    /// What was seen, and what follows from it.
    pub(super) fn decision(&self) -> Decision {
        let curve = self.lock();
        let seen = curve.classes.iter().enumerate();
        let seen = seen.filter(|(_, class)| class.runs > 0);
        let costs = seen.map(|(at, class)| Cost {
            up_to_rows: 1 << at,
            runs: class.runs,
            mean_rows: class.rows,
            run: duration(class.seconds),
        });
        Decision {
            max_rows: curve.cap,
            at_once_rows: self.at_once.load(Ordering::Relaxed),
            alone_rows: self.most_alone(),
            costs: costs.collect(),
        }
    }

    /// Nothing panics under the lock.
    fn lock(&self) -> MutexGuard<'_, Curve> {
        self.curve.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// The class of runs of `rows` rows: the first whose size they do not pass.
fn class(rows: usize) -> usize {
    let rows = rows.max(1).checked_next_power_of_two();
    let class = rows.map_or(CLASSES, |rows| rows.trailing_zeros() as usize);
    class.min(CLASSES - 1)
}

impl Curve {
    fn note(&mut self, rows: usize, seconds: f64) {
        self.runs += 1;
        let class = &mut self.classes[class(rows)];
        class.runs += 1;
        // The first runs of a class count alike.
        let share = LAST.max(1.0 / class.runs as f64);
        class.rows += share * (rows as f64 - class.rows);
        class.seconds += share * (seconds - class.seconds);
    }

    /// Seconds of a run of `rows` rows: those of its class by its rows where it is known; else of
    /// the nearest known, by the rows for a smaller one.
    fn seconds(&self, rows: usize) -> Option<f64> {
        let at = class(rows);
        let known = |class: &&Class| class.runs > 0;
        let (below, above) = self.classes.split_at(at + 1);
        if let Some(class) = below.iter().rev().find(known) {
            let more = rows as f64 / class.rows.max(1.0);
            return Some(class.seconds * more.max(1.0));
        }
        above.iter().find(known).map(|class| class.seconds)
    }

    /// The most rows whose run takes no longer than `limit`, a size of a class; 0 where none
    /// does, or too little is known.
    fn most_within(&self, limit: f64) -> usize {
        let mut most = 0;
        let mut known: Option<Class> = None;
        for (at, &class) in self.classes.iter().enumerate() {
            let rows = 1_usize << at;
            if class.runs >= ENOUGH {
                known = Some(class);
            }
            // What is known of smaller ones goes for larger ones as if all of it were rows.
            let seconds = known.map(|known| known.seconds * (rows as f64 / known.rows).max(1.0));
            match seconds {
                Some(seconds) if seconds <= limit => most = rows,
                Some(_) => break,
                None => {}
            }
        }
        most
    }

    /// The size of a class beyond which a row is no cheaper; none where it is not known.
    fn best_rows(&self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (at, class) in self.classes.iter().enumerate() {
            if class.runs < SURE {
                continue;
            }
            let row = class.seconds / class.rows.max(1.0);
            match best {
                Some((_, least)) if row > least * SAVES => {}
                _ => best = Some((at, row)),
            }
        }
        let (best, _) = best?;
        // Only a class that was seen to be no better keeps larger runs from being made.
        let larger = self.classes.get(best + 1..)?;
        let seen = larger.iter().any(|class| class.runs >= SURE);
        seen.then(|| 1 << best)
    }

    /// Has sizes above the cap tried again.
    fn forget_above_cap(&mut self) {
        let at = class(self.cap) + 1;
        if let Some(above) = self.classes.get_mut(at..) {
            above.fill(Class::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Costs of a model whose run of `rows` rows takes `micros(rows)`, seen at `sizes`.
    fn seen(batch: BatchRows, sizes: &[usize], micros: impl Fn(usize) -> f64) -> Costs {
        let costs = Costs::new(batch);
        for _ in 0..64 {
            for &rows in sizes {
                costs.note(rows, Duration::from_secs_f64(micros(rows) / 1e6));
            }
        }
        costs
    }

    const AUTO: BatchRows = BatchRows::Auto(256);
    const SIZES: &[usize] = &[1, 2, 4, 8, 16, 32, 64, 128, 256];

    #[test]
    fn nothing_is_run_where_it_is_read_before_it_was_measured() {
        let costs = Costs::new(AUTO);
        assert_eq!(costs.place(1), Place::Thread);
        assert_eq!(costs.decision().max_rows, 256);
        for _ in 0..ENOUGH {
            assert_eq!(costs.place(1), Place::Thread);
            costs.note(1, Duration::from_micros(1));
        }
        assert_eq!(costs.place(1), Place::AtOnce);
        assert_eq!(
            costs.place(8),
            Place::AtOnce,
            "as if every row cost as much"
        );
        assert_eq!(costs.place(64), Place::Alone);
        assert_eq!(costs.place(1000), Place::Thread);
    }

    #[test]
    fn what_was_measured_before_counts_at_once() {
        let costs = Costs::new(AUTO);
        let micros = |rows, took| (rows, Duration::from_micros(took));
        // Rows become cheaper again where other kernels take over.
        let trials = [
            micros(1, 10),
            micros(16, 176),
            micros(64, 400),
            micros(256, 900),
        ];
        assert_eq!(costs.know(&trials), None, "256, as before");
        assert_eq!((costs.place(1), costs.most_alone()), (Place::AtOnce, 16));
        // Runs of sizes between that are no cheaper change nothing.
        for _ in 0..640 {
            costs.note(2, Duration::from_micros(22));
        }
        assert_eq!(costs.decision().max_rows, 256);
        let costs = Costs::new(AUTO);
        assert_eq!(costs.know(&[micros(1, 100), micros(16, 1600)]), Some(1));
    }

    #[test]
    fn long_runs_never_hold_the_reactor() {
        let costs = seen(AUTO, &[1], |_| 300.0);
        assert_eq!(costs.place(1), Place::Thread);
        let costs = seen(AUTO, &[1, 8], |rows| 20.0 * rows as f64);
        assert_eq!(
            (costs.place(1), costs.place(8)),
            (Place::Alone, Place::Alone)
        );
        assert_eq!((costs.most_alone(), costs.place(16)), (8, Place::Thread));
    }

    #[test]
    fn a_run_that_became_long_is_not_made_there_for_long() {
        let costs = seen(AUTO, &[1], |_| 5.0);
        assert_eq!(costs.place(1), Place::AtOnce);
        for _ in 0..8 {
            costs.note(1, Duration::from_millis(50));
        }
        assert_eq!(costs.place(1), Place::Thread);
        for _ in 0..200 {
            costs.note(1, Duration::from_micros(5));
        }
        assert_eq!(costs.place(1), Place::AtOnce);
    }

    #[test]
    fn the_cap_is_where_rows_become_no_cheaper() {
        let cheaper = seen(AUTO, SIZES, |rows| 900.0 + 10.0 * rows as f64);
        assert_eq!(cheaper.decision().max_rows, 256);
        let to_16 = seen(AUTO, SIZES, |rows| (100.0 / 16.0 * rows as f64).max(100.0));
        assert_eq!(to_16.decision().max_rows, 16);
        let never = seen(AUTO, SIZES, |rows| 30.0 * rows as f64);
        assert_eq!(never.decision().max_rows, 1);
        let fixed = seen(BatchRows::Fixed(64), SIZES, |rows| 30.0 * rows as f64);
        assert_eq!(fixed.decision().max_rows, 64);
        let unknown = seen(AUTO, &[1], |rows| 30.0 * rows as f64);
        assert_eq!(unknown.decision().max_rows, 256);
    }

    #[test]
    fn the_time_to_an_answer_counts_the_runs_before_and_all_of_its_own() {
        let costs = seen(BatchRows::Fixed(8), &[1, 8], |rows| 100.0 * rows as f64);
        let idle = Load {
            jobs: 0,
            rows: 0,
            running: 0,
            running_rows: 0,
            sessions: 1,
        };
        let micros = |rows, load| {
            let time = costs.answered_in(rows, load).expect("known");
            time.as_secs_f64() * 1e6
        };
        let check = |rows, load, expected: f64| {
            let found = micros(rows, load);
            assert!((found - expected).abs() < 1.0, "{found} for {expected}");
        };
        // One that comes while it waits may be run with it.
        check(1, idle, 200.0);
        let busy = Load {
            running: 1,
            running_rows: 8,
            ..idle
        };
        check(1, busy, 1000.0);
        let crowded = Load { rows: 79, ..busy };
        check(1, crowded, 8800.0);
        let two = Load {
            sessions: 2,
            running: 2,
            running_rows: 16,
            ..crowded
        };
        check(1, two, 4800.0);
        // A request of many rows is run as it is.
        check(80, idle, 8000.0);
        assert_eq!(Costs::new(AUTO).answered_in(1, crowded), None);
    }

    #[test]
    fn sizes_fall_into_classes() {
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 8, 9].map(class),
            [0, 0, 1, 2, 2, 3, 3, 4]
        );
        assert_eq!(class(usize::MAX), CLASSES - 1);
        let costs = Costs::new(AUTO);
        costs.note(usize::MAX, Duration::MAX);
        let huge = costs.decision().costs;
        assert_eq!((huge.len(), huge[0].run), (1, Duration::MAX));
        assert!(huge[0].row() > Duration::ZERO);
    }
}
