//! The suite that every flavor passes.

use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{ErrorKind, Flavor, PackRequest, Package, PackageBuilder, Plan};
use std::path::{Path, PathBuf};

/// What the suite needs to know of a flavor.
#[derive(Debug, Clone)]
pub struct FlavorSamples {
    /// A file that the flavor packs.
    pub source: PathBuf,
    /// What the flavor calls the model file in the package it writes; the manifest names it.
    pub file: &'static str,
}

/// Asserts that `flavor` keeps the contract of [`flowgate_core::flavor`], on a real file.
///
/// # Panics
/// With the first thing that does not hold.
pub fn flavor_contract(flavor: &dyn Flavor, samples: &FlavorSamples) {
    let name = flavor.name();
    let plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    assert!(
        !name.is_empty() && name.chars().all(plain),
        "`{name}` is no name as MLflow's flavors have them"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("package");
    let plan = packed_reads_back(flavor, samples, &path);
    schema_takes_what_is_packed(flavor, &path);
    packing_is_repeatable(flavor, samples, &folder.path().join("again"), &plan);
    foreign_sections_are_refused(flavor, &path);
    no_path_leaves_the_package(flavor, samples, &path);
    sources_are_recognised(flavor, samples, folder.path());
}

fn pack(flavor: &dyn Flavor, samples: &FlavorSamples, path: &Path) -> Package {
    let mut builder = PackageBuilder::create(path).expect("a new folder");
    let request = PackRequest {
        source: samples.source.clone(),
        ..PackRequest::default()
    };
    flavor
        .pack(&request, &mut builder)
        .unwrap_or_else(|error| panic!("the sample is not packed: {error}"));
    builder.finish().expect("a whole package")
}

fn plan(flavor: &dyn Flavor, package: &Package) -> Plan {
    let section = section(flavor, package);
    flavor
        .plan(package, &section)
        .unwrap_or_else(|error| panic!("what was packed is not read: {error}"))
}

fn section(flavor: &dyn Flavor, package: &Package) -> Mapping {
    let section = package.manifest().flavor(flavor.name());
    section.expect("a section of its own").clone()
}

fn packed_reads_back(flavor: &dyn Flavor, samples: &FlavorSamples, path: &Path) -> Plan {
    let package = pack(flavor, samples, path);
    let plan = plan(flavor, &package);
    assert_eq!(&plan.signature, package.manifest().signature());
    let artifact = &plan.artifact;
    for file in [&artifact.path].into_iter().chain(&artifact.companions) {
        assert!(file.is_absolute(), "`{}` is relative", file.display());
        assert!(file.is_file(), "`{}` is not there", file.display());
        assert!(
            file.starts_with(package.root()),
            "`{}` is outside",
            file.display()
        );
    }
    plan
}

fn schema_takes_what_is_packed(flavor: &dyn Flavor, path: &Path) {
    let schema: serde_json::Value =
        serde_json::from_str(flavor.schema()).expect("the schema is JSON");
    let schema = jsonschema::validator_for(&schema).expect("the schema is one");
    let package = Package::open(path).expect("a package");
    let section = Value::Map(section(flavor, &package)).to_json();
    if let Err(error) = schema.validate(&section) {
        panic!("the schema refuses what is packed: {error}");
    }
    assert!(
        !schema.is_valid(&serde_json::Value::from(1)),
        "the schema takes anything"
    );
}

fn packing_is_repeatable(flavor: &dyn Flavor, samples: &FlavorSamples, path: &Path, first: &Plan) {
    let package = pack(flavor, samples, path);
    let mut again = plan(flavor, &package);
    again.artifact = first.artifact.clone();
    assert_eq!(&again, first, "the same file gives another plan");
}

fn foreign_sections_are_refused(flavor: &dyn Flavor, path: &Path) {
    let manifest = format!("flavors:\n  {}:\n    foreign: 1\n", flavor.name());
    let package = with_manifest(path, &manifest);
    let error = flavor
        .plan(&package, &section(flavor, &package))
        .expect_err("a section of somebody else is refused");
    assert_eq!(error.kind(), ErrorKind::InvalidPackage, "{error}");
}

fn no_path_leaves_the_package(flavor: &dyn Flavor, samples: &FlavorSamples, path: &Path) {
    let manifest = fs_err::read_to_string(path.join(Package::MANIFEST)).expect("a manifest");
    let outside = path.parent().expect("a folder above").join("outside");
    fs_err::copy(&samples.source, &outside).expect("copied");
    std::os::unix::fs::symlink(&outside, path.join("link")).expect("linked");
    for place in [
        "../outside",
        &outside.display().to_string(),
        "link",
        "a/../../outside",
    ] {
        let package = with_manifest(path, &manifest.replace(samples.file, place));
        let error = flavor
            .plan(&package, &section(flavor, &package))
            .expect_err("a file outside is refused");
        assert_eq!(error.kind(), ErrorKind::InvalidPackage, "{place}: {error}");
    }
    with_manifest(path, &manifest);
    fs_err::remove_file(path.join("link")).expect("removed");
}

fn sources_are_recognised(flavor: &dyn Flavor, samples: &FlavorSamples, folder: &Path) {
    assert!(flavor.recognises(&samples.source), "its own source");
    let foreign = folder.join("foreign.txt");
    fs_err::write(&foreign, "no model").expect("written");
    assert!(!flavor.recognises(&foreign), "a text");
    assert!(!flavor.recognises(&folder.join("nothing")), "nothing");
}

fn with_manifest(path: &Path, text: &str) -> Package {
    fs_err::write(path.join(Package::MANIFEST), text).expect("written");
    Package::open(path).expect("a package")
}
