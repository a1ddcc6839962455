//! YAML as PyYAML 6 reads and writes it: the dialect of MLflow's manifests.
//!
//! Responsible for: turning one YAML document into a [`Value`] with the scalar resolution of
//! YAML 1.1 that PyYAML's `safe_load` applies, and writing a [`Value`] byte for byte as PyYAML's
//! `safe_dump(default_flow_style=False)` writes it (MLflow 3.17.2, `Model.to_yaml`).
//! Not responsible for: what the keys of a manifest mean, files and encodings.
//!
//! The structure of the text is read by `saphyr-parser`, whose grammar is YAML 1.2; what a plain
//! scalar *means* is decided here, because no YAML crate resolves `yes`, `089`, `1e3` or `12:30`
//! the way PyYAML does, and an identifier such as `12345678901234567890e12345678901` must stay text.
//!
//! Where this reader is stricter than PyYAML, on purpose:
//! - a duplicate key is refused (PyYAML lets the last one win), a second `<<` likewise; `1`, `1.0`
//!   and `true` are one key, as they are in Python;
//! - sizes are bounded: see [`MAX_BYTES`], [`MAX_NODES`], [`MAX_DEPTH`], [`MAX_INT_DIGITS`];
//! - an alias within its own anchor, `!!binary`, `!!set`, `!!omap` and `!!pairs` are refused, and so
//!   are unescaped U+0085, U+2028 and U+2029, which are line breaks in YAML 1.1 only.
//!
//! Where it is more lenient: it takes tabs as separators and everything else YAML 1.2 allows.
//! In a list of merged maps the earlier map wins, as the merge specification says and as PyYAML
//! up to 6.0.2 does (6.0.4 lets the later win).
//!
//! What is not kept: anchors (PyYAML writes `&id001` for one Python object met twice; here aliases
//! are expanded and every value is written out), comments, styles. Like PyYAML, [`emit`] can write
//! a key [`parse`] refuses: one of fewer than 123 characters whose escapes take more than 1024.

mod error;
mod json;
mod mapping;
mod number;
mod read;
mod resolve;
mod scalar_style;
mod timestamp;
mod value;
mod write;

pub use error::{Place, YamlError};
pub use mapping::Mapping;
pub use number::BigInt;
pub use read::parse;
pub use timestamp::Timestamp;
pub use value::Value;
pub use write::{emit, emit_unicode, sort_keys};

/// The longest text [`parse`] reads, and the most scalar text a document may hold once its aliases
/// are expanded, in bytes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most nodes (scalars, sequences, maps) a document may have once its aliases are expanded.
pub const MAX_NODES: usize = 100_000;

/// How deep sequences and maps may nest.
pub const MAX_DEPTH: usize = 64;

/// The most decimal digits of an integer; CPython converts no longer ones from text by default.
pub const MAX_INT_DIGITS: usize = 4300;
