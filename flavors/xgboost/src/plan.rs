//! From a package to a plan.

use crate::class::Class;
use crate::columns::Columns;
use crate::file::{self, File};
use crate::model::Model;
use crate::{NAME, SECTIONS, bad_file, contradiction, program};
use flowgate_core::yaml::Mapping;
use flowgate_core::{Answer, Artifact, FlavorError, Format, LoadOptions, Package, Plan, Signature};
use flowgate_flavorkit::hints;
use std::sync::Arc;

pub(crate) fn plan(package: &Package, section: &Mapping) -> Result<Plan, FlavorError> {
    let manifest = package.manifest();
    let data = SECTIONS.data(manifest, section)?;
    let path = package.file(data)?;
    let format = SECTIONS.text(section, "model_format")?;
    file::refuse_pickle(data, format.as_deref())?;
    let class = Class::of(section)?;
    let File { model, .. } = File::of_package(package, data)?;
    check_estimator(&model, class)?;
    let signature = manifest.signature().clone();
    let (program, columns) = fitted(&model, class, &signature, data)?;
    Ok(Plan {
        artifact: Artifact {
            format: Format::Program,
            path,
            companions: Vec::new(),
            program: Some(Arc::new(program)),
        },
        signature,
        inputs: columns.adapter,
        answer: Answer::Array(program::methods(class)),
        options: LoadOptions::default(),
        hints: hints(SECTIONS, manifest, true)?,
    })
}

/// The program of `model`, the file called `file`, and how requests become its inputs.
///
/// # Errors
/// When the model contradicts itself, or the declared inputs.
pub(crate) fn fitted(
    model: &Model,
    class: Class,
    signature: &Signature,
    file: &str,
) -> Result<(flowgate_core::Program, Columns), FlavorError> {
    let columns = Columns::of(model, signature.inputs.as_ref()).map_err(contradiction)?;
    let program = program::program(model, class, columns.clone());
    let program = program.map_err(|error| bad_file(file, error))?;
    Ok((program, columns))
}

/// A wrapper of XGBoost's loads no model of another type of estimator.
fn check_estimator(model: &Model, class: Class) -> Result<(), FlavorError> {
    match (&model.estimator, class.estimator()) {
        (Some(found), Some(wanted)) if found != wanted => Err(FlavorError::BadValue {
            flavor: NAME,
            key: "model_class".to_owned(),
            expected: "the class of the model",
            found: format!("a {wanted}, the file holds a {found}"),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Booster, Linear};

    #[test]
    fn a_wrapper_takes_no_model_of_another_kind() {
        let booster = Booster::Linear(Linear {
            weights: Vec::new(),
            rounds: 1,
        });
        let mut model = Model::sample("reg:squarederror", booster);
        assert!(check_estimator(&model, Class::Regressor).is_ok());
        model.estimator = Some("classifier".to_owned());
        assert!(check_estimator(&model, Class::Classifier).is_ok());
        assert!(check_estimator(&model, Class::Booster).is_ok());
        let error = check_estimator(&model, Class::Regressor).expect_err("another");
        assert!(error.to_string().contains("holds a classifier"), "{error}");
    }
}
