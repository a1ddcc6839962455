//! Runs ONNX models with ONNX Runtime, loaded from a shared library at run time.
//!
//! The only crate that knows the crate `ort` (2.0.0-rc.15). It finds and loads the library
//! ([`OrtSettings`]), loads models and runs them. Which packages exist, what a manifest says and
//! what else could run a model belongs elsewhere.
//!
//! `unsafe` stands in one place, `code.rs`, which tells why.
//!
//! One process has one ONNX Runtime: the first library that was loaded stays until the end, and
//! asking for another is an error.

mod code;
mod failure;
mod file;
mod input;
mod library;
mod load;
mod model;
mod options;
mod output;
mod session;
mod share;
mod signature;

pub use library::default_search;

use flowgate_core::{Artifact, LoadOptions, Model, Runtime, RuntimeError, Support};
use std::path::PathBuf;
use std::sync::Arc;

/// The name that users choose the runtime by.
pub const NAME: &str = "ort";

/// Where ONNX Runtime is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrtSettings {
    /// The library that was asked for. It is loaded or an error is given; no other takes its
    /// place.
    pub library: Option<PathBuf>,
    /// Libraries to try in order where none was asked for; see [`default_search`].
    pub search: Vec<PathBuf>,
}

/// ONNX Runtime.
///
/// Making one does nothing: the library is loaded by the first [`Runtime::check`] or
/// [`Runtime::load`].
#[derive(Debug, Clone)]
pub struct Ort {
    settings: OrtSettings,
}

impl Ort {
    /// The runtime with `settings`.
    pub fn new(settings: OrtSettings) -> Self {
        Self { settings }
    }
}

impl Runtime for Ort {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self) -> Result<String, RuntimeError> {
        Ok(library::get(&self.settings)?.to_string())
    }

    fn supports(&self, artifact: &Artifact) -> Support {
        match file::read(artifact) {
            Ok(_) => Support::Yes,
            Err(error) => Support::No(error.into_unsupported()),
        }
    }

    fn load(
        &self,
        artifact: &Artifact,
        options: &LoadOptions,
    ) -> Result<Arc<dyn Model>, RuntimeError> {
        let facts = file::read(artifact).map_err(|error| error.into_runtime_error(NAME))?;
        let library = library::get(&self.settings)?;
        let model = model::OrtModel::load(&library.environment, artifact, options, facts)?;
        code::give_back(library.path());
        Ok(Arc::new(model))
    }
}
