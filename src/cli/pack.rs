//! `flowgate pack`: from a model file to a package.

use super::args::{ContentType, PackArgs};
use super::{Failure, predict};
use crate::catalog::Loader;
use crate::config::LoadSettings;
use crate::example::{self, Example};
use crate::store::{Found, ModelVersion};
use crate::telemetry::{self, LogFormat};
use crate::wiring;
use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{Compat, PackRequest, Package, PackageBuilder, datetime};
use std::path::Path;
use uuid::Uuid;

/// The file of a package that holds the example as a request body.
const SERVING_EXAMPLE: &str = "serving_input_example.json";

/// The file of a package that holds the example itself.
const EXAMPLE: &str = "input_example.json";

/// The version of MLflow whose packages are written.
const MLFLOW_VERSION: &str = "3.17.2";

/// Writes the package, opens it again, and runs its example.
#[expect(
    clippy::print_stdout,
    reason = "what was made, and what the example gives"
)]
pub(super) fn run(args: &PackArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, "warn").map_err(Failure::Usage)?;
    let settings = LoadSettings::for_pack(args);
    let loader = wiring::loader(&settings).map_err(Failure::failed)?;
    let flavor = match &args.flavor {
        Some(name) => flavors::find(name),
        None => flavors::find_for_source(&args.source),
    };
    let flavor = flavor.map_err(Failure::failed)?;
    let example = args
        .example
        .as_deref()
        .map(example::read)
        .transpose()
        .map_err(Failure::failed)?;
    let signature = example
        .as_ref()
        .map(|example| example.signature.clone())
        .unwrap_or_default();
    let mut builder = PackageBuilder::create(&args.output).map_err(Failure::failed)?;
    let request = PackRequest {
        source: args.source.clone(),
        signature,
    };
    flavor
        .pack(&request, &mut builder)
        .map_err(Failure::failed)?;
    if let Some(example) = &example {
        write_example(example, &mut builder).map_err(Failure::failed)?;
    }
    complete(&mut builder).map_err(Failure::failed)?;
    let package = builder.finish().map_err(Failure::failed)?;
    println!("packed `{}`", package.root().display());
    replay(&loader, &package)
}

/// The keys that every package has, whatever its flavor.
fn complete(builder: &mut PackageBuilder) -> Result<(), flowgate_core::PackageError> {
    let size = builder.size()?;
    let manifest = builder.manifest_mut();
    manifest.set("is_signature_from_type_hint", false);
    manifest.set("mlflow_version", MLFLOW_VERSION);
    manifest.set("model_id", Value::Null);
    manifest.set("model_size_bytes", size);
    manifest.set("model_uuid", Uuid::new_v4().simple().to_string());
    manifest.set("prompts", Value::Null);
    manifest.set("type_hint_from_example", false);
    manifest.set("utc_time_created", datetime::now());
    Ok(())
}

fn write_example(
    example: &Example,
    builder: &mut PackageBuilder,
) -> Result<(), flowgate_core::PackageError> {
    builder.write(SERVING_EXAMPLE, example.body.as_bytes())?;
    builder.write(EXAMPLE, example.raw.as_bytes())?;
    let mut info = Mapping::new();
    info.insert("artifact_path", EXAMPLE);
    if let Some(orient) = example.orient {
        info.insert("pandas_orient", orient);
    }
    info.insert("serving_input_path", SERVING_EXAMPLE);
    info.insert("type", example.kind);
    builder.manifest_mut().set("saved_input_example_info", info);
    Ok(())
}

/// Runs the package's example and shows the answer. A package that no runtime of this machine can
/// run is whole all the same: it is said, and is no failure.
#[expect(clippy::print_stdout, reason = "what the example gives")]
fn replay(loader: &Loader, package: &Package) -> Result<(), Failure> {
    let Some(example) = package.manifest().saved_input_example() else {
        return Ok(());
    };
    let path = example.serving_input_path.unwrap_or(example.artifact_path);
    let body = package.read(&path, u64::MAX).map_err(Failure::failed)?;
    let loaded = match loader.load(&found(package.root())) {
        Ok(loaded) => loaded,
        Err(error) => {
            tracing::warn!("the example was not run: {error}");
            return Ok(());
        }
    };
    let mut session = loaded.model.session().map_err(Failure::failed)?;
    let rules = Compat::Strict.rules();
    let answer = predict::predict(
        &loaded.plan,
        &mut *session,
        body,
        ContentType::Json,
        rules,
        (&loaded.plan.signature).into(),
    )
    .map_err(|failure| failure.within("the package was made, and its example cannot be run"))?;
    println!(
        "the example gives, with runtime `{}`:",
        loaded.choice.runtime
    );
    println!("{}", String::from_utf8_lossy(&answer));
    Ok(())
}

fn found(path: &Path) -> Found {
    let id = ModelVersion {
        name: "packed".to_owned(),
        version: "1".to_owned(),
    };
    Found {
        id,
        path: path.to_owned(),
    }
}
