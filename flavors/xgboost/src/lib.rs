//! The `xgboost` flavor: packages that hold an XGBoost model as UBJSON or JSON.
//!
//! Responsible for the sections `xgboost` and `python_function` of the manifest, for reading the
//! model file and for making a program of it that answers what the library answers. Running the
//! program is the runtimes' affair.
//!
//! Source: MLflow 3.17.2, `mlflow.xgboost`, and XGBoost 3.2.0 (files of 1.7.6, 2.1.4, 3.0.5 and
//! 3.1.3 too), as measured on the real libraries.

mod class;
mod columns;
mod file;
mod linear;
mod model;
mod objective;
mod pack;
mod plan;
mod program;
mod signature;
mod source;
mod trees;

use flowgate_core::yaml::Mapping;
use flowgate_core::{Flavor, FlavorError, PackRequest, Package, PackageBuilder, Plan};
use flowgate_flavorkit::Sections;
use std::path::Path;

/// The key under `flavors:`.
const NAME: &str = "xgboost";

/// The sections of this flavor.
const SECTIONS: Sections = Sections {
    flavor: NAME,
    loader: "mlflow.xgboost",
};

/// The flavor.
#[derive(Debug, Clone, Copy)]
pub struct XGBoost;

impl Flavor for XGBoost {
    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema.json")
    }

    fn recognises(&self, source: &Path) -> bool {
        file::recognises(source)
    }

    fn plan(&self, package: &Package, section: &Mapping) -> Result<Plan, FlavorError> {
        plan::plan(package, section)
    }

    fn pack(&self, request: &PackRequest, package: &mut PackageBuilder) -> Result<(), FlavorError> {
        pack::pack(request, package)
    }
}

/// That the model file, called `file` in messages, is not what it should be.
fn bad_file(file: &str, reason: impl ToString) -> FlavorError {
    FlavorError::BadFile {
        flavor: NAME,
        file: file.to_owned(),
        reason: reason.to_string(),
    }
}

/// That the declared signature can never fit the model.
fn contradiction(reason: String) -> FlavorError {
    FlavorError::Contradiction {
        flavor: NAME,
        reason,
    }
}
