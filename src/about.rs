//! About a model: what people want to know of a package that is being served. Filled once, while
//! it is loaded; no request depends on it.

use flowgate_core::Package;
use jiff::Timestamp;
use std::path::Path;

/// The largest input example that is kept to be shown, in octets.
const EXAMPLE_LIMIT: u64 = 256 << 10;

/// What is told of a loaded package.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The flavors of its manifest, in the order of the file.
    pub flavors: Vec<String>,
    /// `sha256:` and the hash of the whole package; `None` when it could not be read through.
    pub digest: Option<String>,
    /// Octets of all its files.
    pub size: Option<u64>,
    /// The run that logged it.
    pub run_id: Option<String>,
    /// The identifier of the package.
    pub model_uuid: Option<String>,
    /// The version of MLflow that wrote it.
    pub mlflow_version: Option<String>,
    /// When it was written, in UTC.
    pub created: Option<String>,
    /// Its input example as a request body in JSON, where it has one that is not too large.
    pub example: Option<String>,
    /// When it was ready.
    pub ready_since: Timestamp,
    /// Seconds that loading took.
    pub load_seconds: f64,
}

/// What is found out by reading every file of a package.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    digest: Option<String>,
    size: Option<u64>,
}

impl Facts {
    /// The facts of the package in `directory`; what cannot be read is left out: loading says why.
    pub(crate) fn of(directory: &Path) -> Self {
        let Ok(package) = Package::open(directory) else {
            return Self::default();
        };
        let files = package.files().ok();
        Self {
            digest: package.digest().ok(),
            size: files.map(|files| files.iter().map(|(_, size)| size).sum()),
        }
    }
}

impl About {
    /// What is told of `package`, ready now after `load_seconds`.
    pub(crate) fn new(package: &Package, facts: Facts, load_seconds: f64) -> Self {
        let manifest = package.manifest();
        let text = |text: Option<&str>| text.map(str::to_owned);
        Self {
            flavors: manifest
                .flavors()
                .map(|(name, _)| name.to_owned())
                .collect(),
            digest: facts.digest,
            size: facts.size,
            run_id: text(manifest.run_id()),
            model_uuid: text(manifest.model_uuid()),
            mlflow_version: text(manifest.mlflow_version()),
            created: text(manifest.utc_time_created()),
            example: example(package),
            ready_since: Timestamp::now(),
            load_seconds,
        }
    }
}

/// The body that the package stores for its input example. Only what is JSON is shown: MLflow
/// writes bare `NaN`s into examples that have missing values.
fn example(package: &Package) -> Option<String> {
    let saved = package.manifest().saved_input_example()?;
    let body = package
        .read(&saved.serving_input_path?, EXAMPLE_LIMIT)
        .ok()?;
    let text = String::from_utf8(body).ok()?;
    let value: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&text);
    value.is_ok().then_some(text)
}
