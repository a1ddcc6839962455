//! The cache folder: what was downloaded or built once and is found again by later commands and by
//! the tests.
//!
//! It is `$FLOWGATE_CACHE_DIR`, else `$XDG_CACHE_HOME/flowgate`, else `~/.cache/flowgate`: the same
//! folder in which the server looks for the library of ONNX Runtime.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{Outcome, environment};

/// The cache folder; it may not exist yet.
pub(crate) fn folder() -> Outcome<PathBuf> {
    folder_from(environment::variable)
}

/// Writes a file so that it is never seen half written: to a temporary file beside it, then renamed.
/// Creates the parent folders.
pub(crate) fn write_atomically(path: &Path, content: &mut dyn Read) -> Outcome {
    let parent = path
        .parent()
        .ok_or_else(|| format!("`{}` has no parent folder", path.display()))?;
    fs_err::create_dir_all(parent)?;
    let mut file = tempfile::Builder::new()
        .prefix(".part-")
        .tempfile_in(parent)?;
    std::io::copy(content, &mut file)?;
    file.flush()?;
    file.as_file().sync_all()?;
    make_readable(file.path())?;
    file.persist(path)
        .map_err(|error| format!("`{}` cannot be written: {}", path.display(), error.error))?;
    Ok(())
}

/// The sha256 of a file in lower-case hexadecimal digits.
pub(crate) fn sha256(path: &Path) -> Outcome<String> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            let digest = hasher.finalize();
            return Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hasher.update(&buffer[..length]);
    }
}

fn folder_from(variable: impl Fn(&str) -> Option<OsString>) -> Outcome<PathBuf> {
    let path = |name| variable(name).map(PathBuf::from);
    if let Some(own) = path("FLOWGATE_CACHE_DIR") {
        return Ok(std::path::absolute(own)?);
    }
    // A relative path here is to be ignored, says the XDG Base Directory Specification.
    if let Some(xdg) = path("XDG_CACHE_HOME").filter(|xdg| xdg.is_absolute()) {
        return Ok(xdg.join("flowgate"));
    }
    let home =
        path("HOME").ok_or("no cache folder: `HOME` is not set; hint: set `FLOWGATE_CACHE_DIR`")?;
    Ok(home.join(".cache").join("flowgate"))
}

/// A temporary file is its owner's alone; what is in the cache may be read by a server under
/// another user.
#[cfg(unix)]
fn make_readable(path: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o644))?;
    Ok(())
}

#[cfg(not(unix))]
fn make_readable(_path: &Path) -> Outcome {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(variables: &[(&str, &str)]) -> Result<PathBuf, String> {
        folder_from(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn the_cache_folder_is_the_first_of_three_that_is_set() {
        let own = ("FLOWGATE_CACHE_DIR", "/own");
        let xdg = ("XDG_CACHE_HOME", "/xdg");
        let home = ("HOME", "/home/me");
        assert_eq!(folder_with(&[own, xdg, home]), Ok("/own".into()));
        assert_eq!(folder_with(&[xdg, home]), Ok("/xdg/flowgate".into()));
        assert_eq!(folder_with(&[home]), Ok("/home/me/.cache/flowgate".into()));
        assert!(folder_with(&[]).unwrap_err().contains("FLOWGATE_CACHE_DIR"));
    }

    #[test]
    fn a_relative_xdg_folder_is_ignored() {
        let found = folder_with(&[("XDG_CACHE_HOME", "here"), ("HOME", "/home/me")]);
        assert_eq!(found, Ok("/home/me/.cache/flowgate".into()));
    }

    #[test]
    fn a_file_is_written_whole_with_its_folders_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        write_atomically(&path, &mut &b"abc"[..]).unwrap();
        assert_eq!(fs_err::read(&path).unwrap(), b"abc");
        // FIPS 180-4, the example "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&path).unwrap(), expected);
        assert_eq!(
            fs_err::read_dir(folder.path().join("a/b")).unwrap().count(),
            1
        );
    }
}
