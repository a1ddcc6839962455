use std::fmt;

use crate::error::ErrorKind;

/// Where in the text something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not a YAML document this module reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum YamlError {
    /// The text is longer than [`MAX_BYTES`](super::MAX_BYTES).
    #[error("yaml text has {bytes} bytes, at most {limit} are read")]
    TooLarge {
        /// Bytes of the text.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// The text breaks the grammar of YAML.
    #[error("{at}: not valid yaml: {problem}")]
    Syntax {
        /// Where.
        at: Place,
        /// What the parser says.
        problem: String,
    },
    /// A character YAML 1.1 does not allow unescaped, or allows as a line break only.
    #[error("{at}: character U+{code:04X} must be escaped in yaml")]
    Character {
        /// Where.
        at: Place,
        /// The code point.
        code: u32,
    },
    /// Sequences and maps nest deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("{at}: nested deeper than {limit} levels")]
    TooDeep {
        /// Where the first node beyond the limit starts.
        at: Place,
        /// The most levels.
        limit: usize,
    },
    /// The document, its aliases expanded, has more nodes than
    /// [`MAX_NODES`](super::MAX_NODES).
    #[error("{at}: the document has more than {limit} nodes once its aliases are expanded")]
    TooManyNodes {
        /// The node or alias that passed the limit.
        at: Place,
        /// The most nodes.
        limit: usize,
    },
    /// The document, its aliases expanded, has more scalar text than
    /// [`MAX_BYTES`](super::MAX_BYTES).
    #[error("{at}: the document has more than {limit} bytes of text once its aliases are expanded")]
    TooMuchText {
        /// The node or alias that passed the limit.
        at: Place,
        /// The most bytes.
        limit: usize,
    },
    /// An alias refers to the node it is part of.
    #[error("{at}: an alias refers to the node it is part of")]
    SelfAlias {
        /// The alias.
        at: Place,
    },
    /// A map has a key twice.
    #[error("{at}: duplicate key `{key}`")]
    DuplicateKey {
        /// The second key.
        at: Place,
        /// Its text, cut when long.
        key: String,
    },
    /// A map has a sequence or a map as a key.
    #[error("{at}: a key must be a scalar, found a {found}")]
    ComplexKey {
        /// The key.
        at: Place,
        /// `sequence` or `map`.
        found: &'static str,
    },
    /// `<<` with something else than a map or a sequence of maps.
    #[error("{at}: `<<` takes a map or a sequence of maps, found {found}")]
    Merge {
        /// The value of `<<`.
        at: Place,
        /// What it is.
        found: &'static str,
    },
    /// A tag outside of `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!timestamp`, `!!map`
    /// and `!!seq`.
    #[error("{at}: tag `{tag}` is not supported")]
    Tag {
        /// The tagged node.
        at: Place,
        /// The tag, cut when long.
        tag: String,
    },
    /// A tagged node that cannot be what its tag says, or a plain scalar in the form of a type
    /// that has no value (`2024-13-01`, `0x_`).
    #[error("{at}: found a {found}, which is not a valid `{expected}`")]
    Mismatch {
        /// The node.
        at: Place,
        /// The type, as its tag names it: `int`, `map`, ...
        expected: &'static str,
        /// `scalar`, `sequence` or `map`.
        found: &'static str,
    },
    /// A plain `=` or `<<` that is not a key, to which PyYAML gives no meaning.
    #[error("{at}: a plain `{text}` has no meaning as a value, quote it")]
    Indicator {
        /// The scalar.
        at: Place,
        /// `=` or `<<`.
        text: &'static str,
    },
    /// The text holds more than one document.
    #[error("{at}: expected a single document, found another one")]
    SeveralDocuments {
        /// Where the second one starts.
        at: Place,
    },
}

impl YamlError {
    /// What it means to whoever asked: the text is at fault in every case.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge { .. }
            | Self::Syntax { .. }
            | Self::Character { .. }
            | Self::TooDeep { .. }
            | Self::TooManyNodes { .. }
            | Self::TooMuchText { .. }
            | Self::SelfAlias { .. }
            | Self::DuplicateKey { .. }
            | Self::ComplexKey { .. }
            | Self::Merge { .. }
            | Self::Tag { .. }
            | Self::Mismatch { .. }
            | Self::Indicator { .. }
            | Self::SeveralDocuments { .. } => ErrorKind::InvalidPackage,
        }
    }
}
