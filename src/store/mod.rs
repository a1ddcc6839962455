//! Stores: where packages are.
//!
//! A model URI names a package; the scheme decides which store looks for it. Today there is the
//! directory store; a registry is one more arm of [`resolve`].

mod dir;
mod uri;

pub use dir::DirStore;
pub use uri::{ModelUri, UriError, Version};

use flowgate_core::ErrorKind;
use std::path::{Path, PathBuf};

/// The name and version under which a package is served.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelVersion {
    /// The model's name.
    pub name: String,
    /// The version's name; mostly a number.
    pub version: String,
}

/// A package that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name and version it is served under.
    pub id: ModelVersion,
    /// Its directory.
    pub path: PathBuf,
}

/// Why no package was found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URI cannot be read.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// There is no such model.
    #[error("there is no model `{name}` in the store `{}`; {}", store.display(), known(found))]
    NoModel {
        /// The name asked for.
        name: String,
        /// The store.
        store: PathBuf,
        /// The models that are there.
        found: Vec<String>,
    },
    /// The model has no such version.
    #[error("model `{name}` has no version `{version}`; {}", known(found))]
    NoVersion {
        /// The model.
        name: String,
        /// The version asked for.
        version: String,
        /// The versions that are there.
        found: Vec<String>,
    },
    /// Nothing is at a plain path.
    #[error("`{}` is not there", path.display())]
    NoPath {
        /// The path.
        path: PathBuf,
    },
    /// The store cannot be read.
    #[error("the store cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl StoreError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Uri(error) => error.kind(),
            Self::NoModel { .. } | Self::NoVersion { .. } | Self::NoPath { .. } => {
                ErrorKind::NotFound
            }
            Self::Io(_) => ErrorKind::Internal,
        }
    }
}

/// Finds the package that `uri` names: in `store`, or at a plain path.
///
/// # Errors
/// When the URI cannot be read or nothing is there.
pub fn resolve(uri: &str, store: &DirStore) -> Result<Found, StoreError> {
    match ModelUri::parse(uri)? {
        ModelUri::Path(path) if path.exists() => Ok(Found {
            id: name_of(&path),
            path,
        }),
        ModelUri::Path(path) => Err(StoreError::NoPath { path }),
        ModelUri::Registered { name, version } => store.find(&name, &version),
    }
}

/// The name and version of a package at a plain path: `…/iris/3` is version 3 of `iris`, any
/// other directory is version 1 of its own name.
fn name_of(path: &Path) -> ModelVersion {
    let path = fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let part = |path: &Path| {
        path.file_name()
            .map(|part| part.to_string_lossy().into_owned())
    };
    let last = part(&path).unwrap_or_else(|| "model".to_owned());
    let parent = path.parent().and_then(part);
    match parent {
        Some(name) if last.bytes().all(|octet| octet.is_ascii_digit()) => ModelVersion {
            name,
            version: last,
        },
        _ => ModelVersion {
            name: last,
            version: "1".to_owned(),
        },
    }
}

fn known(found: &[String]) -> String {
    if found.is_empty() {
        "there are none".to_owned()
    } else {
        format!("there are `{}`", found.join("`, `"))
    }
}
