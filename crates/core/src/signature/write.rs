//! Writing a signature as the JSON texts of a manifest (MLflow 3.17.2, `Schema.to_json`).

use super::params::{ParamSpec, ParamType, ParamValue};
use super::{ColumnSpec, ColumnType, Property, Schema, Signature, TensorSpec};
use serde_json::{Map, Value, json};
use std::io;

impl Signature {
    /// The three texts, as `inputs`, `outputs` and `params` of the manifest's `signature`.
    pub fn to_json(&self) -> [(&'static str, Option<String>); 3] {
        let schema =
            |schema: &Option<Schema>| schema.as_ref().map(|schema| text(&schema.to_json()));
        let params = self.params.as_ref().map(|params| {
            text(&Value::Array(
                params.iter().map(ParamSpec::to_json).collect(),
            ))
        });
        [
            ("inputs", schema(&self.inputs)),
            ("outputs", schema(&self.outputs)),
            ("params", params),
        ]
    }
}

impl Schema {
    /// The list of specs.
    pub fn to_json(&self) -> Value {
        Value::Array(match self {
            Self::Columns(columns) => columns.iter().map(ColumnSpec::to_json).collect(),
            Self::Tensors(tensors) => tensors.iter().map(TensorSpec::to_json).collect(),
        })
    }
}

impl ColumnSpec {
    fn to_json(&self) -> Value {
        let mut entry = type_json(&self.kind);
        if let Some(name) = &self.name {
            entry.insert("name".into(), json!(&**name));
        }
        entry.insert("required".into(), json!(self.required));
        Value::Object(entry)
    }
}

impl TensorSpec {
    fn to_json(&self) -> Value {
        let shape: Vec<Value> = self
            .shape
            .iter()
            .map(|size| size.map_or(json!(-1), |size| json!(size)))
            .collect();
        let mut entry = Map::new();
        if let Some(name) = &self.name {
            entry.insert("name".into(), json!(&**name));
        }
        entry.insert("type".into(), json!("tensor"));
        entry.insert(
            "tensor-spec".into(),
            json!({"dtype": self.kind.name(), "shape": shape}),
        );
        Value::Object(entry)
    }
}

impl ParamSpec {
    fn to_json(&self) -> Value {
        let default = self
            .default
            .as_ref()
            .map_or(Value::Null, ParamValue::to_json);
        let mut entry = Map::new();
        entry.insert("name".into(), json!(self.name));
        entry.insert("default".into(), default);
        let list = matches!(self.kind, ParamType::List(_));
        entry.insert("shape".into(), if list { json!([-1]) } else { Value::Null });
        match &self.kind {
            ParamType::Scalar(scalar) | ParamType::List(scalar) => {
                entry.insert("type".into(), json!(scalar.name()));
            }
            ParamType::Object(properties) => {
                entry.insert("type".into(), json!("object"));
                entry.insert("properties".into(), properties_json(properties));
            }
        }
        Value::Object(entry)
    }
}

impl ParamValue {
    /// The value as JSON; dates as ISO texts, numbers that JSON cannot say as null.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => json!(value),
            Self::Long(value) => json!(value),
            Self::Double(value) => json!(value),
            Self::String(value) => json!(value),
            Self::DateTime(value) => json!(crate::datetime::format(*value)),
            Self::List(values) => Value::Array(values.iter().map(Self::to_json).collect()),
            Self::Object(object) => Value::Object(object.clone()),
        }
    }
}

fn type_json(kind: &ColumnType) -> Map<String, Value> {
    let mut entry = Map::new();
    let mut set = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    match kind {
        ColumnType::Scalar(scalar) => set("type", json!(scalar.name())),
        ColumnType::Any => set("type", json!("any")),
        ColumnType::SparkVector => set("type", json!("sparkml_vector")),
        ColumnType::Array(items) => {
            set("type", json!("array"));
            set("items", Value::Object(type_json(items)))
        }
        ColumnType::Map(values) => {
            set("type", json!("map"));
            set("values", Value::Object(type_json(values)))
        }
        ColumnType::Object(properties) => {
            set("type", json!("object"));
            set("properties", properties_json(properties))
        }
    };
    entry
}

fn properties_json(properties: &[Property]) -> Value {
    let property = |property: &Property| {
        let mut entry = type_json(&property.kind);
        entry.insert("required".into(), json!(property.required));
        (property.name.clone(), Value::Object(entry))
    };
    Value::Object(properties.iter().map(property).collect())
}

/// `json` as Python's `json.dumps` spaces it: `", "` and `": "`.
fn text(json: &Value) -> String {
    struct Spaced;
    impl serde_json::ser::Formatter for Spaced {
        fn begin_array_value<W: ?Sized + io::Write>(
            &mut self,
            out: &mut W,
            first: bool,
        ) -> io::Result<()> {
            if first { Ok(()) } else { out.write_all(b", ") }
        }
        fn begin_object_key<W: ?Sized + io::Write>(
            &mut self,
            out: &mut W,
            first: bool,
        ) -> io::Result<()> {
            if first { Ok(()) } else { out.write_all(b", ") }
        }
        fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
            out.write_all(b": ")
        }
    }
    let mut octets = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut octets, Spaced);
    // Writing a tree of values into memory has nothing to fail on.
    if serde::Serialize::serialize(json, &mut serializer).is_err() {
        return json.to_string();
    }
    String::from_utf8(octets).unwrap_or_else(|_| json.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mlflow_wrote_is_written_again_to_the_byte() {
        let inputs = r#"[{"type": "double", "name": "x", "required": true}, {"type": "array", "items": {"type": "string"}, "name": "tags", "required": true}, {"type": "object", "properties": {"id": {"type": "long", "required": true}, "parts": {"type": "array", "items": {"type": "long"}, "required": false}}, "name": "obj", "required": true}, {"type": "map", "values": {"type": "long"}, "name": "counts", "required": false}, {"type": "any", "name": "extra", "required": false}]"#;
        let outputs = r#"[{"name": "label", "type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}, {"name": "probabilities", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}]"#;
        let params = r#"[{"name": "temperature", "default": 0.5, "shape": null, "type": "double"}, {"name": "stops", "default": ["a"], "shape": [-1], "type": "string"}, {"name": "when", "default": "2024-01-02T03:04:05", "shape": null, "type": "datetime"}, {"name": "obj", "default": {"a": 1}, "shape": null, "type": "object", "properties": {"a": {"type": "long", "required": true}, "b": {"type": "string", "required": false}}}]"#;
        let signature = Signature::parse(Some(inputs), Some(outputs), Some(params)).expect("read");
        let [(_, one), (_, two), (_, three)] = signature.to_json();
        assert_eq!(
            (one.as_deref(), two.as_deref(), three.as_deref()),
            (Some(inputs), Some(outputs), Some(params))
        );
    }
}
