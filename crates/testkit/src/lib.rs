//! What tests of several crates share: suites that every plugin passes, and fakes.
//!
//! A dev-dependency only. Everything here panics where a test should fail.

mod close;
mod fake;
mod flavor;
pub mod graphs;
mod library;
mod runtime;
pub mod trees;

pub use close::{Tolerance, assert_close};
pub use fake::Fake;
pub use flavor::{FlavorSamples, flavor_contract};
pub use library::{LIBRARY_MISSING, ort_library, require_ort_library};
pub use runtime::{Expectations, runtime_contract};
