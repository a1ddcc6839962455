//! HTTP: the router and its layers on one screen; the dialects in a folder each.

mod admin;
mod encoding;
pub mod error;
mod health;
mod invocations;
mod observe;
mod openapi;
mod page;
mod places;
mod server;

pub use health::PROTOCOL_VERSION;
pub use invocations::validation_report;
pub use observe::AccessLog;
pub use places::Places;
pub use server::serve;

use crate::gateway::Gateway;
use crate::metrics::{Metrics, MetricsCompat};
use crate::scoring::decode::ExtraColumns;
use crate::shutdown::Shutdown;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{HOST, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use error::ApiError;
use flowgate_core::Rules;
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// What the handlers share.
#[derive(Debug)]
pub struct App {
    /// The models.
    pub gateway: Gateway,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Under whose names they are told.
    pub metrics_compat: MetricsCompat,
    /// Time that a request may take.
    pub timeout: Duration,
    /// How many requests may be answered at the same time.
    pub places: Places,
    /// Octets that a body may have.
    pub body_limit: usize,
    /// The policy for values that the signature does not ask for.
    pub rules: &'static Rules,
    /// What becomes of columns that the signature does not have.
    pub extra_columns: ExtraColumns,
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

/// What answers requests: whatever is answered has an id, a log line and no panic in it.
pub struct Edge {
    app: Arc<App>,
    router: Router,
}

impl Edge {
    /// With all routes.
    pub fn new(app: Arc<App>) -> Self {
        let router = router(Arc::clone(&app));
        Self { app, router }
    }

    /// The answer to `request`. Nearly all ask for a prediction, and are looked up nowhere: a
    /// router makes a dozen allocations to find its handler.
    pub async fn answer(&self, request: Request) -> Response {
        let app = &self.app;
        observe::observe(app, request, async |request: Request| {
            if request.uri().path() == invocations::PATH {
                invocations::predict(app, request).await
            } else {
                self.router.clone().oneshot(request).await.into_response()
            }
        })
        .await
    }
}

/// All routes. The time limit and the body limit are kept where the body is read: the routes of
/// `health` read none and must answer whatever the load.
fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(invocations::routes())
        .merge(health::routes(app.rules.additions))
        .merge(admin::routes(app.rules.additions))
        .merge(openapi::routes())
        .merge(page::routes())
        .fallback(no_route)
        .with_state(app)
}

/// Paths that MLflow's server redirects when they end with a slash.
const ROUTES: &[&str] = &["/ping", "/health", "/version", "/invocations"];

/// The known path that `path` stands for, where it is written with percent signs.
fn meant(path: &str) -> Option<&'static str> {
    if !path.contains('%') {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    ROUTES.iter().copied().find(|route| *route == decoded)
}

/// 404; but a known path that is written with percent signs is answered as it is meant, and one
/// with a slash at its end is sent to the one without, as MLflow does.
async fn no_route(State(app): State<Arc<App>>, mut request: Request) -> Response {
    if let Some(meant) = meant(request.uri().path()) {
        *request.uri_mut() = Uri::from_static(meant);
        // Rare enough to make the routes anew; they never fail.
        return router(app).oneshot(request).await.into_response();
    }
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
