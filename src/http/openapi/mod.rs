//! `GET /openapi.json`: what may be asked of this server and its model, as OpenAPI 3.1, made from
//! the signature of the model that is loaded.

mod body;
mod document;
mod errors;
mod schema;

use super::App;
use super::error::ApiError;
use super::page::{self, Kind};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Response};
use axum::routing::any;
use std::sync::Arc;

/// The one route.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/openapi.json", any(openapi))
}

/// The document; 503 until the model is loaded, since nothing is known of it before.
async fn openapi(method: Method, State(app): State<Arc<App>>) -> Result<Response<Body>, ApiError> {
    let head = page::get_or_head(&method)?;
    let servable = app
        .gateway
        .resolve_default()
        .map_err(|error| ApiError::public(error.kind(), error.to_string()))?;
    let text = document::of(&servable).to_string();
    Ok(page::answer(Kind::Json, text.into(), head))
}
