//! Logs: where they go, how they look, and how many of one kind.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends logs to standard error, from now on and for ever.
///
/// # Errors
/// When `filter` is not a filter (`info`, `flowgate=debug,warn`).
pub fn start(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false);
    let started = match format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .try_init(),
    };
    // A second start in one process (tests) keeps the first.
    drop(started);
    Ok(())
}

/// Lets so many events a second through and counts the others, so that a flood of refusals does
/// not become a flood of log lines.
#[derive(Debug)]
pub struct Sampler {
    start: Instant,
    per_second: u64,
    /// The second that is being counted, in the upper half; what was seen in it, in the lower.
    window: AtomicU64,
    suppressed: AtomicU64,
}

impl Sampler {
    /// A sampler that lets `per_second` events through.
    pub fn new(per_second: u32) -> Self {
        Self {
            start: Instant::now(),
            per_second: per_second.into(),
            window: AtomicU64::new(0),
            suppressed: AtomicU64::new(0),
        }
    }

    /// Whether this event is let through, and how many were not since the last that was.
    pub fn admit(&self) -> Option<u64> {
        self.admit_in(self.start.elapsed().as_secs())
    }

    fn admit_in(&self, second: u64) -> Option<u64> {
        let mut seen = 0;
        let _ = self
            .window
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |window| {
                seen = if window >> 32 == second {
                    (window & 0xffff_ffff) + 1
                } else {
                    1
                };
                Some(second << 32 | seen.min(0xffff_ffff))
            });
        if seen <= self.per_second {
            return Some(self.suppressed.swap(0, Ordering::Relaxed));
        }
        self.suppressed.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_thinned_and_what_was_left_out_is_counted() {
        let sampler = Sampler::new(2);
        let admitted: Vec<_> = (0..5).map(|_| sampler.admit_in(7)).collect();
        assert_eq!(admitted, [Some(0), Some(0), None, None, None]);
        assert_eq!(sampler.admit_in(8), Some(3));
        assert_eq!(sampler.admit_in(8), Some(0));
    }
}
