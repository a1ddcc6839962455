//! HTTP: the router and its layers on one screen; the dialects in a folder each.

pub mod error;
mod health;
mod invocations;
mod observe;
mod server;

pub use health::PROTOCOL_VERSION;
pub use observe::AccessLog;
pub use server::serve;

use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::shutdown::Shutdown;
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{HOST, LOCATION};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use error::ApiError;
use std::sync::Arc;
use std::time::Duration;

/// What the handlers share.
#[derive(Debug)]
pub struct App {
    /// The models.
    pub gateway: Gateway,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Time that a request may take.
    pub timeout: Duration,
    /// Octets that a body may have.
    pub body_limit: usize,
    /// What is logged of requests.
    pub access_log: AccessLog,
    /// Whether shutting down was asked for.
    pub shutdown: Shutdown,
}

impl App {
    /// Whether a load balancer should send requests here.
    pub fn is_ready(&self) -> bool {
        self.gateway.is_ready() && !self.shutdown.is_asked()
    }
}

/// All routes. The time limit and the body limit are kept where the body is read: the routes of
/// `health` read none and must answer whatever the load.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(invocations::routes())
        .merge(health::routes())
        .fallback(no_route)
        // Outermost, so that whatever is answered has an id, a log line and no panic in it.
        .layer(from_fn_with_state(Arc::clone(&app), observe::observe))
        .with_state(app)
}

/// Paths that MLflow's server redirects when they end with a slash.
const ROUTES: &[&str] = &["/ping", "/health", "/version", "/invocations"];

/// 404; but a known path with a slash at its end is sent to the one without, as MLflow does.
async fn no_route(request: Request) -> Response {
    let path = request.uri().path().strip_suffix('/');
    let Some(path) = path.filter(|path| ROUTES.contains(path)) else {
        return ApiError::no_route().into_response();
    };
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let location = if host.is_empty() {
        path.to_owned()
    } else {
        format!("http://{host}{path}")
    };
    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response()
}
