//! From a text of LightGBM to a package.

use crate::columns::columns;
use crate::estimator::Answers;
use crate::model::Model;
use crate::plan::contradiction;
use crate::program::program;
use crate::section::{BOOSTER, SECTIONS};
use crate::{NAME, file, signature};
use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{FlavorError, PackRequest, PackageBuilder, Signature};
use flowgate_flavorkit::environment;

/// The name that MLflow gives the model file.
const MODEL: &str = "model.lgb";

/// The `lightgbm` package that reads what is packed.
const LIGHTGBM: &str = "4.7.0";

pub(crate) fn pack(request: &PackRequest, package: &mut PackageBuilder) -> Result<(), FlavorError> {
    let source = &request.source;
    let shown = source.display().to_string();
    let model = file::model(&file::read(source, &shown)?, &shown)?;
    let signature = declared(&model, &request.signature).map_err(contradiction)?;
    // Nothing is packed that would not be read.
    let columns = columns(&model, signature.inputs.as_ref()).map_err(contradiction)?;
    program(&model, columns, None, &Answers::Values, &shown)?;
    package.copy(source, MODEL)?;
    environment::write(package, &[&format!("lightgbm=={LIGHTGBM}")])?;
    let manifest = package.manifest_mut();
    manifest.set_flavor(NAME, section());
    manifest.set_flavor("python_function", SECTIONS.python_function(MODEL));
    manifest.set_signature(signature);
    Ok(())
}

/// The signature of the request, what it leaves out made from the model.
fn declared(model: &Model, given: &Signature) -> Result<Signature, String> {
    let inputs = match given.inputs.clone() {
        Some(inputs) => signature::settle(inputs, model),
        None => signature::of_inputs(model)?,
    };
    let outputs = given.outputs.clone();
    Ok(Signature {
        inputs: Some(inputs),
        outputs: Some(outputs.unwrap_or_else(|| signature::of_outputs(model))),
        params: given.params.clone(),
    })
}

fn section() -> Mapping {
    let mut section = Mapping::new();
    section.insert("code", Value::Null);
    section.insert("data", MODEL);
    section.insert("lgb_version", LIGHTGBM);
    section.insert("model_class", BOOSTER);
    section
}
