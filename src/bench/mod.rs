//! Load at a rate that does not depend on the answers, and what the answers took.
//!
//! An open loop: requests are due at times that were fixed beforehand, and the latency of each
//! counts from the moment at which it was due. A server that stalls is charged with every request
//! that waited for it, also with those that could not even be sent.
//!
//! [`schedule`] says when requests are due, `desk` hands them to connections, [`client`] is one
//! connection, [`tally`] counts; [`run()`] puts them together for one rate. [`search`] chooses the
//! rates, [`verdict`] says whether one holds, [`report`] and [`plot`] show what was found;
//! [`target`] and [`body`] are what is sent, [`server`] is the program under load.
//!
//! One thread does it all: what it cannot do in time is told, and not charged to the server.

pub mod body;
pub mod server;
pub mod target;

pub mod search;

mod run;

pub mod client;
mod desk;
pub mod schedule;
pub mod tally;
mod timer;

pub mod plot;
pub mod report;
pub mod verdict;

pub use run::{Load, RunError, run};

#[cfg(test)]
mod tests;
