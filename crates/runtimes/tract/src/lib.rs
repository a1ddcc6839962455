//! Runs ONNX models with tract, which is compiled into the program and needs no library.
//!
//! The only crate that knows the crate `tract-onnx` (0.23.9). It decides which models tract gets
//! right ([`Runtime::supports`]), loads them and runs them. Which packages exist, what a manifest
//! says and what else could run a model belongs elsewhere.
//!
//! tract looks operators up by name, without their domain, and answers some of them differently
//! than the ONNX specification asks for. So nothing runs that is not on the list of the folder
//! `allow`, and some operators are replaced by those of the folder `ops`.
//!
//! Of the options of a load, [`LoadOptions::time_limit`] is kept to. Threads, parallel execution,
//! optimisation and further settings are hints for ONNX Runtime without an equivalent here: a run
//! takes one thread and every graph is optimised.

mod allow;
mod convert;
mod data;
mod engine;
mod fence;
mod file;
mod model;
mod ops;
mod options;
mod plans;
mod session;
mod signature;

use flowgate_core::{Artifact, LoadOptions, Model, Runtime, RuntimeError, Support};
use std::sync::Arc;

/// The name that users choose the runtime by.
pub const NAME: &str = "tract";

/// The version of the engine, as pinned in the workspace.
const VERSION: &str = "0.23.9";

/// The engine tract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tract {}

impl Tract {
    /// The runtime; it has no settings and no state.
    pub fn new() -> Self {
        Self {}
    }
}

impl Runtime for Tract {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self) -> Result<String, RuntimeError> {
        Ok(format!("tract {VERSION}, compiled in"))
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
        options::check(options)?;
        let (artifact, options) = (artifact.clone(), options.clone());
        let limit = options.time_limit;
        let model = fence::within(limit, move || model::TractModel::load(&artifact, &options))?;
        Ok(Arc::new(model))
    }
}
