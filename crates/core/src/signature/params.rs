//! Params: named settings that travel beside the data.

use super::{ColumnType, Property, Scalar};
use serde_json::{Map, Value};
use std::fmt;

/// One param: its name, its type and what it is when nobody says.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamSpec {
    /// Its name.
    pub name: String,
    /// What its value looks like.
    pub kind: ParamType,
    /// The value when the request has none; `None` is null.
    pub default: Option<ParamValue>,
}

/// What the value of a param looks like.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamType {
    /// One value (`shape` null).
    Scalar(Scalar),
    /// A list of any length (`shape` `[-1]`).
    List(Scalar),
    /// An object with these properties.
    Object(Vec<Property>),
}

/// The value of a param, typed.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    /// Null, where MLflow takes it.
    Null,
    /// `boolean`.
    Boolean(bool),
    /// `integer` and `long`.
    Long(i64),
    /// `float` (already rounded to 32 bits) and `double`.
    Double(f64),
    /// `string`.
    String(String),
    /// `datetime`: nanoseconds since 1970-01-01.
    DateTime(i64),
    /// A list.
    List(Vec<ParamValue>),
    /// An object, as JSON.
    Object(serde_json::Map<String, serde_json::Value>),
}

/// The params of one request in the order of the signature: sent ones and defaults.
pub type Params = Vec<(String, ParamValue)>;

impl ParamType {
    /// The value that `json` is, under MLflow's rules for params: exact types, but any whole
    /// number is taken for `float` and `double` too, and a null for anything.
    ///
    /// # Errors
    /// What was expected and what kind of value was there, without the value.
    pub fn read(&self, json: &Value) -> Result<ParamValue, String> {
        match self {
            _ if json.is_null() => Ok(ParamValue::Null),
            Self::Scalar(scalar) => read_scalar(*scalar, json),
            Self::List(scalar) => {
                let list = json
                    .as_array()
                    .ok_or_else(|| mismatch(&self.to_string(), json))?;
                let item = |item: &Value| match item {
                    Value::Null => Ok(ParamValue::Null),
                    item => read_scalar(*scalar, item),
                };
                list.iter()
                    .map(item)
                    .collect::<Result<_, _>>()
                    .map(ParamValue::List)
            }
            Self::Object(properties) => {
                let object = json
                    .as_object()
                    .ok_or_else(|| mismatch("an object", json))?;
                fits_object(properties, object)?;
                Ok(ParamValue::Object(object.clone()))
            }
        }
    }
}

fn read_scalar(scalar: Scalar, json: &Value) -> Result<ParamValue, String> {
    let fault = || mismatch(&format!("`{}`", scalar.name()), json);
    match scalar {
        Scalar::Boolean => json.as_bool().map(ParamValue::Boolean).ok_or_else(fault),
        Scalar::Integer => {
            let value = json.as_i64().filter(|value| i32::try_from(*value).is_ok());
            value.map(ParamValue::Long).ok_or_else(fault)
        }
        Scalar::Long => json.as_i64().map(ParamValue::Long).ok_or_else(fault),
        Scalar::Double => json.as_f64().map(ParamValue::Double).ok_or_else(fault),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounding to 32 bits is what is asked for"
        )]
        Scalar::Float => {
            let value = json.as_f64().map(|value| f64::from(value as f32));
            value
                .filter(|value| value.is_finite())
                .map(ParamValue::Double)
                .ok_or_else(fault)
        }
        Scalar::String => json
            .as_str()
            .map(|text| ParamValue::String(text.to_owned()))
            .ok_or_else(fault),
        Scalar::DateTime => {
            let value = json
                .as_str()
                .and_then(|text| crate::datetime::parse(text).ok());
            value.map(ParamValue::DateTime).ok_or_else(fault)
        }
        Scalar::Binary => Err("`binary` is not a type of params".to_owned()),
    }
}

fn fits_object(properties: &[Property], object: &Map<String, Value>) -> Result<(), String> {
    let known = |key: &String| properties.iter().any(|property| property.name == *key);
    if !object.keys().all(known) {
        return Err("the object has a property that the signature does not have".to_owned());
    }
    for property in properties {
        match object.get(&property.name) {
            None | Some(Value::Null) if !property.required => {}
            None => return Err(format!("property `{}` is missing", property.name)),
            Some(value) => fits(&property.kind, value)
                .map_err(|reason| format!("property `{}`: {reason}", property.name))?,
        }
    }
    Ok(())
}

fn fits(kind: &ColumnType, json: &Value) -> Result<(), String> {
    match kind {
        ColumnType::Scalar(scalar) => read_scalar(*scalar, json).map(|_| ()),
        ColumnType::Any => Ok(()),
        ColumnType::Object(properties) => fits_object(
            properties,
            json.as_object()
                .ok_or_else(|| mismatch("an object", json))?,
        ),
        ColumnType::Map(values) => {
            let map = json
                .as_object()
                .ok_or_else(|| mismatch("an object", json))?;
            map.values().try_for_each(|value| fits(values, value))
        }
        ColumnType::Array(items) => {
            let list = json.as_array().ok_or_else(|| mismatch("a list", json))?;
            list.iter().try_for_each(|item| fits(items, item))
        }
        ColumnType::SparkVector => {
            let list = json.as_array().ok_or_else(|| mismatch("a list", json))?;
            list.iter()
                .try_for_each(|item| read_scalar(Scalar::Double, item).map(|_| ()))
        }
    }
}

fn mismatch(expected: &str, json: &Value) -> String {
    let got = match json {
        Value::Null => "a null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction or an exponent",
        Value::Number(_) => "a whole number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("wants {expected}, got {got}")
}

impl fmt::Display for ParamType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => write!(f, "`{}`", scalar.name()),
            Self::List(scalar) => write!(f, "a list of `{}`", scalar.name()),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn params_take_exact_types_and_whole_numbers_for_floats() {
        let read = |scalar, value| ParamType::Scalar(scalar).read(&value);
        assert_eq!(read(Scalar::Double, json!(1)), Ok(ParamValue::Double(1.0)));
        assert_eq!(
            read(Scalar::Float, json!(0.1)),
            Ok(ParamValue::Double(f64::from(0.1_f32)))
        );
        assert_eq!(read(Scalar::Long, json!(null)), Ok(ParamValue::Null));
        for (scalar, value) in [
            (Scalar::Long, json!(5.0)),
            (Scalar::Long, json!(true)),
            (Scalar::Integer, json!(2_147_483_648_i64)),
            (Scalar::Double, json!("0.9")),
            (Scalar::Boolean, json!(1)),
            (Scalar::DateTime, json!("xx")),
            (Scalar::String, json!(1)),
        ] {
            assert!(read(scalar, value.clone()).is_err(), "{scalar:?} {value}");
        }
    }

    #[test]
    fn a_list_takes_nulls_and_no_nested_lists() {
        let list = ParamType::List(Scalar::String);
        assert_eq!(
            list.read(&json!(["a", null])),
            Ok(ParamValue::List(vec![
                ParamValue::String("a".into()),
                ParamValue::Null
            ]))
        );
        assert!(list.read(&json!("a")).is_err());
        assert!(list.read(&json!([["a"]])).is_err());
    }

    #[test]
    fn a_refusal_does_not_repeat_the_value() {
        let error = ParamType::Scalar(Scalar::Long)
            .read(&json!("secret"))
            .expect_err("a text");
        assert_eq!(error, "wants `long`, got a string");
    }
}
