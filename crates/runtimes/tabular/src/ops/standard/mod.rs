//! Operators of the domains `ai.onnx` and `com.microsoft` that stand around models of tables.

mod blocks;
mod broadcast;
mod cast;
mod control;
mod elementwise;
mod half;
mod identity;
mod layout;
mod linear;
mod make;
mod normalize;
mod reduce;
mod shape;
mod text;

use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use control::{choice, scan};
use elementwise::{
    activation, arithmetic, comparison, power, round, select, transcendental, variadic,
};
use flowgate_onnx::AI_ONNX;
use layout::{concat, expand, gather, pad, reshape, scatter, slice, split, transpose};
use linear::{cdist, gemm, matmul};
use make::{constant, one_hot, range, sizes};
use normalize::{batch, hardmax, lp, softmax};
use reduce::{arg, cumsum, extreme, sum, topk};
use text::{hash, normalizer, strings, tfidf, tokenizer};

/// The operators, file by file.
pub(crate) const LISTS: &[&[Entry]] = &[
    identity::LIST,
    cast::LIST,
    arithmetic::LIST,
    comparison::LIST,
    power::LIST,
    round::LIST,
    transcendental::LIST,
    activation::LIST,
    variadic::LIST,
    select::LIST,
    concat::LIST,
    expand::LIST,
    gather::LIST,
    pad::LIST,
    reshape::LIST,
    scatter::LIST,
    slice::LIST,
    split::LIST,
    transpose::LIST,
    arg::LIST,
    cumsum::LIST,
    extreme::LIST,
    sum::LIST,
    topk::LIST,
    constant::LIST,
    one_hot::LIST,
    range::LIST,
    sizes::LIST,
    cdist::LIST,
    gemm::LIST,
    matmul::LIST,
    softmax::LIST,
    hardmax::LIST,
    lp::LIST,
    batch::LIST,
    normalizer::LIST,
    tokenizer::LIST,
    tfidf::LIST,
    strings::LIST,
    hash::LIST,
    choice::LIST,
    scan::LIST,
    control::batch::LIST,
];

/// The domain of operators that ONNX Runtime has beside those of ONNX.
const MICROSOFT: &str = "com.microsoft";

/// The last version of the operator set of `ai.onnx` that is known here.
const LAST: i64 = 25;

/// The operator `op_type` of `ai.onnx` from the version `first` on.
const fn standard(
    op_type: &'static str,
    first: i64,
    lower: fn(&Lowering<'_>) -> Result<Lowered, LowerError>,
    limits: &'static str,
) -> Entry {
    Entry {
        domain: AI_ONNX,
        op_type,
        versions: (first, LAST),
        lower,
        limits,
    }
}

/// The operator `op_type` of `com.microsoft`, of which there is one version.
const fn microsoft(
    op_type: &'static str,
    lower: fn(&Lowering<'_>) -> Result<Lowered, LowerError>,
    limits: &'static str,
) -> Entry {
    Entry {
        domain: MICROSOFT,
        op_type,
        versions: (1, 1),
        lower,
        limits,
    }
}
