//! Products of matrices, and what is made of them.

pub(super) mod cdist;
pub(super) mod gemm;
mod kernel;
pub(super) mod matmul;
mod product;
mod vector;
