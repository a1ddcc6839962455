//! The `lightgbm` flavor: packages that hold a LightGBM booster or one of its scikit-learn
//! estimators.
//!
//! Responsible for the sections `lightgbm` and `python_function` of the manifest, LightGBM's text
//! format, the estimator around it in a file of skops, and how the columns of a signature become
//! the columns of the model. How trees are followed is the affair of the runtime that gets the
//! program; how skops keeps objects that of `flowgate-skops`.
//!
//! Source: MLflow 3.17.2 with LightGBM 4.7.0, `mlflow.lightgbm` and `lightgbm`, as measured on the
//! real libraries.

mod columns;
mod ensemble;
mod estimator;
mod file;
mod lookup;
mod model;
mod pack;
mod plan;
mod program;
mod section;
mod signature;
mod text;

use flowgate_core::yaml::Mapping;
use flowgate_core::{Flavor, FlavorError, PackRequest, Package, PackageBuilder, Plan};
use std::path::Path;

/// The key under `flavors:`.
const NAME: &str = "lightgbm";

/// The flavor.
#[derive(Debug, Clone, Copy)]
pub struct LightGbm;

impl Flavor for LightGbm {
    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema.json")
    }

    fn recognises(&self, source: &Path) -> bool {
        file::is_text_of_lightgbm(source)
    }

    fn plan(&self, package: &Package, section: &Mapping) -> Result<Plan, FlavorError> {
        plan::plan(package, section)
    }

    fn pack(&self, request: &PackRequest, package: &mut PackageBuilder) -> Result<(), FlavorError> {
        pack::pack(request, package)
    }
}
