//! The bodies of `/invocations` as JSON Schema: what may be sent, what is answered.

use super::schema;
use flowgate_core::{ColumnSpec, Schema, Signature, TensorSpec};
use serde_json::{Map, Value, json};

/// The fields that hold data, each with its schema, as far as the signature has a use for them.
fn fields(inputs: Option<&Schema>) -> Vec<(&'static str, Value)> {
    match inputs {
        Some(Schema::Columns(columns)) => table(columns),
        Some(Schema::Tensors(tensors)) => tensors_fields(tensors),
        None => vec![
            ("dataframe_split", split(&json!({}))),
            (
                "dataframe_records",
                json!({"type": "array", "items": {"type": "object"}}),
            ),
            ("instances", json!({})),
            ("inputs", json!({})),
        ],
    }
}

/// The schemas of request bodies by name, for `components`: `Request` is the one to refer to.
pub(super) fn requests(signature: &Signature) -> Map<String, Value> {
    let mut schemas = Map::new();
    if let Some(Schema::Columns(columns)) = &signature.inputs {
        schemas.insert("Row".to_owned(), schema::row(columns));
    }
    let params = signature
        .params
        .as_deref()
        .filter(|params| !params.is_empty());
    if let Some(params) = params {
        schemas.insert("Params".to_owned(), schema::params(params));
    }
    let mut bodies = Vec::new();
    for (name, data) in fields(signature.inputs.as_ref()) {
        let params = if params.is_some() {
            json!({"$ref": "#/components/schemas/Params"})
        } else {
            json!({"type": ["object", "null"], "description": "not used: the model has none"})
        };
        bodies.push(json!({
            "title": name,
            "type": "object",
            "properties": {name: data, "params": params},
            "required": [name],
            "additionalProperties": false,
        }));
    }
    schemas.insert("Request".to_owned(), json!({"oneOf": bodies}));
    schemas
}

fn table(columns: &[ColumnSpec]) -> Vec<(&'static str, Value)> {
    let rows = json!({"type": "array", "items": {"$ref": "#/components/schemas/Row"}});
    let cell = any_of(columns.iter().map(schema::column).collect());
    let by_column: Map<String, Value> = columns
        .iter()
        .enumerate()
        .map(|(place, spec)| {
            let cells = json!({"type": "array", "items": schema::column(spec)});
            (spec.key(place).to_string(), cells)
        })
        .collect();
    let required: Vec<String> = columns
        .iter()
        .enumerate()
        .filter(|(_, spec)| spec.required)
        .map(|(place, spec)| spec.key(place).to_string())
        .collect();
    let by_column = json!({"type": "object", "properties": by_column, "required": required});
    let list = json!({"type": "array", "items": {"anyOf": [
        {"$ref": "#/components/schemas/Row"},
        {"type": "array", "items": cell},
        cell,
    ]}});
    let named = columns.iter().any(|column| column.name.is_some());
    if named {
        let values =
            json!({"anyOf": [rows, by_column, {"$ref": "#/components/schemas/Row"}, list]});
        vec![
            ("dataframe_split", split(&cell)),
            ("dataframe_records", rows),
            ("instances", values.clone()),
            ("inputs", values),
        ]
    } else {
        vec![
            ("dataframe_split", split(&cell)),
            ("instances", list.clone()),
            ("inputs", list),
        ]
    }
}

fn tensors_fields(tensors: &[TensorSpec]) -> Vec<(&'static str, Value)> {
    if let [spec] = tensors
        && spec.name.is_none()
    {
        let whole = schema::tensor(spec);
        return vec![
            ("dataframe_split", split(&json!({}))),
            ("instances", whole.clone()),
            ("inputs", whole),
        ];
    }
    let names: Vec<String> = tensors.iter().map(|spec| spec.key().to_string()).collect();
    let by = |schema: fn(&TensorSpec) -> Value| -> Value {
        let properties: Map<String, Value> = tensors
            .iter()
            .map(|spec| (spec.key().to_string(), schema(spec)))
            .collect();
        json!({"type": "object", "properties": properties, "required": names})
    };
    let (whole, row) = (by(schema::tensor), by(schema::tensor_row));
    let rows = json!({"type": "array", "items": row});
    let alone = match tensors {
        [spec] => vec![whole, schema::tensor(spec)],
        _ => vec![whole],
    };
    vec![
        ("dataframe_split", split(&json!({}))),
        ("dataframe_records", rows.clone()),
        ("instances", any_of([alone.clone(), vec![rows]].concat())),
        ("inputs", any_of(alone)),
    ]
}

/// pandas' `split` orientation.
fn split(cell: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "columns": {"type": "array", "items": {"type": ["string", "integer"]}},
            "index": {"type": "array", "description": "one label a row; not used"},
            "data": {"type": "array", "items": {"type": "array", "items": cell}},
        },
        "required": ["data"],
        "additionalProperties": false,
    })
}

/// Any of `schemas`, each once.
fn any_of(schemas: Vec<Value>) -> Value {
    let mut different: Vec<Value> = Vec::new();
    for schema in schemas {
        if !different.contains(&schema) {
            different.push(schema);
        }
    }
    match different.as_slice() {
        [only] => only.clone(),
        _ => json!({"anyOf": different}),
    }
}
