//! `POST /invocations` and `POST /validate`: from the body to the answer, or to the report of what
//! would be refused.

use super::answer::{Liked, Written};
use super::body::{Announced, Unread};
use super::deadline;
use super::report;
use super::timing::{self, Timing};
use crate::adapter::AdaptError;
use crate::http::App;
use crate::http::error::{ApiError, status};
use crate::scoring::mlflow;
use crate::servable::{InferError, Servable};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, HeaderValue, Method, Response};
use axum::response::IntoResponse;
use axum::routing::any;
use bytes::Bytes;
use flowgate_core::{ErrorKind, Failures, Form, Frame, Rules};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::sync::Arc;
use std::time::Instant;

/// What is wanted of a body.
#[derive(Debug, Clone, Copy)]
enum Task {
    Predict,
    Validate,
}

impl Task {
    /// The label of its metrics.
    fn protocol(self) -> &'static str {
        match self {
            Self::Predict => "invocations",
            Self::Validate => "validate",
        }
    }
}

/// How many columns were sent that the signature does not have.
const WARNINGS: HeaderName = HeaderName::from_static("x-flowgate-warnings");

/// Bodies and answers of more octets than this are worked on by a thread that may be held: beyond
/// it, decoding takes longer than the half millisecond that a reactor's thread may be.
const INLINE: usize = 256 << 10;

/// Where predictions are asked for.
pub(crate) const PATH: &str = "/invocations";

/// The routes.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(PATH, any(invocations))
        .route("/validate", any(validate))
}

async fn invocations(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    predict(&app, request).await
}

/// The answer to a request for a prediction.
pub(crate) async fn predict(app: &App, request: Request) -> Response<Body> {
    respond(app, Task::Predict, request).await
}

async fn validate(State(app): State<Arc<App>>, request: Request) -> Response<Body> {
    respond(&app, Task::Validate, request).await
}

async fn respond(app: &App, task: Task, request: Request) -> Response<Body> {
    let start = Instant::now();
    if request.method() != Method::POST {
        return ApiError::no_method("POST").into_response();
    }
    // Refused before the body is read: whoever is over the limit costs no more than his head.
    let Some(_place) = app.places.take() else {
        app.metrics.crowded(task.protocol());
        return ApiError::crowded().into_response();
    };
    let mut timing = timing::asked(request.headers()).then(Timing::default);
    let servable = app.gateway.resolve_default();
    let answer = match (&servable, task) {
        (Ok(servable), Task::Predict) => answer(app, servable, request, start, &mut timing).await,
        (Ok(servable), Task::Validate) => tell(app, servable, request, start, &mut timing).await,
        (Err(error), _) => Err(ApiError::public(error.kind(), error.to_string())),
    };
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    let status = response.status().as_u16();
    match servable {
        Ok(servable) => {
            servable
                .metrics
                .answered(task.protocol(), status, start.elapsed().as_secs_f64())
        }
        Err(_) => app.metrics.unresolved(task.protocol(), status),
    }
    if let Some(timing) = timing {
        timing.write(start.elapsed(), response.headers_mut());
    }
    response
}

async fn answer(
    app: &App,
    servable: &Arc<Servable>,
    request: Request,
    start: Instant,
    timing: &mut Option<Timing>,
) -> Result<Response<Body>, ApiError> {
    let deadline = deadline::of(request.headers(), start, (app.timeout, app.rules.additions))?;
    let (announced, liked, body) = receive(app, request, deadline).await?;
    let decoding = Instant::now();
    let rules = app.rules;
    let extra = app.extra_columns;
    let held = Arc::clone(servable);
    let decode = move |body| announced.decode(rules, body, held.terms(extra));
    let decoded = worked_on(body, announced, INLINE, decode).await;
    if let Some(timing) = timing {
        timing.decode = Some(decoding.elapsed());
    }
    let decoded = decoded.map_err(|unread| match unread {
        Unread::TooLarge(error) => error,
        Unread::Refused(refusal) => {
            servable.metrics.refused_values.inc_by(refusal.count as u64);
            ApiError::refused(&refusal, app.rules)
        }
    })?;
    let form = decoded.request.form;
    let dropped = decoded.dropped_columns;
    servable.metrics.dropped_columns.inc_by(dropped as u64);
    let answer = app
        .gateway
        .infer(servable, decoded.request, deadline)
        .await
        .map_err(|error| failed(error, servable, app.rules))?;
    let encoding = Instant::now();
    let written = encoded(answer.frame, form, liked, app.rules).await?;
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

/// The report of what would be refused; that there is one is no error.
async fn tell(
    app: &App,
    servable: &Arc<Servable>,
    request: Request,
    start: Instant,
    timing: &mut Option<Timing>,
) -> Result<Response<Body>, ApiError> {
    let deadline = deadline::of(request.headers(), start, (app.timeout, app.rules.additions))?;
    let (announced, liked, body) = receive(app, request, deadline).await?;
    let decoding = Instant::now();
    let held = Arc::clone(servable);
    let (rules, extra) = (app.rules, app.extra_columns);
    let tell = move |body| match report::of(body, announced, rules, extra, &held) {
        Ok(report) => liked.json(report.to_string()),
        Err(error) => Err(error),
    };
    // A report of all that is wrong is far longer than what is wrong.
    let written = worked_on(body, announced, INLINE / 16, tell).await?;
    if let Some(timing) = timing {
        timing.decode = Some(decoding.elapsed());
    }
    Ok(written.into_response())
}

/// What is announced, what is liked, and the body. The content type is looked at before the body,
/// as MLflow does; the time limit holds from the first octet, so that a body that trickles in does
/// not hold its place for ever.
async fn receive(
    app: &App,
    request: Request,
    deadline: Instant,
) -> Result<(Announced, Liked, Bytes), ApiError> {
    let announced = Announced::read(request.headers(), app.rules, app.body_limit)?;
    let liked = Liked::read(request.headers());
    let body = tokio::time::timeout_at(deadline.into(), read(request, app.body_limit));
    let body = body.await.map_err(|_| ApiError::body_late())??;
    Ok((announced, liked, body))
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
    gathered(Limited::new(request.into_body(), limit))
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
        })
}

/// All octets of `body` in one piece. Pieces are joined as they come: a list of them would take
/// many times the memory of a body that comes octet by octet.
async fn gathered(
    mut body: Limited<Body>,
) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
    let mut whole = Bytes::new();
    let mut joined = Vec::new();
    while let Some(frame) = body.frame().await {
        // Trailers say nothing that is read here.
        let Ok(piece) = frame?.into_data() else {
            continue;
        };
        if whole.is_empty() && joined.is_empty() {
            whole = piece;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut whole));
            joined.extend_from_slice(&piece);
        }
    }
    Ok(if joined.is_empty() {
        whole
    } else {
        joined.into()
    })
}

/// `work` on `body`, here where it has at most `inline` octets.
async fn worked_on<T: Send + 'static>(
    body: Bytes,
    announced: Announced,
    inline: usize,
    work: impl FnOnce(Bytes) -> T + Send + 'static,
) -> T {
    // A few octets may stand for very many.
    if body.len() <= inline && !announced.is_packed() {
        return work(body);
    }
    off_the_reactor(move || work(body)).await
}

async fn encoded(
    frame: Frame,
    form: Form,
    liked: Liked,
    rules: &'static Rules,
) -> Result<Written, ApiError> {
    let limit = if liked.is_packed() {
        INLINE / 8
    } else {
        INLINE
    };
    if frame.size() <= limit {
        return liked.write(&frame, form, rules);
    }
    off_the_reactor(move || liked.write(&frame, form, rules)).await
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
fn failed(error: InferError, servable: &Servable, rules: &Rules) -> ApiError {
    if rules.failures == Failures::Request {
        match (&error, error.kind()) {
            (InferError::Adapt(AdaptError::NeedsNames { .. }), _) => {
                let ports = servable.inputs.ports().iter();
                let message = mlflow::needs_names(ports.map(|port| &*port.name));
                return ApiError::public(ErrorKind::Internal, message);
            }
            (_, ErrorKind::Overloaded | ErrorKind::DeadlineExceeded | ErrorKind::NotReady) => {}
            _ => {
                return ApiError::refused(&mlflow::not_for_the_model(), rules)
                    .with_log(error.to_string());
            }
        }
    }
    match (&error, error.kind()) {
        (InferError::Refused(refusal), _) => ApiError::refused(refusal, rules),
        (_, kind) if status(kind).is_client_error() && kind != ErrorKind::Overloaded => {
            ApiError::public(kind, error.to_string())
        }
        (InferError::Batch(batch), kind) => {
            let failed = ApiError::logged(kind, error.to_string());
            match batch.retry_after() {
                Some(time) => failed.with_retry_after(time),
                None => failed,
            }
        }
        (_, kind) => ApiError::logged(kind, error.to_string()),
    }
}
