//! Models of the real LightGBM, held against what it answered itself, and files that are none.
//!
//! Each folder of `data/` is a case: a package as MLflow 3.17.2 wrote it with LightGBM 4.7.0, rows
//! in `input.csv`, and in `expected.json` what the libraries answered on exactly these rows.

mod case;
mod changed;
mod evaluator;
mod hostile;
mod packed;
mod planned;
mod recorded;
mod refused;
