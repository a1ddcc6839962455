//! The model file: what it is by its first octets, and reading it whole.

use crate::bad_file;
use crate::model::{Encoding, Model};
use flowgate_core::{FlavorError, Package};
use std::io::Read;
use std::path::Path;

/// The largest model file that is read, in octets.
const FILE_LIMIT: u64 = 2 << 30;

/// How many octets are looked at to recognise a file.
const LOOKED_AT: u64 = 1 << 16;

/// Endings of files that XGBoost and MLflow give to models.
const EXTENSIONS: [&str; 4] = ["ubj", "json", "xgb", "model"];

/// How to save a model that is in another format.
const HINT: &str = "hint: save it again with XGBoost, `model.save_model(\"model.ubj\")`, or with \
                    `mlflow.xgboost.log_model(model, model_format=\"ubj\")`";

/// A model that was read, and the encoding that it was in.
pub(crate) struct File {
    pub(crate) model: Model,
    pub(crate) encoding: Encoding,
}

impl File {
    /// Reads the file that `package` calls `data`.
    ///
    /// # Errors
    /// When it is not in the package, or no model of XGBoost.
    pub(crate) fn of_package(package: &Package, data: &str) -> Result<Self, FlavorError> {
        Self::parse(&package.read(data, FILE_LIMIT)?, data)
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or is no model of XGBoost.
    pub(crate) fn at(path: &Path) -> Result<Self, FlavorError> {
        let shown = path.display().to_string();
        let bad = |error: std::io::Error| bad_file(&shown, error);
        let metadata = fs_err::metadata(path).map_err(bad)?;
        if !metadata.is_file() {
            return Err(bad_file(&shown, "it is not a regular file"));
        }
        if metadata.len() > FILE_LIMIT {
            let size = metadata.len();
            let reason = format!("it has {size} octets, at most {FILE_LIMIT} are taken");
            return Err(bad_file(&shown, reason));
        }
        Self::parse(&fs_err::read(path).map_err(bad)?, &shown)
    }

    fn parse(octets: &[u8], file: &str) -> Result<Self, FlavorError> {
        let Some(encoding) = Encoding::of(octets) else {
            let what = if is_pickle(octets) {
                "it is a pickle, which only Python can read"
            } else {
                "it is neither UBJSON nor JSON; XGBoost's old binary format is not read"
            };
            return Err(bad_file(file, format!("{what}\n  {HINT}")));
        };
        let model = Model::read(octets).map_err(|error| bad_file(file, error))?;
        Ok(Self { model, encoding })
    }
}

/// Refuses files that say by their name, or by `format` of the manifest, that they are pickles.
pub(crate) fn refuse_pickle(data: &str, format: Option<&str>) -> Result<(), FlavorError> {
    let ending = data.rsplit_once('.').map_or("", |(_, ending)| ending);
    let says_so = |text: &str| matches!(text, "pkl" | "pickle" | "cloudpickle" | "joblib");
    if says_so(ending) || format.is_some_and(says_so) {
        let reason = format!("it is a pickle, which only Python can read\n  {HINT}");
        return Err(bad_file(data, reason));
    }
    Ok(())
}

/// Whether the file at `path` is a model of XGBoost, by its name and first octets.
pub(crate) fn recognises(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_named = extension.is_some_and(|extension| {
        EXTENSIONS
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    is_named && first_octets(path).is_some_and(|octets| is_model(&octets))
}

fn first_octets(path: &Path) -> Option<Vec<u8>> {
    if !fs_err::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut octets = Vec::new();
    let file = fs_err::File::open(path).ok()?;
    file.take(LOOKED_AT).read_to_end(&mut octets).ok()?;
    Some(octets)
}

/// Whether a file that begins with `octets` has the keys of a model: `learner`, first or behind
/// `version`, and a key of a learner.
fn is_model(octets: &[u8]) -> bool {
    let has = |word: &str| {
        let word = word.as_bytes();
        octets.windows(word.len()).any(|window| window == word)
    };
    let has_key = |key: &str| match Encoding::of(octets) {
        Some(Encoding::Json) => has(&format!("\"{key}\"")),
        Some(Encoding::Ubj) => has(key),
        None => false,
    };
    let of_learner = [
        "attributes",
        "gradient_booster",
        "learner_model_param",
        "feature_names",
    ];
    has_key("learner") && of_learner.into_iter().any(has_key)
}

/// Pickles of protocol 2 and later begin so.
fn is_pickle(octets: &[u8]) -> bool {
    matches!(octets, [0x80, 2..=5, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(name: &str, octets: &[u8]) -> bool {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        fs_err::write(&path, octets).expect("written");
        recognises(&path)
    }

    #[test]
    fn a_file_is_recognised_by_its_name_and_its_keys() {
        let json = b"{\"learner\": {\"attributes\": {}}}".as_slice();
        let ubj = b"{L\0\0\0\0\0\0\0\x07learner{L\0\0\0\0\0\0\0\x0aattributes{".as_slice();
        assert!(recognised("model.json", json));
        assert!(recognised("model.ubj", ubj));
        assert!(recognised("MODEL.UBJ", ubj));
        assert!(recognised("model.xgb", ubj));
        assert!(!recognised("model.txt", json));
        assert!(!recognised("model.json", b"{\"a\": 1}"));
        assert!(!recognised("model.json", b"{\"learner\": 1}"));
        assert!(!recognised("model.json", b"[1]"));
        assert!(!recognised("model.ubj", b""));
        assert!(!recognises(Path::new("/")));
    }

    #[test]
    fn what_is_in_another_format_is_refused_with_the_way_to_save_it_again() {
        let refused = |octets: &[u8]| match File::parse(octets, "model.bst") {
            Err(error) => error.to_string(),
            Ok(_) => panic!("no model"),
        };
        let pickle = refused(b"\x80\x04\x95");
        assert!(pickle.contains("a pickle"), "{pickle}");
        assert!(pickle.contains("save_model(\"model.ubj\")"), "{pickle}");
        let binary = refused(b"binf\0\0\0\x3f");
        assert!(binary.contains("old binary format"), "{binary}");
        assert!(refuse_pickle("model.pkl", None).is_err());
        assert!(refuse_pickle("model.xgb", Some("pickle")).is_err());
        assert!(refuse_pickle("a.pkl/model.ubj", Some("ubj")).is_ok());
    }
}
