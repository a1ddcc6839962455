//! Errors on the wire: kind → status → MLflow's envelope. The only place that does it.
//!
//! An error has two messages: the public one goes to the client and never holds what was sent or
//! how the server is made inside; the logged one goes, once, with the request's log line.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use flowgate_core::{ErrorKind, Refusal, Refusals, Rules, Stage, Violation};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    body: ErrorBody,
    /// For the log only.
    logged: Option<String>,
    retry_after: Option<u32>,
    allow: Option<&'static str>,
}

#[derive(Debug)]
enum ErrorBody {
    /// MLflow's envelope.
    Envelope(Map<String, Value>),
    /// A plain sentence (MLflow's 415).
    Text(String),
    /// `{"detail": …}`, as MLflow's router answers.
    Detail(&'static str),
}

/// What the log line of a request says of its error; carried beside the response.
#[derive(Debug, Clone)]
pub struct Logged(pub String);

/// The status of each kind.
pub fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::NotReady => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Overloaded => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::InvalidPackage => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// MLflow's `error_code`, `error_class` and `sqlstate`.
struct Codes(&'static str, &'static str, &'static str);

const BAD_REQUEST: Codes = Codes("BAD_REQUEST", "INVALID_PARAMETER_VALUE", "KAM00");

fn codes(kind: ErrorKind) -> Codes {
    match kind {
        ErrorKind::InvalidInput => BAD_REQUEST,
        ErrorKind::NotFound => Codes(
            "RESOURCE_DOES_NOT_EXIST",
            "RESOURCE_DOES_NOT_EXIST",
            "KAM02",
        ),
        ErrorKind::NotReady => Codes(
            "TEMPORARILY_UNAVAILABLE",
            "TEMPORARILY_UNAVAILABLE",
            "XXM00",
        ),
        ErrorKind::Unsupported => Codes("NOT_IMPLEMENTED", "NOT_IMPLEMENTED", "XXM00"),
        ErrorKind::Conflict => Codes("RESOURCE_CONFLICT", "RESOURCE_CONFLICT", "KAM00"),
        ErrorKind::Overloaded => Codes("REQUEST_LIMIT_EXCEEDED", "REQUEST_LIMIT_EXCEEDED", "XXM00"),
        ErrorKind::DeadlineExceeded => Codes("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "XXM00"),
        ErrorKind::InvalidPackage => Codes("INVALID_STATE", "INVALID_STATE", "XXM00"),
        ErrorKind::Internal => Codes("INTERNAL_ERROR", "CLIENT_INTERNAL_ERROR", "XXM00"),
    }
}

fn refusal_codes(stage: Stage) -> Codes {
    match stage {
        Stage::Body | Stage::File | Stage::Value | Stage::Model => BAD_REQUEST,
        Stage::Schema => Codes(
            "INVALID_PARAMETER_VALUE",
            "SCHEMA_ENFORCEMENT_FAILED",
            "KAM01",
        ),
        Stage::Params => Codes(
            "INVALID_PARAMETER_VALUE",
            "INVALID_PARAMETER_VALUE",
            "KAM00",
        ),
    }
}

impl ApiError {
    /// An error of `kind` whose text may be shown to clients.
    pub fn public(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::envelope(status(kind), codes(kind), message.into())
    }

    /// An error of `kind` whose text is for the log; clients get a sentence that says no more
    /// than the kind.
    pub fn logged(kind: ErrorKind, logged: impl Into<String>) -> Self {
        let message = match kind {
            ErrorKind::Overloaded => "too many requests are waiting; try again",
            ErrorKind::DeadlineExceeded => "the request took longer than it is allowed",
            ErrorKind::NotReady => "the model is not ready",
            ErrorKind::InvalidInput
            | ErrorKind::NotFound
            | ErrorKind::Unsupported
            | ErrorKind::Conflict
            | ErrorKind::InvalidPackage
            | ErrorKind::Internal => "the model failed to answer; the server's log says why",
        };
        let mut error = Self::public(kind, message);
        error.0.logged = Some(logged.into());
        error.0.retry_after = match kind {
            ErrorKind::Overloaded | ErrorKind::NotReady => Some(1),
            _ => None,
        };
        error
    }

    /// 429: as many requests are being answered as may be.
    pub fn crowded() -> Self {
        Self::logged(ErrorKind::Overloaded, "`--max-concurrency` is reached")
    }

    /// A refusal of the data: the summary, and what `rules` say beside it.
    pub fn refused(refusal: &Refusal, rules: &Rules) -> Self {
        let body = ErrorBody::Envelope(envelope_of(refusal, rules.refusals));
        let mut error = Self::new(StatusCode::BAD_REQUEST, body);
        let codes: Vec<&str> = refusal
            .violations
            .iter()
            .map(|violation| violation.code.name())
            .collect();
        error.0.logged = Some(format!("refused: {} ({})", refusal.count, codes.join(" ")));
        error
    }

    /// The same, worth trying again after `time`; in whole seconds, at least one.
    #[must_use]
    pub fn with_retry_after(mut self, time: Duration) -> Self {
        let seconds = time.as_secs_f64().ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a larger number is cut off at the largest"
        )]
        let seconds = seconds as u32;
        self.0.retry_after = Some(seconds);
        self
    }

    /// The same, with `logged` for the log.
    #[must_use]
    pub fn with_log(mut self, logged: impl Into<String>) -> Self {
        self.0.logged = Some(logged.into());
        self
    }

    /// 415 with a sentence in plain text, as MLflow answers it.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorBody::Text(message.into()),
        )
    }

    /// 408: a body that did not arrive in the time that a request may take.
    pub fn body_late() -> Self {
        let message = "the request body did not arrive in time".to_owned();
        let codes = codes(ErrorKind::DeadlineExceeded);
        Self::envelope(StatusCode::REQUEST_TIMEOUT, codes, message)
    }

    /// 413: a body of more than `limit` octets.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the request body has more than {limit} bytes");
        Self::envelope(StatusCode::PAYLOAD_TOO_LARGE, BAD_REQUEST, message)
    }

    /// 413: a body that stands for more than `limit` octets.
    pub fn too_large_unpacked(limit: usize) -> Self {
        let message = format!("the request body has more than {limit} bytes when unpacked");
        Self::envelope(StatusCode::PAYLOAD_TOO_LARGE, BAD_REQUEST, message)
    }

    /// 406: the answer cannot be written in the form that the client likes.
    pub fn not_acceptable(message: impl Into<String>) -> Self {
        Self::envelope(StatusCode::NOT_ACCEPTABLE, BAD_REQUEST, message.into())
    }

    /// 404 for a path that no route has.
    pub fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorBody::Detail("Not Found"))
    }

    /// 405 for a path that has another method, `allow`.
    pub fn no_method(allow: &'static str) -> Self {
        let body = ErrorBody::Detail("Method Not Allowed");
        let mut error = Self::new(StatusCode::METHOD_NOT_ALLOWED, body);
        error.0.allow = Some(allow);
        error
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    fn envelope(status: StatusCode, codes: Codes, message: String) -> Self {
        Self::new(status, ErrorBody::Envelope(envelope(codes, message)))
    }

    fn new(status: StatusCode, body: ErrorBody) -> Self {
        Self(Box::new(Parts {
            status,
            body,
            logged: None,
            retry_after: None,
            allow: None,
        }))
    }
}

/// What stands where MLflow's server shows its own code and paths.
const NO_TRACE: &str = "not shown; the server's log says more";

fn envelope(codes: Codes, message: String) -> Map<String, Value> {
    let Codes(code, class, state) = codes;
    let envelope = [
        ("error_code", json!(code)),
        ("message", Value::String(message)),
        ("sqlstate", json!(state)),
        ("error_class", json!(class)),
    ];
    let named = envelope.into_iter();
    named.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The envelope of a refusal: the summary, and what is said beside it.
pub(super) fn envelope_of(refusal: &Refusal, refusals: Refusals) -> Map<String, Value> {
    let mut envelope = envelope(refusal_codes(refusal.stage), refusal.to_string());
    match (refusals, refusal.stage) {
        (Refusals::Listed, _) => {
            let violations = refusal.violations.iter().map(violation).collect();
            envelope.insert("errors".to_owned(), Value::Array(violations));
            envelope.insert("error_count".to_owned(), json!(refusal.count));
        }
        (Refusals::Traced, Stage::File | Stage::Model) => {
            envelope.insert("stack_trace".to_owned(), json!(NO_TRACE));
        }
        (Refusals::Traced, _) => {}
    }
    envelope
}

fn violation(violation: &Violation) -> Value {
    let mut entry = Map::new();
    let mut set = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    if let Some(row) = violation.row {
        set("row", json!(row));
    }
    if let Some(column) = &violation.column {
        set("column", json!(column));
    }
    set("code", json!(violation.code.name()));
    set("expected", json!(bare(&violation.expected)));
    set("got", json!(bare(&violation.got)));
    if let Some(hint) = violation.hint {
        set("hint", json!(hint));
    }
    Value::Object(entry)
}

/// A kind of value without the article and the quotes that it has in a sentence.
fn bare(kind: &str) -> &str {
    let kind = kind
        .strip_prefix("a ")
        .or_else(|| kind.strip_prefix("an "))
        .unwrap_or(kind);
    let quoted = kind
        .strip_prefix('`')
        .and_then(|kind| kind.strip_suffix('`'));
    quoted.unwrap_or(kind)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let parts = *self.0;
        let (kind, text) = match parts.body {
            ErrorBody::Envelope(envelope) => {
                ("application/json", Value::Object(envelope).to_string())
            }
            ErrorBody::Detail(detail) => {
                ("application/json", json!({ "detail": detail }).to_string())
            }
            ErrorBody::Text(text) => ("text/plain; charset=utf-8", text),
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = parts.status;
        let mut header =
            |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
        header(CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(allow) = parts.allow {
            header(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(seconds) = parts.retry_after {
            header(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(logged) = parts.logged {
            response.extensions_mut().insert(Logged(logged));
        }
        response
    }
}
