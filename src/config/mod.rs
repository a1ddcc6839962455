//! Settings: from what was typed to what is meant.
//!
//! `cli` has the flags as they were written, each with its variable `FLOWGATE_…`; here they are
//! checked, completed with MLflow's own variables and defaults, and cut into the part of each
//! room. Nobody else reads the environment.

mod settings;

pub use settings::{HttpSettings, LoadSettings, ServeSettings, SettingsError};

use std::env;
use std::path::PathBuf;

/// A variable of the environment, when it is there and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder in which things are kept that can be brought again: `$FLOWGATE_CACHE_DIR`, else
/// `$XDG_CACHE_HOME/flowgate`, else `~/.cache/flowgate`.
pub fn cache_folder() -> Option<PathBuf> {
    let below = |folder: String| PathBuf::from(folder).join("flowgate");
    variable("FLOWGATE_CACHE_DIR")
        .map(PathBuf::from)
        .or_else(|| variable("XDG_CACHE_HOME").map(below))
        .or_else(|| variable("HOME").map(|home| below(home + "/.cache")))
}
