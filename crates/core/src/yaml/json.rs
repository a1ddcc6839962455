use serde_json::{Map, Number, Value as Json};

use super::number::float_text;
use super::{Mapping, Value};

impl Value {
    /// The value as JSON; what JSON has is converted without loss.
    ///
    /// For the rest: a float that is not finite becomes `null`; a timestamp, and an integer beyond
    /// 64 bits, becomes its text; a key that is not a string becomes the text YAML has for it
    /// (`1`, `true`, `null`), and where that meets another key the later wins.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::Number((*value).into()),
            Value::BigInt(value) => match value.to_u64() {
                Some(value) => Json::Number(value.into()),
                None => Json::String(value.as_str().to_owned()),
            },
            Value::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Value::Str(text) => Json::String(text.clone()),
            Value::Timestamp(timestamp) => Json::String(timestamp.as_str().to_owned()),
            Value::Seq(items) => Json::Array(items.iter().map(Value::to_json).collect()),
            Value::Map(map) => Json::Object(
                map.iter()
                    .map(|(key, value)| (key.scalar_text(), value.to_json()))
                    .collect(),
            ),
        }
    }

    /// The text of a scalar as it stands in YAML, without quotes; empty for a collection.
    pub(super) fn scalar_text(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::BigInt(value) => value.as_str().to_owned(),
            Value::Float(value) => float_text(*value),
            Value::Str(text) => text.clone(),
            Value::Timestamp(timestamp) => timestamp.as_str().to_owned(),
            Value::Seq(_) | Value::Map(_) => String::new(),
        }
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        value.to_json()
    }
}

impl From<&Json> for Value {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => number_value(number),
            Json::String(text) => Value::Str(text.clone()),
            Json::Array(items) => Value::Seq(items.iter().map(Value::from).collect()),
            Json::Object(map) => Value::Map(object_value(map)),
        }
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        Value::from(&json)
    }
}

fn number_value(number: &Number) -> Value {
    if let Some(value) = number.as_i64() {
        return Value::Int(value);
    }
    match number.as_u64() {
        Some(value) => Value::from(value),
        None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

/// The keys of an object are distinct, so that none has to be looked up.
fn object_value(map: &Map<String, Json>) -> Mapping {
    let entries = map
        .iter()
        .map(|(key, value)| (Value::Str(key.clone()), Value::from(value)));
    Mapping::from_distinct(entries.collect())
}
