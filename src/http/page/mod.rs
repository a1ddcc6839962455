//! The model page: `GET /`, one HTML file with its style and script inside, and what it shows of
//! the model as JSON. Nothing here is on the path of a prediction.

mod model;

use super::{App, error::ApiError};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Method, Response};
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};

/// The page in its three parts, as they are written.
const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// Runs before the first paint, so that a chosen scheme does not flash.
const SCHEME: &str = include_str!("scheme.js");
/// In the order in which they are put together: each uses those before it.
const SCRIPTS: [&str; 5] = [
    include_str!("json.js"),
    include_str!("table.js"),
    include_str!("result.js"),
    include_str!("live.js"),
    include_str!("page.js"),
];

/// The page put together, once.
static PAGE: LazyLock<Page> = LazyLock::new(Page::assemble);

struct Page {
    html: Bytes,
    policy: HeaderValue,
}

/// `/`, also where MLflow's server has its documentation, and `/flowgate/model.json`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", any(page))
        .route("/docs", any(page))
        .route("/redoc", any(page))
        .route("/flowgate/model.json", any(model_json))
}

async fn page(method: Method) -> Result<Response<Body>, ApiError> {
    let head = get_or_head(&method)?;
    let mut response = answer(Kind::Html, PAGE.html.clone(), head);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, PAGE.policy.clone());
    Ok(response)
}

async fn model_json(
    method: Method,
    State(app): State<Arc<App>>,
) -> Result<Response<Body>, ApiError> {
    let head = get_or_head(&method)?;
    let text = model::describe(&app).to_string();
    Ok(answer(Kind::Json, text.into(), head))
}

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Html,
    Json,
}

/// Whether only the head is asked for.
///
/// # Errors
/// 405 for anything but GET and HEAD.
pub(super) fn get_or_head(method: &Method) -> Result<bool, ApiError> {
    match *method {
        Method::GET => Ok(false),
        Method::HEAD => Ok(true),
        _ => Err(ApiError::no_method("GET, HEAD")),
    }
}

/// 200 with `body`, or only its head. Always asked for again: a new version may be loaded.
pub(super) fn answer(kind: Kind, body: Bytes, head: bool) -> Response<Body> {
    let kind = match kind {
        Kind::Html => "text/html; charset=utf-8",
        Kind::Json => "application/json",
    };
    let length = body.len();
    let body = if head {
        Body::empty()
    } else {
        Body::from(body)
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Page {
    fn assemble() -> Self {
        let style = tight(
            STYLE,
            &[": ", "; ", ", ", " { ", " }", ";\n", "{\n", "}\n", ",\n"],
        );
        let signs = [
            " => ", " === ", " !== ", " && ", " || ", " ?? ", " ? ", " : ", " + ", " - ", " < ",
            " > ", ") {", "{ ", " }", "; ", ";\n", "{\n", "(\n", ",\n",
        ];
        let script = tight(&SCRIPTS.concat(), &signs);
        let scheme = squeezed(SCHEME);
        // Between the tags of different lines no space is seen: their boxes are blocks or flex.
        let html = squeezed(HTML)
            .replace(">\n<", "><")
            .replace("/*style*/", &style)
            .replace("/*scheme*/", &scheme)
            .replace("/*script*/", &script);
        // The hashes let this style and this script in and nothing else, whatever a value of the
        // model or an answer says; texts never become markup.
        let policy = format!(
            "default-src 'none'; script-src '{}' '{}'; style-src '{}'; connect-src 'self'; img-src \
             'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
            source(&scheme),
            source(&script),
            source(&style),
        );
        Self {
            html: html.into(),
            // Letters, digits and punctuation only: always a header.
            policy: HeaderValue::from_str(&policy)
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }
}

/// `text` without what only its readers need: indentation, blank lines, lines of comment. No text
/// inside the sources goes over a line's end.
fn squeezed(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// `text` with none of the spaces in `signs`, which no text inside the source needs.
fn tight(text: &str, signs: &[&str]) -> String {
    let shorten = |text: String, sign: &&str| text.replace(sign, &sign.replace([' ', '\n'], ""));
    signs.iter().fold(squeezed(text), shorten)
}

/// A source expression for the text between the tags (CSP level 3).
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
