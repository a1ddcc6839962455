//! From the options of a load to the engine's session options.

use crate::NAME;
use flowgate_core::{LoadOptions, Optimization, RuntimeError};
use ort::environment::Environment;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

/// Whether idle threads of the engine wait busily. Its own default is that they do, which takes
/// whole cores from the rest of a server.
const SPINNING: [&str; 2] = [
    "session.intra_op.allow_spinning",
    "session.inter_op.allow_spinning",
];

/// The most threads that a package may ask for.
const THREADS_LIMIT: usize = 1024;

/// A builder with `options`, whose runs have so many `threads`.
pub(crate) fn builder(
    environment: &Environment,
    options: &LoadOptions,
    threads: usize,
) -> Result<SessionBuilder, RuntimeError> {
    for provider in options.passed_over(NAME)? {
        tracing::info!(
            provider,
            "execution provider is not part of this build, the next one of the package is used"
        );
    }
    let session = &options.session;
    check_threads(threads)?;
    let mut builder = Session::builder(environment)
        .and_then(|builder| Ok(builder.with_intra_threads(threads)?))
        .map_err(refused)?;
    if let Some(inter) = session.inter_op_threads {
        check_threads(inter)?;
        builder = builder.with_inter_threads(inter).map_err(refused)?;
    }
    if let Some(parallel) = session.parallel {
        builder = builder.with_parallel_execution(parallel).map_err(refused)?;
    }
    if let Some(optimization) = session.optimization {
        let level = match optimization {
            Optimization::Basic => GraphOptimizationLevel::Level1,
            Optimization::Extended => GraphOptimizationLevel::Level2,
            Optimization::All => GraphOptimizationLevel::All,
        };
        builder = builder.with_optimization_level(level).map_err(refused)?;
    }
    for key in SPINNING {
        builder = builder.with_config_entry(key, "0").map_err(refused)?;
    }
    for (key, value) in &session.config {
        if names_a_file(key) {
            return Err(RuntimeError::InvalidArtifact {
                reason: format!("the setting `{key}` of the package names files outside of it"),
            });
        }
        builder = builder.with_config_entry(key, value).map_err(refused)?;
    }
    Ok(builder)
}

fn check_threads(threads: usize) -> Result<(), RuntimeError> {
    if threads <= THREADS_LIMIT {
        return Ok(());
    }
    Err(RuntimeError::InvalidArtifact {
        reason: format!("{threads} threads are asked for, at most {THREADS_LIMIT} are given"),
    })
}

/// Settings with which a package could make the engine read or write files that are not its own,
/// such as `session.model_external_initializers_file_folder_path` or `ep.context_file_path`.
fn names_a_file(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["path", "file", "folder", "dir", "library"]
        .iter()
        .any(|word| key.contains(word))
}

fn refused<R>(error: ort::Error<R>) -> RuntimeError {
    RuntimeError::InvalidArtifact {
        reason: format!("the engine does not take the options: {}", error.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_name_files_are_told_from_others() {
        for (key, names) in [
            ("session.model_external_initializers_file_folder_path", true),
            ("ep.context_file_path", true),
            ("session.intra_op.allow_spinning", false),
            ("session.set_denormal_as_zero", false),
            ("session.disable_prepacking", false),
            ("session.load_model_format", false),
        ] {
            assert_eq!(names_a_file(key), names, "{key}");
        }
    }
}
