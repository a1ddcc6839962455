//! MLflow's scoring protocol: `POST /invocations`.

mod content_type;
mod handler;

pub(super) use handler::routes;
