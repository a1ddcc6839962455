//! Why a file is not loaded, in the words of the contract.

use crate::error::OnnxError;
use flowgate_core::{Artifact, Format, RuntimeError, Unsupported};

/// The largest file that protobuf can be.
const FILE_LIMIT: u64 = 2 << 30;

/// Why a runtime does not load a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// Not a readable ONNX model, or one without its data.
    Unreadable(String),
    /// A model that the engine, or a frame, has no place for.
    Unsupported(Unsupported),
}

impl FileError {
    /// The reasons, as the answer to whether a runtime supports the file.
    pub fn into_unsupported(self) -> Unsupported {
        match self {
            Self::Unreadable(reason) => Unsupported {
                operators: Vec::new(),
                reasons: vec![reason],
            },
            Self::Unsupported(unsupported) => unsupported,
        }
    }

    /// The error of a load by the runtime called `runtime`.
    pub fn into_runtime_error(self, runtime: &'static str) -> RuntimeError {
        match self {
            Self::Unreadable(reason) => RuntimeError::InvalidArtifact { reason },
            Self::Unsupported(reason) => RuntimeError::Unsupported { runtime, reason },
        }
    }
}

/// The octets of the file of `artifact` and its companions.
///
/// # Errors
/// When the file is none, or larger than protobuf can be.
pub fn file_size(artifact: &Artifact) -> std::io::Result<u64> {
    let metadata = fs_err::metadata(&artifact.path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("the model is not a regular file"));
    }
    if metadata.len() > FILE_LIMIT {
        return Err(std::io::Error::other(format!(
            "the model has {} bytes, at most {FILE_LIMIT} are taken; larger ones keep their \
             numbers in further files",
            metadata.len()
        )));
    }
    let mut size = metadata.len();
    for companion in &artifact.companions {
        size = size.saturating_add(fs_err::metadata(companion)?.len());
    }
    Ok(size)
}

/// Whether `artifact` is an ONNX file at all.
///
/// # Errors
/// [`FileError::Unsupported`] when it is not.
pub fn expect_onnx(artifact: &Artifact) -> Result<(), FileError> {
    if artifact.format == Format::Onnx {
        return Ok(());
    }
    let format = artifact.format.name();
    Err(FileError::Unsupported(Unsupported {
        operators: Vec::new(),
        reasons: vec![format!("it runs onnx files, the model is a {format}")],
    }))
}

impl From<OnnxError> for FileError {
    fn from(error: OnnxError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
