//! Runs models of tables: trees, linear models and what stands around them, with no engine of
//! somebody else.
//!
//! One graph of operators on tensors (`graph`) with two doors: ONNX files all of whose operators
//! are known here (`onnx`, numerically as ONNX Runtime), and programs that native flavors build
//! (`program`, numerically as their libraries). A model that is not wholly known is refused with
//! the operators in the way.
//!
//! Which packages exist, what a manifest says and which library a model came from belong
//! elsewhere.

mod data;
mod graph;
mod memo;
mod memory;
mod model;
mod onnx;
mod op;
mod ops;
mod program;
mod session;
mod trees;

pub use onnx::table_of_operators;

use flowgate_core::{Artifact, LoadOptions, Model, Runtime, RuntimeError, SessionOptions, Support};
use memo::Memo;
use model::{Shared, TabularModel};
use std::sync::Arc;
use trees::{Level, Path};

/// The name that users choose the runtime by.
pub const NAME: &str = "tabular";

/// The runtime of tables.
#[derive(Debug, Clone, Default)]
pub struct Tabular {
    /// The name of the kernel that was asked for.
    kernel: Option<String>,
    memo: Memo,
}

/// The kernels that follow trees, by the names that users choose them by. Answers do not depend on
/// which; they are there to be compared.
const KERNELS: [(&str, Path); 7] = [
    ("auto", Path::Auto),
    ("one", Path::One),
    ("eight", Path::Eight),
    ("sixteen", Path::Sixteen),
    ("sweep-portable", Path::Sweep(Level::Portable)),
    ("sweep-avx2", Path::Sweep(Level::Avx2)),
    ("sweep-avx512", Path::Sweep(Level::Avx512)),
];

impl Tabular {
    /// The runtime, which takes the kernel for trees that is expected to be the fastest.
    pub fn new() -> Self {
        Self::default()
    }

    /// The runtime with the kernel of this name and no other.
    pub fn with_kernel(name: impl Into<String>) -> Self {
        Self {
            kernel: Some(name.into()),
            memo: Memo::default(),
        }
    }

    fn path(&self) -> Result<Path, RuntimeError> {
        let Some(asked) = &self.kernel else {
            return Ok(Path::Auto);
        };
        let found = KERNELS.iter().find(|(name, _)| name == asked);
        let names = || KERNELS.map(|(name, _)| name).join("`, `");
        found
            .map(|(_, path)| *path)
            .ok_or_else(|| RuntimeError::Unavailable {
                runtime: NAME,
                reason: format!("there is no tree kernel `{asked}`; there are `{}`", names()),
            })
    }
}

impl Runtime for Tabular {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self) -> Result<String, RuntimeError> {
        self.path()?;
        Ok(format!("{NAME} {}, compiled in", env!("CARGO_PKG_VERSION")))
    }

    fn supports(&self, artifact: &Artifact) -> Support {
        match Shared::read(artifact) {
            Ok(shared) => {
                self.memo.keep(artifact, shared);
                Support::Yes
            }
            Err(error) => Support::No(error.into_unsupported()),
        }
    }

    fn load(
        &self,
        artifact: &Artifact,
        options: &LoadOptions,
    ) -> Result<Arc<dyn Model>, RuntimeError> {
        for provider in options.passed_over(NAME)? {
            tracing::info!(
                provider,
                "execution provider is not part of this engine, the next one of the package is used"
            );
        }
        if options.session != SessionOptions::default() {
            tracing::debug!(
                session = ?options.session,
                "the engine has no such options, its own defaults hold"
            );
        }
        let shared = match self.memo.take(artifact) {
            Some(shared) => shared,
            None => Shared::read(artifact).map_err(|error| error.into_runtime_error(NAME))?,
        };
        let model = TabularModel::new(shared, options, self.path()?);
        memory::give_back();
        Ok(Arc::new(model))
    }
}
