//! `/admin`: what the server does inside, for who runs it.

use super::{App, error::ApiError};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use flowgate_core::Additions;
use serde_json::json;
use std::sync::Arc;

/// `/admin/batching/{model}`, where `additions` are served.
pub(super) fn routes(additions: Additions) -> Router<Arc<App>> {
    match additions {
        Additions::Hidden => Router::new(),
        Additions::Served => Router::new().route("/admin/batching/{model}", any(batching)),
    }
}

/// How a model's requests are joined, and what its runs cost.
async fn batching(
    method: Method,
    Path(model): Path<String>,
    State(app): State<Arc<App>>,
) -> Result<Response, ApiError> {
    if method != Method::GET {
        return Err(ApiError::no_method("GET"));
    }
    let found = app.gateway.resolve(&model);
    let servable = found.map_err(|error| ApiError::public(error.kind(), error.to_string()))?;
    let (batcher, policy) = (&servable.batcher, servable.batcher.policy());
    let mut report = batcher.decision().json();
    if let Some(report) = report.as_object_mut() {
        let own = json!({
            "model": servable.id.name,
            "version": servable.id.version,
            "sessions": policy.sessions,
            "max_bytes": policy.max_bytes,
            "delay_us": policy.delay.map(|delay| delay.as_micros() as u64),
            "queue_requests": policy.queue_requests,
            "queue_rows": policy.queue_rows,
            "waiting_rows": batcher.waiting_rows(),
        });
        report.extend(own.as_object().cloned().unwrap_or_default());
    }
    let kind = [(CONTENT_TYPE, "application/json")];
    Ok((kind, report.to_string()).into_response())
}
