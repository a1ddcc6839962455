//! The report of `POST /validate` and of `flowgate validate --json`.

use super::body::{Announced, Unread};
use crate::http::error::{ApiError, envelope_of};
use crate::scoring::decode::{ExtraColumns, Terms};
use crate::servable::Servable;
use crate::validate::{Fit, LISTED, validate};
use bytes::Bytes;
use flowgate_core::{Refusal, Refusals, Rules};
use serde_json::{Map, Value, json};

/// What would become of `body`.
///
/// # Errors
/// When it stands for more octets than a body may have.
pub(super) fn of(
    body: Bytes,
    announced: Announced,
    rules: &Rules,
    extra_columns: ExtraColumns,
    servable: &Servable,
) -> Result<Value, ApiError> {
    let terms = Terms {
        listed: LISTED,
        ..servable.terms(extra_columns)
    };
    let decoded = match announced.decode(rules, body, terms) {
        Ok(decoded) => Ok(decoded),
        Err(Unread::Refused(refusal)) => Err(refusal),
        Err(Unread::TooLarge(error)) => return Err(error),
    };
    let found = validate(decoded, &servable.signature, &servable.inputs);
    Ok(json(&found))
}

/// The report in JSON: what fits, or the envelope that `/invocations` would answer with, but with
/// every violation.
pub fn json(found: &Result<Fit, Refusal>) -> Value {
    match found {
        Ok(fit) => json!({
            "valid": true,
            "rows": fit.rows,
            "columns": fit.columns,
            "warnings": warnings(fit),
        }),
        Err(refusal) => {
            let mut report = Map::new();
            report.insert("valid".to_owned(), json!(false));
            report.extend(envelope_of(refusal, Refusals::Listed));
            Value::Object(report)
        }
    }
}

/// What would be passed over in silence but for a header.
fn warnings(fit: &Fit) -> Vec<Value> {
    let dropped = fit.dropped_columns;
    let unknown = json!({
        "code": "unknown_column",
        "count": dropped,
        "message": "columns that the signature does not have are not used",
    });
    Some(unknown).filter(|_| dropped > 0).into_iter().collect()
}
