//! Packages of bare model files.

use crate::packages::cases;
use flavor_xgboost::XGBoost;
use flowgate_core::{
    Flavor, FlavorError, PackRequest, Package, PackageBuilder, Plan, Schema, Signature,
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn source(case: &str, file: &str) -> PathBuf {
    let mut cases = cases().into_iter();
    let folder = cases.find(|folder| folder.ends_with(case));
    folder.expect("a case of this name").join(file)
}

fn pack(
    source: &Path,
    inputs: Option<&str>,
    folder: &TempDir,
) -> Result<(Package, Plan), FlavorError> {
    let path = folder.path().join("package");
    let mut builder = PackageBuilder::create(path).expect("a new folder");
    let signature = Signature::parse(inputs, None, None).expect("a signature");
    let source = source.to_owned();
    XGBoost.pack(&PackRequest { source, signature }, &mut builder)?;
    let package = builder.finish().expect("a whole package");
    let section = package.manifest().flavor("xgboost").expect("a section");
    let plan = XGBoost.plan(&package, section)?;
    Ok((package, plan))
}

fn text(package: &Package, key: &str) -> String {
    let section = package.manifest().flavor("xgboost").expect("a section");
    let text = section.get(key).and_then(|value| value.as_str());
    text.expect("a text").to_owned()
}

#[test]
fn every_model_is_packed_and_reads_back() {
    for case in cases() {
        for file in ["model.json", "model.ubj"] {
            let source = case.join(file);
            if source.is_file() {
                assert!(XGBoost.recognises(&source), "{}", source.display());
                let folder = tempfile::tempdir().expect("a folder");
                let packed = pack(&source, None, &folder);
                let (package, _) = packed.unwrap_or_else(|e| panic!("{}: {e}", source.display()));
                assert_eq!(text(&package, "data"), file);
            }
        }
    }
}

#[test]
fn the_class_and_the_version_are_those_of_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = source("early_stopping_sklearn_binary", "model.json");
    let (package, plan) = pack(&source, None, &folder).expect("packed");
    assert_eq!(
        text(&package, "model_class"),
        "xgboost.sklearn.XGBClassifier"
    );
    assert_eq!(text(&package, "model_format"), "json");
    assert_eq!(text(&package, "xgb_version"), "3.2.0");
    let outputs = plan.signature.outputs.expect("outputs");
    let Schema::Tensors(tensors) = outputs else {
        panic!("a tensor");
    };
    assert_eq!(tensors[0].kind.name(), "int64");
    assert_eq!(tensors[0].shape, [None]);
    let requirements = fs_err::read_to_string(package.root().join("requirements.txt"));
    let requirements = requirements.expect("requirements");
    assert!(requirements.contains("xgboost==3.2.0"), "{requirements}");
    assert!(requirements.contains("scikit-learn"), "{requirements}");
}

#[test]
fn a_file_of_no_estimator_is_packed_as_a_booster() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = source("dart_1.7.6", "model.ubj");
    let (package, _) = pack(&source, None, &folder).expect("packed");
    assert_eq!(text(&package, "model_class"), "xgboost.core.Booster");
    assert_eq!(text(&package, "xgb_version"), "1.7.6");
}

#[test]
fn a_given_signature_is_kept_and_must_fit() {
    let source = source("multi_softprob_iris", "model.ubj");
    let columns = |names: [&str; 4]| {
        let column = |name| format!("{{\"name\": \"{name}\", \"type\": \"long\"}}");
        format!("[{}]", names.map(column).join(","))
    };
    let folder = tempfile::tempdir().expect("a folder");
    let own = columns(["sepal_length", "sepal_width", "petal_length", "petal_width"]);
    let (_, plan) = pack(&source, Some(&own), &folder).expect("packed");
    // Four whole numbers of an example do not tell that the features are fractions.
    let Some(Schema::Columns(columns_of_plan)) = plan.signature.inputs else {
        panic!("columns");
    };
    assert_eq!(columns_of_plan[0].kind.to_string(), "double");
    let folder = tempfile::tempdir().expect("a folder");
    let others = columns(["sepal_width", "sepal_length", "petal_length", "petal_width"]);
    let error = pack(&source, Some(&others), &folder).expect_err("another order");
    assert!(
        matches!(error, FlavorError::Contradiction { .. }),
        "{error}"
    );
}

#[test]
fn what_is_no_model_is_not_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, octets) in [
        ("model.json", b"{\"learner\": {}}".as_slice()),
        ("model.ubj", b"\x80\x04"),
        ("model.json", b"[]"),
    ] {
        let source = folder.path().join(name);
        fs_err::write(&source, octets).expect("written");
        let target = tempfile::tempdir().expect("a folder");
        assert!(pack(&source, None, &target).is_err(), "{octets:?}");
    }
    let target = tempfile::tempdir().expect("a folder");
    assert!(pack(folder.path(), None, &target).is_err(), "a folder");
}
