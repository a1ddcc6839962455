//! Manifests: the `MLmodel` file (MLflow 3.17.2, `mlflow.models.Model`).
//!
//! The manifest is kept as it was read, so that unknown keys survive and writing back what was
//! read changes nothing; what Flowgate uses is checked when it is read.

use crate::yaml::{self, Mapping, Value, YamlError};
use crate::{ErrorKind, Signature, SignatureError};

/// The `MLmodel` file, parsed and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    root: Mapping,
    signature: Signature,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not UTF-8.
    #[error("it is not text in UTF-8")]
    NotText,
    /// Not YAML.
    #[error("it is not YAML: {0}")]
    Yaml(#[from] YamlError),
    /// A key whose value is of another kind than MLflow writes.
    #[error("the key `{key}` must be {expected}, found a {found}")]
    BadValue {
        /// The key, with its path.
        key: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A key that must be there.
    #[error("the key `{0}` is missing")]
    MissingKey(&'static str),
    /// The signature cannot be read.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The package points at a model that is served elsewhere.
    #[error("the model is external (`mlflow.model.isExternal`): there is nothing to load")]
    External,
}

impl ManifestError {
    /// The package is at fault.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotText
            | Self::Yaml(_)
            | Self::BadValue { .. }
            | Self::MissingKey(_)
            | Self::Signature(_)
            | Self::External => ErrorKind::InvalidPackage,
        }
    }
}

/// Where the input example of a package is and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedExample {
    /// The example itself (`artifact_path`).
    pub artifact_path: String,
    /// The same as a request body, where MLflow wrote one (`serving_input_path`).
    pub serving_input_path: Option<String>,
    /// `dataframe`, `ndarray`, `json_object`, `sparse_matrix_csc` or `sparse_matrix_csr`.
    pub kind: String,
}

/// The kind that a known top-level key has; null is taken for all of them.
const KNOWN: &[(&str, Kind)] = &[
    ("artifact_path", Kind::Text),
    ("auth_policy", Kind::Map),
    ("databricks_runtime", Kind::Text),
    ("env_vars", Kind::List),
    ("flavors", Kind::Map),
    ("is_signature_from_type_hint", Kind::Flag),
    ("metadata", Kind::Map),
    ("mlflow_version", Kind::Text),
    ("model_id", Kind::Text),
    ("model_size_bytes", Kind::Whole),
    ("model_uuid", Kind::Text),
    ("prompts", Kind::List),
    ("resources", Kind::Map),
    ("run_id", Kind::Text),
    ("saved_input_example_info", Kind::Map),
    ("signature", Kind::Map),
    ("type_hint_from_example", Kind::Flag),
    ("utc_time_created", Kind::Text),
];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Whole,
    Flag,
    List,
    Map,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Whole => "a whole number",
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Map => "a map",
        }
    }

    fn is(self, value: &Value) -> bool {
        match self {
            // An identifier or a version that YAML takes for a number or a date is a text to us.
            Self::Text => value.as_seq().is_none() && value.as_map().is_none(),
            Self::Whole => value.as_i64().is_some(),
            Self::Flag => value.as_bool().is_some(),
            Self::List => value.as_seq().is_some(),
            Self::Map => value.as_map().is_some(),
        }
    }
}

impl Manifest {
    /// Reads the text of an `MLmodel` file.
    ///
    /// # Errors
    /// When it is not YAML, lacks `flavors`, or a known key has a value of another kind.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let root = match yaml::parse(text)? {
            Value::Map(root) => root,
            other => return Err(bad("MLmodel", "a map", &other)),
        };
        for (key, kind) in KNOWN {
            match root.get(key) {
                None => {}
                Some(value) if value.is_null() || kind.is(value) => {}
                Some(value) => return Err(bad(key, kind.name(), value)),
            }
        }
        let flavors = root.get("flavors").and_then(Value::as_map);
        let flavors = flavors.ok_or(ManifestError::MissingKey("flavors"))?;
        for (name, section) in flavors.str_entries() {
            if section.as_map().is_none() {
                return Err(bad(&format!("flavors.{name}"), "a map", section));
            }
        }
        let signature = signature(&root)?;
        let manifest = Self { root, signature };
        let external = manifest
            .metadata()
            .and_then(|metadata| metadata.get("mlflow.model.isExternal"));
        if external.and_then(Value::as_bool) == Some(true) {
            return Err(ManifestError::External);
        }
        Ok(manifest)
    }

    /// A manifest with nothing in it but an empty `flavors`.
    pub(crate) fn empty() -> Self {
        let mut root = Mapping::new();
        root.insert("flavors", Mapping::new());
        Self {
            root,
            signature: Signature::default(),
        }
    }

    /// The text of the file, as PyYAML would write it.
    pub fn to_yaml(&self) -> String {
        yaml::emit(&Value::Map(self.root.clone()))
    }

    /// All keys as they were read.
    pub fn root(&self) -> &Mapping {
        &self.root
    }

    /// The signature; empty where the package has none.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The flavors in the order of the file: name and section.
    pub fn flavors(&self) -> impl Iterator<Item = (&str, &Mapping)> {
        let flavors = self.root.get("flavors").and_then(Value::as_map);
        flavors
            .into_iter()
            .flat_map(Mapping::str_entries)
            .filter_map(|(name, section)| Some((name, section.as_map()?)))
    }

    /// The section of the flavor called `name`.
    pub fn flavor(&self, name: &str) -> Option<&Mapping> {
        self.flavors()
            .find(|(flavor, _)| *flavor == name)
            .map(|(_, section)| section)
    }

    /// The version of MLflow that wrote the package.
    pub fn mlflow_version(&self) -> Option<&str> {
        self.text("mlflow_version")
    }

    /// The identifier of the package.
    pub fn model_uuid(&self) -> Option<&str> {
        self.text("model_uuid")
    }

    /// The identifier of the logged model (`m-…`).
    pub fn model_id(&self) -> Option<&str> {
        self.text("model_id")
    }

    /// The run that logged the package.
    pub fn run_id(&self) -> Option<&str> {
        self.text("run_id")
    }

    /// When the package was written, in UTC.
    pub fn utc_time_created(&self) -> Option<&str> {
        self.text("utc_time_created")
    }

    /// The octets of the files that were written before the manifest.
    pub fn model_size_bytes(&self) -> Option<i64> {
        self.root.get("model_size_bytes").and_then(Value::as_i64)
    }

    /// Free-form metadata.
    pub fn metadata(&self) -> Option<&Mapping> {
        self.root.get("metadata").and_then(Value::as_map)
    }

    /// Where the input example is, for packages that have one.
    pub fn saved_input_example(&self) -> Option<SavedExample> {
        let info = self
            .root
            .get("saved_input_example_info")
            .and_then(Value::as_map)?;
        let text = |key: &str| info.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(SavedExample {
            artifact_path: text("artifact_path")?,
            serving_input_path: text("serving_input_path"),
            kind: text("type").unwrap_or_default(),
        })
    }

    /// Sets a top-level key, for a package in the making.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.root.insert(key, value);
        self.sort();
    }

    /// Sets the section of a flavor, for a package in the making.
    pub fn set_flavor(&mut self, name: &str, section: Mapping) {
        let mut flavors = match self.root.remove("flavors") {
            Some(Value::Map(flavors)) => flavors,
            Some(_) | None => Mapping::new(),
        };
        flavors.insert(name, section);
        self.root.insert("flavors", flavors);
        self.sort();
    }

    /// Sets the signature, for a package in the making.
    pub fn set_signature(&mut self, signature: Signature) {
        let mut section = Mapping::new();
        for (key, text) in signature.to_json() {
            section.insert(key, text.map_or(Value::Null, Value::Str));
        }
        self.signature = signature;
        self.set("signature", section);
    }

    /// MLflow writes its manifests with sorted keys.
    fn sort(&mut self) {
        let mut root = Value::Map(std::mem::take(&mut self.root));
        yaml::sort_keys(&mut root);
        if let Value::Map(root) = root {
            self.root = root;
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.root.get(key).and_then(Value::as_str)
    }
}

fn signature(root: &Mapping) -> Result<Signature, ManifestError> {
    let Some(section) = root.get("signature").and_then(Value::as_map) else {
        return Ok(Signature::default());
    };
    let text = |key: &'static str| match section.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Str(text)) => Ok(Some(text.as_str())),
        Some(other) => Err(bad(&format!("signature.{key}"), "a text", other)),
    };
    Ok(Signature::parse(
        text("inputs")?,
        text("outputs")?,
        text("params")?,
    )?)
}

fn bad(key: &str, expected: &'static str, found: &Value) -> ManifestError {
    let found = match found.type_name() {
        "integer" => "whole number",
        other => other,
    };
    ManifestError::BadValue {
        key: key.to_owned(),
        expected,
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
flavors:
  onnx:
    data: model.onnx
  python_function:
    loader_module: mlflow.onnx
metadata:
  team: a
mlflow_version: 3.17.2
model_size_bytes: 12
own_key:
- 1
- 089
run_id: 12345678901234567890e12345678901
signature:
  inputs: '[{\"type\": \"double\", \"name\": \"x\", \"required\": true}]'
  outputs: null
  params: null
utc_time_created: '2026-11-23 16:14:30.504464'
";

    #[test]
    fn what_was_read_is_written_back_unchanged() {
        let manifest = Manifest::parse(TEXT).expect("a manifest");
        assert_eq!(manifest.to_yaml(), TEXT);
    }

    #[test]
    fn known_keys_are_typed_and_an_identifier_stays_text() {
        let manifest = Manifest::parse(TEXT).expect("a manifest");
        assert_eq!(manifest.run_id(), Some("12345678901234567890e12345678901"));
        assert_eq!(manifest.model_size_bytes(), Some(12));
        assert_eq!(
            manifest.flavors().map(|(name, _)| name).collect::<Vec<_>>(),
            ["onnx", "python_function"]
        );
        assert_eq!(
            manifest.signature().inputs.as_ref().map(crate::Schema::len),
            Some(1)
        );
    }

    #[test]
    fn a_manifest_that_cannot_be_used_says_which_key() {
        for (text, message) in [
            ("- 1\n", "the key `MLmodel` must be a map, found a sequence"),
            ("mlflow_version: 1\n", "the key `flavors` is missing"),
            (
                "flavors: 3\n",
                "the key `flavors` must be a map, found a whole number",
            ),
            (
                "flavors: {onnx: 3}\n",
                "the key `flavors.onnx` must be a map, found a whole number",
            ),
            (
                "flavors: {}\nmodel_size_bytes: x\n",
                "the key `model_size_bytes` must be a whole number, found a string",
            ),
            (
                "flavors: {}\nsignature: {inputs: 1}\n",
                "the key `signature.inputs` must be a text, found a whole number",
            ),
            (
                "flavors: {}\nsignature: {inputs: '[]'}\n",
                "the signature's `inputs` cannot be read: it is empty",
            ),
            (
                "flavors: {}\nmetadata: {mlflow.model.isExternal: true}\n",
                "the model is external (`mlflow.model.isExternal`): there is nothing to load",
            ),
        ] {
            assert_eq!(Manifest::parse(text).expect_err(text).to_string(), message);
        }
        assert!(
            Manifest::parse("flavors: [")
                .expect_err("cut")
                .to_string()
                .starts_with("it is not YAML")
        );
    }

    #[test]
    fn a_new_manifest_is_written_with_sorted_keys() {
        let mut manifest = Manifest::empty();
        manifest.set("model_uuid", "u".to_owned());
        manifest.set("mlflow_version", "3.17.2".to_owned());
        manifest.set_signature(Signature::default());
        manifest.set_flavor("onnx", Mapping::new());
        assert_eq!(
            manifest.to_yaml(),
            "flavors:\n  onnx: {}\nmlflow_version: 3.17.2\nmodel_uuid: u\nsignature:\n  inputs: null\n  \
             outputs: null\n  params: null\n"
        );
    }
}
