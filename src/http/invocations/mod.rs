//! MLflow's scoring protocol: `POST /invocations`.
//!
//! Source: MLflow 3.17.2, `mlflow.pyfunc.scoring_server`, as measured on the real server; values
//! are used exactly as sent or refused.

mod content_type;
pub mod decode;
pub mod encode;
mod handler;

pub(super) use handler::routes;
