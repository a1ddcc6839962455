//! Reading a signature from the JSON texts of a manifest (MLflow 3.17.2, `Schema.from_json`).

use super::params::{ParamSpec, ParamType};
use super::{ColumnSpec, ColumnType, Property, Scalar, Schema, Signature, TensorSpec, TensorType};
use crate::ErrorKind;
use serde_json::{Map, Value};

/// Deepest nesting of a column's type.
const DEPTH: usize = 32;

/// Most columns, tensors or params of one signature.
const ENTRIES: usize = 100_000;

/// Why a signature cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature's `{part}` cannot be read: {reason}")]
pub struct SignatureError {
    /// `inputs`, `outputs` or `params`.
    pub part: &'static str,
    /// What is wrong, and where.
    pub reason: String,
}

impl SignatureError {
    /// The package is at fault.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidPackage
    }
}

impl Signature {
    /// Reads the three JSON texts that a manifest holds.
    ///
    /// # Errors
    /// When one is not JSON or not a schema that MLflow would take.
    pub fn parse(
        inputs: Option<&str>,
        outputs: Option<&str>,
        params: Option<&str>,
    ) -> Result<Self, SignatureError> {
        let schema = |part, text: Option<&str>| {
            text.map(|text| json(text).and_then(|list| self::schema(&list)))
                .transpose()
                .map_err(|reason| SignatureError { part, reason })
        };
        let params = params
            .map(|text| json(text).and_then(|list| list.iter().map(param).collect()))
            .transpose()
            .map_err(|reason| SignatureError {
                part: "params",
                reason,
            })?;
        Ok(Self {
            inputs: schema("inputs", inputs)?,
            outputs: schema("outputs", outputs)?,
            params,
        })
    }
}

/// Reasons are texts: the part is added by the caller.
type Parsed<T> = Result<T, String>;

fn json(text: &str) -> Parsed<Vec<Value>> {
    match serde_json::from_str(text) {
        Ok(Value::Array(list)) if list.len() > ENTRIES => Err(format!(
            "{} entries, at most {ENTRIES} are taken",
            list.len()
        )),
        Ok(Value::Array(list)) => Ok(list),
        Ok(_) => Err("expected a list".to_owned()),
        Err(error) => Err(format!(
            "not JSON at line {}, column {}",
            error.line(),
            error.column()
        )),
    }
}

fn schema(list: &[Value]) -> Parsed<Schema> {
    let is_tensor = |entry: &Value| entry.get("type").is_some_and(|kind| kind == "tensor");
    let tensors = list.iter().filter(|entry| is_tensor(entry)).count();
    if list.is_empty() {
        return Err("it is empty".to_owned());
    }
    if tensors == list.len() {
        return tensors_schema(list);
    }
    if tensors > 0 {
        return Err("columns and tensors are mixed".to_owned());
    }
    let columns: Vec<ColumnSpec> = list.iter().map(column).collect::<Parsed<_>>()?;
    let named = columns
        .iter()
        .filter(|column| column.name.is_some())
        .count();
    if named != 0 && named != columns.len() {
        return Err("some columns have a name and some have none".to_owned());
    }
    if named == 0 && columns.iter().any(|column| !column.required) {
        return Err("a column without a name cannot be optional".to_owned());
    }
    Ok(Schema::Columns(columns))
}

fn tensors_schema(list: &[Value]) -> Parsed<Schema> {
    let tensors: Vec<TensorSpec> = list.iter().map(tensor).collect::<Parsed<_>>()?;
    if tensors.len() > 1 && tensors.iter().any(|tensor| tensor.name.is_none()) {
        return Err("several tensors must all have names".to_owned());
    }
    Ok(Schema::Tensors(tensors))
}

fn column(entry: &Value) -> Parsed<ColumnSpec> {
    let entry = entry.as_object().ok_or("an entry is not an object")?;
    let kind = column_type(entry, DEPTH)?;
    let scalar = matches!(kind, ColumnType::Scalar(_));
    if scalar {
        let unknown = entry
            .keys()
            .find(|key| !matches!(key.as_str(), "type" | "name" | "required"));
        if let Some(key) = unknown {
            return Err(format!("unknown key `{key}` in a column"));
        }
    }
    // A scalar column is required unless it says no; the others are optional unless they say yes.
    Ok(ColumnSpec {
        name: name(entry)?.map(Into::into),
        kind,
        required: flag(entry, "required", scalar)?,
    })
}

fn column_type(entry: &Map<String, Value>, depth: usize) -> Parsed<ColumnType> {
    let deeper = depth.checked_sub(1).ok_or("a type is nested too deep")?;
    let name = entry
        .get("type")
        .and_then(Value::as_str)
        .ok_or("an entry has no `type`")?;
    let inner = |key: &str| -> Parsed<ColumnType> {
        let inner = entry.get(key).and_then(Value::as_object);
        column_type(
            inner.ok_or_else(|| format!("`{name}` has no `{key}`"))?,
            deeper,
        )
    };
    if let Some(scalar) = Scalar::from_name(name) {
        return Ok(ColumnType::Scalar(scalar));
    }
    match name {
        "array" => Ok(ColumnType::Array(Box::new(inner("items")?))),
        "map" => Ok(ColumnType::Map(Box::new(inner("values")?))),
        "object" => Ok(ColumnType::Object(properties(entry, deeper)?)),
        "any" => Ok(ColumnType::Any),
        "sparkml_vector" => Ok(ColumnType::SparkVector),
        other => Err(format!("unsupported type `{other}`")),
    }
}

fn properties(entry: &Map<String, Value>, depth: usize) -> Parsed<Vec<Property>> {
    let properties = entry.get("properties").and_then(Value::as_object);
    let properties = properties.ok_or("`object` has no `properties`")?;
    if properties.is_empty() {
        return Err("`object` has no property".to_owned());
    }
    let mut properties: Vec<Property> = properties
        .iter()
        .map(|(name, entry)| {
            let entry = entry.as_object().ok_or("a property is not an object")?;
            let kind = column_type(entry, depth)?;
            Ok(Property {
                name: name.clone(),
                kind,
                required: flag(entry, "required", true)?,
            })
        })
        .collect::<Parsed<_>>()?;
    properties.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(properties)
}

fn tensor(entry: &Value) -> Parsed<TensorSpec> {
    let entry = entry.as_object().ok_or("an entry is not an object")?;
    let spec = entry.get("tensor-spec").and_then(Value::as_object);
    let spec = spec.ok_or("a tensor has no `tensor-spec`")?;
    let dtype = spec
        .get("dtype")
        .and_then(Value::as_str)
        .ok_or("a tensor has no `dtype`")?;
    let kind =
        TensorType::from_name(dtype).ok_or_else(|| format!("unsupported tensor type `{dtype}`"))?;
    let shape = spec
        .get("shape")
        .and_then(Value::as_array)
        .ok_or("a tensor has no `shape`")?;
    let size = |size: &Value| match size.as_i64() {
        Some(-1) => Ok(None),
        Some(size) => usize::try_from(size)
            .map(Some)
            .map_err(|_| "a dimension is less than -1".to_owned()),
        None => Err("a dimension is not a whole number".to_owned()),
    };
    Ok(TensorSpec {
        name: name(entry)?.map(Into::into),
        kind,
        shape: shape.iter().map(size).collect::<Parsed<_>>()?,
    })
}

fn param(entry: &Value) -> Parsed<ParamSpec> {
    let entry = entry.as_object().ok_or("an entry is not an object")?;
    let name = entry
        .get("name")
        .and_then(Value::as_str)
        .ok_or("a param has no `name`")?
        .to_owned();
    let kind = entry
        .get("type")
        .or_else(|| entry.get("dtype"))
        .and_then(Value::as_str);
    let kind = kind.ok_or_else(|| format!("param `{name}` has no `type`"))?;
    let list = match entry.get("shape") {
        None | Some(Value::Null) => false,
        Some(Value::Array(shape)) if shape.len() == 1 && shape[0].as_i64() == Some(-1) => true,
        Some(_) => return Err(format!("param `{name}`: the shape must be null or [-1]")),
    };
    let kind = match (Scalar::from_name(kind), kind, list) {
        (Some(Scalar::Binary), ..) | (None, ..) if kind != "object" => {
            return Err(format!("param `{name}`: unsupported type `{kind}`"));
        }
        (Some(scalar), _, true) => ParamType::List(scalar),
        (Some(scalar), _, false) => ParamType::Scalar(scalar),
        (None, _, true) => return Err(format!("param `{name}`: an object cannot be a list")),
        (None, _, false) => ParamType::Object(properties(entry, DEPTH)?),
    };
    let default = match entry.get("default") {
        None | Some(Value::Null) => None,
        Some(value) => Some(kind.read(value).map_err(|reason| {
            format!("param `{name}`: the default does not fit its type: {reason}")
        })?),
    };
    Ok(ParamSpec {
        name,
        kind,
        default,
    })
}

/// A name as text; MLflow keeps names that are not texts as they are.
fn name(entry: &Map<String, Value>) -> Parsed<Option<String>> {
    match entry.get("name") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => Ok(Some(name.clone())),
        Some(Value::Number(name)) => Ok(Some(name.to_string())),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            Err("a name is not a text".to_owned())
        }
    }
}

fn flag(entry: &Map<String, Value>, key: &str, default: bool) -> Parsed<bool> {
    match entry.get(key) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(format!("`{key}` is not true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(text: &str) -> Result<Schema, String> {
        Signature::parse(Some(text), None, None)
            .map(|signature| signature.inputs.expect("given"))
            .map_err(|error| error.reason)
    }

    #[test]
    fn a_scalar_column_is_required_and_any_other_optional_unless_said() {
        let text = r#"[{"type":"long","name":"a"},{"type":"any","name":"b"},
            {"type":"array","items":{"type":"string"},"name":"c","required":true}]"#;
        let Ok(Schema::Columns(columns)) = inputs(text) else {
            panic!("columns")
        };
        let required: Vec<bool> = columns.iter().map(|column| column.required).collect();
        assert_eq!(required, [true, false, true]);
    }

    #[test]
    fn what_mlflow_does_not_load_is_refused() {
        for (text, reason) in [
            ("[]", "it is empty"),
            ("{}", "expected a list"),
            ("[1", "not JSON at line 1, column 2"),
            (r#"[{"type":"decimal"}]"#, "unsupported type `decimal`"),
            (
                r#"[{"type":"long","optional":true}]"#,
                "unknown key `optional` in a column",
            ),
            (
                r#"[{"type":"long","name":"a"},{"type":"long"}]"#,
                "some columns have a name and some have none",
            ),
            (
                r#"[{"type":"long","required":false}]"#,
                "a column without a name cannot be optional",
            ),
            (
                r#"[{"type":"object","properties":{}}]"#,
                "`object` has no property",
            ),
            (
                r#"[{"type":"tensor","tensor-spec":{"dtype":"<U3","shape":[-1]}}]"#,
                "unsupported tensor type `<U3`",
            ),
            (
                r#"[{"type":"tensor","tensor-spec":{"dtype":"int8","shape":[-2]}}]"#,
                "a dimension is less than -1",
            ),
            (
                r#"[{"type":"long"},{"type":"tensor","tensor-spec":{"dtype":"int8","shape":[-1]}}]"#,
                "columns and tensors are mixed",
            ),
        ] {
            assert_eq!(inputs(text), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_type_nested_past_the_limit_is_refused_without_recursing_on() {
        let depth = DEPTH + 1;
        let text = format!(
            "[{}{{\"type\":\"long\"}}{}]",
            "{\"type\":\"array\",\"items\":".repeat(depth),
            "}".repeat(depth)
        );
        assert_eq!(inputs(&text), Err("a type is nested too deep".to_owned()));
    }

    #[test]
    fn a_bad_default_of_a_param_stops_the_signature() {
        let params = r#"[{"name":"k","type":"long","default":"x","shape":null}]"#;
        let error = Signature::parse(None, None, Some(params)).expect_err("a text for a long");
        assert!(
            error
                .reason
                .starts_with("param `k`: the default does not fit its type")
        );
    }
}
