//! The document itself: the paths, and what is said of each.

use super::{body, errors, schema};
use crate::servable::Servable;
use serde_json::{Map, Value, json};

/// The document of a server whose model is `servable`.
pub(super) fn of(servable: &Servable) -> Value {
    let mut schemas = body::requests(&servable.signature);
    schemas.insert("Answer".to_owned(), answer(servable));
    schemas.extend(errors::schemas());
    schemas.insert("Report".to_owned(), errors::report());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": servable.id.name,
            "version": servable.id.version,
            "summary": "a model served by Flowgate in MLflow's scoring protocol",
            "description": described(servable),
        },
        // Relative to this document, so that it holds behind a proxy as well.
        "servers": [{"url": "."}],
        "tags": [
            {"name": "model", "description": "ask the model"},
            {"name": "server", "description": "the process: whether it lives, what it counts"},
        ],
        "paths": paths(servable),
        "components": {"schemas": schemas},
    })
}

fn described(servable: &Servable) -> String {
    let about = &servable.about;
    let mut lines = vec![
        format!("flavors: {}", about.flavors.join(", ")),
        format!("runtime: {}", servable.choice.runtime),
    ];
    lines.extend(
        about
            .digest
            .as_ref()
            .map(|digest| format!("digest: {digest}")),
    );
    lines.extend(about.run_id.as_ref().map(|run| format!("run: {run}")));
    lines.join("\n\n")
}

fn paths(servable: &Servable) -> Value {
    json!({
        "/invocations": {"post": invocations(servable)},
        "/validate": {"post": validate(servable)},
        "/ping": {"get": ready("ping", "whether predictions can be had, as MLflow answers it")},
        "/health": {"get": ready("health", "the same as `/ping`")},
        "/version": {"get": plain("version", "the version of MLflow whose protocol is spoken", "application/json")},
        "/metrics": {"get": plain("metrics", "every counter, in the text format of Prometheus", "text/plain")},
        "/v2/health/live": {"get": flag("live", "whether the process answers", false)},
        "/v2/health/ready": {"get": flag("ready", "whether every model is loaded and no end was asked for", true)},
        "/openapi.json": {"get": document()},
    })
}

fn invocations(servable: &Servable) -> Value {
    let mut responses = Map::new();
    responses.insert(
        "200".to_owned(),
        json!({
            "description": "the predictions, in the order of the rows",
            "headers": {
                "X-Flowgate-Warnings": {
                    "description": "how many columns were sent that the signature does not have; absent when none",
                    "schema": {"type": "integer"},
                },
                "Server-Timing": {
                    "description": "milliseconds of `decode`, `queue`, `run`, `encode`, `total`; only when asked for",
                    "schema": {"type": "string"},
                },
            },
            // Which of them is chosen by `Accept`; JSON where none of them is liked.
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}},
                "text/csv": {"schema": {
                    "type": "string",
                    "description": "a line of column names, then one line a row",
                }},
                "application/vnd.apache.arrow.stream": {},
            },
        }),
    );
    responses.extend(errors::of_invocations());
    json!({
        "operationId": "invocations",
        "tags": ["model"],
        "summary": "predict",
        "description": "values are used as they are sent or refused with their place; JSON has its data in exactly one of the fields",
        "parameters": parameters(),
        "requestBody": request_body(servable),
        "responses": responses,
    })
}

fn validate(servable: &Servable) -> Value {
    let mut responses = Map::new();
    responses.insert(
        "200".to_owned(),
        json!({
            "description": "the report: that a body would be refused is no error here",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}},
        }),
    );
    responses.extend(errors::of_bodies("the body stopped before its end"));
    json!({
        "operationId": "validate",
        "tags": ["model"],
        "summary": "tell everything that would be refused, without a prediction",
        "description": "takes what `/invocations` takes and checks it in the same way; the model is not run",
        "parameters": parameters(),
        "requestBody": request_body(servable),
        "responses": responses,
    })
}

fn parameters() -> Value {
    json!([
        {
            "name": "Content-Encoding",
            "in": "header",
            "description": "how the body is packed; the limit of a body holds for what it unpacks to",
            "schema": {"type": "string", "enum": ["gzip", "zstd", "identity"]},
        },
        {
            "name": "X-Flowgate-Timing",
            "in": "header",
            "description": "`1` asks for the header `Server-Timing`",
            "schema": {"type": "string", "enum": ["0", "1"]},
        },
        {
            "name": "X-Request-Id",
            "in": "header",
            "description": "an id of your own for the log; it is sent back",
            "schema": {"type": "string", "maxLength": 128},
        },
    ])
}

fn request_body(servable: &Servable) -> Value {
    let mut json_body = json!({"schema": {"$ref": "#/components/schemas/Request"}});
    let example = servable.about.example.as_deref();
    if let Some(example) = example.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        json_body["example"] = example;
    }
    json!({
        "required": true,
        "content": {
            "application/json": json_body,
            "text/csv": {"schema": {
                "type": "string",
                "description": "a line of column names, then one line a row",
            }},
            // Octets: a schema has nothing to say of them.
            "application/vnd.apache.parquet": {},
            "application/vnd.apache.arrow.stream": {},
        },
    })
}

/// What is answered: an array of a model that gives one; else records beside a table, lists by
/// name beside tensors.
fn answer(servable: &Servable) -> Value {
    if matches!(servable.answer, flowgate_core::Answer::Array(_)) {
        let array = json!({"type": "array", "description": "a value or a list a row"});
        return json!({
            "type": "object",
            "properties": {"predictions": array},
            "required": ["predictions"],
        });
    }
    let outputs: Map<String, Value> = servable
        .model
        .outputs
        .iter()
        .map(|port| (port.name.to_string(), schema::output_cell(port)))
        .collect();
    let lists: Map<String, Value> = outputs
        .keys()
        .map(|name| (name.clone(), json!({"type": "array"})))
        .collect();
    let records = json!({
        "type": "array",
        "description": "beside a table: one object a row",
        "items": {"type": "object", "properties": outputs},
    });
    let lists = json!({
        "type": "object",
        "description": "beside tensors: one list an output",
        "properties": lists,
    });
    json!({
        "type": "object",
        "properties": {"predictions": {"anyOf": [records, lists]}},
        "required": ["predictions"],
    })
}

fn operation(id: &str, summary: &str, responses: Map<String, Value>) -> Value {
    let mut responses = responses;
    responses.insert("405".to_owned(), errors::method_not_allowed());
    json!({"operationId": id, "tags": ["server"], "summary": summary, "responses": responses})
}

/// 200 or 503 with one newline.
fn ready(id: &str, summary: &str) -> Value {
    let says = |description: &str| json!({"description": description});
    let responses = Map::from_iter([
        ("200".to_owned(), says("ready: one newline")),
        ("503".to_owned(), says("not ready: one newline")),
    ]);
    operation(id, summary, responses)
}

fn plain(id: &str, summary: &str, kind: &str) -> Value {
    let answer = json!({"description": summary, "content": {kind: {"schema": {"type": "string"}}}});
    operation(id, summary, Map::from_iter([("200".to_owned(), answer)]))
}

/// An object with one flag; 503 with the same object where it can be false.
fn flag(id: &str, summary: &str, may_fail: bool) -> Value {
    let schema =
        json!({"type": "object", "properties": {id: {"type": "boolean"}}, "required": [id]});
    let answer = |description: &str| json!({"description": description, "content": {"application/json": {"schema": schema}}});
    let mut responses = Map::from_iter([("200".to_owned(), answer("yes"))]);
    if may_fail {
        responses.insert("503".to_owned(), answer("no"));
    }
    operation(id, summary, responses)
}

fn document() -> Value {
    let answer = json!({
        "description": "this document",
        "content": {"application/json": {"schema": {"type": "object"}}},
    });
    let responses = Map::from_iter([
        ("200".to_owned(), answer),
        ("503".to_owned(), errors::envelope("no model is loaded yet")),
    ]);
    operation("openapi", "what may be asked, as OpenAPI 3.1", responses)
}
