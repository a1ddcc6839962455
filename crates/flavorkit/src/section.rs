//! The sections of a manifest: a flavor's own and `python_function`, which MLflow serves by.

use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{FlavorError, Manifest};

/// How the sections of one flavor are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sections {
    /// The flavor's key under `flavors:`.
    pub flavor: &'static str,
    /// What `python_function.loader_module` is for it: `mlflow.onnx`.
    pub loader: &'static str,
}

impl Sections {
    /// Where the model file is, relative to the package.
    ///
    /// The general section comes first, since it is what MLflow serves by; a package whose general
    /// section asks for another loader answers something else than its model alone.
    ///
    /// # Errors
    /// When no section names it, or the general one names another loader.
    pub fn data<'a>(
        self,
        manifest: &'a Manifest,
        section: &'a Mapping,
    ) -> Result<&'a str, FlavorError> {
        let general = manifest.flavor("python_function");
        if let Some(general) = general {
            match general.get("loader_module").and_then(Value::as_str) {
                Some(loader) if loader == self.loader => {}
                Some(other) => {
                    return Err(FlavorError::BadValue {
                        flavor: self.flavor,
                        key: "python_function.loader_module".to_owned(),
                        expected: self.loader,
                        found: format!("`{other}`"),
                    });
                }
                None => return Err(self.missing("python_function.loader_module")),
            }
        }
        let general = general.and_then(|general| general.get("data"));
        match general.or_else(|| section.get("data")) {
            Some(Value::Str(path)) => Ok(path),
            Some(other) if !other.is_null() => Err(self.bad("data", "a path", other)),
            _ => Err(self.missing("data")),
        }
    }

    /// A text of the section; `None` where the key is absent or null.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(self, section: &Mapping, key: &str) -> Result<Option<String>, FlavorError> {
        match section.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.bad(key, "a text", other)),
        }
    }

    /// The section `python_function` of a package whose model is in the file `data`.
    pub fn python_function(self, data: &str) -> Mapping {
        let mut section = Mapping::new();
        section.insert("data", data);
        section.insert("env", crate::environment::section());
        section.insert("loader_module", self.loader);
        section.insert("python_version", crate::environment::PYTHON);
        section
    }

    /// That `key` is not what is `expected`.
    pub fn bad(self, key: &str, expected: &'static str, found: &Value) -> FlavorError {
        FlavorError::BadValue {
            flavor: self.flavor,
            key: key.to_owned(),
            expected,
            found: format!("a {}", found.type_name()),
        }
    }

    /// That `key` is not there.
    pub fn missing(self, key: &str) -> FlavorError {
        FlavorError::MissingKey {
            flavor: self.flavor,
            key: key.to_owned(),
        }
    }
}
