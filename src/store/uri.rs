//! Model URIs, as MLflow 3.17.2 writes them.

use flowgate_core::ErrorKind;
use std::path::PathBuf;

/// What a URI names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelUri {
    /// A directory of this machine.
    Path(PathBuf),
    /// `models:/name/version`.
    Registered {
        /// The model's name.
        name: String,
        /// Which version of it.
        version: Version,
    },
}

/// Which version of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// This one.
    Number(String),
    /// The highest number.
    Latest,
}

/// Why a URI cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Not of the form that `models:/` URIs have.
    #[error(
        "not a proper models:/ URI: `{uri}`; expected `models:/name/version` or `models:/name/latest`"
    )]
    Malformed {
        /// As it was given.
        uri: String,
    },
    /// A form that needs a registry.
    #[error("`{uri}` needs a model registry, and the store is a directory: {reason}")]
    NeedsRegistry {
        /// As it was given.
        uri: String,
        /// What a directory does not know.
        reason: &'static str,
    },
    /// A scheme that nothing here reads.
    #[error(
        "the scheme `{scheme}` is not supported; `models:/name/version`, `file:` and plain paths are"
    )]
    Scheme {
        /// The scheme.
        scheme: String,
    },
}

impl UriError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed { .. } => ErrorKind::InvalidInput,
            Self::NeedsRegistry { .. } | Self::Scheme { .. } => ErrorKind::Unsupported,
        }
    }
}

impl ModelUri {
    /// Reads `uri`.
    ///
    /// # Errors
    /// When it has a scheme that is not supported, or is malformed.
    pub fn parse(uri: &str) -> Result<Self, UriError> {
        if let Some(rest) = uri.strip_prefix("models:") {
            return Self::registered(uri, rest);
        }
        if let Some(rest) = uri.strip_prefix("file:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            return Ok(Self::Path(PathBuf::from(path)));
        }
        match uri.split_once(':') {
            Some((scheme, _)) if is_scheme(scheme) => Err(UriError::Scheme {
                scheme: scheme.to_owned(),
            }),
            _ => Ok(Self::Path(PathBuf::from(uri))),
        }
    }

    fn registered(uri: &str, rest: &str) -> Result<Self, UriError> {
        let malformed = || UriError::Malformed {
            uri: uri.to_owned(),
        };
        let needs_registry = |reason| UriError::NeedsRegistry {
            uri: uri.to_owned(),
            reason,
        };
        let rest = rest.strip_prefix('/').ok_or_else(malformed)?;
        if rest.starts_with('/') {
            return Err(needs_registry("it names another registry"));
        }
        if let Some((name, alias)) = rest.rsplit_once('@') {
            let proper = !name.is_empty() && !alias.trim().is_empty() && !name.contains('/');
            return Err(if proper {
                needs_registry("it has no aliases")
            } else {
                malformed()
            });
        }
        let parts: Vec<&str> = rest.split('/').collect();
        match parts.as_slice() {
            [id] if !id.is_empty() => Err(needs_registry("it has no logged models")),
            [name, version] if is_name(name) && is_name(version) => {
                let digits = version.bytes().all(|octet| octet.is_ascii_digit());
                let version = if version.eq_ignore_ascii_case("latest") {
                    Version::Latest
                } else if digits {
                    Version::Number((*version).to_owned())
                } else {
                    return Err(needs_registry("it has no stages"));
                };
                Ok(Self::Registered {
                    name: (*name).to_owned(),
                    version,
                })
            }
            _ => Err(malformed()),
        }
    }
}

/// One path part that stays where it is: a name becomes a folder below the store.
fn is_name(part: &str) -> bool {
    !part.trim().is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0'])
}

/// A scheme has two letters or more, so that no drive letter is taken for one.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_latest_and_paths_are_told_apart() {
        let registered = |name: &str, version| ModelUri::Registered {
            name: name.into(),
            version,
        };
        for (uri, expected) in [
            (
                "models:/iris/3",
                registered("iris", Version::Number("3".into())),
            ),
            ("models:/iris/LATEST", registered("iris", Version::Latest)),
            ("models/iris/3", ModelUri::Path("models/iris/3".into())),
            ("file:///srv/m", ModelUri::Path("/srv/m".into())),
            ("./a:b", ModelUri::Path("./a:b".into())),
        ] {
            assert_eq!(ModelUri::parse(uri), Ok(expected), "{uri}");
        }
    }

    #[test]
    fn what_a_directory_cannot_answer_is_said() {
        for uri in [
            "models:/iris@champion",
            "models:/iris/Staging",
            "models:/m-123",
            "models://p@databricks/iris/1",
        ] {
            let error = ModelUri::parse(uri).expect_err(uri);
            assert!(
                matches!(error, UriError::NeedsRegistry { .. }),
                "{uri}: {error}"
            );
        }
        for uri in [
            "models:iris/3",
            "models:/",
            "models:/a/b/c",
            "models:/../3",
            "models:/a/..",
            "models:/ /1",
            "models:/a@",
        ] {
            let error = ModelUri::parse(uri).expect_err(uri);
            assert!(
                matches!(error, UriError::Malformed { .. }),
                "{uri}: {error}"
            );
        }
        assert_eq!(
            ModelUri::parse("s3://b/m"),
            Err(UriError::Scheme {
                scheme: "s3".into()
            })
        );
    }
}
