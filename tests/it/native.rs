//! Native models of the real libraries, through the tabular runtime: what a program says is what
//! its library answered, from every encoding, whatever kernel follows the trees.

use crate::support::{found, loader_with, root};
use flowgate::adapter::adapt;
use flowgate::batcher::Policy;
use flowgate::catalog::Loader;
use flowgate::method;
use flowgate::scoring::decode;
use flowgate::verify::compare;
use flowgate_core::{FlavorError, Frame, PackRequest, Package, PackageBuilder, Params, Runtime};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Floats may be this many units of the last place apart: 1 for XGBoost's 32 bits, 2 for
/// LightGBM's 64.
const ALLOWED: [(&str, u64); 2] = [("xgboost", 1), ("lightgbm", 2)];

/// A loader of the tabular runtime with one of its kernels.
fn loader(kernel: &str) -> Loader {
    let settings = runtimes::Settings {
        tree_kernel: Some(kernel.to_owned()),
        ..runtimes::Settings::default()
    };
    let mut all: Vec<Arc<dyn Runtime>> = runtimes::all(&settings);
    all.retain(|runtime| runtime.name() == "tabular");
    loader_with(all, None, Policy::default())
}

fn cases(flavor: &str) -> Vec<PathBuf> {
    let folder = root().join(format!("flavors/{flavor}/tests/data"));
    let entries = fs_err::read_dir(folder).expect("cases");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    // A pickle has no answers: it is refused, as its flavor's own tests say.
    let is_case = |path: &PathBuf| path.join("expected.json").is_file();
    let mut cases: Vec<PathBuf> = paths.filter(is_case).collect();
    cases.sort();
    cases
}

/// Whether the file that the manifest names is kept, and not the other encoding of it.
fn is_whole(case: &Path) -> bool {
    let manifest = fs_err::read_to_string(case.join("MLmodel")).unwrap_or_default();
    let files = ["model.ubj", "model.json", "model.lgb", "model.skops"];
    let named = files
        .iter()
        .find(|file| manifest.contains(&format!("data: {file}")));
    named.is_some_and(|file| case.join(file).is_file())
}

/// Rows that no request can have: a column that is required has no missing texts (see
/// [`texts_that_are_missing_where_they_may_be`]), a blank line is no row of one column, and a bare file does not say which columns hold truth values or whole numbers.
const NO_REQUEST: [&str; 6] = [
    "own_cat_",
    "own_one_feature",
    "own_typed_columns",
    "own_column_types",
    "own_pandas_",
    "own_skops_pandas_texts",
];

/// Cases of files whose features have names that a tensor's rows do not.
const TENSORS: [&str; 2] = ["own_float_tensor", "own_integer_tensor"];

fn is_request(case: &Path, others: &[&str]) -> bool {
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    NO_REQUEST
        .iter()
        .chain(others)
        .all(|prefix| !name.starts_with(prefix))
}

/// The recorded rows of a case as the model at `path` is sent them.
fn answer(loader: &Loader, path: &Path, rows: &[u8]) -> Result<Frame, String> {
    let loaded = loader
        .load(&found(path))
        .map_err(|error| error.to_string())?;
    let plan = loaded.plan;
    let decoded =
        decode::csv(rows, decode::Terms::from(&plan)).map_err(|refusal| refusal.to_string())?;
    let request = decoded.request;
    let inputs = adapt(&plan.inputs, request.form, request.frame);
    let inputs = inputs.map_err(|error| error.to_string())?;
    let mut session = loaded.model.session().map_err(|error| error.to_string())?;
    let outputs = session.run(inputs).map_err(|error| error.to_string())?;
    let wanted = method::wanted(&plan.answer, &Params::new()).expect("a method");
    Ok(wanted.take(outputs))
}

/// A package of a bare file, as `flowgate pack` makes it; `None` where a signature is asked for.
fn packed(file: &Path, folder: &Path) -> Option<PathBuf> {
    let path = folder.join("package");
    let flavor = flavors::find_for_source(file).expect("a flavor");
    let mut builder = PackageBuilder::create(&path).expect("a new folder");
    let request = PackRequest {
        source: file.to_owned(),
        ..PackRequest::default()
    };
    match flavor.pack(&request, &mut builder) {
        Err(FlavorError::Contradiction { reason, .. }) => {
            assert!(reason.contains("hint: "), "{reason}");
            return None;
        }
        packed => packed.expect("packed"),
    }
    builder.finish().expect("a package");
    Some(path)
}

/// Compares every package of MLflow's with its recorded `pyfunc_predict`.
fn check(kernel: &str) {
    let loader = loader(kernel);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (flavor, allowed) in ALLOWED {
        for case in cases(flavor) {
            let name = format!("{flavor}/{}", case.file_name().expect("a name").display());
            let text = fs_err::read_to_string(case.join("expected.json")).expect("recorded");
            let expected: Value = serde_json::from_str(&text).expect("JSON");
            let recorded = &expected["pyfunc_predict"];
            if recorded.is_null() || !is_whole(&case) || !is_request(&case, &[]) {
                continue;
            }
            let rows = fs_err::read(case.join("input.csv")).expect("rows");
            match answer(&loader, &case, &rows) {
                Ok(answer) => match compare(&answer, recorded, allowed) {
                    Ok(found) if found.too_far == 0 => compared += 1,
                    Ok(found) => wrong.push(format!("{name}: {found:?}")),
                    Err(error) => wrong.push(format!("{name}: {error}")),
                },
                Err(error) => wrong.push(format!("{name}: {error}")),
            }
        }
    }
    let count = wrong.len();
    assert!(
        count == 0,
        "{count} cases with `{kernel}`:\n{}",
        wrong.join("\n")
    );
    assert!(compared > 40, "{compared} cases");
}

#[test]
fn packages_of_mlflow_answer_what_its_pyfunc_answered() {
    check("auto");
}

#[test]
fn bare_files_of_every_encoding_answer_what_the_library_answered() {
    let loader = loader("auto");
    let mut wrong = Vec::new();
    for (flavor, allowed) in ALLOWED {
        let cases = cases(flavor).into_iter();
        for case in cases.filter(|case| is_request(case, &TENSORS)) {
            let text = fs_err::read_to_string(case.join("expected.json")).expect("recorded");
            let expected: Value = serde_json::from_str(&text).expect("JSON");
            let rows = fs_err::read(case.join("input.csv")).expect("rows");
            for file in ["model.json", "model.ubj", "model.lgb"] {
                let file = case.join(file);
                if !file.is_file() {
                    continue;
                }
                let folder = tempfile::tempdir().expect("a folder");
                let Some(package) = packed(&file, folder.path()) else {
                    continue;
                };
                let manifest = Package::open(&package).expect("a package");
                let section = manifest.manifest().flavor(flavor).expect("its own");
                let class = section.get("model_class").and_then(|class| class.as_str());
                let is_booster = class.is_some_and(|class| class.ends_with("Booster"));
                let recorded = match (flavor, is_booster) {
                    ("xgboost", true) => &expected["booster_predict_all_trees"]["prediction"],
                    ("xgboost", false) => &expected["sklearn_predict"],
                    _ => &expected["prediction"],
                };
                let name = file
                    .strip_prefix(root())
                    .expect("below")
                    .display()
                    .to_string();
                match answer(&loader, &package, &rows) {
                    Ok(answer) => match compare(&answer, recorded, allowed) {
                        Ok(found) if found.too_far == 0 => {}
                        Ok(found) => wrong.push(format!("{name}: {found:?}")),
                        Err(error) => wrong.push(format!("{name}: {error}")),
                    },
                    Err(error) => wrong.push(format!("{name}: {error}")),
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} files:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The recorded signatures declare columns required that had gaps: here they are optional.
#[test]
fn texts_that_are_missing_where_they_may_be() {
    let loader = loader("auto");
    let booster = "/booster_predict_all_trees/prediction";
    for (case, recorded, allowed) in [
        ("xgboost/tests/data/own_cat_sk", "/sklearn_predict", 1),
        ("xgboost/tests/data/own_cat_hist", booster, 1),
        ("lightgbm/tests/data/own_pandas_texts", "/prediction", 2),
        (
            "lightgbm/tests/data/own_skops_pandas_texts",
            "/sklearn_predict",
            2,
        ),
    ] {
        let case = root().join("flavors").join(case);
        let folder = tempfile::tempdir().expect("a folder");
        for entry in fs_err::read_dir(&case).expect("a case") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            fs_err::copy(&path, folder.path().join(name)).expect("copied");
        }
        let read = |name| fs_err::read_to_string(case.join(name)).expect("text");
        let manifest = read("MLmodel");
        // What is declared may stand on the next line.
        let mut parts = manifest.split("\"required\":");
        let mut manifest = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (_, rest) = part.split_once("e").expect("true or false");
            manifest.push_str("\"required\": false");
            manifest.push_str(rest);
        }
        fs_err::write(folder.path().join("MLmodel"), manifest).expect("written");
        let expected: Value = serde_json::from_str(&read("expected.json")).expect("JSON");
        let recorded = expected.pointer(recorded).expect("recorded");
        let rows = read("input.csv");
        let answer = answer(&loader, folder.path(), rows.as_bytes());
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        let found = compare(&answer, recorded, allowed).expect("rows");
        assert_eq!(found.too_far, 0, "{}: {found:?}", case.display());
    }
}
