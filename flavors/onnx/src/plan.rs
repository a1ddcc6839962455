//! From a package to a plan.

use crate::graph::Graph;
use crate::{fit, section};
use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{
    Artifact, FlavorError, Format, Hints, InputAdapter, LoadOptions, Manifest, Package, Plan,
};
use std::num::NonZeroUsize;

/// The key of the manifest's metadata that names the runtime a package wants.
const RUNTIME: &str = "flowgate.runtime";

/// The key of the manifest's metadata that bounds the rows that are run together.
const MAX_BATCH_ROWS: &str = "flowgate.max_batch_rows";

pub(crate) fn plan(package: &Package, section: &Mapping) -> Result<Plan, FlavorError> {
    let manifest = package.manifest();
    let data = section::data(manifest, section)?;
    let path = package.file(data)?;
    let graph = Graph::read(&path, data)?;
    let companions = graph.companions(package, data)?;
    let signature = manifest.signature().clone();
    let inputs = graph.inputs()?;
    if let Some(declared) = &signature.inputs {
        fit::check(declared, &inputs)?;
    }
    let hints = hints(manifest, &inputs)?;
    Ok(Plan {
        artifact: Artifact {
            format: Format::Onnx,
            path,
            companions,
        },
        signature,
        inputs,
        options: LoadOptions {
            providers: section::providers(section)?,
            session: section::session_options(section)?,
            ..LoadOptions::default()
        },
        hints,
    })
}

/// What the metadata says; without it, rows are joined only where every input of the graph takes
/// any number of them.
fn hints(manifest: &Manifest, inputs: &InputAdapter) -> Result<Hints, FlavorError> {
    let metadata = |key| manifest.metadata().and_then(|metadata| metadata.get(key));
    let bad = |key: &str, expected, found: &Value| {
        section::bad(&format!("metadata.{key}"), expected, found)
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
    let max_batch_rows = if fit::takes_any_rows(inputs) {
        wanted
    } else {
        Some(1)
    };
    Ok(Hints {
        runtime,
        max_batch_rows,
    })
}
