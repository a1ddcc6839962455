//! Lists, objects and maps in one cell.
//!
//! Source: MLflow 3.17.2, `_enforce_array`, `_enforce_object`, `_enforce_map`.

use super::datatype::enforce_values;
use crate::scoring::mlflow::array::{NdArray, typed};
use crate::scoring::mlflow::exception::Exception;
use crate::scoring::mlflow::object::{Object, set_of};
use crate::scoring::mlflow::values::Values;
use flowgate_core::{ColumnType, Property, Scalar, TensorType};

/// The value that `cell` is under the type `kind`.
///
/// # Errors
/// Where MLflow raises.
pub(in crate::scoring::mlflow) fn enforce(
    cell: Object,
    kind: &ColumnType,
    required: bool,
) -> Result<Object, Exception> {
    match kind {
        ColumnType::Scalar(scalar) => enforce_scalar(cell, *scalar, required),
        ColumnType::Array(items) => enforce_array(cell, items, required),
        ColumnType::SparkVector => {
            enforce_array(cell, &ColumnType::Scalar(Scalar::Double), required)
        }
        ColumnType::Object(properties) => enforce_object(cell, kind, properties, required),
        ColumnType::Map(values) => enforce_map(cell, values, required),
        ColumnType::Any => Ok(cell),
    }
}

fn enforce_scalar(cell: Object, scalar: Scalar, required: bool) -> Result<Object, Exception> {
    if !required && cell.is_missing() {
        return Ok(Object::None);
    }
    if !cell.is_scalar() {
        return Err(Exception::mlflow(format!(
            "Expected data to be scalar, got {}",
            cell.class()
        )));
    }
    let values = enforce_values("", Values::inferred(vec![cell]), scalar);
    let values = values.map_err(|_| {
        Exception::mlflow(format!(
            "Failed to enforce schema of data with dtype `{}`",
            scalar.name()
        ))
    })?;
    Ok(values.get(0))
}

fn enforce_array(cell: Object, items: &ColumnType, required: bool) -> Result<Object, Exception> {
    let empty = match &cell {
        Object::None => true,
        Object::List(items) => items.is_empty(),
        Object::Array(array) => array.shape.first() == Some(&0),
        _ => false,
    };
    if empty && (!required || *items == ColumnType::Any) {
        return Ok(cell);
    }
    let is_array = matches!(cell, Object::Array(_));
    let list = match cell {
        Object::List(list) => list,
        Object::Array(array) => match array.to_object() {
            Object::List(list) => list,
            _ => return Err(Exception::type_error("len() of unsized object")),
        },
        other => {
            return Err(Exception::mlflow(format!(
                "Expected data to be list or numpy array, got {}",
                other.class()
            )));
        }
    };
    let list = match items {
        _ if list.is_empty() => list,
        ColumnType::Scalar(scalar) => {
            let values = enforce_values("", Values::inferred(list), *scalar)?;
            to_numpy(values, *scalar)?
        }
        items => list
            .into_iter()
            .map(|item| enforce(item, items, required))
            .collect::<Result<_, _>>()?,
    };
    if is_array {
        return Ok(Object::Array(Box::new(NdArray::new(
            Object::List(list),
            None,
        )?)));
    }
    Ok(Object::List(list))
}

/// The items in numpy's own type; texts become texts of whatever is among them.
fn to_numpy(values: Values, scalar: Scalar) -> Result<Vec<Object>, Exception> {
    let items = values.into_objects();
    if items.iter().any(|item| matches!(item, Object::List(_))) {
        return Err(Exception::value("setting an array element with a sequence"));
    }
    match scalar {
        Scalar::String => {
            typed(&items, TensorType::Data(scalar.datatype())).map(Values::into_objects)
        }
        _ => Ok(items),
    }
}

fn enforce_object(
    cell: Object,
    kind: &ColumnType,
    properties: &[Property],
    required: bool,
) -> Result<Object, Exception> {
    if !required
        && (cell == Object::None || matches!(&cell, Object::Dict(members) if members.is_empty()))
    {
        return Ok(cell);
    }
    let mut members = match cell {
        Object::Dict(members) => members,
        other => {
            return Err(Exception::mlflow(format!(
                "Failed to enforce schema of '...' with type '{kind}'. Expected data to be \
                 dictionary, got {}",
                other.class()
            )));
        }
    };
    let known = |key: &str| properties.iter().find(|property| property.name == key);
    let missing = properties
        .iter()
        .filter(|property| property.required && !members.contains_key(&*property.name))
        .map(|property| &*property.name);
    let missing: Vec<&str> = missing.collect();
    if !missing.is_empty() {
        return Err(Exception::mlflow(format!(
            "Missing required properties: {}",
            set_of(missing)
        )));
    }
    if !members.keys().all(|key| known(key).is_some()) {
        return Err(Exception::mlflow(
            "Invalid properties not defined in the schema found",
        ));
    }
    for (key, value) in members.iter_mut() {
        let Some(property) = known(key) else { continue };
        let taken = std::mem::replace(value, Object::None);
        let class = taken.class();
        *value = enforce(taken, &property.kind, property.required).map_err(|_| {
            Exception::mlflow(format!(
                "Failed to enforce schema for key `{key}`. Expected type {}, received type {class}",
                type_name(&property.kind)
            ))
        })?;
    }
    Ok(Object::Dict(members))
}

fn enforce_map(cell: Object, values: &ColumnType, required: bool) -> Result<Object, Exception> {
    let empty =
        cell == Object::None || matches!(&cell, Object::Dict(members) if members.is_empty());
    if empty && (!required || *values == ColumnType::Any) {
        return Ok(cell);
    }
    let mut members = match cell {
        Object::Dict(members) => members,
        other => {
            return Err(Exception::mlflow(format!(
                "Expected data to be a dict, got {}",
                other.class()
            )));
        }
    };
    for value in members.values_mut() {
        let taken = std::mem::replace(value, Object::None);
        *value = enforce(taken, values, required)?;
    }
    Ok(Object::Dict(members))
}

fn type_name(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::Scalar(scalar) => scalar.name(),
        ColumnType::Array(_) => "array",
        ColumnType::Object(_) => "object",
        ColumnType::Map(_) => "map",
        ColumnType::Any => "any",
        ColumnType::SparkVector => "sparkml_vector",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::mlflow::loads::loads;
    use flowgate_core::{Schema, Signature};

    fn check(kind: &str, cell: &str) -> Result<Object, Exception> {
        let inputs = format!(r#"[{{"name": "c", "required": true, {kind}}}]"#);
        let signature = Signature::parse(Some(&inputs), None, None).expect("a signature");
        let Some(Schema::Columns(specs)) = signature.inputs else {
            panic!("columns")
        };
        enforce(loads(cell.as_bytes()).expect("JSON"), &specs[0].kind, true)
    }

    /// As MLflow 3.17.2 says of the same cells.
    #[test]
    fn items_are_safely_converted_or_refused() {
        let doubles = r#""type": "array", "items": {"type": "double"}"#;
        for cell in ["[0, 1]", "[1.0, 2]", "[1.5]", "[]"] {
            assert!(check(doubles, cell).is_ok(), "{cell}");
        }
        for cell in ["[1, 2]", "\"x\"", "null", "[\"a\"]", "{}"] {
            assert!(check(doubles, cell).is_err(), "{cell}");
        }
        let texts = r#""type": "array", "items": {"type": "string"}"#;
        for cell in ["[\"a\", 1]", "[\"a\", null]", "[\"a\"]"] {
            assert!(check(texts, cell).is_ok(), "{cell}");
        }
        assert!(check(texts, "[1, 2]").is_err());
        assert!(check(texts, "[[\"a\"]]").is_err());
    }

    #[test]
    fn objects_have_the_properties_that_they_should() {
        let object = r#""type": "object", "properties": {"id": {"type": "long"},
            "label": {"type": "string", "required": false}}"#;
        assert!(check(object, r#"{"id": 1, "label": "x"}"#).is_ok());
        assert!(check(object, r#"{"id": 1}"#).is_ok());
        for (cell, text) in [
            ("{}", "Missing required properties: {'id'}"),
            (
                r#"{"id": 1, "z": 1}"#,
                "Invalid properties not defined in the schema found",
            ),
            (
                r#"{"id": "x"}"#,
                "Failed to enforce schema for key `id`. Expected type long, received type str",
            ),
        ] {
            assert_eq!(check(object, cell).expect_err("refused").to_string(), text);
        }
    }
}
