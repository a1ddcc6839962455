//! The model page and what it reads, for the three kinds of sample: a classifier over columns, a
//! regression, a classifier over one tensor.

use crate::support::{Answer, TestApp, root};
use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

pub(crate) const SAMPLES: [&str; 3] = ["iris/3", "diabetes/1", "digits/1"];

pub(crate) fn app(sample: &str) -> TestApp {
    TestApp::serve(&root().join("models").join(sample), runtime(sample)).expect("loaded")
}

/// The network is the one that the runtime of tables does not take: its weights lie in a file.
fn runtime(sample: &str) -> &'static str {
    if sample == "digits/1" {
        "tract"
    } else {
        "tabular"
    }
}

pub(crate) async fn ask(app: &TestApp, method: Method, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    app.send(request.body(Body::empty()).expect("a request"))
        .await
}

pub(crate) fn example(sample: &str) -> Value {
    let path = root().join(format!("models/{sample}/serving_input_example.json"));
    serde_json::from_slice(&fs_err::read(path).expect("an example")).expect("JSON")
}

// === the page ===

#[tokio::test]
async fn the_page_is_one_small_file_that_names_no_other_host() {
    let answer = app("iris/3").get("/").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let (size, text) = (answer.body.len(), answer.text());
    assert!(size < 60_000, "{size} octets");
    for other in ["http://", "https://", "src=\"", "@import", "url("] {
        assert!(!text.contains(other), "`{other}`");
    }
    for unsafe_way in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "style=\"",
    ] {
        assert!(!text.contains(unsafe_way), "`{unsafe_way}`");
    }
    assert!(!text.contains("/*s"), "every part was put in its place");
}

#[tokio::test]
async fn the_policy_lets_in_what_is_in_the_page_and_nothing_else() {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let answer = app("iris/3").get("/").await;
    let policy = answer.header("content-security-policy").to_owned();
    for part in [
        "default-src 'none'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = answer.text();
    let mut found = 0;
    for (open, close) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("<script type=\"module\">", "</script>"),
    ] {
        for part in text.split(open).skip(1) {
            let inside = part.split(close).next().expect("an end");
            let digest = Sha256::digest(inside);
            let hash = base64::engine::general_purpose::STANDARD.encode(digest);
            assert!(policy.contains(&format!("'sha256-{hash}'")), "{open}");
            found += 1;
        }
    }
    assert_eq!(found, 3);
}

#[tokio::test]
async fn head_is_answered_without_a_body_and_other_methods_are_refused() {
    let app = app("iris/3");
    for path in ["/", "/flowgate/model.json", "/openapi.json"] {
        let (get, head) = (
            ask(&app, Method::GET, path).await,
            ask(&app, Method::HEAD, path).await,
        );
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-length"), get.body.len().to_string());
        let post = ask(&app, Method::POST, path).await;
        assert_eq!(
            (post.status.as_u16(), post.header("allow")),
            (405, "GET, HEAD"),
            "{path}"
        );
    }
}

// === what the page reads ===

#[tokio::test]
async fn the_models_description_says_what_it_is_and_not_where_it_lies() {
    for sample in SAMPLES {
        let answer = app(sample).get("/flowgate/model.json").await;
        let model = answer.json();
        let (name, version) = sample.split_once('/').expect("a version");
        assert_eq!(
            (&model["name"], &model["version"], &model["state"]),
            (&json!(name), &json!(version), &json!("ready"))
        );
        assert_eq!(model["flavors"], json!(["onnx", "python_function"]));
        assert_eq!(model["runtime"]["name"], runtime(sample));
        assert_eq!(model["runtime"]["reason"], "asked for by `--runtime`");
        let digest = model["digest"].as_str().expect("a digest");
        assert!(
            digest.starts_with("sha256:") && digest.len() == 71,
            "{digest}"
        );
        assert!(model["size_bytes"].as_u64() > Some(1000));
        assert!(model["load_seconds"].as_f64() > Some(0.0));
        let since = model["since"].as_str().expect("a time");
        assert!(since.parse::<jiff::Timestamp>().is_ok(), "{since}");
        assert!(model["signature"]["inputs"].is_array());
        let body = model["example"].as_str().expect("an example");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body, example(sample));
        let place = root().display().to_string();
        assert!(!answer.text().contains(&place), "{}", answer.text());
    }
}

#[tokio::test]
async fn times_are_told_to_who_asks_and_to_nobody_else() {
    let app = app("iris/3");
    let body = example("iris/3").to_string();
    let ask = async |asked: bool, body: &str| {
        let mut request = Request::post("/invocations").header("content-type", "application/json");
        if asked {
            request = request.header("x-flowgate-timing", "1");
        }
        app.send(
            request
                .body(Body::from(body.to_owned()))
                .expect("a request"),
        )
        .await
    };
    let told = ask(true, &body).await;
    let parts: Vec<(&str, f64)> = told
        .header("server-timing")
        .split(", ")
        .map(|part| part.split_once(";dur=").expect("a duration"))
        .map(|(name, ms)| (name, ms.parse().expect("milliseconds")))
        .collect();
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["decode", "queue", "run", "encode", "total"]);
    let sum: f64 = parts[..4].iter().map(|(_, ms)| ms).sum();
    assert!(sum <= parts[4].1 + 0.01, "{parts:?}");
    assert!(parts[2].1 > 0.0, "the run takes time: {parts:?}");
    assert_eq!(ask(false, &body).await.header("server-timing"), "");
    let refused = ask(true, "{}").await;
    assert_eq!(refused.status, 400);
    let names = refused.header("server-timing");
    assert!(
        names.starts_with("decode;dur=") && names.contains("total;dur=") && !names.contains("run"),
        "{names}"
    );
}
