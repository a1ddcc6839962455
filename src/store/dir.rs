//! The directory store: `<root>/<name>/<version>/MLmodel`.

use super::{Found, ModelVersion, StoreError, Version};
use std::cmp::Reverse;
use std::io;
use std::path::{Path, PathBuf};

/// Packages below a directory, one folder a model and in it one a version.
#[derive(Debug, Clone)]
pub struct DirStore {
    root: PathBuf,
}

impl DirStore {
    /// A store in the directory `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The package of `name` in `version`.
    ///
    /// # Errors
    /// When there is no such model or version; the error names those that are there.
    pub fn find(&self, name: &str, version: &Version) -> Result<Found, StoreError> {
        let models = folders(&self.root)?;
        if !models.iter().any(|model| model == name) {
            let (name, store) = (name.to_owned(), self.root.clone());
            return Err(StoreError::NoModel {
                name,
                store,
                found: models,
            });
        }
        let folder = self.root.join(name);
        let mut versions = folders(&folder)?;
        versions.retain(|version| number(version).is_some());
        versions.sort_by_key(|version| Reverse(number(version)));
        let wanted = match version {
            Version::Latest => versions.first(),
            Version::Number(wanted) => versions
                .iter()
                .find(|version| number(version) == number(wanted)),
        };
        match wanted {
            Some(version) => Ok(Found {
                id: ModelVersion {
                    name: name.to_owned(),
                    version: version.clone(),
                },
                path: folder.join(version),
            }),
            None => {
                let version = match version {
                    Version::Latest => "latest",
                    Version::Number(version) => version,
                };
                let (name, version) = (name.to_owned(), version.to_owned());
                Err(StoreError::NoVersion {
                    name,
                    version,
                    found: versions,
                })
            }
        }
    }
}

fn number(version: &str) -> Option<u64> {
    version
        .bytes()
        .all(|octet| octet.is_ascii_digit())
        .then(|| version.parse().ok())?
}

/// The names of the folders in `folder`, sorted; none when it is not there.
fn folders(folder: &Path) -> Result<Vec<String>, StoreError> {
    let entries = match fs_err::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, DirStore) {
        let folder = tempfile::tempdir().expect("a folder");
        for version in ["iris/2", "iris/10", "iris/draft", "other"] {
            fs_err::create_dir_all(folder.path().join(version)).expect("made");
        }
        let store = DirStore::new(folder.path());
        (folder, store)
    }

    #[test]
    fn latest_is_the_highest_number_not_the_last_text() {
        let (_folder, store) = store();
        let found = store.find("iris", &Version::Latest).expect("two versions");
        assert_eq!(
            (found.id.version.as_str(), found.path),
            ("10", store.root().join("iris/10"))
        );
    }

    #[test]
    fn what_is_there_is_named_when_something_is_not() {
        let (_folder, store) = store();
        let error = store
            .find("iris", &Version::Number("3".into()))
            .expect_err("no third");
        assert_eq!(
            error.to_string(),
            "model `iris` has no version `3`; there are `10`, `2`"
        );
        let error = store
            .find("rose", &Version::Latest)
            .expect_err("no rose")
            .to_string();
        assert!(error.ends_with("there are `iris`, `other`"), "{error}");
        let nowhere = DirStore::new(store.root().join("nowhere"));
        let error = nowhere
            .find("iris", &Version::Latest)
            .expect_err("no store")
            .to_string();
        assert!(error.ends_with("there are none"), "{error}");
    }
}
