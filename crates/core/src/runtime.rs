//! Runtimes: engines that execute an artifact.
//!
//! The traits have two readers. Implementors get few methods, all required; callers hold them as
//! `Arc<dyn Model>` and `Box<dyn Session>`. Everything here blocks and nothing is async: loading
//! happens on a thread made for it, running on the thread that owns the session.
//! A runtime never reads a manifest and never falls back to another.

use crate::{DataType, ErrorKind, Frame, Program};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// An engine, made once with its own configuration and kept.
pub trait Runtime: Send + Sync {
    /// The name users choose it by.
    fn name(&self) -> &'static str;

    /// Whether the engine itself is there: its library, its device. Gives a line about it
    /// (version, place).
    ///
    /// # Errors
    /// [`RuntimeError::Unavailable`] with what is missing and how to bring it.
    fn check(&self) -> Result<String, RuntimeError>;

    /// Whether the engine would run `artifact`, without loading it, and if not why.
    fn supports(&self, artifact: &Artifact) -> Support;

    /// Loads `artifact`. May take seconds; bounded by [`LoadOptions::time_limit`] where the
    /// engine lets it be.
    ///
    /// # Errors
    /// Whatever stands in the way, never a panic.
    fn load(
        &self,
        artifact: &Artifact,
        options: &LoadOptions,
    ) -> Result<Arc<dyn Model>, RuntimeError>;
}

/// A loaded artifact, shared.
pub trait Model: Send + Sync {
    /// What the artifact itself says it takes and gives.
    fn signature(&self) -> &ModelSignature;

    /// An upper bound of the octets that the model takes with `sessions` sessions.
    fn footprint(&self, sessions: usize) -> u64;

    /// How many sessions serve it best, by the options that it was loaded with.
    fn suggested_sessions(&self) -> usize;

    /// Whether the time of a run follows from its rows: one that was measured short may then be
    /// made by a thread that must not be held.
    fn is_steady(&self) -> bool;

    /// A new runner. May cost as much as the load: made on the load path only.
    ///
    /// # Errors
    /// When the engine refuses.
    fn session(&self) -> Result<Box<dyn Session>, RuntimeError>;
}

/// One exclusive runner.
pub trait Session: Send {
    /// Runs the model once. `inputs` has a tensor for each input of [`Model::signature`], found
    /// by name in any order; the answer has the outputs in the model's order.
    ///
    /// # Errors
    /// [`RuntimeError::InvalidInput`] when names, types or shapes are not the model's; the
    /// session stays usable. Anything else is the engine's fault.
    fn run(&mut self, inputs: Frame) -> Result<Frame, RuntimeError>;
}

/// What a runtime can load: a file, with where its parts are.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// What kind of file it is.
    pub format: Format,
    /// Where it is: absolute, inside its package.
    pub path: PathBuf,
    /// Further files it names (external data), absolute, inside the package.
    pub companions: Vec<PathBuf>,
    /// What the flavor made of the file, where the format is [`Format::Program`].
    pub program: Option<Arc<Program>>,
}

/// What kind of file an artifact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// An ONNX model.
    Onnx,
    /// A file that its flavor has read: a runtime is given the [`Program`] it made of it.
    Program,
}

impl Format {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Program => "program",
        }
    }
}

/// Whether a runtime would run an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// It would.
    Yes,
    /// It would not.
    No(Unsupported),
}

/// Why a runtime would not run an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The operators in the way, each with its domain where that is not `ai.onnx`, sorted.
    pub operators: Vec<String>,
    /// All reasons in words, one an entry: "`TreeEnsembleClassifier`: binary with one column".
    pub reasons: Vec<String>,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reasons.join("; "))
    }
}

/// How an artifact is to be loaded. Defaults: the engine's own.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadOptions {
    /// Execution providers in order of preference; empty: the CPU.
    pub providers: Vec<ExecutionProvider>,
    /// Cores that the process may use: what runs at the same time, and their threads, share them.
    pub cores: usize,
    /// Sessions that are to run at the same time, where that was said.
    pub sessions: Option<usize>,
    /// Threads inside one run, where that was said; the manifest's own number wins.
    pub threads: Option<usize>,
    /// What the manifest says about the session.
    pub session: SessionOptions,
    /// When a load is given up.
    pub time_limit: Duration,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            cores: 1,
            sessions: None,
            threads: None,
            session: SessionOptions::default(),
            time_limit: Duration::from_secs(120),
        }
    }
}

impl LoadOptions {
    /// What every engine calls the CPU.
    pub const CPU: &'static str = "CPUExecutionProvider";

    /// The providers that `runtime`, which has only the CPU, passes over. A list is one of
    /// preferences, as MLflow writes it (CUDA before the CPU).
    ///
    /// # Errors
    /// [`RuntimeError::Unsupported`] when the CPU is not on a list: nothing on it would be
    /// honoured.
    pub fn passed_over(&self, runtime: &'static str) -> Result<Vec<&str>, RuntimeError> {
        let names = self.providers.iter().map(|provider| provider.name.as_str());
        let before: Vec<&str> = names.take_while(|name| *name != Self::CPU).collect();
        if before.len() < self.providers.len() || before.is_empty() {
            return Ok(before);
        }
        let reason = format!(
            "execution providers `{}` are asked for, there is only `{}`",
            before.join("`, `"),
            Self::CPU
        );
        Err(RuntimeError::Unsupported {
            runtime,
            reason: Unsupported {
                operators: Vec::new(),
                reasons: vec![reason],
            },
        })
    }
}

/// A hardware plug-in of ONNX Runtime, under ONNX Runtime's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionProvider {
    /// Such as `CPUExecutionProvider`.
    pub name: String,
    /// Its options, as texts.
    pub options: BTreeMap<String, String>,
}

/// MLflow's `onnx_session_options`; what is absent is the engine's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionOptions {
    /// Whether independent nodes may run at the same time.
    pub parallel: Option<bool>,
    /// Rewriting of the graph before the first run.
    pub optimization: Option<Optimization>,
    /// Threads inside an operator.
    pub intra_op_threads: Option<usize>,
    /// Threads across operators.
    pub inter_op_threads: Option<usize>,
    /// Further settings by ONNX Runtime's keys.
    pub config: BTreeMap<String, String>,
}

/// How far a graph is rewritten before the first run (ONNX Runtime's levels 1, 2 and 99; level 0
/// cannot be asked for in a manifest of MLflow 3.17.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optimization {
    /// Level 1.
    Basic,
    /// Level 2.
    Extended,
    /// Level 99.
    All,
}

/// What a loaded model says it takes and gives, in its own order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelSignature {
    /// What it takes.
    pub inputs: Vec<Port>,
    /// What it gives. Declared shapes of outputs are a hint: converters get them wrong.
    pub outputs: Vec<Port>,
}

/// One input or output of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: Arc<str>,
    /// What passes through it.
    pub kind: PortKind,
    /// Its dimensions; `None` where not even their number is known.
    pub shape: Option<Vec<Dim>>,
}

/// What passes through a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortKind {
    /// Elements of a type that a [`crate::Tensor`] has.
    Tensor(DataType),
    /// A map a row from class label (`I64` or `Str`) to number: a tensor with
    /// [`crate::Labels`].
    Map(DataType),
    /// Something that no frame can hold, under the engine's name for it.
    Other(String),
}

/// The size of one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dim {
    /// This size and no other.
    Fixed(usize),
    /// Any size.
    Free,
}

impl fmt::Display for Port {
    /// `sepal_length: FP32 [?, 4]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        match &self.kind {
            PortKind::Tensor(datatype) => write!(f, "{datatype}")?,
            PortKind::Map(key) => write!(f, "map of {key}")?,
            PortKind::Other(name) => f.write_str(name)?,
        }
        let Some(shape) = &self.shape else {
            return Ok(());
        };
        let sizes: Vec<String> = shape
            .iter()
            .map(|dim| match dim {
                Dim::Fixed(size) => size.to_string(),
                Dim::Free => "?".to_owned(),
            })
            .collect();
        write!(f, " [{}]", sizes.join(", "))
    }
}

/// What can go wrong in an engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// The engine itself is not there.
    #[error("runtime `{runtime}` is not available: {reason}")]
    Unavailable {
        /// Its name.
        runtime: &'static str,
        /// What is missing, and a hint.
        reason: String,
    },
    /// The engine does not run such an artifact.
    #[error("runtime `{runtime}` does not support this model: {reason}")]
    Unsupported {
        /// Its name.
        runtime: &'static str,
        /// Why.
        reason: Unsupported,
    },
    /// The artifact is damaged or contradicts itself.
    #[error("the model file cannot be loaded: {reason}")]
    InvalidArtifact {
        /// Why, for the log and the command line.
        reason: String,
    },
    /// Names, types or shapes of the inputs are not the model's. The message may be shown to a
    /// client: it holds no data.
    #[error("{message}")]
    InvalidInput {
        /// What was asked for and what was there.
        message: String,
    },
    /// The load took longer than allowed.
    #[error("the load took longer than {} s", limit.as_secs_f32())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The engine failed or panicked; the reason is for the log only.
    #[error("the model failed: {reason}")]
    Failed {
        /// The engine's own words.
        reason: String,
    },
}

impl RuntimeError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable { .. } | Self::Unsupported { .. } => ErrorKind::Unsupported,
            Self::InvalidArtifact { .. } | Self::TimedOut { .. } => ErrorKind::InvalidPackage,
            Self::InvalidInput { .. } => ErrorKind::InvalidInput,
            Self::Failed { .. } => ErrorKind::Internal,
        }
    }
}

impl ModelSignature {
    /// Checks `inputs` against the model: every input there with its type, its number of
    /// dimensions and its fixed sizes. Runtimes call it first, so that a wrong frame is
    /// answered in one voice and never reaches an engine.
    ///
    /// # Errors
    /// [`RuntimeError::InvalidInput`] with the first difference.
    pub fn check(&self, inputs: &Frame) -> Result<(), RuntimeError> {
        for port in &self.inputs {
            let named = inputs
                .get(&port.name)
                .ok_or_else(|| RuntimeError::InvalidInput {
                    message: format!("input `{}` is missing", port.name),
                })?;
            port.check(named.tensor.datatype(), named.tensor.shape())?;
        }
        Ok(())
    }
}

impl ModelSignature {
    /// Whether the free first dimensions are of one size; `shapes` stand in the order of the
    /// inputs. Most graphs fail, in words of the engine, where they are not.
    pub fn rows_agree<'a>(&self, shapes: impl IntoIterator<Item = &'a [usize]>) -> bool {
        let ports = self.inputs.iter().zip(shapes);
        let mut rows = ports.filter_map(|(port, shape)| match port.shape.as_ref()?.first()? {
            Dim::Free => shape.first(),
            Dim::Fixed(_) => None,
        });
        match rows.next() {
            Some(first) => rows.all(|size| size == first),
            None => true,
        }
    }
}

impl Port {
    /// Whether a tensor of `datatype` and `shape` may pass.
    ///
    /// # Errors
    /// [`RuntimeError::InvalidInput`] with what was expected and found.
    pub fn check(&self, datatype: DataType, shape: &[usize]) -> Result<(), RuntimeError> {
        let refuse = |message| Err(RuntimeError::InvalidInput { message });
        match &self.kind {
            PortKind::Tensor(wanted) if *wanted == datatype => {}
            PortKind::Tensor(wanted) => {
                return refuse(format!(
                    "input `{}` has datatype `{datatype}`, the model asks for `{wanted}`",
                    self.name
                ));
            }
            PortKind::Map(_) | PortKind::Other(_) => {
                return refuse(format!(
                    "input `{}` is not a tensor in the model",
                    self.name
                ));
            }
        }
        let Some(dims) = &self.shape else {
            return Ok(());
        };
        let fits = dims.len() == shape.len()
            && dims.iter().zip(shape).all(|(dim, size)| match dim {
                Dim::Fixed(wanted) => wanted == size,
                Dim::Free => true,
            });
        if fits {
            return Ok(());
        }
        refuse(format!(
            "input `{}` has shape {shape:?}, the model asks for `{self}`",
            self.name
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_providers_must_have_the_cpu_on_it() {
        for (names, passed_over) in [
            (&[][..], Some(0)),
            (&["CPUExecutionProvider"][..], Some(0)),
            (
                &["CUDAExecutionProvider", "CPUExecutionProvider"][..],
                Some(1),
            ),
            (&["CUDAExecutionProvider"][..], None),
        ] {
            let provider = |name: &&str| ExecutionProvider {
                name: (*name).to_owned(),
                options: BTreeMap::new(),
            };
            let options = LoadOptions {
                providers: names.iter().map(provider).collect(),
                ..LoadOptions::default()
            };
            let found = options.passed_over("x").ok().map(|names| names.len());
            assert_eq!(found, passed_over, "{names:?}");
        }
    }
}
