//! What flavors of MLflow's own making have in common: how a section of a manifest names its
//! file, what the metadata asks of the server, and the environment that a package declares.
//!
//! Responsible for what is the same in all of them. What the files of a flavor mean belongs to
//! its own crate.
//!
//! Source: MLflow 3.17.2, as measured on the real library.

pub mod environment;
mod hints;
mod section;

pub use hints::hints;
pub use section::Sections;
