//! The document of the interface: what OpenAPI asks of it, and what the server really answers.

use crate::page::{SAMPLES, app, ask, example};
use crate::support::{Limits, TestApp, loader_with, root, runtimes};
use axum::http::{Method, Request};
use flowgate::batcher::Policy;
use serde_json::{Value, json};

async fn document(sample: &str) -> Value {
    app(sample).get("/openapi.json").await.json()
}

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
    for (name, param) in params["properties"].as_object().expect("params") {
        let is_time = param["default"].is_string() && param["format"] == "date-time";
        assert!(!is_time, "{name}: a default without an offset");
    }
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
    assert_eq!(paths.len(), 9);
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

#[tokio::test]
async fn every_form_of_body_and_answer_is_in_the_document() {
    let document = document("iris/3").await;
    let forms = |content: &Value| -> Vec<String> {
        let content = content.as_object().expect("contents");
        content.keys().cloned().collect()
    };
    let bodies = [
        "application/json",
        "text/csv",
        "application/vnd.apache.parquet",
        "application/vnd.apache.arrow.stream",
    ];
    let errors = ["400", "405", "408", "413", "415", "500", "503", "504"];
    for (path, answers, more) in [
        (
            "/invocations",
            vec![
                "application/json",
                "text/csv",
                "application/vnd.apache.arrow.stream",
            ],
            vec!["406", "429"],
        ),
        ("/validate", vec!["application/json"], vec![]),
    ] {
        let operation = &document["paths"][path]["post"];
        assert_eq!(forms(&operation["requestBody"]["content"]), bodies);
        assert_eq!(forms(&operation["responses"]["200"]["content"]), answers);
        let mut statuses = forms(&operation["responses"]);
        statuses.sort();
        let mut expected = [vec!["200"], errors.to_vec(), more].concat();
        expected.sort_unstable();
        assert_eq!(statuses, expected, "{path}");
        let packings = &operation["parameters"][0];
        assert_eq!(packings["name"], "Content-Encoding");
        assert_eq!(
            packings["schema"]["enum"],
            json!(["gzip", "zstd", "identity"])
        );
    }
}

#[tokio::test]
async fn both_reports_of_a_validation_fit_the_document() {
    for sample in SAMPLES {
        let app = app(sample);
        let document = app.get("/openapi.json").await.json();
        let report = validator(&document, "Report");
        let bodies = [
            (example(sample).to_string(), true),
            (r#"{"inputs": {"x": "y"}}"#.to_owned(), false),
        ];
        for (body, valid) in bodies {
            let request = Request::post("/validate").header("content-type", "application/json");
            let found = app
                .send(request.body(body.into()).expect("a request"))
                .await;
            let found = found.json();
            assert_eq!(found["valid"], valid, "{sample}: {found}");
            assert!(report.is_valid(&found), "{sample}: {found}");
        }
    }
}
