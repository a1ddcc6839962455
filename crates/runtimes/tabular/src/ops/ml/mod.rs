//! Operators of the domain `ai.onnx.ml`.

mod columns;
mod encode;
mod impute;
mod labels;
mod linear;
mod rows;
mod scale;
mod scores;
mod svm;
mod trees;

use crate::onnx::Entry;

/// The operators, file by file.
pub(crate) const LISTS: &[&[Entry]] = &[
    columns::LIST,
    scale::LIST,
    impute::LIST,
    encode::LABEL_ENCODER,
    encode::CATEGORY_MAPPER,
    encode::ONE_HOT,
    linear::LIST,
    svm::LIST,
    trees::LIST,
];
