//! The section `lightgbm` of a manifest: which class is kept, and in which format.

use crate::NAME;
use crate::estimator::Class;
use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{FlavorError, Manifest};
use flowgate_flavorkit::Sections;

/// The sections of this flavor.
pub(crate) const SECTIONS: Sections = Sections {
    flavor: NAME,
    loader: "mlflow.lightgbm",
};

/// The class of a booster, which is also what MLflow takes a package for that names none.
pub(crate) const BOOSTER: &str = "lightgbm.basic.Booster";

/// How to save a model again so that it can be read.
const HINT: &str = "save the model again with `serialization_format=\"skops\"`, or log its \
                    booster, `model.booster_`";

/// What a package holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// A booster, as text.
    Booster,
    /// An estimator, as a file of skops.
    Estimator(Class),
}

/// Where the model file is, relative to the package.
///
/// # Errors
/// Also when the two sections name two files: MLflow would look for one and load the other.
pub(crate) fn data<'a>(
    manifest: &'a Manifest,
    section: &'a Mapping,
) -> Result<&'a str, FlavorError> {
    let data = SECTIONS.data(manifest, section)?;
    match section.get("data") {
        Some(Value::Str(own)) if own != data => Err(FlavorError::BadValue {
            flavor: NAME,
            key: "data".to_owned(),
            expected: "the path in `python_function.data`",
            found: "another path".to_owned(),
        }),
        _ => Ok(data),
    }
}

/// What the section says the file holds.
///
/// # Errors
/// When that is a class that is not known, or a format that is code.
pub(crate) fn kept(section: &Mapping) -> Result<Kept, FlavorError> {
    let class = SECTIONS.text(section, "model_class")?;
    let class = match class.as_deref() {
        None | Some(BOOSTER) => return Ok(Kept::Booster),
        Some(name) => Class::ALL.into_iter().find(|class| class.name() == name),
    };
    let Some(class) = class else {
        return Err(FlavorError::BadValue {
            flavor: NAME,
            key: "model_class".to_owned(),
            expected: "`lightgbm.basic.Booster`, or `LGBMClassifier`, `LGBMRegressor` or \
                       `LGBMRanker` of `lightgbm.sklearn`",
            found: format!("another class\n  hint: {}", "log the booster of the model"),
        });
    };
    let format = SECTIONS.text(section, "serialization_format")?;
    match format.as_deref() {
        Some("skops") => Ok(Kept::Estimator(class)),
        format => Err(FlavorError::BadValue {
            flavor: NAME,
            key: "serialization_format".to_owned(),
            expected: "`skops`",
            found: match format {
                Some("pickle" | "cloudpickle" | "joblib") | None => {
                    format!("a pickle, which is code and is never run\n  hint: {HINT}")
                }
                Some(_) => format!("another format\n  hint: {HINT}"),
            },
        }),
    }
}
