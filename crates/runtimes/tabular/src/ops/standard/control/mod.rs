//! Operators with graphs of their own.

pub(super) mod batch;
pub(super) mod choice;
pub(super) mod scan;
