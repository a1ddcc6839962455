//! The answers that are errors, as OpenAPI has them: the envelope, and when each status comes.

use serde_json::{Map, Value, json};

/// The schemas of error bodies by name.
pub(super) fn schemas() -> Map<String, Value> {
    let texts = |names: &[&str]| -> Map<String, Value> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), json!({"type": "string"})))
            .collect()
    };
    let mut refusal = Map::new();
    refusal.insert(
        "row".to_owned(),
        json!({"type": "integer", "minimum": 0, "description": "the row, from 0"}),
    );
    refusal.insert(
        "column".to_owned(),
        json!({"type": "string", "description": "the column, tensor, param or field, with a path inside it"}),
    );
    refusal.extend(texts(&["code", "expected", "got", "hint"]));
    let mut error = texts(&["error_code", "message", "sqlstate", "error_class"]);
    error.insert(
        "errors".to_owned(),
        json!({
            "type": "array",
            "description": "the first values that were refused; never their text",
            "items": {"$ref": "#/components/schemas/Refusal"},
        }),
    );
    error.insert(
        "error_count".to_owned(),
        json!({"type": "integer", "minimum": 1, "description": "how many were refused in all"}),
    );
    let object = |properties: Map<String, Value>, required: &[&str]| json!({"type": "object", "properties": properties, "required": required});
    let mut schemas = Map::new();
    schemas.insert(
        "Error".to_owned(),
        object(error, &["error_code", "message"]),
    );
    schemas.insert(
        "Refusal".to_owned(),
        object(refusal, &["code", "expected", "got"]),
    );
    schemas.insert("Detail".to_owned(), object(texts(&["detail"]), &["detail"]));
    schemas
}

/// The answers of `/invocations` that are errors, by status.
pub(super) fn of_invocations() -> Vec<(&'static str, Value)> {
    let retry = json!({"Retry-After": {
        "description": "seconds after which it is worth trying again",
        "schema": {"type": "integer"},
    }});
    let with_retry = |mut answer: Value| {
        answer["headers"] = retry.clone();
        answer
    };
    vec![
        (
            "400",
            envelope("the data was refused: `errors` says which values and why"),
        ),
        ("405", method_not_allowed()),
        (
            "408",
            envelope("the body did not arrive in the time that a request may take"),
        ),
        ("413", envelope("the body is larger than the server takes")),
        (
            "415",
            json!({
                "description": "the `Content-Type` is neither `application/json` nor `text/csv`, in UTF-8",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }),
        ),
        ("429", with_retry(envelope("too many requests are waiting"))),
        (
            "500",
            envelope("the model failed to answer; the server's log says why"),
        ),
        ("503", with_retry(envelope("the model is not ready"))),
        (
            "504",
            envelope("the request took longer than it is allowed"),
        ),
    ]
}

/// 405, as every route answers it.
pub(super) fn method_not_allowed() -> Value {
    json!({
        "description": "another method than the path has",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Detail"}}},
    })
}

/// An answer with the envelope.
pub(super) fn envelope(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    })
}
