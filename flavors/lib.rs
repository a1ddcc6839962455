//! The list of flavors: what kinds of packages this build knows.

use flavor_lightgbm::LightGbm;
use flavor_onnx::Onnx;
use flavor_xgboost::XGBoost;
use flowgate_core::yaml::Mapping;
use flowgate_core::{ErrorKind, Flavor, Manifest};
use std::path::{Path, PathBuf};

/// Every flavor, in order of preference where a package has several.
pub const ALL: &[&dyn Flavor] = &[&Onnx, &XGBoost, &LightGbm];

/// Why no flavor is chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// The package has none that this build knows.
    #[error("no flavor of the package is known: it has {found}, known are {known}\n  hint: {HINT}")]
    Unknown {
        /// The flavors of the package.
        found: String,
        /// Those of this build.
        known: String,
    },
    /// There is none of that name.
    #[error("there is no flavor `{name}` in this build; there are {known}")]
    Name {
        /// The name asked for.
        name: String,
        /// The flavors of this build.
        known: String,
    },
    /// No flavor packs such a file.
    #[error("`{}` is no model file that can be packed: known are {known}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// The flavors of this build.
        known: String,
    },
}

/// What to do about a package of another flavor.
const HINT: &str = "convert the model to onnx and log it with `mlflow.onnx`";

impl ChooseError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown { .. } => ErrorKind::InvalidPackage,
            Self::Source { .. } | Self::Name { .. } => ErrorKind::InvalidInput,
        }
    }
}

/// The flavor to read a package by, and its section.
///
/// # Errors
/// When the package has none that this build knows.
pub fn choose(manifest: &Manifest) -> Result<(&'static dyn Flavor, &Mapping), ChooseError> {
    let known = |flavor: &&'static dyn Flavor| {
        let section = manifest.flavor(flavor.name())?;
        Some((*flavor, section))
    };
    ALL.iter()
        .find_map(known)
        .ok_or_else(|| ChooseError::Unknown {
            found: list(manifest.flavors().map(|(name, _)| name)),
            known: names(),
        })
}

/// The flavor called `name`.
///
/// # Errors
/// When there is none.
pub fn find(name: &str) -> Result<&'static dyn Flavor, ChooseError> {
    let found = ALL.iter().find(|flavor| flavor.name() == name).copied();
    found.ok_or_else(|| ChooseError::Name {
        name: name.to_owned(),
        known: names(),
    })
}

/// The flavor that packs the file `source`.
///
/// # Errors
/// When none does.
pub fn find_for_source(source: &Path) -> Result<&'static dyn Flavor, ChooseError> {
    ALL.iter()
        .find(|flavor| flavor.recognises(source))
        .copied()
        .ok_or_else(|| ChooseError::Source {
            path: source.to_owned(),
            known: names(),
        })
}

fn names() -> String {
    list(ALL.iter().map(|flavor| flavor.name()))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
