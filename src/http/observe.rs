//! What is seen of every request, in one layer: its id, its time, its log line; and no panic of a
//! handler ends a connection without an answer.

use super::{App, error::ApiError, error::Logged};
use crate::telemetry::Sampler;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flowgate_core::ErrorKind;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
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

/// Runs `next` and notes what happened.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let _in_flight = app.metrics.enter();
    let id = request_id(&request);
    let line = Line {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        id: id.clone(),
    };
    let answer = futures_catch(next.run(request)).await;
    let mut response = answer.unwrap_or_else(|| {
        ApiError::logged(ErrorKind::Internal, "a handler panicked").into_response()
    });
    log(&app.access_log, &line, &response, start);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The answer of `future`, or nothing when it panicked.
async fn futures_catch<F: Future>(future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    std::future::poll_fn(move |context| {
        let poll = std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match poll {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    })
    .await
}

struct Line {
    method: axum::http::Method,
    path: String,
    id: HeaderValue,
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

fn log(access: &AccessLog, line: &Line, response: &Response, start: Instant) {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed && !access.all {
        return;
    }
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
    let id = line.id.to_str().unwrap_or_default();
    let (method, path, status) = (line.method.as_str(), line.path.as_str(), status.as_u16());
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
