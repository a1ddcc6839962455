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

/// What `/validate` tells.
pub(super) fn report() -> Value {
    let fits = json!({
        "title": "valid",
        "type": "object",
        "properties": {
            "valid": {"const": true},
            "rows": {"type": ["integer", "null"], "minimum": 0, "description": "null where tensors have no common number of rows"},
            "columns": {"type": "integer", "minimum": 0, "description": "columns or tensors that are used"},
            "warnings": {"type": "array", "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "count": {"type": "integer", "minimum": 1},
                    "message": {"type": "string"},
                },
                "required": ["code", "count", "message"],
            }},
        },
        "required": ["valid", "rows", "columns", "warnings"],
    });
    let listed = format!(
        "`errors` lists the first {} violations, `error_count` counts all",
        crate::validate::LISTED
    );
    let refused = json!({
        "title": "refused",
        "description": listed,
        "allOf": [{"$ref": "#/components/schemas/Error"}],
        "type": "object",
        "properties": {"valid": {"const": false}},
        "required": ["valid", "errors", "error_count"],
    });
    json!({"oneOf": [fits, refused]})
}

/// The answers that are errors wherever a body is read, by status; 400 is said in `refused`.
pub(super) fn of_bodies(refused: &str) -> Map<String, Value> {
    let unsupported = json!({
        "description": "the `Content-Type` is none of those of the request, or not in UTF-8; or the `Content-Encoding` is another",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    });
    let answers = [
        ("400", envelope(refused)),
        ("405", method_not_allowed()),
        (
            "408",
            envelope("the body did not arrive in the time that a request may take"),
        ),
        (
            "413",
            envelope("the body is larger than the server takes, as it is or unpacked"),
        ),
        ("415", unsupported),
        (
            "500",
            envelope("the model failed to answer; the server's log says why"),
        ),
        ("503", with_retry(envelope("the model is not ready"))),
        (
            "504",
            envelope("the request took longer than it is allowed"),
        ),
    ];
    let named = answers.into_iter();
    named
        .map(|(status, answer)| (status.to_owned(), answer))
        .collect()
}

/// The answers of `/invocations` that are errors, by status.
pub(super) fn of_invocations() -> Map<String, Value> {
    let mut answers = of_bodies("the data was refused: `errors` says which values and why");
    answers.insert(
        "406".to_owned(),
        envelope("the answer is no table, and `Accept` asks for one"),
    );
    answers.insert(
        "429".to_owned(),
        with_retry(envelope("too many requests are waiting")),
    );
    answers
}

fn with_retry(mut answer: Value) -> Value {
    answer["headers"] = json!({"Retry-After": {
        "description": "seconds after which it is worth trying again",
        "schema": {"type": "integer"},
    }});
    answer
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
