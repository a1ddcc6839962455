//! Where tests find ONNX Runtime.

use std::ffi::OsString;
use std::path::PathBuf;

/// What a test says that needs ONNX Runtime and does not find it.
pub const LIBRARY_MISSING: &str = "onnx runtime is not at hand: run `cargo xtask onnxruntime`";

/// The version that `cargo xtask onnxruntime` brings.
const VERSION: &str = "1.32.0";

/// ONNX Runtime's library: what `ORT_DYLIB_PATH` names, else the one in Flowgate's cache folder
/// (`FLOWGATE_CACHE_DIR`, else `flowgate` in `XDG_CACHE_HOME`, else `~/.cache/flowgate`).
///
/// `None` when no such file is there. A test must not pass for that: see
/// [`require_ort_library`].
pub fn ort_library() -> Option<PathBuf> {
    find(environment)
}

/// As [`ort_library`].
///
/// # Panics
/// With [`LIBRARY_MISSING`] when the library is not there: a test that needs it fails, it is
/// never left out.
pub fn require_ort_library() -> PathBuf {
    ort_library().expect(LIBRARY_MISSING)
}

fn find(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| {
        environment(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let library = match set("ORT_DYLIB_PATH") {
        Some(named) => named,
        None => {
            let cache = set("FLOWGATE_CACHE_DIR")
                .or_else(|| Some(set("XDG_CACHE_HOME")?.join("flowgate")))
                .or_else(|| Some(set("HOME")?.join(".cache/flowgate")))?;
            cache
                .join("onnxruntime")
                .join(VERSION)
                .join("libonnxruntime.so")
        }
    };
    library.is_file().then_some(library)
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no settings to take it from"
)]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_library_is_never_replaced_by_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let cached = folder.path().join("onnxruntime/1.32.0/libonnxruntime.so");
        fs_err::create_dir_all(cached.parent().expect("a parent")).expect("made");
        fs_err::write(&cached, "").expect("written");
        let cache = |name: &str| (name == "FLOWGATE_CACHE_DIR").then(|| folder.path().into());
        assert_eq!(find(cache), Some(cached.clone()));
        let named = |name: &str| match name {
            "ORT_DYLIB_PATH" => Some(folder.path().join("nothing").into_os_string()),
            other => cache(other),
        };
        assert_eq!(find(named), None);
        let xdg = |name: &str| (name == "XDG_CACHE_HOME").then(|| folder.path().into());
        assert_eq!(find(xdg), None);
    }
}
