//! The body that is sent where none was given: the package's own input example.

use flowgate_core::{Package, PackageError};
use serde_json::{Value, json};

/// The largest example that is sent, in octets.
const LIMIT: u64 = 64 << 20;

/// The request body that `package` stores, or else its input example made into one; `None` when it
/// has no example that can be sent.
///
/// # Errors
/// When the manifest names a file that cannot be read.
pub fn example(package: &Package) -> Result<Option<Vec<u8>>, PackageError> {
    let Some(saved) = package.manifest().saved_input_example() else {
        return Ok(None);
    };
    if let Some(path) = &saved.serving_input_path {
        return package.read(path, LIMIT).map(Some);
    }
    let raw = package.read(&saved.artifact_path, LIMIT)?;
    Ok(body(&raw, &saved.kind))
}

/// What MLflow stores for an example, under the name that a request has for it.
fn body(raw: &[u8], kind: &str) -> Option<Vec<u8>> {
    let raw: Value = serde_json::from_slice(raw).ok()?;
    let name = match (kind, &raw) {
        ("dataframe", Value::Object(_)) => "dataframe_split",
        ("dataframe", _) => "dataframe_records",
        ("ndarray" | "json_object", _) => "inputs",
        _ => return None,
    };
    Some(json!({ name: raw }).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, kind: &str, expected: Option<&str>) {
        let found = body(raw.as_bytes(), kind).map(|body| String::from_utf8(body).expect("text"));
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn an_example_gets_the_name_of_its_form() {
        let split = r#"{"columns":["a"],"data":[[1]]}"#;
        let expected = format!(r#"{{"dataframe_split":{split}}}"#);
        check(split, "dataframe", Some(&expected));
        let records = Some(r#"{"dataframe_records":[{"a":1}]}"#);
        check(r#"[{"a":1}]"#, "dataframe", records);
        check("[[1.5]]", "ndarray", Some(r#"{"inputs":[[1.5]]}"#));
    }

    #[test]
    fn what_is_not_json_or_of_an_unknown_kind_is_not_sent() {
        check("NaN", "dataframe", None);
        check("{}", "sparse_matrix_csr", None);
    }
}
