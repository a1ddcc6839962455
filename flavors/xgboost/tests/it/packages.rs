//! Packages of the model files in `tests/data`, and the tables beside them.

use crate::evaluator::Table;
use flavor_xgboost::XGBoost;
use flowgate_core::{
    DataType, Flavor, FlavorError, InputAdapter, Package, Plan, Port, PortKind, Program,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Every folder of `tests/data`.
pub(crate) fn cases() -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let entries = fs_err::read_dir(data).expect("the data");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() > 70, "all of them are there");
    cases
}

/// The models of a case: its JSON, its UBJSON or both.
pub(crate) fn models(case: &Path) -> Vec<PathBuf> {
    let files = ["model.json", "model.ubj"].map(|name| case.join(name));
    let models: Vec<PathBuf> = files.into_iter().filter(|file| file.is_file()).collect();
    assert!(!models.is_empty(), "{} has a model", case.display());
    models
}

/// The plan of a package with the file `model`, and with `manifest` or one that names `class` and
/// declares nothing.
pub(crate) fn plan(model: &Path, class: &str, manifest: Option<&str>) -> Result<Plan, FlavorError> {
    let octets = fs_err::read(model).expect("a model");
    let name = model.file_name().and_then(|name| name.to_str());
    let name = name.expect("a name");
    let bare = format!(
        "flavors:\n  python_function:\n    data: {name}\n    loader_module: mlflow.xgboost\n  \
         xgboost:\n    data: {name}\n    model_class: {class}\n"
    );
    let manifest = manifest.map_or(bare, |manifest| {
        manifest
            .replace("data: model.ubj", &format!("data: {name}"))
            .replace("data: model.json", &format!("data: {name}"))
    });
    plan_of(&octets, name, &manifest)
}

/// The plan of a package with a model file of these `octets`.
pub(crate) fn plan_of(octets: &[u8], name: &str, manifest: &str) -> Result<Plan, FlavorError> {
    let folder = tempfile::tempdir().expect("a folder");
    let package = package(&folder, octets, name, manifest);
    let section = package.manifest().flavor("xgboost").expect("a section");
    XGBoost.plan(&package, section)
}

fn package(folder: &TempDir, octets: &[u8], name: &str, manifest: &str) -> Package {
    fs_err::write(folder.path().join(name), octets).expect("written");
    fs_err::write(folder.path().join(Package::MANIFEST), manifest).expect("written");
    Package::open(folder.path()).expect("a package")
}

/// The program of a plan.
pub(crate) fn program(plan: &Plan) -> Arc<Program> {
    plan.artifact.program.clone().expect("a program")
}

/// The table beside a model as the inputs of its program.
pub(crate) fn inputs(case: &Path, adapter: &InputAdapter) -> Vec<Table> {
    let text = fs_err::read_to_string(case.join("input.csv")).expect("a table");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let cells: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    match adapter {
        InputAdapter::Numbers(port) => {
            let row = |row: &Vec<&str>| row.iter().map(|cell| number(cell, port)).collect();
            vec![Table::Numbers {
                datatype: datatype(port),
                rows: cells.iter().map(row).collect(),
            }]
        }
        InputAdapter::Named(ports) => ports
            .iter()
            .map(|port| {
                let at = header.iter().position(|name| **name == *port.name);
                let at = at.expect("a column of this name");
                let column = cells.iter().map(|row| row[at]);
                match datatype(port) {
                    DataType::Str => Table::Texts(
                        column
                            .map(|cell| (!cell.is_empty()).then(|| cell.to_owned()))
                            .collect(),
                    ),
                    datatype => Table::Numbers {
                        datatype,
                        rows: column.map(|cell| vec![number(cell, port)]).collect(),
                    },
                }
            })
            .collect(),
        InputAdapter::Single(_) => panic!("XGBoost takes numbers or names"),
    }
}

/// A cell as its port has it; an empty one is missing.
fn number(cell: &str, port: &Port) -> f64 {
    let number = match cell {
        "" => f64::NAN,
        "true" | "True" => 1.0,
        "false" | "False" => 0.0,
        cell => cell.parse().expect("a number"),
    };
    match datatype(port) {
        DataType::F32 => f64::from(number as f32),
        _ => number,
    }
}

fn datatype(port: &Port) -> DataType {
    match port.kind {
        PortKind::Tensor(datatype) => datatype,
        _ => panic!("`{port}` is a tensor"),
    }
}
