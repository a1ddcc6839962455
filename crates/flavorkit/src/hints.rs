//! What the metadata of a manifest says about the server's choices.

use crate::Sections;
use flowgate_core::yaml::Value;
use flowgate_core::{FlavorError, Hints, Manifest};

/// The key of the manifest's metadata that names the runtime a package wants.
const RUNTIME: &str = "flowgate.runtime";

/// The keys of numbers.
const MAX_BATCH_ROWS: &str = "flowgate.max_batch_rows";
const SESSIONS: &str = "flowgate.sessions";
const THREADS: &str = "flowgate.threads";
const MAX_QUEUE_ROWS: &str = "flowgate.max_queue_rows";
const MAX_QUEUE_REQUESTS: &str = "flowgate.max_queue_requests";

/// The most sessions and threads that a package may ask for.
const MOST: usize = 1024;

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
    let up_to = |key, most: usize, expected| -> Result<Option<usize>, FlavorError> {
        match metadata(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let number = value
                    .as_i64()
                    .and_then(|number| usize::try_from(number).ok());
                let number = number.filter(|number| (1..=most).contains(number));
                Ok(Some(number.ok_or_else(|| bad(key, expected, value))?))
            }
        }
    };
    let number = |key| up_to(key, usize::MAX, "a whole number above 0");
    let few = |key| up_to(key, MOST, "a whole number from 1 to 1024");
    let wanted = number(MAX_BATCH_ROWS)?;
    let max_batch_rows = if takes_any_rows { wanted } else { Some(1) };
    Ok(Hints {
        runtime,
        max_batch_rows,
        sessions: few(SESSIONS)?,
        threads: few(THREADS)?,
        max_queue_rows: number(MAX_QUEUE_ROWS)?,
        max_queue_requests: number(MAX_QUEUE_REQUESTS)?,
    })
}
