//! `params`: named settings beside the data.

use super::report::refuse;
use flowgate_core::{Code, ParamSpec, ParamValue, Params, Refusal, Stage, Violation};
use serde_json::{Map, Value};

/// The params that count: those of `json`, and the defaults of what it leaves out. Names that
/// the signature does not have are passed over, as MLflow does.
///
/// # Errors
/// When one is not of its type.
pub(super) fn read(
    json: Option<&str>,
    specs: Option<&[ParamSpec]>,
    listed: usize,
) -> Result<Params, Refusal> {
    let Some(specs) = specs else {
        return Ok(Vec::new());
    };
    let sent = json.map(parse).transpose()?.unwrap_or_default();
    let mut refusal = Refusal::collect(Stage::Params, listed);
    let params = specs
        .iter()
        .map(|spec| {
            let value = match sent.get(&spec.name) {
                None => spec.default.clone().unwrap_or(ParamValue::Null),
                Some(value) => spec.kind.read(value).unwrap_or_else(|_| {
                    let expected = spec.kind.to_string();
                    let violation = Violation::new(Code::TypeMismatch, expected, kind(value));
                    refusal.push(violation.in_column(&*spec.name));
                    ParamValue::Null
                }),
            };
            (spec.name.clone(), value)
        })
        .collect();
    if refusal.count > 0 {
        let first = refusal
            .violations
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        refusal.summary = Some(format!("Invalid parameters found: {first}"));
    }
    refusal.into_result(params)
}

/// The members of the object `json` that are params, as an object; `None` when there are none.
pub(super) fn members(json: &str, specs: &[ParamSpec]) -> Option<String> {
    if specs.is_empty() {
        return None;
    }
    let object: Map<String, Value> = serde_json::from_str(json).ok()?;
    let is_param = |(name, _): &(String, Value)| specs.iter().any(|spec| spec.name == *name);
    let params: Map<String, Value> = object.into_iter().filter(is_param).collect();
    (!params.is_empty()).then(|| Value::Object(params).to_string())
}

fn parse(json: &str) -> Result<Map<String, Value>, Refusal> {
    let value: Value = serde_json::from_str(json).map_err(|_| {
        refuse(
            Code::BadJson,
            "params without `NaN` and infinities",
            "another value",
        )
    })?;
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map),
        other => {
            let violation = Violation::new(Code::TypeMismatch, "an object", kind(&other));
            let refusal = Refusal::new(Stage::Params, violation.in_column("params"));
            Err(refusal.with_summary(format!(
                "Parameters must be a dictionary. Got {}.",
                kind(&other)
            )))
        }
    }
}

/// What kind of value it is.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "a null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::Signature;

    fn specs() -> Vec<ParamSpec> {
        let params = r#"[{"name": "top_k", "type": "long", "default": 10, "shape": null},
            {"name": "temperature", "type": "double", "default": 0.5, "shape": null}]"#;
        let signature = Signature::parse(None, None, Some(params)).expect("a signature");
        signature.params.expect("params")
    }

    #[test]
    fn what_is_left_out_has_its_default_and_unknown_names_are_passed_over() {
        let params = read(
            Some(r#"{"temperature": 1, "other": []}"#),
            Some(&specs()),
            20,
        );
        let expected = vec![
            ("top_k".to_owned(), ParamValue::Long(10)),
            ("temperature".to_owned(), ParamValue::Double(1.0)),
        ];
        assert_eq!(params, Ok(expected));
        assert_eq!(
            read(Some("[1]"), None, 20),
            Ok(Vec::new()),
            "nobody declared any"
        );
        assert!(read(None, Some(&specs()), 20).is_ok());
    }

    #[test]
    fn a_param_of_another_type_is_refused_with_its_name() {
        let refusal = read(
            Some(r#"{"top_k": 5.0, "temperature": "x"}"#),
            Some(&specs()),
            20,
        );
        let refusal = refusal.expect_err("two of two");
        assert_eq!((refusal.stage, refusal.count), (Stage::Params, 2));
        assert_eq!(
            refusal.to_string(),
            "Invalid parameters found: column `top_k` wants `long`, got a number"
        );
        assert!(read(Some("[1]"), Some(&specs()), 20).is_err());
    }
}
