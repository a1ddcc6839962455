//! Whether a rate is one that the server holds.

use super::tally::Tally;
use std::time::Duration;

/// What is said of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The server holds it.
    Held,
    /// Requests were refused, broken or not answered.
    Errors,
    /// Less than 99 % of what was offered was answered meanwhile.
    Behind,
    /// The 99th percentile is above the limit.
    Slow,
}

impl Verdict {
    /// The verdict on what was measured, under a limit for the 99th percentile where there is one.
    pub fn of(tally: &Tally, limit: Option<Duration>) -> Self {
        if tally.errors() > 0 {
            Self::Errors
        } else if !tally.keeps_up() {
            Self::Behind
        } else if limit.is_some_and(|limit| tally.percentile(99.0) > limit) {
            Self::Slow
        } else {
            Self::Held
        }
    }

    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Errors => "errors",
            Self::Behind => "behind",
            Self::Slow => "slow",
        }
    }
}

/// A rate that was measured.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Requests a second, as offered.
    pub rate: f64,
    /// What became of them.
    pub tally: Tally,
    /// What is said of it.
    pub verdict: Verdict,
}

impl Measured {
    /// The highest of `rates` that was held.
    pub fn highest(rates: &[Self]) -> Option<&Self> {
        let held = rates.iter().filter(|one| one.verdict == Verdict::Held);
        held.max_by(|one, other| one.rate.total_cmp(&other.rate))
    }
}
