//! MLflow's scoring protocol: `POST /invocations`.

mod accept;
mod answer;
mod body;
mod content_type;
mod handler;
mod timing;

pub(super) use handler::routes;
