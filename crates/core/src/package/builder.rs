//! Writing new packages.

use super::{Package, PackageError, relative_path};
use crate::manifest::Manifest;
use std::path::{Path, PathBuf};

/// A new package in the making: written beside its place and moved there when it is whole.
#[derive(Debug)]
pub struct PackageBuilder {
    target: PathBuf,
    draft: PathBuf,
    manifest: Manifest,
    done: bool,
}

impl PackageBuilder {
    /// A package that will stand at `target`, which must not exist yet.
    ///
    /// # Errors
    /// When it exists, or the folder beside it cannot be made.
    pub fn create(target: impl Into<PathBuf>) -> Result<Self, PackageError> {
        let target = target.into();
        if target.try_exists()? {
            return Err(PackageError::Exists { path: target });
        }
        let name = target
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or(PackageError::NotAPackage {
            path: target.clone(),
            reason: "the path has no last part to name it by",
        })?;
        let parent = target.parent().unwrap_or(Path::new(""));
        let draft = parent.join(format!(".{name}.{}.draft", std::process::id()));
        fs_err::create_dir_all(&draft)?;
        Ok(Self {
            target,
            draft,
            manifest: Manifest::empty(),
            done: false,
        })
    }

    /// Writes a file of the package.
    ///
    /// # Errors
    /// When `path` leaves the package or cannot be written.
    pub fn write(&mut self, path: &str, octets: &[u8]) -> Result<(), PackageError> {
        let path = self.place(path)?;
        Ok(fs_err::write(path, octets)?)
    }

    /// Copies a file of the machine into the package.
    ///
    /// # Errors
    /// When `path` leaves the package or the copy fails.
    pub fn copy(&mut self, from: &Path, path: &str) -> Result<(), PackageError> {
        let path = self.place(path)?;
        fs_err::copy(from, path)?;
        Ok(())
    }

    /// The manifest, to be filled.
    pub fn manifest_mut(&mut self) -> &mut Manifest {
        &mut self.manifest
    }

    /// The octets of all files written so far.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn size(&self) -> Result<u64, PackageError> {
        let draft = Package {
            root: fs_err::canonicalize(&self.draft)?,
            manifest: Manifest::empty(),
        };
        Ok(draft.files()?.iter().map(|(_, size)| size).sum())
    }

    /// Writes the manifest, moves the package to its place and opens it.
    ///
    /// # Errors
    /// When it cannot be written, or what was written does not read back.
    pub fn finish(mut self) -> Result<Package, PackageError> {
        let text = self.manifest.to_yaml();
        self.write(Package::MANIFEST, text.as_bytes())?;
        Package::open(&self.draft)?;
        fs_err::rename(&self.draft, &self.target)?;
        self.done = true;
        Package::open(&self.target)
    }

    fn place(&self, path: &str) -> Result<PathBuf, PackageError> {
        let relative = relative_path(path)?;
        let place = self.draft.join(relative);
        if let Some(folder) = place.parent() {
            fs_err::create_dir_all(folder)?;
        }
        Ok(place)
    }
}

impl Drop for PackageBuilder {
    fn drop(&mut self) {
        if !self.done {
            // Nothing half made is left behind; a failure to clean up must not hide the first.
            let _ = fs_err::remove_dir_all(&self.draft);
        }
    }
}
