//! The model page, what it reads, and the document of the interface, for the three kinds of
//! sample: a classifier over columns, a regression, a classifier over one tensor.

use crate::support::{Answer, Limits, TestApp, loader_with, root, runtimes};
use axum::body::Body;
use axum::http::{Method, Request};
use flowgate::batcher::Policy;
use serde_json::{Value, json};

const SAMPLES: [&str; 3] = ["iris/3", "diabetes/1", "digits/1"];

fn app(sample: &str) -> TestApp {
    TestApp::serve(&root().join("models").join(sample), "tract").expect("loaded")
}

async fn ask(app: &TestApp, method: Method, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    app.send(request.body(Body::empty()).expect("a request"))
        .await
}

async fn document(sample: &str) -> Value {
    app(sample).get("/openapi.json").await.json()
}

fn example(sample: &str) -> Value {
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
        assert_eq!(model["runtime"]["name"], "tract");
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

// === the document of the interface ===

/// What OpenAPI 3.1 asks of the parts that are used here (OpenAPI Specification 3.1.0,
/// sections 4.8.1 to 4.8.17), with schemas checked against JSON Schema 2020-12 beside it.
fn structure() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["openapi", "info", "paths", "components"],
        "properties": {
            "openapi": {"const": "3.1.0"},
            "info": {"$ref": "#/$defs/info"},
            "servers": {"type": "array", "items": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}}},
            "tags": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "description": {"type": "string"}}, "additionalProperties": false}},
            "paths": {
                "type": "object",
                "patternProperties": {"^/": {"type": "object", "minProperties": 1, "additionalProperties": false, "properties": {"get": {"$ref": "#/$defs/operation"}, "post": {"$ref": "#/$defs/operation"}}}},
                "additionalProperties": false,
            },
            "components": {"type": "object", "properties": {"schemas": {"type": "object", "propertyNames": {"pattern": "^[A-Za-z0-9._-]+$"}}}, "additionalProperties": false},
        },
        "additionalProperties": false,
        "$defs": {
            "info": {"type": "object", "required": ["title", "version"], "properties": {"title": {"type": "string"}, "version": {"type": "string"}, "summary": {"type": "string"}, "description": {"type": "string"}}, "additionalProperties": false},
            "operation": {
                "type": "object",
                "required": ["operationId", "responses"],
                "properties": {
                    "operationId": {"type": "string"}, "summary": {"type": "string"}, "description": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "parameters": {"type": "array", "items": {"type": "object", "required": ["name", "in", "schema"], "properties": {"name": {"type": "string"}, "in": {"enum": ["query", "header", "path", "cookie"]}, "description": {"type": "string"}, "schema": {"type": ["object", "boolean"]}}, "additionalProperties": false}},
                    "requestBody": {"type": "object", "required": ["content"], "properties": {"required": {"type": "boolean"}, "content": {"$ref": "#/$defs/content"}}, "additionalProperties": false},
                    "responses": {"type": "object", "minProperties": 1, "patternProperties": {"^[1-5][0-9][0-9]$": {"$ref": "#/$defs/response"}}, "additionalProperties": false},
                },
                "additionalProperties": false,
            },
            "response": {"type": "object", "required": ["description"], "properties": {"description": {"type": "string"}, "headers": {"type": "object", "additionalProperties": {"type": "object", "properties": {"description": {"type": "string"}, "schema": {"type": "object"}}, "additionalProperties": false}}, "content": {"$ref": "#/$defs/content"}}, "additionalProperties": false},
            "content": {"type": "object", "propertyNames": {"pattern": "/"}, "additionalProperties": {"type": "object", "properties": {"schema": {"type": ["object", "boolean"]}, "example": true}, "additionalProperties": false}},
        },
    })
}

/// A validator for `#/components/schemas/<name>` of `document`.
fn validator(document: &Value, name: &str) -> jsonschema::Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{name}"),
        "components": document["components"],
    });
    jsonschema::validator_for(&schema).expect("a schema whose references resolve")
}

/// The documents of the samples and of every package that MLflow recorded answers of: columns and
/// tensors of every type, nested, optional, unnamed, with params, without a signature.
async fn documents() -> Vec<(String, Value)> {
    let recorded = root().join("tests/golden/models");
    let entries = fs_err::read_dir(recorded).expect("recorded packages");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.extend(SAMPLES.map(|sample| root().join("models").join(sample)));
    let loader = loader_with(runtimes(), None, Policy::default());
    let mut documents = Vec::new();
    for path in paths {
        let app = TestApp::load(&loader, &path, Limits::default()).expect("loaded");
        let document = app.get("/openapi.json").await.json();
        documents.push((path.display().to_string(), document));
    }
    documents
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                found.push(reference.clone());
            }
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn types_become_the_schemas_that_readers_expect() {
    let documents = documents().await;
    let schemas = |package: &str| {
        let found = documents.iter().find(|(path, _)| path.ends_with(package));
        found.expect("the package").1["components"]["schemas"].clone()
    };
    let row = schemas("/all_types")["Row"].clone();
    for (column, expected) in [
        ("boolean", json!({"type": "boolean"})),
        (
            "integer",
            json!({"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX}),
        ),
        ("long", json!({"type": "integer", "format": "int64"})),
        (
            "double",
            json!({"type": ["number", "null"], "format": "double"}),
        ),
        (
            "binary",
            json!({"type": "string", "contentEncoding": "base64"}),
        ),
    ] {
        assert_eq!(row["properties"][column], expected);
    }
    assert_eq!(row["properties"]["datetime"]["format"], "date-time");
    let row = schemas("/optional_cols")["Row"].clone();
    let required = row["required"].as_array().expect("names");
    let properties = row["properties"].as_object().expect("columns");
    assert!(required.len() < properties.len(), "{row}");
    let row = schemas("/nested_schema")["Row"].clone();
    assert_eq!(
        row["properties"]["tags"],
        json!({"type": "array", "items": {"type": "string"}})
    );
    let params = schemas("/params_model")["Params"].clone();
    assert_eq!(params["properties"]["top_k"]["default"], 10);
    let tensor = &schemas("/digits/1")["Request"]["oneOf"][2]["properties"]["inputs"];
    let inner = &tensor["items"];
    assert_eq!(
        (&inner["minItems"], &inner["maxItems"]),
        (&json!(64), &json!(64))
    );
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_its_references_resolve() {
    let structure = jsonschema::validator_for(&structure()).expect("a schema");
    for (sample, document) in documents().await {
        let faults: Vec<String> = structure
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{sample}: {faults:#?}");
        let schemas = document["components"]["schemas"]
            .as_object()
            .expect("schemas");
        for (name, schema) in schemas {
            assert!(jsonschema::meta::is_valid(schema), "{sample}: {name}");
        }
        let mut found = Vec::new();
        references(&document, &mut found);
        for reference in &found {
            let pointer = reference.strip_prefix('#').expect("a local reference");
            assert!(document.pointer(pointer).is_some(), "{sample}: {reference}");
        }
        assert!(found.len() > 5);
        let mut ids: Vec<&Value> = document["paths"]
            .as_object()
            .expect("paths")
            .values()
            .flat_map(|path| path.as_object().expect("methods").values())
            .map(|operation| &operation["operationId"])
            .collect();
        let count = ids.len();
        ids.sort_by_key(|id| id.to_string());
        ids.dedup();
        assert_eq!(ids.len(), count, "each operation has an id of its own");
    }
}

#[tokio::test]
async fn every_path_of_the_document_is_answered_with_a_status_that_it_names() {
    let app = app("iris/3");
    let document = app.get("/openapi.json").await.json();
    let paths = document["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 8);
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let answer = ask(&app, method, path).await;
            let named = &operation["responses"][answer.status.as_str()];
            assert!(named.is_object(), "{path}: {}", answer.status);
            let kind = answer
                .header("content-type")
                .split(';')
                .next()
                .expect("a type");
            if let Some(content) = named["content"].as_object() {
                assert!(content.contains_key(kind), "{path}: {kind}");
            }
        }
    }
}

#[tokio::test]
async fn the_input_example_is_in_the_document_and_fits_it() {
    for sample in SAMPLES {
        let document = document(sample).await;
        let content = &document["paths"]["/invocations"]["post"]["requestBody"]["content"];
        let example = example(sample);
        assert_eq!(content["application/json"]["example"], example, "{sample}");
        let request = validator(&document, "Request");
        assert!(request.is_valid(&example), "{sample}");
        let mut twice = example.clone();
        twice["instances"] = json!([]);
        assert!(!request.is_valid(&twice), "{sample}: two fields with data");
    }
}

#[tokio::test]
async fn what_is_answered_fits_the_document() {
    for sample in SAMPLES {
        let app = app(sample);
        let document = app.get("/openapi.json").await.json();
        let answer = app.invoke_json(example(sample).to_string()).await;
        assert_eq!(answer.status, 200, "{sample}");
        assert!(
            validator(&document, "Answer").is_valid(&answer.json()),
            "{sample}"
        );
        let refused = app
            .invoke_json(r#"{"dataframe_records": [{"age": "x", "sepal_length": "x"}]}"#)
            .await;
        assert_eq!(refused.status, 400, "{sample}");
        assert!(
            validator(&document, "Error").is_valid(&refused.json()),
            "{sample}"
        );
    }
}

#[tokio::test]
async fn the_documents_schema_and_the_server_agree_on_bodies_of_every_shape() {
    let app = app("iris/3");
    let document = app.get("/openapi.json").await.json();
    let schema = validator(&document, "Request");
    let row =
        json!({"sepal_length": 4.5, "sepal_width": 2, "petal_length": 1.3, "petal_width": null});
    let text =
        json!({"sepal_length": "long", "sepal_width": 2, "petal_length": 1.3, "petal_width": 1});
    for (body, fits) in [
        (json!({"dataframe_records": [row]}), true),
        (json!({"instances": [row]}), true),
        (
            json!({"inputs": {"sepal_length": [4.5], "sepal_width": [2], "petal_length": [1.3], "petal_width": [0.3]}}),
            true,
        ),
        (
            json!({"dataframe_split": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"], "data": [[1, 2, 3, null]]}}),
            true,
        ),
        (json!({"dataframe_records": [text]}), false),
        (json!({"dataframe_records": [{"sepal_length": 1}]}), false),
        (json!({"rows": [row]}), false),
        (
            json!({"dataframe_split": {"columns": [], "rows": []}}),
            false,
        ),
        (json!([]), false),
    ] {
        assert_eq!(schema.is_valid(&body), fits, "{body}");
        let status = app.invoke_json(body.to_string()).await.status;
        assert_eq!(status.is_success(), fits, "{body}: {status}");
    }
}
