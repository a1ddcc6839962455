//! Models of the real library, with what it answered.

mod cases;
mod evaluator;
mod manifests;
mod mutations;
mod pack;
mod packages;
