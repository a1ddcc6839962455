//! From a signature to JSON Schema (draft 2020-12, as OpenAPI 3.1 has it).
//!
//! A schema says what is sure to be taken, which is a little less than all that is taken: numbers
//! in texts, for instance, are read too.

use flowgate_core::{
    ColumnSpec, ColumnType, DataType, ParamSpec, ParamType, ParamValue, Port, PortKind, Property,
    Scalar, TensorSpec, TensorType,
};
use serde_json::{Map, Value, json};

/// One cell of a column; a missing number may be null.
pub(super) fn column(spec: &ColumnSpec) -> Value {
    match &spec.kind {
        ColumnType::Scalar(scalar @ (Scalar::Float | Scalar::Double)) => nullable(value(*scalar)),
        ColumnType::Scalar(scalar) => value(*scalar),
        kind if spec.required => nested(kind),
        kind => json!({"anyOf": [nested(kind), {"type": "null"}]}),
    }
}

/// The object of one row.
pub(super) fn row(columns: &[ColumnSpec]) -> Value {
    let names = || columns.iter().enumerate();
    let properties: Map<String, Value> = names()
        .map(|(place, spec)| (spec.key(place).to_string(), column(spec)))
        .collect();
    let required: Vec<String> = names()
        .filter(|(_, spec)| spec.required)
        .map(|(place, spec)| spec.key(place).to_string())
        .collect();
    json!({
        "type": "object",
        "description": "one row; columns that the signature does not have are not used, and counted in the header `X-Flowgate-Warnings`",
        "properties": properties,
        "required": required,
    })
}

/// Lists inside each other, one level a dimension.
pub(super) fn tensor(spec: &TensorSpec) -> Value {
    let mut schema = element(spec.kind);
    for size in spec.shape.iter().rev() {
        schema = match size {
            Some(size) => {
                json!({"type": "array", "items": schema, "minItems": size, "maxItems": size})
            }
            None => json!({"type": "array", "items": schema}),
        };
    }
    schema
}

/// One row of a tensor: the lists without the outermost.
pub(super) fn tensor_row(spec: &TensorSpec) -> Value {
    let shape = spec.shape.get(1..).unwrap_or_default().to_vec();
    tensor(&TensorSpec {
        shape,
        ..spec.clone()
    })
}

/// The object of params, each with its default.
pub(super) fn params(specs: &[ParamSpec]) -> Value {
    let properties: Map<String, Value> = specs
        .iter()
        .map(|spec| (spec.name.clone(), param(spec)))
        .collect();
    json!({"type": "object", "properties": properties})
}

/// One value of an output beside a table: a scalar, or a list where a row has more; shapes that
/// graphs declare for outputs are too often wrong to be promised.
pub(super) fn output_cell(port: &Port) -> Value {
    match &port.kind {
        PortKind::Tensor(datatype) => {
            json!({"anyOf": [element(TensorType::Data(*datatype)), {"type": "array"}]})
        }
        PortKind::Map(_) => json!({
            "type": "object",
            "description": "a number for each label",
            "additionalProperties": {"type": ["number", "null"]},
        }),
        PortKind::Other(_) => json!({}),
    }
}

fn param(spec: &ParamSpec) -> Value {
    let mut schema = match &spec.kind {
        ParamType::Scalar(scalar) => nullable(value(*scalar)),
        ParamType::List(scalar) => {
            json!({"type": ["array", "null"], "items": nullable(value(*scalar))})
        }
        ParamType::Object(properties) => {
            json!({"anyOf": [object(properties), {"type": "null"}]})
        }
    };
    let default = spec
        .default
        .as_ref()
        .map_or(Value::Null, ParamValue::to_json);
    if let Some(schema) = schema.as_object_mut() {
        // The format wants an offset, which the default of a package does not have.
        if default.is_string() {
            schema.remove("format");
        }
        schema.insert("default".to_owned(), default);
    }
    schema
}

/// A value inside a list, an object or a map: always there, never null.
fn nested(kind: &ColumnType) -> Value {
    match kind {
        ColumnType::Scalar(scalar) => value(*scalar),
        ColumnType::Array(items) => json!({"type": "array", "items": nested(items)}),
        ColumnType::Object(properties) => object(properties),
        ColumnType::Map(values) => {
            json!({"type": "object", "additionalProperties": nested(values)})
        }
        ColumnType::SparkVector => {
            json!({"type": "array", "items": {"type": "number", "format": "double"}})
        }
        ColumnType::Any => json!({}),
    }
}

fn object(properties: &[Property]) -> Value {
    let required: Vec<&str> = properties
        .iter()
        .filter(|property| property.required)
        .map(|property| property.name.as_str())
        .collect();
    let properties: Map<String, Value> = properties
        .iter()
        .map(|property| (property.name.clone(), nested(&property.kind)))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn value(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Boolean => json!({"type": "boolean"}),
        Scalar::Integer => int32(),
        Scalar::Long => json!({"type": "integer", "format": "int64"}),
        Scalar::Float => json!({"type": "number", "format": "float"}),
        Scalar::Double => json!({"type": "number", "format": "double"}),
        Scalar::String => json!({"type": "string"}),
        Scalar::Binary => json!({"type": "string", "contentEncoding": "base64"}),
        Scalar::DateTime => date_time(),
    }
}

/// A date alone is taken too, and a time without an offset is taken as it stands.
fn date_time() -> Value {
    json!({
        "type": "string",
        "format": "date-time",
        "description": "ISO 8601 without an offset is taken as it stands, with one it is converted to UTC",
    })
}

/// `schema`, whose `type` is one name, with null beside it.
fn nullable(mut schema: Value) -> Value {
    if let Some(kind) = schema.get_mut("type")
        && kind.is_string()
    {
        *kind = json!([kind.take(), "null"]);
    }
    schema
}

fn element(kind: TensorType) -> Value {
    match kind {
        TensorType::Data(datatype) => match datatype {
            DataType::Bool => json!({"type": "boolean"}),
            DataType::I8 => whole(i8::MIN.into(), i8::MAX.into()),
            DataType::I16 => whole(i16::MIN.into(), i16::MAX.into()),
            DataType::I32 => int32(),
            DataType::I64 => json!({"type": "integer", "format": "int64"}),
            DataType::U8 => whole(0, u8::MAX.into()),
            DataType::U16 => whole(0, u16::MAX.into()),
            DataType::U32 => whole(0, u32::MAX.into()),
            DataType::U64 => json!({"type": "integer", "minimum": 0, "maximum": u64::MAX}),
            DataType::F16 => json!({"type": ["number", "null"]}),
            DataType::F32 => json!({"type": ["number", "null"], "format": "float"}),
            DataType::F64 => json!({"type": ["number", "null"], "format": "double"}),
            DataType::Str => json!({"type": "string"}),
            DataType::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            DataType::DateTime => date_time(),
            DataType::Json => json!({}),
        },
        TensorType::Object => json!({}),
        // No request can hold a complex number.
        TensorType::Complex64 | TensorType::Complex128 => json!(false),
    }
}

fn int32() -> Value {
    json!({"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX})
}

fn whole(minimum: i64, maximum: i64) -> Value {
    json!({"type": "integer", "minimum": minimum, "maximum": maximum})
}
