//! Flowgate: packages, registers and serves machine-learning models in MLflow's own format.
//!
//! Two paths meet in one handle, the [`servable::Servable`].
//!
//! The load path, rare and slow: [`store`] finds a package → its manifest is read → a flavor
//! makes a plan of it → a runtime loads the artifact ([`catalog`]) → the servable is published.
//!
//! The request path, hot and bounded: a socket → [`http`] → [`scoring`] decodes the body by the
//! signature → [`gateway`] → [`servable`] checks and adapts → [`batcher`] runs → [`scoring`]
//! encodes.
//!
//! [`wiring`] puts the rooms together; [`cli`] and [`config`] say what was asked for.

pub mod cli;
pub mod config;
pub mod descriptors;

pub mod wiring;

pub mod compression;
pub mod csv;
pub mod http;
pub use flowgate_json as json;
pub mod scoring;

pub mod about;
pub mod adapter;
pub mod batcher;
pub mod gateway;
pub mod method;
pub mod servable;
pub mod validate;
pub mod verify;

pub mod bench;

pub mod catalog;
pub mod example;
pub mod store;

pub mod metrics;
pub mod shutdown;
pub mod telemetry;
