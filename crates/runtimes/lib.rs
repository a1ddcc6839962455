//! The list of runtimes: which ones this build has, in order of preference.
//!
//! A runtime is named here and nowhere else. A build without an engine is a set of features.

use flowgate_core::Runtime;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the runtimes need to know of the machine. Given by the caller: no runtime reads the
/// environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The library of ONNX Runtime that was asked for; no other is used then.
    pub ort_library: Option<PathBuf>,
    /// Where it is looked for otherwise, in order.
    pub ort_search: Vec<PathBuf>,
    /// The kernel that follows trees, by its name; none: the one that is expected to be fastest.
    pub tree_kernel: Option<String>,
}

/// All runtimes of this build. The tabular one first: what it takes, it answers exactly and
/// faster. ONNX Runtime before tract, since it runs every operator.
pub fn all(settings: &Settings) -> Vec<Arc<dyn Runtime>> {
    let mut list: Vec<Arc<dyn Runtime>> = Vec::new();
    #[cfg(feature = "tabular")]
    list.push(match &settings.tree_kernel {
        Some(kernel) => Arc::new(runtime_tabular::Tabular::with_kernel(kernel)),
        None => Arc::new(runtime_tabular::Tabular::new()),
    });
    #[cfg(feature = "ort")]
    list.push(Arc::new(runtime_ort::Ort::new(runtime_ort::OrtSettings {
        library: settings.ort_library.clone(),
        search: settings.ort_search.clone(),
    })));
    #[cfg(feature = "tract")]
    list.push(Arc::new(runtime_tract::Tract::new()));
    // A build without any engine has nothing to push and nothing to set.
    let _ = (settings, &mut list);
    list
}

/// The places where a library of ONNX Runtime may be: beside the program in `program_folder`, then
/// in `cache_folder`, where `cargo xtask onnxruntime` puts it, the newest version first.
pub fn ort_search(program_folder: Option<&Path>, cache_folder: Option<&Path>) -> Vec<PathBuf> {
    #[cfg(feature = "ort")]
    return runtime_ort::default_search(program_folder, cache_folder, versions(cache_folder));
    #[cfg(not(feature = "ort"))]
    {
        let _ = (program_folder, cache_folder);
        Vec::new()
    }
}

/// The versions of ONNX Runtime in the cache folder; none when it cannot be read.
#[cfg(feature = "ort")]
fn versions(cache_folder: Option<&Path>) -> Vec<String> {
    let entries = cache_folder.and_then(|folder| fs_err::read_dir(folder.join("onnxruntime")).ok());
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect()
}
