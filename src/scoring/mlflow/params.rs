//! Params, as MLflow checks them.
//!
//! Source: MLflow 3.17.2, `_enforce_params_schema`.

use super::feed::predicting;
use super::object::{Object, quoted};
use flowgate_core::{ParamSpec, ParamType, ParamValue, Params, Refusal, Scalar, Stage, datetime};

/// The params that count for a request that sent `value`.
///
/// # Errors
/// When it is no dictionary, or holds values of other types.
pub(super) fn enforce(value: Object, specs: Option<&[ParamSpec]>) -> Result<Params, Refusal> {
    let Some(specs) = specs else {
        return Ok(Params::new());
    };
    let mut sent = match value {
        Object::None => Box::default(),
        Object::Dict(sent) => sent,
        other => {
            return Err(refused(format!(
                "Parameters must be a dictionary. Got type '{}'.",
                other.class()
            )));
        }
    };
    let mut params = Params::with_capacity(specs.len());
    let mut invalid = Vec::new();
    for spec in specs {
        let value = match sent.swap_remove(&*spec.name) {
            None => Ok(spec.default.clone().unwrap_or(ParamValue::Null)),
            Some(value) => read(&value, &spec.kind),
        };
        match value {
            Ok(value) => params.push((spec.name.clone(), value)),
            Err(error) => invalid.push(format!(
                "({}, \"Failed to validate type and shape for {}, error: {error}\")",
                quoted(&spec.name),
                quoted(&spec.name)
            )),
        }
    }
    if invalid.is_empty() {
        Ok(params)
    } else {
        Err(refused(format!(
            "Invalid parameters found: {{{}}}",
            invalid.join(", ")
        )))
    }
}

fn refused(text: String) -> Refusal {
    Refusal::said(Stage::Params, predicting(&text))
}

fn read(value: &Object, kind: &ParamType) -> Result<ParamValue, String> {
    match kind {
        ParamType::Scalar(scalar) => read_scalar(value, *scalar),
        ParamType::List(scalar) => match value {
            Object::List(items) if items.iter().all(is_no_list) => items
                .iter()
                .map(|item| read_scalar(item, *scalar))
                .collect::<Result<_, _>>()
                .map(ParamValue::List),
            other => Err(format!(
                "Value must be a 1D array with shape (-1,), received {}",
                other.class()
            )),
        },
        ParamType::Object(_) => {
            let mut json = Vec::new();
            let json = value.write_json(&mut json).then_some(json);
            let json = json.and_then(|json| serde_json::from_slice(&json).ok());
            kind.read(&json.unwrap_or_default())
        }
    }
}

fn is_no_list(item: &Object) -> bool {
    !matches!(item, Object::List(_))
}

/// A value of exactly the type, a null, or a whole number for any type of numbers.
fn read_scalar(value: &Object, scalar: Scalar) -> Result<ParamValue, String> {
    let unsafe_cast = || {
        format!(
            "Can not safely convert `<class '{}'>` to `DataType.{}`",
            value.class(),
            scalar.name()
        )
    };
    match (scalar, value) {
        (_, Object::None) => Ok(ParamValue::Null),
        (_, Object::List(_) | Object::Dict(_)) => Err(format!(
            "Value must be a scalar for type `DataType.{}`",
            scalar.name()
        )),
        (Scalar::Boolean, Object::Bool(flag)) => Ok(ParamValue::Boolean(*flag)),
        // MLflow checks no range: Python's integers have none.
        (Scalar::Integer | Scalar::Long, Object::Int(number)) => Ok(ParamValue::Long(*number)),
        // Nobody can take it for a long one: whoever uses it sees another type.
        (Scalar::Integer | Scalar::Long, Object::Big(_)) => {
            Ok(ParamValue::Double(value.float().unwrap_or(f64::INFINITY)))
        }
        (Scalar::Float | Scalar::Double, Object::Int(_) | Object::Big(_) | Object::Float(_)) => {
            let number = value.float().map_err(|exception| exception.to_string())?;
            Ok(ParamValue::Double(number))
        }
        (Scalar::String, Object::Str(text)) => Ok(ParamValue::String(text.to_string())),
        (Scalar::DateTime, Object::Str(text)) => datetime::parse(text)
            .ok()
            .or_else(|| super::dates::iso(text))
            .map(ParamValue::DateTime)
            .ok_or_else(|| "Failed to convert value to `DataType.datetime`".to_owned()),
        _ => Err(unsafe_cast()),
    }
}
