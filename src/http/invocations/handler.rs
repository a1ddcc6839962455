//! `POST /invocations`: from the body to the answer.

use super::answer::{Liked, Written};
use super::body::{Announced, Unread};
use super::timing::{self, Timing};
use crate::http::App;
use crate::http::error::{ApiError, status};
use crate::scoring::decode::{Decoded, ExtraColumns};
use crate::servable::{InferError, Servable};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, HeaderValue, Method, Response};
use axum::response::IntoResponse;
use axum::routing::any;
use bytes::Bytes;
use flowgate_core::{ErrorKind, Form, Frame};
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
    let mut timing = timing::asked(request.headers()).then(Timing::default);
    let servable = app.gateway.resolve_default();
    let answer = match &servable {
        Ok(servable) => answer(&app, servable, request, start, &mut timing).await,
        Err(error) => Err(ApiError::public(error.kind(), error.to_string())),
    };
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    let status = response.status().as_u16();
    match servable {
        Ok(servable) => servable
            .metrics
            .answered(PROTOCOL, status, start.elapsed().as_secs_f64()),
        Err(_) => app.metrics.unresolved(PROTOCOL, status),
    }
    if let Some(timing) = timing {
        timing.write(start.elapsed(), response.headers_mut());
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
    timing: &mut Option<Timing>,
) -> Result<Response<Body>, ApiError> {
    let deadline = start + app.timeout;
    let announced = Announced::read(request.headers(), app.body_limit)?;
    let liked = Liked::read(request.headers());
    let body = tokio::time::timeout_at(deadline.into(), read(request, app.body_limit));
    let body = body.await.map_err(|_| {
        ApiError::logged(
            ErrorKind::DeadlineExceeded,
            "the body did not arrive in time",
        )
    })??;
    let decoding = Instant::now();
    let decoded = decoded(servable, announced, body, app.extra_columns).await;
    if let Some(timing) = timing {
        timing.decode = Some(decoding.elapsed());
    }
    let decoded = decoded.map_err(|unread| match unread {
        Unread::Packed(error) => error,
        Unread::Refused(refusal) => {
            servable.metrics.refused_values.inc_by(refusal.count as u64);
            ApiError::refused(&refusal)
        }
    })?;
    let form = decoded.request.form;
    let dropped = decoded.dropped_columns;
    servable.metrics.dropped_columns.inc_by(dropped as u64);
    let answer = app
        .gateway
        .infer(servable, decoded.request, deadline)
        .await
        .map_err(failed)?;
    let encoding = Instant::now();
    let written = encoded(answer.frame, form, liked).await?;
    if let Some(timing) = timing {
        timing.ran = Some(answer.times);
        timing.encode = Some(encoding.elapsed());
    }
    let mut response = written.into_response();
    if dropped > 0 {
        response
            .headers_mut()
            .insert(WARNINGS, HeaderValue::from(dropped));
    }
    Ok(response)
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
    announced: Announced,
    body: Bytes,
    extra_columns: ExtraColumns,
) -> Result<Decoded, Unread> {
    // A few octets may stand for very many.
    if body.len() <= INLINE && !announced.is_packed() {
        return announced.decode(body, servable.terms(extra_columns));
    }
    let servable = Arc::clone(servable);
    off_the_reactor(move || announced.decode(body, servable.terms(extra_columns))).await
}

async fn encoded(frame: Frame, form: Form, liked: Liked) -> Result<Written, ApiError> {
    let limit = if liked.is_packed() {
        INLINE / 8
    } else {
        INLINE
    };
    if frame.size() <= limit {
        return liked.write(&frame, form);
    }
    off_the_reactor(move || liked.write(&frame, form)).await
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
