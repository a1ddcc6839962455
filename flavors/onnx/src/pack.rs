//! From a model file to a package.

use crate::graph::{Graph, bad_file};
use crate::section::SECTIONS;
use crate::{NAME, fit, signature};
use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{FlavorError, PackRequest, PackageBuilder, Port, Signature};
use flowgate_flavorkit::environment;
use flowgate_onnx::port;
use std::path::Path;

/// The name that MLflow gives the model file.
const MODEL: &str = "model.onnx";

/// The `onnx` package that reads what is packed.
const ONNX: &str = "1.23.2";

pub(crate) fn pack(request: &PackRequest, package: &mut PackageBuilder) -> Result<(), FlavorError> {
    let source = &request.source;
    let shown = source.display().to_string();
    let graph = Graph::read(source, &shown)?;
    let signature = declared(&graph, &request.signature)?;
    package.copy(source, MODEL)?;
    copy_companions(&graph, source, package)?;
    environment::write(package, &[&format!("onnx=={ONNX}"), "onnxruntime==1.32.0"])?;
    let manifest = package.manifest_mut();
    manifest.set_flavor(NAME, onnx_section());
    manifest.set_flavor("python_function", SECTIONS.python_function(MODEL));
    if signature != Signature::default() {
        manifest.set_signature(signature);
    }
    Ok(())
}

/// The signature of the request, what it leaves out made from the graph.
fn declared(graph: &Graph, given: &Signature) -> Result<Signature, FlavorError> {
    let adapter = graph.inputs()?;
    let inputs = match given.inputs.clone() {
        Some(inputs) => {
            let inputs = signature::settle(inputs, &adapter);
            fit::check(&inputs, &adapter)?;
            Some(inputs)
        }
        None => signature::of_inputs(&adapter),
    };
    let outputs = given.outputs.clone().or_else(|| {
        let ports: Vec<Port> = graph.model().outputs().iter().map(port).collect();
        signature::of_outputs(&ports)
    });
    Ok(Signature {
        inputs,
        outputs,
        params: given.params.clone(),
    })
}

/// The files that hold the larger tensors, under the names that the model file knows them by.
fn copy_companions(
    graph: &Graph,
    source: &Path,
    package: &mut PackageBuilder,
) -> Result<(), FlavorError> {
    let folder = source.parent().unwrap_or(Path::new(""));
    for location in graph.model().external_data() {
        if location == MODEL {
            let shown = source.display().to_string();
            let reason = format!("its tensors are kept in a file called `{MODEL}`");
            return Err(bad_file(&shown, reason));
        }
        package.copy(&folder.join(location), location)?;
    }
    Ok(())
}

fn onnx_section() -> Mapping {
    let mut section = Mapping::new();
    section.insert("code", Value::Null);
    section.insert("data", MODEL);
    section.insert("onnx_session_options", Value::Null);
    section.insert("onnx_version", ONNX);
    section.insert(
        "providers",
        Value::Seq(vec![Value::from("CPUExecutionProvider")]),
    );
    section
}
