//! What is made of the options of a load.

use crate::NAME;
use flowgate_core::{LoadOptions, RuntimeError, SessionOptions};

/// Checks `options`; what has no meaning here is told.
pub(crate) fn check(options: &LoadOptions) -> Result<(), RuntimeError> {
    for provider in options.passed_over(NAME)? {
        tracing::info!(
            provider,
            "execution provider is not part of this engine, the next one of the package is used"
        );
    }
    if options.threads.is_some() || options.session != SessionOptions::default() {
        tracing::debug!(
            threads = options.threads,
            session = ?options.session,
            "the engine has no such options, its own defaults hold"
        );
    }
    Ok(())
}
