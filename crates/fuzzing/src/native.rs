//! Native model files, from the octets to the program that is made of them.

use flowgate_core::yaml::Mapping;
use flowgate_core::{ErrorKind, Package, PackageBuilder};
use flowgate_skops::{Error, Limits, Skops};
use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A model of XGBoost in UBJSON.
pub fn ubj(data: &[u8]) {
    XGBOOST.with_borrow_mut(|package| package.read("xgboost", data));
}

/// A model of XGBoost in JSON, which its first octets tell from the other.
pub fn xgboost_json(data: &[u8]) {
    ubj(data);
}

/// A model of LightGBM in text.
pub fn lightgbm(data: &[u8]) {
    LIGHTGBM.with_borrow_mut(|package| package.read("lightgbm", data));
}

/// A skops file: by itself, and as what LightGBM's classifiers are saved in.
pub fn skops(data: &[u8]) {
    let limits = Limits {
        unpacked: UNPACKED,
        ..Limits::default()
    };
    let told = |error: Error| assert!(error.to_string().len() < 2_000, "{error}");
    match Skops::open(data, &limits) {
        Ok(skops) => skops.tree().map_or_else(told, |tree| {
            let root = tree.root();
            let _ = (root.class(), root.loader(), root.is_none());
        }),
        Err(error) => told(error),
    }
    SKOPS.with_borrow_mut(|package| package.read("lightgbm", data));
}

/// An array in a skops file.
pub fn npy(data: &[u8]) {
    if let Err(error) = flowgate_skops::read_npy(data) {
        assert!(error.to_string().len() < 2_000, "{error}");
    }
}

/// Octets that a file may unpack to, much less than a server lets it.
const UNPACKED: u64 = 16 << 20;

thread_local! {
    static XGBOOST: RefCell<Native> =
        RefCell::new(Native::new("xgboost", "model.ubj", "xgboost.sklearn.XGBClassifier"));
    static LIGHTGBM: RefCell<Native> =
        RefCell::new(Native::new("lightgbm", "model.lgb", "lightgbm.basic.Booster"));
    static SKOPS: RefCell<Native> =
        RefCell::new(Native::new("lightgbm", "model.skops", "lightgbm.sklearn.LGBMClassifier"));
}

/// A package whose model file is written anew for each input.
struct Native {
    folder: PathBuf,
    file: &'static str,
}

impl Native {
    fn new(flavor: &str, file: &'static str, class: &str) -> Self {
        // Tests run on threads of one process, each with packages of its own.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("flowgate-fuzz-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs_err::remove_dir_all(&folder);
        let mut builder = PackageBuilder::create(&folder).expect("a new folder");
        builder.write(file, b"").expect("written");
        let mut section = Mapping::new();
        section.insert("data", file);
        section.insert("model_class", class);
        if file == "model.skops" {
            section.insert("serialization_format", "skops");
        }
        let mut general = Mapping::new();
        general.insert("data", file);
        general.insert("loader_module", format!("mlflow.{flavor}"));
        let manifest = builder.manifest_mut();
        manifest.set_flavor(flavor, section);
        manifest.set_flavor("python_function", general);
        builder.finish().expect("a package");
        Self { folder, file }
    }

    /// What is not read is an error of the package in few words; what is read can be followed.
    fn read(&mut self, flavor: &str, data: &[u8]) {
        fs_err::write(self.folder.join(self.file), data).expect("written");
        let package = Package::open(&self.folder).expect("a package");
        let flavor = flavors::find(flavor).expect("built in");
        let section = package.manifest().flavor(flavor.name()).expect("written");
        match flavor.plan(&package, section) {
            // A program is there only where it can be followed.
            Ok(plan) => assert!(plan.artifact.program.is_some(), "no program"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::InvalidPackage, "{error}");
                assert!(error.to_string().len() < 4_000, "{error}");
            }
        }
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(&self.folder);
    }
}
