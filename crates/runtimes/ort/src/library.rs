//! Finding ONNX Runtime's library, and the one environment of the process.
//!
//! `ort` keeps the first library it loads in a static, hands it out whatever path is asked for
//! later, panics when it has to look for one itself, and builds one environment in the life of a
//! process. So the path that was loaded is remembered here, and every other is refused.

use crate::{NAME, OrtSettings};
use flowgate_core::RuntimeError;
use ort::environment::{Environment, EnvironmentBuilder};
use ort::logging::LogLevel;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tracing::level_filters::LevelFilter;

const HINT: &str = "hint: run `cargo xtask onnxruntime`, or name a library with `--ort-library`";

/// ONNX Runtime as this process has it.
#[derive(Clone)]
pub(crate) struct Library {
    path: PathBuf,
    version: String,
    pub(crate) environment: Environment,
}

impl Library {
    /// The file, without links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "onnxruntime {} at {}", self.version, self.path.display())
    }
}

/// Where to look for the library when none is asked for: `lib/` beside the executable, `lib/`
/// beside its folder, then `onnxruntime/<version>/` of the cache folder, newest version first.
///
/// `versions` are the folders that are there in `onnxruntime/` of the cache folder; names that
/// are not versions are left out. The function looks at no file.
pub fn default_search<V: AsRef<str>>(
    exe_dir: Option<&Path>,
    cache_dir: Option<&Path>,
    versions: impl IntoIterator<Item = V>,
) -> Vec<PathBuf> {
    let above = exe_dir.and_then(Path::parent);
    let mut folders: Vec<PathBuf> = exe_dir
        .into_iter()
        .chain(above)
        .map(|folder| folder.join("lib"))
        .collect();
    let mut found: Vec<(Vec<u64>, String)> = versions
        .into_iter()
        .filter_map(|version| Some((numbers(version.as_ref())?, version.as_ref().to_owned())))
        .collect();
    found.sort();
    let cache = cache_dir.map(|folder| folder.join("onnxruntime"));
    let newest_first = found.iter().rev().map(|(_, version)| version);
    folders.extend(newest_first.filter_map(|version| Some(cache.as_ref()?.join(version))));
    folders
        .iter()
        .flat_map(|folder| FILE_NAMES.map(|name| folder.join(name)))
        .collect()
}

/// What the library is called; the second is its name for the loader (SONAME).
const FILE_NAMES: [&str; 2] = if cfg!(target_os = "macos") {
    ["libonnxruntime.dylib", "libonnxruntime.1.dylib"]
} else if cfg!(windows) {
    ["onnxruntime.dll", "onnxruntime.1.dll"]
} else {
    ["libonnxruntime.so", "libonnxruntime.so.1"]
};

/// `1.32.0` as numbers.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

/// What of the engine this process has so far.
struct State {
    /// The library, once one was loaded; it stays even if no environment could be made.
    path: Option<PathBuf>,
    library: Option<Library>,
}

static STATE: Mutex<State> = Mutex::new(State {
    path: None,
    library: None,
});

/// The library of this process, loaded now if none was.
pub(crate) fn get(settings: &OrtSettings) -> Result<Library, RuntimeError> {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    find(&mut state, settings).map_err(|reason| {
        let reason = format!("{reason}; {HINT}");
        RuntimeError::Unavailable {
            runtime: NAME,
            reason,
        }
    })
}

fn find(state: &mut State, settings: &OrtSettings) -> Result<Library, String> {
    if let Some(asked) = &settings.library {
        let path = real_path(asked)?;
        if let Some(loaded) = state.path.as_ref().filter(|loaded| **loaded != path) {
            return Err(format!(
                "`{}` is asked for, and this process has loaded `{}` and can load no other",
                path.display(),
                loaded.display()
            ));
        }
        return open(state, path);
    }
    if let Some(path) = state.path.clone() {
        return open(state, path);
    }
    let mut reasons = Vec::new();
    for path in settings.search.iter().filter(|path| path.exists()) {
        match real_path(path).and_then(|path| open(state, path)) {
            Ok(library) => return Ok(library),
            Err(reason) => reasons.push(reason),
        }
    }
    if reasons.is_empty() {
        reasons.push("no library was found".to_owned());
    }
    Err(reasons.join("; "))
}

/// The absolute path without links: `ort` takes a relative one from the executable's folder.
fn real_path(path: &Path) -> Result<PathBuf, String> {
    fs_err::canonicalize(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("`{}` is not there", path.display()),
        _ => error.to_string(),
    })
}

/// Loads `path`, which is the library of the process or there is none yet.
fn open(state: &mut State, path: PathBuf) -> Result<Library, String> {
    if let Some(library) = &state.library {
        return Ok(library.clone());
    }
    let panicked = |_| format!("`{}` cannot be loaded: the loader panicked", path.display());
    let builder = catch_unwind(|| ort::init_from(&path))
        .map_err(panicked)?
        .map_err(|error| load_reason(&path, &error))?;
    state.path = Some(path.clone());
    let build = AssertUnwindSafe(|| environment(builder));
    let environment = catch_unwind(build)
        .map_err(panicked)?
        .map_err(|error| format!("`{}` does not start: {error}", path.display()))?;
    let version = version(&path);
    let library = Library {
        path,
        version,
        environment,
    };
    state.library = Some(library.clone());
    Ok(library)
}

fn environment(builder: EnvironmentBuilder) -> ort::Result<Environment> {
    let environment = builder
        .with_name("flowgate")
        .with_telemetry(false)
        .build()?;
    // Made with every message on; each costs a call into the logger, so ask for what is kept.
    environment.set_log_level(match LevelFilter::current() {
        LevelFilter::TRACE => LogLevel::Verbose,
        LevelFilter::DEBUG => LogLevel::Info,
        LevelFilter::INFO | LevelFilter::WARN => LogLevel::Warning,
        LevelFilter::ERROR => LogLevel::Error,
        LevelFilter::OFF => LogLevel::Fatal,
    });
    Ok(environment)
}

fn load_reason(path: &Path, error: &ort::LoadDynamicError) -> String {
    let path = path.display();
    match error {
        ort::LoadDynamicError::Dlopen { error, .. } => {
            // The loader's own words are the source in some versions of `libloading`.
            let words = error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string);
            format!("`{path}` is not a library that can be loaded: {words}")
        }
        ort::LoadDynamicError::MissingApi { .. } => {
            format!("`{path}` is a library, and not ONNX Runtime")
        }
        ort::LoadDynamicError::InvalidVersionString => format!("`{path}` tells no version"),
        ort::LoadDynamicError::BadVersion { version_str, .. } => format!(
            "`{path}` is version {version_str}, at least 1.{} is needed",
            ort::MINOR_VERSION
        ),
    }
}

/// The version of the loaded library, as exactly as it can be had without a call of our own into
/// it: from its build information, else its minor version.
fn version(path: &Path) -> String {
    let told = catch_unwind(ort::info).ok().and_then(build_version);
    let probed = || catch_unwind(|| ort::util::probe(path)).ok().flatten();
    told.or_else(|| probed().map(|minor| format!("1.{minor}")))
        .unwrap_or_else(|| "of unknown version".to_owned())
}

/// `1.32.0` of `ORT Build Info: git-branch=rel-1.32.0, git-commit-id=…`.
fn build_version(information: &str) -> Option<String> {
    let (_, rest) = information.split_once("git-branch=rel-")?;
    let version = rest.split(',').next()?.trim();
    numbers(version).map(|_| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_goes_from_the_executable_to_the_newest_of_the_cache() {
        let versions = ["1.9.0", "1.32.0", "1.32.1", "tmp", "1.24.1"];
        let found = default_search(
            Some(Path::new("/opt/app/bin")),
            Some(Path::new("/cache")),
            versions,
        );
        let folders: Vec<_> = found
            .chunks(2)
            .filter_map(|pair| pair.first()?.parent())
            .collect();
        let expected = [
            "/opt/app/bin/lib",
            "/opt/app/lib",
            "/cache/onnxruntime/1.32.1",
            "/cache/onnxruntime/1.32.0",
            "/cache/onnxruntime/1.24.1",
            "/cache/onnxruntime/1.9.0",
        ];
        assert_eq!(folders, expected.map(Path::new));
    }

    #[test]
    fn the_version_is_read_from_the_build_information() {
        for (information, version) in [
            (
                "ORT Build Info: git-branch=rel-1.32.0, git-commit-id=1a2b",
                Some("1.32.0"),
            ),
            ("ORT Build Info: git-branch=main, git-commit-id=1a2b", None),
            ("ORT Build Info: git-branch=rel-next, x", None),
            ("", None),
        ] {
            assert_eq!(
                build_version(information).as_deref(),
                version,
                "{information}"
            );
        }
    }
}
