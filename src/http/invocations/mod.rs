//! MLflow's scoring protocol: `POST /invocations`; and `POST /validate`, which takes the same bodies.

mod accept;
mod answer;
mod body;
mod content_type;
mod deadline;
mod handler;
mod report;
mod timing;

pub(super) use handler::{PATH, predict, routes};
pub use report::json as validation_report;
