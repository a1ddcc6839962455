//! From a package to a plan.

use crate::NAME;
use crate::columns::columns;
use crate::estimator::{Answers, Estimator};
use crate::file::{self, FILE_LIMIT, bad_file};
use crate::program::program;
use crate::section::{self, Kept, SECTIONS};
use flowgate_core::yaml::Mapping;
use flowgate_core::{Answer, Artifact, FlavorError, Format, LoadOptions, Package, Plan};
use flowgate_flavorkit::hints;

pub(crate) fn plan(package: &Package, section: &Mapping) -> Result<Plan, FlavorError> {
    let manifest = package.manifest();
    let data = section::data(manifest, section)?;
    let kept = section::kept(section)?;
    let path = package.file(data)?;
    let octets = package.read(data, FILE_LIMIT)?;
    let (model, rounds, answers) = match kept {
        Kept::Booster => (file::model(&octets, data)?, None, Answers::Values),
        Kept::Estimator(class) => {
            let estimator = Estimator::read(&octets, class);
            let estimator = estimator.map_err(|error| bad_file(data, error.to_string()))?;
            let model = file::model(estimator.text.as_bytes(), data)?;
            (model, estimator.rounds, estimator.answers)
        }
    };
    let signature = manifest.signature().clone();
    let columns = columns(&model, signature.inputs.as_ref()).map_err(contradiction)?;
    let inputs = columns.adapter.clone();
    let (program, methods) = program(&model, columns, rounds, &answers, data)?;
    Ok(Plan {
        artifact: Artifact {
            format: Format::Program,
            path,
            companions: Vec::new(),
            program: Some(program),
        },
        signature,
        inputs,
        answer: Answer::Array(methods),
        options: LoadOptions::default(),
        hints: hints(SECTIONS, manifest, true)?,
    })
}

/// That the declared signature can never fit the model.
pub(crate) fn contradiction(reason: String) -> FlavorError {
    FlavorError::Contradiction {
        flavor: NAME,
        reason,
    }
}
