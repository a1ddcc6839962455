//! Operators on texts.

pub(super) mod hash;
pub(super) mod normalizer;
mod pattern;
pub(super) mod strings;
pub(super) mod tfidf;
pub(super) mod tokenizer;
