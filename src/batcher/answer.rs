//! What a submitted frame comes back as.

use flowgate_core::Frame;
use std::time::Duration;

/// The rows of one request, and what they waited for.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The model's outputs for the request's own rows.
    pub frame: Frame,
    /// Where its time went.
    pub times: Times,
}

/// Where the time of one request went between the queue and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// From its arrival in the queue until a worker took it.
    pub queue: Duration,
    /// Of the run that it was part of, with the rows of others.
    pub run: Duration,
}
