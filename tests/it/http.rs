//! What the server answers to requests of every kind, good and bad.

use crate::support::{Answer, Limits, TestApp, loader, root};
use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::stream;
use std::time::Duration;

fn iris() -> TestApp {
    TestApp::serve(&root().join("models/iris/3"), "tabular").expect("loaded")
}

const ROW: &str = r#"{"dataframe_split": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"], "data": [[4.5, 2.3, 1.3, 0.3]]}}"#;

fn error_code(answer: &Answer) -> String {
    answer.json()["error_code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn every_shape_of_a_table_has_the_same_answer() {
    let app = iris();
    let expected = r#"{"predictions": [{"output_label": 0, "output_probability": {"0": 1.0, "1": 0.0, "2": 0.0}}]}"#;
    for body in [
        ROW,
        r#"{"dataframe_records": [{"petal_width": 0.3, "sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3}]}"#,
        r#"{"instances": [{"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3, "petal_width": 0.3}]}"#,
        r#"{"inputs": {"sepal_length": [4.5], "sepal_width": [2.3], "petal_length": [1.3], "petal_width": [0.3]}}"#,
        r#"{"inputs": [{"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3, "petal_width": 0.3}], "params": {}}"#,
    ] {
        let answer = app.invoke_json(body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, expected),
            "{body}"
        );
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let csv = "sepal_length,sepal_width,petal_length,petal_width\n4.5,2.3,1.3,0.3\n";
    assert_eq!(app.invoke("text/csv", csv).await.text(), expected);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_without_being_repeated() {
    let app = iris();
    for body in [
        "secret",
        "{\"secret\"",
        "",
        "{\"dataframe_split\": secret}",
        "[\"secret\"]",
    ] {
        let answer = app.invoke_json(body).await;
        assert_eq!(
            (answer.status.as_u16(), error_code(&answer).as_str()),
            (400, "BAD_REQUEST"),
            "{body}"
        );
        assert!(!answer.text().contains("secret"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_body_without_a_known_key_is_refused_with_the_known_ones() {
    let answer = iris().invoke_json(r#"{"rows": [[1, 2, 3, 4]]}"#).await;
    assert_eq!(
        (answer.status.as_u16(), error_code(&answer).as_str()),
        (400, "BAD_REQUEST")
    );
    for key in [
        "dataframe_split",
        "dataframe_records",
        "instances",
        "inputs",
    ] {
        assert!(answer.text().contains(key), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_missing_column_is_refused_in_mlflows_words() {
    let answer = iris().invoke_json(r#"{"dataframe_records": [{"sepal_length": 4.5, "sepal_width": 2.3, "petal_length": 1.3}]}"#).await;
    assert_eq!(
        (answer.status.as_u16(), error_code(&answer).as_str()),
        (400, "INVALID_PARAMETER_VALUE")
    );
    assert!(
        answer
            .text()
            .contains("Model is missing inputs ['petal_width']."),
        "{}",
        answer.text()
    );
    assert_eq!(answer.json()["errors"][0]["code"], "missing_column");
}

#[tokio::test]
async fn a_value_of_a_wrong_type_is_refused_with_its_place_and_not_its_text() {
    let body = ROW.replace("2.3", "\"secret\"");
    let answer = iris().invoke_json(body).await;
    assert_eq!(
        (answer.status.as_u16(), error_code(&answer).as_str()),
        (400, "BAD_REQUEST")
    );
    let error = &answer.json()["errors"][0];
    assert_eq!(
        (&error["row"], &error["column"], &error["code"]),
        (&0.into(), &"sepal_width".into(), &"type_mismatch".into())
    );
    assert!(!answer.text().contains("secret"));
}

#[tokio::test]
async fn a_body_of_65_megabytes_is_refused_with_413() {
    let app = iris();
    let answer = app.invoke_json(vec![b' '; 65 << 20]).await;
    assert_eq!(answer.status, 413);
    let piece = || Ok::<_, std::io::Error>(vec![b' '; 1 << 20]);
    let chunked = Body::from_stream(stream::iter(std::iter::repeat_with(piece).take(65)));
    let request = Request::post("/invocations").header("content-type", "application/json");
    let answer = app.send(request.body(chunked).expect("a request")).await;
    assert_eq!(
        answer.status, 413,
        "a body without a length is counted as it comes"
    );
}

#[tokio::test]
async fn a_wrong_content_type_is_refused_before_the_body_is_looked_at() {
    let app = iris();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; format=pandas-split",
        "application/json; charset=latin1",
    ] {
        let answer = app.invoke(kind, "no json").await;
        assert_eq!(answer.status, 415, "{kind}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    }
    let none = Request::post("/invocations")
        .body(Body::from(ROW))
        .expect("a request");
    assert_eq!(app.send(none).await.status, 415);
}

#[tokio::test]
async fn routes_and_methods_are_answered_as_mlflow_answers_them() {
    let app = iris();
    for (method, path, status, body, allow) in [
        ("GET", "/ping", 200, "\n", ""),
        ("GET", "/health", 200, "\n", ""),
        ("GET", "/version", 200, "3.17.2", ""),
        ("GET", "/v2/health/live", 200, "{\"live\":true}", ""),
        ("GET", "/v2/health/ready", 200, "{\"ready\":true}", ""),
        (
            "POST",
            "/ping",
            405,
            "{\"detail\":\"Method Not Allowed\"}",
            "GET",
        ),
        ("HEAD", "/ping", 405, "", "GET"),
        (
            "GET",
            "/invocations",
            405,
            "{\"detail\":\"Method Not Allowed\"}",
            "POST",
        ),
        ("GET", "/nothing", 404, "{\"detail\":\"Not Found\"}", ""),
        ("GET", "//ping", 404, "{\"detail\":\"Not Found\"}", ""),
        ("GET", "/PING", 404, "{\"detail\":\"Not Found\"}", ""),
        ("GET", "/ping/", 307, "", ""),
    ] {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(path);
        let answer = app
            .send(
                request
                    .header("host", "h")
                    .body(Body::empty())
                    .expect("a request"),
            )
            .await;
        let body = if method == "HEAD" { "" } else { body };
        let found = if method == "HEAD" {
            String::new()
        } else {
            answer.text()
        };
        assert_eq!(
            (
                answer.status.as_u16(),
                found.as_str(),
                answer.header("allow")
            ),
            (status, body, allow),
            "{method} {path}"
        );
        if status == 307 {
            assert_eq!(answer.header("location"), "http://h/ping");
        }
    }
}

#[tokio::test]
async fn an_extra_column_is_dropped_and_counted_in_a_header() {
    let body = ROW
        .replace("\"petal_width\"]", "\"petal_width\", \"id\"]")
        .replace("0.3]]", "0.3, 7]]");
    let answer = iris().invoke_json(body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-flowgate-warnings")),
        (200, "1")
    );
}

#[tokio::test]
async fn a_request_keeps_its_id_and_gets_one_where_it_has_none() {
    let app = iris();
    let request = |id: &'static str| {
        Request::get("/ping")
            .header("x-request-id", id)
            .body(Body::empty())
            .expect("a request")
    };
    assert_eq!(
        app.send(request("abc-1")).await.header("x-request-id"),
        "abc-1"
    );
    let made = app
        .send(request("with blank"))
        .await
        .header("x-request-id")
        .to_owned();
    assert_eq!((made.len(), made.contains("blank")), (36, false));
}

#[tokio::test]
async fn the_metrics_count_requests_rows_runs_and_refusals() {
    let app = iris();
    app.invoke_json(ROW).await;
    app.invoke_json("{").await;
    let text = app.get("/metrics").await.text();
    for line in [
        "flowgate_requests_total{model=\"iris\",protocol=\"invocations\",status=\"200\",version=\"3\"} 1",
        "flowgate_requests_total{model=\"iris\",protocol=\"invocations\",status=\"400\",version=\"3\"} 1",
        "flowgate_rows_total{model=\"iris\",version=\"3\"} 1",
        "flowgate_batch_rows_count{model=\"iris\",version=\"3\"} 1",
        "flowgate_refused_values_total{model=\"iris\",version=\"3\"} 1",
        "flowgate_request_duration_seconds_count{model=\"iris\",protocol=\"invocations\",version=\"3\"} 2",
        "flowgate_queue_rows{model=\"iris\",version=\"3\"} 0",
        "flowgate_requests_in_flight 1",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "no `{line}` in\n{text}"
        );
    }
    assert!(text.contains("flowgate_model_load_seconds{"), "{text}");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_answered_408() {
    let limits = Limits {
        timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let app =
        TestApp::load(&loader("tabular"), &root().join("models/iris/3"), limits).expect("loaded");
    let answer = app
        .invoke_json(Body::from_stream(stream::pending::<
            Result<Vec<u8>, std::io::Error>,
        >()))
        .await;
    assert_eq!(
        (answer.status.as_u16(), error_code(&answer).as_str()),
        (408, "DEADLINE_EXCEEDED")
    );
}
