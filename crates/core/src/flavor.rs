//! Flavors: what the files of a package mean.
//!
//! A flavor is pure: it reads its section of the manifest and the files that the section names,
//! and gives a [`Plan`]; it writes a package that reads back to the same plan. It executes
//! nothing, opens no connection and knows no runtime.

use crate::package::{Package, PackageBuilder, PackageError};
use crate::yaml::Mapping;
use crate::{ErrorKind, Plan, Signature};
use std::path::PathBuf;

/// One kind of package. All methods are required.
pub trait Flavor: Send + Sync {
    /// Its key under `flavors:` in the manifest.
    fn name(&self) -> &'static str;

    /// The JSON schema of its section.
    fn schema(&self) -> &'static str;

    /// Whether `source` is a file that [`Flavor::pack`] takes, by its name and first octets.
    fn recognises(&self, source: &std::path::Path) -> bool;

    /// What `package` holds, from this flavor's `section` of its manifest.
    ///
    /// # Errors
    /// When the section or a file it names is not what this flavor writes.
    fn plan(&self, package: &Package, section: &Mapping) -> Result<Plan, FlavorError>;

    /// Writes the files and the sections of a package into `package`.
    ///
    /// # Errors
    /// When the source cannot be read or contradicts the signature that was given.
    fn pack(&self, request: &PackRequest, package: &mut PackageBuilder) -> Result<(), FlavorError>;
}

/// What to pack.
#[derive(Debug, Clone, Default)]
pub struct PackRequest {
    /// The model file of the framework.
    pub source: PathBuf,
    /// The signature to declare; absent parts are made from the model where it knows them.
    pub signature: Signature,
}

/// Why a flavor cannot read or write a package.
#[derive(Debug, thiserror::Error)]
pub enum FlavorError {
    /// A key that the section must have.
    #[error("flavor `{flavor}`: the key `{key}` is missing")]
    MissingKey {
        /// The flavor.
        flavor: &'static str,
        /// The key.
        key: String,
    },
    /// A key whose value is not of the kind that it must be.
    #[error("flavor `{flavor}`: the key `{key}` must be {expected}, found {found}")]
    BadValue {
        /// The flavor.
        flavor: &'static str,
        /// The key.
        key: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The model file is not what it should be.
    #[error("flavor `{flavor}`: `{file}` cannot be read: {reason}")]
    BadFile {
        /// The flavor.
        flavor: &'static str,
        /// The file, relative to the package.
        file: String,
        /// Why.
        reason: String,
    },
    /// The declared signature can never fit the model.
    #[error("flavor `{flavor}`: the signature contradicts the model: {reason}")]
    Contradiction {
        /// The flavor.
        flavor: &'static str,
        /// What is declared and what the model has.
        reason: String,
    },
    /// A path, a missing file or another fault of the package.
    #[error(transparent)]
    Package(#[from] PackageError),
}

impl FlavorError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::MissingKey { .. }
            | Self::BadValue { .. }
            | Self::BadFile { .. }
            | Self::Contradiction { .. } => ErrorKind::InvalidPackage,
            Self::Package(error) => error.kind(),
        }
    }
}
