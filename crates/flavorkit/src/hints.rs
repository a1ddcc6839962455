//! What the metadata of a manifest says about the server's choices.

use crate::Sections;
use flowgate_core::yaml::Value;
use flowgate_core::{FlavorError, Hints, Manifest};
use std::num::NonZeroUsize;

/// The key of the manifest's metadata that names the runtime a package wants.
const RUNTIME: &str = "flowgate.runtime";

/// The key of the manifest's metadata that bounds the rows that are run together.
const MAX_BATCH_ROWS: &str = "flowgate.max_batch_rows";

/// What the metadata says; rows are never joined where the model does not take any number of them.
///
/// # Errors
/// When a key has a value that it cannot have.
pub fn hints(
    sections: Sections,
    manifest: &Manifest,
    takes_any_rows: bool,
) -> Result<Hints, FlavorError> {
    let metadata = |key| manifest.metadata().and_then(|metadata| metadata.get(key));
    let bad = |key: &str, expected, found: &Value| {
        sections.bad(&format!("metadata.{key}"), expected, found)
    };
    let runtime = match metadata(RUNTIME) {
        None | Some(Value::Null) => None,
        Some(Value::Str(name)) => Some(name.clone()),
        Some(other) => return Err(bad(RUNTIME, "a text", other)),
    };
    let wanted = match metadata(MAX_BATCH_ROWS) {
        None | Some(Value::Null) => None,
        Some(value) => {
            let rows = value.as_i64().and_then(|rows| usize::try_from(rows).ok());
            let rows = rows.and_then(NonZeroUsize::new);
            let rows = rows.ok_or_else(|| bad(MAX_BATCH_ROWS, "a whole number above 0", value))?;
            Some(rows.get())
        }
    };
    let max_batch_rows = if takes_any_rows { wanted } else { Some(1) };
    Ok(Hints {
        runtime,
        max_batch_rows,
    })
}
