//! Packages: immutable directories with a manifest, and how new ones are written.

use crate::ErrorKind;
mod builder;

pub use builder::PackageBuilder;

use crate::manifest::{Manifest, ManifestError};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// A directory with an `MLmodel` file.
///
/// Every path it gives out is inside it: `..`, absolute paths and symbolic links are refused, so
/// a package that came from anywhere cannot name a file of the machine.
#[derive(Debug, Clone)]
pub struct Package {
    root: PathBuf,
    manifest: Manifest,
}

/// Why a directory is not a package, or a file of it cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// No such directory.
    #[error("`{}` is not there", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// Not a directory, or one without a manifest.
    #[error("`{}` is not a package: {reason}", path.display())]
    NotAPackage {
        /// The path.
        path: PathBuf,
        /// What is missing.
        reason: &'static str,
    },
    /// The manifest cannot be used.
    #[error("the manifest of `{}` cannot be used: {source}", path.display())]
    Manifest {
        /// The package.
        path: PathBuf,
        /// Why.
        source: ManifestError,
    },
    /// A path that leaves the package.
    #[error("the path `{path}` leaves the package: {reason}")]
    Outside {
        /// As written in the package.
        path: String,
        /// How it leaves.
        reason: &'static str,
    },
    /// A file that the package names and does not have.
    #[error("the package names the file `{path}`, which is not there")]
    MissingFile {
        /// As written in the package.
        path: String,
    },
    /// Larger than a file of its kind may be.
    #[error("`{path}` has {size} bytes, at most {limit} are taken")]
    TooLarge {
        /// As written in the package.
        path: String,
        /// Octets it has.
        size: u64,
        /// Octets that are taken.
        limit: u64,
    },
    /// The target of a new package is already there.
    #[error("`{}` is already there", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl PackageError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::NotAPackage { .. }
            | Self::Manifest { .. }
            | Self::Outside { .. }
            | Self::MissingFile { .. }
            | Self::TooLarge { .. } => ErrorKind::InvalidPackage,
            Self::Exists { .. } => ErrorKind::Conflict,
            Self::Io(_) => ErrorKind::Internal,
        }
    }
}

impl Package {
    /// The name of the manifest.
    pub const MANIFEST: &'static str = "MLmodel";

    /// The largest manifest that is read, in octets.
    pub const MANIFEST_LIMIT: u64 = 16 << 20;

    /// Opens the package in `directory`.
    ///
    /// # Errors
    /// When it is not there, has no manifest, or the manifest cannot be used.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, PackageError> {
        let directory = directory.as_ref();
        if !directory.try_exists()? {
            return Err(PackageError::NotFound {
                path: directory.to_owned(),
            });
        }
        let not_a_package = |reason| PackageError::NotAPackage {
            path: directory.to_owned(),
            reason,
        };
        if !directory.is_dir() {
            return Err(not_a_package("it is not a directory"));
        }
        let root = fs_err::canonicalize(directory)?;
        let manifest = match file_inside(&root, Self::MANIFEST) {
            Err(PackageError::MissingFile { .. }) => {
                return Err(not_a_package("it has no file `MLmodel`"));
            }
            other => other?,
        };
        let text = read_bounded(&manifest, Self::MANIFEST, Self::MANIFEST_LIMIT)?;
        let invalid = |source| PackageError::Manifest {
            path: directory.to_owned(),
            source,
        };
        let text = String::from_utf8(text).map_err(|_| invalid(ManifestError::NotText))?;
        let manifest = Manifest::parse(&text).map_err(invalid)?;
        Ok(Self { root, manifest })
    }

    /// The directory: absolute, without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The file that the package calls `path`, relative to its root and with `/` between parts.
    ///
    /// # Errors
    /// When the path leaves the package in any way, or there is no such regular file.
    pub fn file(&self, path: &str) -> Result<PathBuf, PackageError> {
        file_inside(&self.root, path)
    }

    /// The octets of a file of the package, at most `limit`.
    ///
    /// # Errors
    /// As [`Package::file`], and when the file is larger.
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, PackageError> {
        read_bounded(&self.file(path)?, path, limit)
    }

    /// Every regular file with its size, sorted by path; symbolic links are refused.
    ///
    /// # Errors
    /// When the directory cannot be listed or holds something that is neither file nor folder.
    pub fn files(&self) -> Result<Vec<(String, u64)>, PackageError> {
        let mut found = Vec::new();
        let mut folders = vec![(self.root.clone(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs_err::read_dir(&folder)? {
                let entry = entry?;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push((entry.path(), format!("{name}/")));
                } else if kind.is_file() {
                    found.push((name, entry.metadata()?.len()));
                } else {
                    return Err(PackageError::Outside {
                        path: name,
                        reason: "it is neither a file nor a folder",
                    });
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// `sha256:` and the hash over the names, sizes and octets of all files: two packages with
    /// the same digest are the same to every byte.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn digest(&self) -> Result<String, PackageError> {
        let mut hash = Sha256::new();
        for (name, size) in self.files()? {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
            hash.update(size.to_le_bytes());
            let mut file = fs_err::File::open(self.file(&name)?)?;
            let mut block = vec![0; 1 << 16];
            loop {
                let read = file.read(&mut block)?;
                if read == 0 {
                    break;
                }
                hash.update(&block[..read]);
            }
        }
        let hex: String = hash
            .finalize()
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        Ok(format!("sha256:{hex}"))
    }
}

/// `path` as parts below a root: no `..`, not absolute, no NUL, no backslash.
fn relative_path(path: &str) -> Result<PathBuf, PackageError> {
    let outside = |reason| PackageError::Outside {
        path: path.to_owned(),
        reason,
    };
    if path.contains(['\0', '\\']) {
        return Err(outside("it has a NUL or a backslash"));
    }
    let mut parts = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir => return Err(outside("it goes up with `..`")),
            Component::RootDir | Component::Prefix(_) => return Err(outside("it is absolute")),
        }
    }
    if parts.as_os_str().is_empty() {
        return Err(outside("it names the package itself"));
    }
    Ok(parts)
}

/// The regular file `path` below `root`, no part of which is a symbolic link.
fn file_inside(root: &Path, path: &str) -> Result<PathBuf, PackageError> {
    let relative = relative_path(path)?;
    let missing = || PackageError::MissingFile {
        path: path.to_owned(),
    };
    let mut place = root.to_owned();
    for part in relative.components() {
        place.push(part);
        let kind = match fs_err::symlink_metadata(&place) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Err(missing()),
            Err(error) => return Err(error.into()),
        };
        if kind.is_symlink() {
            return Err(PackageError::Outside {
                path: path.to_owned(),
                reason: "a part of it is a symbolic link",
            });
        }
    }
    if place.is_file() {
        Ok(place)
    } else {
        Err(missing())
    }
}

fn read_bounded(file: &Path, path: &str, limit: u64) -> Result<Vec<u8>, PackageError> {
    let file = fs_err::File::open(file)?;
    let size = file.metadata()?.len();
    if size > limit {
        return Err(PackageError::TooLarge {
            path: path.to_owned(),
            size,
            limit,
        });
    }
    let mut octets = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(limit).read_to_end(&mut octets)?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> (tempfile::TempDir, Package) {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("p");
        let mut builder = PackageBuilder::create(&target).expect("new");
        builder.write("sub/data.bin", b"123").expect("written");
        builder
            .manifest_mut()
            .set_flavor("onnx", crate::yaml::Mapping::new());
        let package = builder.finish().expect("whole");
        (folder, package)
    }

    #[test]
    fn a_file_of_the_package_is_found_and_read() {
        let (_folder, package) = package();
        assert_eq!(package.read("sub/data.bin", 3).expect("inside"), b"123");
        assert_eq!(
            package.read("./sub//data.bin", 3).expect("the same file"),
            b"123"
        );
    }

    #[test]
    fn paths_that_leave_the_package_are_refused() {
        let (_folder, package) = package();
        for path in [
            "../p/MLmodel",
            "sub/../../x",
            "/etc/passwd",
            "a\0b",
            "a\\b",
            "",
            ".",
            "sub/..",
        ] {
            let error = package.file(path).expect_err(path);
            assert!(
                matches!(error, PackageError::Outside { .. }),
                "{path}: {error}"
            );
        }
        for path in ["sub", "nothing", "sub/data.bin/x", "..."] {
            let error = package.file(path).expect_err(path);
            assert!(
                matches!(error, PackageError::MissingFile { .. }),
                "{path}: {error}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_are_refused_wherever_they_stand() {
        let (folder, package) = package();
        fs_err::write(folder.path().join("secret"), "s").expect("written");
        fs_err::os::unix::fs::symlink(folder.path(), package.root().join("out")).expect("linked");
        fs_err::os::unix::fs::symlink("sub/data.bin", package.root().join("in")).expect("linked");
        for path in ["out/secret", "in"] {
            let error = package.file(path).expect_err(path);
            assert!(
                matches!(error, PackageError::Outside { .. }),
                "{path}: {error}"
            );
        }
        assert!(matches!(
            package.digest(),
            Err(PackageError::Outside { .. })
        ));
    }

    #[test]
    fn a_file_past_its_limit_is_refused() {
        let (_folder, package) = package();
        let error = package.read("sub/data.bin", 2).expect_err("three octets");
        assert!(matches!(
            error,
            PackageError::TooLarge {
                size: 3,
                limit: 2,
                ..
            }
        ));
    }

    #[test]
    fn the_digest_changes_with_any_octet_and_any_name() {
        let (_folder, package) = package();
        let first = package.digest().expect("readable");
        assert_eq!(first, package.digest().expect("readable"));
        fs_err::write(package.root().join("sub/data.bin"), b"124").expect("written");
        let second = package.digest().expect("readable");
        fs_err::rename(
            package.root().join("sub/data.bin"),
            package.root().join("sub/datb.in"),
        )
        .expect("moved");
        let third = package.digest().expect("readable");
        assert!(first != second && second != third);
    }

    #[test]
    fn an_abandoned_package_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut builder = PackageBuilder::create(folder.path().join("p")).expect("new");
        builder.write("a", b"1").expect("written");
        drop(builder);
        assert_eq!(fs_err::read_dir(folder.path()).expect("listed").count(), 0);
    }

    #[test]
    fn what_is_not_a_package_is_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |path: PathBuf| Package::open(path).expect_err("no package").to_string();
        assert!(open(folder.path().join("x")).ends_with("is not there"));
        assert!(open(folder.path().to_owned()).ends_with("it has no file `MLmodel`"));
        fs_err::write(folder.path().join("f"), "").expect("written");
        assert!(open(folder.path().join("f")).ends_with("it is not a directory"));
    }
}
