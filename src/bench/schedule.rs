//! When requests are due.

use std::time::Duration;

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Arrivals {
    /// At equal distances.
    #[default]
    Constant,
    /// Independently of each other, as from many callers.
    Poisson,
}

impl Arrivals {
    /// The name as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Poisson => "poisson",
        }
    }
}

/// The times at which requests are due, counted from the start of a run, in order.
///
/// The same arguments give the same times, so that two runs can be compared.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Requests a second.
    rate: f64,
    /// No request is due at or after it.
    end: Duration,
    pace: Pace,
    next: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Pace {
    /// How many requests were due.
    Constant(u64),
    /// The time of the last one, in seconds, and where random numbers come from.
    Poisson(f64, Random),
}

impl Schedule {
    /// The times below `end` for `rate` requests a second; `rate` is finite and above 0.
    pub fn new(rate: f64, arrivals: Arrivals, end: Duration) -> Self {
        let pace = match arrivals {
            Arrivals::Constant => Pace::Constant(0),
            Arrivals::Poisson => Pace::Poisson(0.0, Random(SEED)),
        };
        let mut schedule = Self {
            rate,
            end,
            pace,
            next: None,
        };
        schedule.advance();
        schedule
    }

    /// When the next request is due; `None` when there is none any more.
    pub fn peek(&self) -> Option<Duration> {
        self.next
    }

    fn advance(&mut self) {
        let seconds = match &mut self.pace {
            // From the number of the request, not from the last time: errors do not add up.
            Pace::Constant(number) => {
                let seconds = count(*number) / self.rate;
                *number += 1;
                seconds
            }
            Pace::Poisson(last, random) => {
                *last -= random.unit().ln() / self.rate;
                *last
            }
        };
        self.next = Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|due| *due < self.end);
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let due = self.next?;
        self.advance();
        Some(due)
    }
}

/// A count as a number to calculate with; exact up to 2⁵³.
fn count(number: u64) -> f64 {
    number as f64
}

const SEED: u64 = 0x0f10_3a7e;

/// Steele's SplitMix64: small, and more than good enough for arrival times.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    /// A number above 0 and at most 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        // 53 bits are what the type holds exactly.
        count((bits >> 11) + 1) / count(1 << 53)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_arrivals_never_drift() {
        let rate = 3000.0;
        let due: Vec<_> =
            Schedule::new(rate, Arrivals::Constant, Duration::from_secs(3600)).collect();
        assert_eq!(due.len(), 3600 * 3000);
        for (number, due) in due.iter().enumerate().step_by(997) {
            let exact = number as u128 * 1_000_000_000 / 3000;
            assert!(due.as_nanos().abs_diff(exact) <= 1, "{number}: {due:?}");
        }
    }

    #[test]
    fn nothing_is_due_at_the_end_or_later() {
        let count = |rate, seconds| {
            Schedule::new(rate, Arrivals::Constant, Duration::from_secs(seconds)).count()
        };
        assert_eq!(count(50.0, 1), 50);
        assert_eq!(count(0.5, 3), 2);
        assert_eq!(count(1e-9, 3), 1);
        assert_eq!(count(50.0, 0), 0);
    }

    #[test]
    fn poisson_arrivals_have_the_mean_and_the_spread_of_poisson() {
        let (rate, seconds) = (1000.0, 100);
        let due: Vec<_> =
            Schedule::new(rate, Arrivals::Poisson, Duration::from_secs(seconds)).collect();
        assert!(due.is_sorted());
        // The number has a standard deviation of 316.
        assert!((98_700..101_300).contains(&due.len()), "{}", due.len());
        let gaps = due.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64());
        // Of independent arrivals, one in e waits longer than the mean.
        let long = gaps.filter(|gap| gap * rate > 1.0).count() as f64 / due.len() as f64;
        assert!((long - (-1_f64).exp()).abs() < 0.01, "{long}");
    }

    #[test]
    fn the_same_arguments_give_the_same_times() {
        let schedule = || Schedule::new(100.0, Arrivals::Poisson, Duration::from_secs(1));
        assert!(schedule().eq(schedule()));
        let mut once = schedule();
        assert_eq!(once.peek(), once.next());
    }
}
