//! Whether the process lives, whether it is ready, what it counts.
//!
//! Answered whatever the load: nothing here waits for a model.

use super::{App, error::ApiError};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::any;
use flowgate_core::Additions;
use std::sync::Arc;

/// The version of MLflow whose scoring protocol is spoken here: what `/version` answers, since
/// that is what MLflow's clients ask for.
pub const PROTOCOL_VERSION: &str = "3.17.2";

/// `/ping`, `/health`, `/version`, `/metrics`; where `additions` are served, also
/// `/v2/health/live` and `/v2/health/ready`.
pub(super) fn routes(additions: Additions) -> Router<Arc<App>> {
    let routes = Router::new()
        .route("/ping", any(ping))
        .route("/health", any(ping))
        .route("/version", any(version))
        .route("/metrics", any(metrics));
    match additions {
        Additions::Hidden => routes,
        Additions::Served => routes
            .route("/v2/health/live", any(live))
            .route("/v2/health/ready", any(ready)),
    }
}

/// 200 and one newline when a prediction can be had, as MLflow answers once it is up.
async fn ping(method: Method, State(app): State<Arc<App>>) -> Result<Response<Body>, ApiError> {
    only_get(&method)?;
    let status = if app.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Ok(answer(status, "application/json", "\n"))
}

async fn version(method: Method) -> Result<Response<Body>, ApiError> {
    only_get(&method)?;
    Ok(answer(StatusCode::OK, "application/json", PROTOCOL_VERSION))
}

async fn metrics(method: Method, State(app): State<Arc<App>>) -> Result<Response<Body>, ApiError> {
    only_get(&method)?;
    app.gateway.gauge();
    Ok(answer(
        StatusCode::OK,
        "text/plain; version=0.0.4; charset=utf-8",
        app.metrics.text(app.metrics_compat),
    ))
}

/// The process answers.
async fn live(method: Method) -> Result<Response<Body>, ApiError> {
    only_get(&method)?;
    Ok(answer(
        StatusCode::OK,
        "application/json",
        "{\"live\":true}",
    ))
}

/// Every model is loaded and nobody asked for shutting down.
async fn ready(method: Method, State(app): State<Arc<App>>) -> Result<Response<Body>, ApiError> {
    only_get(&method)?;
    let ready = app.is_ready();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Ok(answer(
        status,
        "application/json",
        format!("{{\"ready\":{ready}}}"),
    ))
}

/// MLflow's routes know no HEAD and no OPTIONS either.
fn only_get(method: &Method) -> Result<(), ApiError> {
    if method == Method::GET {
        Ok(())
    } else {
        Err(ApiError::no_method("GET"))
    }
}

fn answer(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    (
        status,
        [(CONTENT_TYPE, HeaderValue::from_static(kind))],
        body.into(),
    )
        .into_response()
}
