//! From a model file to a package.

use crate::class::Class;
use crate::file::File;
use crate::model::Model;
use crate::{NAME, SECTIONS, bad_file, plan, signature};
use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{FlavorError, PackRequest, PackageBuilder, Signature};
use flowgate_flavorkit::environment;

/// The XGBoost that reads files which do not say what wrote them.
const XGBOOST: &str = "3.2.0";

pub(crate) fn pack(request: &PackRequest, package: &mut PackageBuilder) -> Result<(), FlavorError> {
    let source = &request.source;
    let shown = source.display().to_string();
    let File { model, encoding } = File::at(source)?;
    let class = Class::for_estimator(model.estimator.as_deref());
    let signature = declared(&model, class, &request.signature, &shown)?;
    // Whatever could not be served is not packed.
    plan::fitted(&model, class, &signature, &shown)?;
    let format = encoding.extension();
    let data = format!("model.{format}");
    let version = version(&model);
    package.copy(source, &data)?;
    let library = format!("xgboost=={version}");
    let mut further = vec![library.as_str()];
    if class.is_wrapper() {
        further.push("scikit-learn");
    }
    environment::write(package, &further)?;
    let manifest = package.manifest_mut();
    let mut section = Mapping::new();
    section.insert("code", Value::Null);
    section.insert("data", data.as_str());
    section.insert("model_class", class.name());
    section.insert("model_format", format);
    section.insert("xgb_version", version);
    manifest.set_flavor(NAME, section);
    manifest.set_flavor("python_function", SECTIONS.python_function(&data));
    manifest.set_signature(signature);
    Ok(())
}

/// The signature of the request, what it leaves out made from the model.
fn declared(
    model: &Model,
    class: Class,
    given: &Signature,
    file: &str,
) -> Result<Signature, FlavorError> {
    let inputs = match given.inputs.clone() {
        Some(inputs) => signature::settle(inputs, model),
        None => signature::of_inputs(model),
    };
    let outputs = match given.outputs.clone() {
        Some(outputs) => outputs,
        None => signature::of_outputs(model, class).map_err(|error| bad_file(file, error))?,
    };
    Ok(Signature {
        inputs: Some(inputs),
        outputs: Some(outputs),
        params: given.params.clone(),
    })
}

/// The version of XGBoost that wrote the model.
fn version(model: &Model) -> String {
    match model.version {
        [0, 0, 0] => XGBOOST.to_owned(),
        [major, minor, patch] => format!("{major}.{minor}.{patch}"),
    }
}
