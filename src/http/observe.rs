//! What is seen of every request, in one place: its id, its time, its log line; and no panic of a
//! handler ends a connection without an answer.

use super::{App, error::ApiError, error::Logged};
use crate::telemetry::Sampler;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use flowgate_core::ErrorKind;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;
use uuid::Uuid;

/// The header that a request's id comes and goes in.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a client, in octets.
const ID_LIMIT: usize = 128;

/// Log lines a second for refusals and failures when not every request is logged.
const ERRORS_PER_SECOND: u32 = 10;

/// Whether every request is logged, and how many errors when not.
#[derive(Debug)]
pub struct AccessLog {
    all: bool,
    errors: Sampler,
}

impl AccessLog {
    /// Logs all requests, or only refusals and failures, sampled.
    pub fn new(all: bool) -> Self {
        Self {
            all,
            errors: Sampler::new(ERRORS_PER_SECOND),
        }
    }
}

/// Has `next` answer and notes what happened.
pub(super) async fn observe(
    app: &App,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let start = Instant::now();
    let _in_flight = app.metrics.enter();
    let id = request_id(&request);
    // Both share their octets with the request.
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut next = pin!(next(request));
    let answer = poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| next.as_mut().poll(context)));
        match poll {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    });
    let mut response = answer.await.unwrap_or_else(|| {
        ApiError::logged(ErrorKind::Internal, "a handler panicked").into_response()
    });
    let status = response.status();
    if app.access_log.all || status.is_client_error() || status.is_server_error() {
        log(&app.access_log, (&method, &uri), &id, &response, start);
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The client's own id when it is one: short and printable; else a new one.
fn request_id(request: &Request) -> HeaderValue {
    let sent = request.headers().get(REQUEST_ID);
    let usable = sent.filter(|id| {
        (1..=ID_LIMIT).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
    });
    usable.cloned().unwrap_or_else(|| {
        let mut text = Uuid::encode_buffer();
        let id = Uuid::now_v7().hyphenated().encode_lower(&mut text);
        HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("none"))
    })
}

fn log(
    access: &AccessLog,
    (method, uri): (&Method, &Uri),
    id: &HeaderValue,
    response: &Response,
    start: Instant,
) {
    let status = response.status();
    // With every request logged, errors are among them; else they are thinned in a flood.
    let Some(left_out) = (if access.all {
        Some(0)
    } else {
        access.errors.admit()
    }) else {
        return;
    };
    let reason = response
        .extensions()
        .get::<Logged>()
        .map(|logged| logged.0.as_str());
    let failed = status.is_client_error() || status.is_server_error();
    let id = id.to_str().unwrap_or_default();
    let (method, path, status) = (method.as_str(), uri.path(), status.as_u16());
    let ms = (start.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    let left_out = Some(left_out).filter(|count| *count > 0);
    if status >= 500 {
        tracing::error!(method, path, status, ms, id, reason, left_out, "request");
    } else if failed {
        tracing::warn!(method, path, status, ms, id, reason, left_out, "request");
    } else {
        tracing::info!(method, path, status, ms, id, "request");
    }
}
