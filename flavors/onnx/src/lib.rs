//! The `onnx` flavor: packages that hold an ONNX model.
//!
//! Responsible for the sections `onnx` and `python_function` of the manifest, the model file and
//! the files beside it. Whether an engine runs the graph is the runtimes' affair.
//!
//! Source: MLflow 3.17.2, `mlflow.onnx`, as measured on the real library.

mod fit;
mod graph;
mod pack;
mod plan;
mod section;
mod signature;

use flowgate_core::yaml::Mapping;
use flowgate_core::{Flavor, FlavorError, PackRequest, Package, PackageBuilder, Plan};
use std::path::Path;

/// The key under `flavors:`.
const NAME: &str = "onnx";

/// The flavor.
#[derive(Debug, Clone, Copy)]
pub struct Onnx;

impl Flavor for Onnx {
    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema.json")
    }

    fn recognises(&self, source: &Path) -> bool {
        source
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case(NAME))
    }

    fn plan(&self, package: &Package, section: &Mapping) -> Result<Plan, FlavorError> {
        plan::plan(package, section)
    }

    fn pack(&self, request: &PackRequest, package: &mut PackageBuilder) -> Result<(), FlavorError> {
        pack::pack(request, package)
    }
}
