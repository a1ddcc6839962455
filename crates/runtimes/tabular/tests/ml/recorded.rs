//! The cases of `recorded/`, which `record.py` wrote: an archive an operator, in it a folder a
//! case with the model and a model without nodes whose constants are the values.

use crate::case::{Case, Failure, tensor};
use crate::compare::places_off;
use flowgate_onnx::proto::ModelProto;
use prost::Message;
use std::io::Read;
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// How many places the last digit of a float may be off.
const PLACES: u64 = 2;

macro_rules! recorded {
    ($($test:ident: $operator:literal),* $(,)?) => {
        /// The operators that have cases.
        pub(crate) const OPERATORS: &[&str] = &[$($operator),*];

        $(#[test]
        fn $test() {
            check_all(&recorded($operator));
        })*
    };
}

recorded!(
    array_feature_extractor_is_as_in_onnx_runtime: "ArrayFeatureExtractor",
    binarizer_is_as_in_onnx_runtime: "Binarizer",
    category_mapper_is_as_in_onnx_runtime: "CategoryMapper",
    feature_vectorizer_is_as_in_onnx_runtime: "FeatureVectorizer",
    imputer_is_as_in_onnx_runtime: "Imputer",
    label_encoder_is_as_in_onnx_runtime: "LabelEncoder",
    linear_classifier_is_as_in_onnx_runtime: "LinearClassifier",
    linear_regressor_is_as_in_onnx_runtime: "LinearRegressor",
    normalizer_is_as_in_onnx_runtime: "Normalizer",
    one_hot_encoder_is_as_in_onnx_runtime: "OneHotEncoder",
    scaler_is_as_in_onnx_runtime: "Scaler",
    svm_classifier_is_as_in_onnx_runtime: "SVMClassifier",
    svm_regressor_is_as_in_onnx_runtime: "SVMRegressor",
    tree_ensemble_is_as_in_onnx_runtime: "TreeEnsemble",
    tree_ensemble_classifier_is_as_in_onnx_runtime: "TreeEnsembleClassifier",
    tree_ensemble_regressor_is_as_in_onnx_runtime: "TreeEnsembleRegressor",
);

/// Further cases, too many to be kept, where `TABULAR_ARCHIVES` names their folder.
#[test]
fn the_cases_of_a_folder_are_as_in_onnx_runtime() {
    #[expect(clippy::disallowed_methods, reason = "a test of its own, run by hand")]
    let Ok(folder) = std::env::var("TABULAR_ARCHIVES") else {
        return;
    };
    let entries = fs_err::read_dir(folder).expect("a folder");
    for entry in entries {
        check_all(&entry.expect("an archive").path());
    }
}

fn check_all(archive: &Path) {
    let cases = of_archive(archive);
    assert!(!cases.is_empty(), "no cases");
    let mut wrong = Vec::new();
    let mut exact = 0;
    for case in &cases {
        match check(case) {
            Ok(places) => exact += usize::from(places == 0),
            Err(reason) => wrong.push(format!("{}: {reason}", case.name)),
        }
    }
    let of = cases.len();
    assert!(
        wrong.is_empty(),
        "{} of {of} differ, {exact} are exact\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The archive of this name.
pub(crate) fn recorded(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ml/recorded");
    folder.join(format!("{name}.zip"))
}

/// The most places that a float is off; a case without outputs must be refused.
///
/// # Errors
/// In words, when a float is more than [`PLACES`] off, or anything else differs.
pub(crate) fn check(case: &Case) -> Result<u64, String> {
    let made = match case.run() {
        Err(Failure::Unsupported(_) | Failure::Refused(_)) if case.expected.is_empty() => {
            return Ok(0);
        }
        Err(Failure::Unsupported(reason) | Failure::Refused(reason) | Failure::Failed(reason)) => {
            return Err(reason);
        }
        Ok(_) if case.expected.is_empty() => return Err("expected a refusal".to_owned()),
        Ok(made) => made,
    };
    let mut worst = 0;
    for (name, expected) in &case.expected {
        let found = made.get(name).ok_or("an output is not there")?;
        let places = places_off(&found.tensor, expected)?;
        if places > PLACES {
            return Err(format!("`{name}` is {places} places off"));
        }
        worst = worst.max(places);
    }
    Ok(worst)
}

/// The cases of the archive at `path`, by name.
pub(crate) fn of_archive(path: &Path) -> Vec<Case> {
    let file = fs_err::File::open(path).expect("an archive");
    let mut archive = ZipArchive::new(file).expect("an archive");
    let names = archive.file_names();
    let mut names: Vec<String> = names
        .map(|name| name.expect("a name").into_owned())
        .collect();
    names.sort_unstable();
    let mut read = |name: String| {
        let mut octets = Vec::new();
        let mut file = archive.by_name(&name).expect("a file of a case");
        file.read_to_end(&mut octets).expect("a file of a case");
        octets
    };
    let cases = names
        .iter()
        .filter_map(|name| name.strip_suffix("/model.onnx"));
    cases
        .map(|name| {
            let model = read(format!("{name}/model.onnx"));
            let values = ModelProto::decode(&*read(format!("{name}/values.onnx")));
            let values = values.expect("values").graph.expect("a graph").initializer;
            let values = values
                .iter()
                .map(|proto| (proto.name().to_owned(), tensor(proto)));
            let graph = ModelProto::decode(&*model).expect("a model").graph;
            let inputs = graph.expect("a graph").input;
            let (inputs, expected) =
                values.partition(|(name, _)| inputs.iter().any(|input| input.name() == name));
            Case {
                name: name.to_owned(),
                model,
                inputs,
                expected,
            }
        })
        .collect()
}
