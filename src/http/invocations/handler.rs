//! `POST /invocations`: from the body to the answer.

use super::content_type::{self, Body as Kind};
use crate::http::App;
use crate::http::error::{ApiError, status};
use crate::scoring::{decode, encode};
use crate::servable::{InferError, Servable};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use axum::response::IntoResponse;
use axum::routing::any;
use bytes::Bytes;
use flowgate_core::{ErrorKind, Form, Frame, Refusal};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::sync::Arc;
use std::time::Instant;

/// The label of this dialect's metrics.
const PROTOCOL: &str = "invocations";

/// How many columns were sent that the signature does not have.
const WARNINGS: HeaderName = HeaderName::from_static("x-flowgate-warnings");

/// Bodies and answers of more octets than this are worked on by a thread that may be held: beyond
/// it, decoding takes longer than the half millisecond that a reactor's thread may be.
const INLINE: usize = 256 << 10;

/// The one route.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/invocations", any(invocations))
}

async fn invocations(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    let start = Instant::now();
    if request.method() != Method::POST {
        return ApiError::no_method("POST").into_response();
    }
    let servable = app.gateway.resolve_default();
    let answer = match &servable {
        Ok(servable) => answer(&app, servable, request, start).await,
        Err(error) => Err(ApiError::public(error.kind(), error.to_string())),
    };
    let response = answer.unwrap_or_else(IntoResponse::into_response);
    let status = response.status().as_u16();
    match servable {
        Ok(servable) => servable
            .metrics
            .answered(PROTOCOL, status, start.elapsed().as_secs_f64()),
        Err(_) => app.metrics.unresolved(PROTOCOL, status),
    }
    response
}

/// The content type is looked at before the body, as MLflow does; the time limit holds from the
/// first octet, so that a body that trickles in does not hold its place for ever.
async fn answer(
    app: &App,
    servable: &Arc<Servable>,
    request: Request,
    start: Instant,
) -> Result<Response<Body>, ApiError> {
    let deadline = start + app.timeout;
    let kind = body_kind(request.headers())?;
    let body = tokio::time::timeout_at(deadline.into(), read(request, app.body_limit));
    let body = body.await.map_err(|_| {
        ApiError::logged(
            ErrorKind::DeadlineExceeded,
            "the body did not arrive in time",
        )
    })??;
    let decoded = decoded(servable, kind, body).await.map_err(|refusal| {
        servable.metrics.refused_values.inc_by(refusal.count as u64);
        ApiError::refused(&refusal)
    })?;
    let form = decoded.request.form;
    let dropped = decoded.dropped_columns;
    servable.metrics.dropped_columns.inc_by(dropped as u64);
    let frame = app
        .gateway
        .infer(servable, decoded.request, deadline)
        .await
        .map_err(failed)?;
    let body = encoded(frame, form).await?;
    let mut response = Response::new(Body::from(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if dropped > 0 {
        response
            .headers_mut()
            .insert(WARNINGS, HeaderValue::from(dropped));
    }
    Ok(response)
}

fn body_kind(headers: &HeaderMap) -> Result<Kind, ApiError> {
    // Octets that are not text are shown to the parser as such: it refuses what it does not know.
    let header = headers
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    content_type::parse(header.as_deref())
        .map_err(|error| ApiError::unsupported_media_type(error.to_string()))
}

/// The body, of at most `limit` octets.
async fn read(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::too_large(limit));
    }
    let body = Limited::new(request.into_body(), limit)
        .collect()
        .await
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                ApiError::too_large(limit)
            } else {
                ApiError::public(
                    ErrorKind::InvalidInput,
                    "the request body stopped before its end",
                )
            }
        })?;
    Ok(body.to_bytes())
}

async fn decoded(
    servable: &Arc<Servable>,
    kind: Kind,
    body: Bytes,
) -> Result<decode::Decoded, Refusal> {
    let servable = Arc::clone(servable);
    let decode = move |body: &[u8]| match kind {
        Kind::Json => decode::json(body, &servable.signature),
        Kind::Csv => decode::csv(body, &servable.signature),
    };
    if body.len() <= INLINE {
        return decode(&body);
    }
    off_the_reactor(move || decode(&body)).await
}

async fn encoded(frame: Frame, form: Form) -> Result<Vec<u8>, ApiError> {
    let large = frame.size() > INLINE;
    let encode = move || {
        let mut body = Vec::new();
        encode::json(&frame, form, &mut body).map(|()| body)
    };
    let body = if large {
        off_the_reactor(encode).await
    } else {
        encode()
    };
    body.map_err(|error| ApiError::logged(ErrorKind::Internal, error.to_string()))
}

/// Long work, on a thread that may be held; a panic in it goes on here.
async fn off_the_reactor<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is being torn down ends such work; nobody waits for it then.
            Err(_) => std::future::pending().await,
        },
    }
}

/// What a client is told when there is no answer. Faults of the request may be said in full: they
/// hold no data. Anything else is for the log.
fn failed(error: InferError) -> ApiError {
    match (&error, error.kind()) {
        (InferError::Refused(refusal), _) => ApiError::refused(refusal),
        (_, kind) if status(kind).is_client_error() && kind != ErrorKind::Overloaded => {
            ApiError::public(kind, error.to_string())
        }
        (_, kind) => ApiError::logged(kind, error.to_string()),
    }
}
