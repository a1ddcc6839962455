//! From a package to a plan.

use crate::graph::Graph;
use crate::section::SECTIONS;
use crate::{fit, section};
use flowgate_core::yaml::Mapping;
use flowgate_core::{Answer, Artifact, FlavorError, Format, LoadOptions, Package, Plan};
use flowgate_flavorkit::hints;

pub(crate) fn plan(package: &Package, section: &Mapping) -> Result<Plan, FlavorError> {
    let manifest = package.manifest();
    let data = SECTIONS.data(manifest, section)?;
    let path = package.file(data)?;
    let graph = Graph::read(&path, data)?;
    let companions = graph.companions(package, data)?;
    let signature = manifest.signature().clone();
    let inputs = graph.inputs()?;
    if let Some(declared) = &signature.inputs {
        fit::check(declared, &inputs)?;
    }
    // Rows are joined only where every input of the graph takes any number of them.
    let hints = hints(SECTIONS, manifest, fit::takes_any_rows(&inputs))?;
    Ok(Plan {
        artifact: Artifact {
            format: Format::Onnx,
            path,
            companions,
            program: None,
        },
        signature,
        inputs,
        answer: Answer::Frame,
        options: LoadOptions {
            providers: section::providers(section)?,
            session: section::session_options(section)?,
            ..LoadOptions::default()
        },
        hints,
    })
}
