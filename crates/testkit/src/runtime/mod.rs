//! The suite that every runtime passes.

mod bench;
mod faults;
mod maps;
mod sessions;
mod shapes;
mod values;

use bench::Bench;
use flowgate_core::Runtime;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a runtime does not do, said out loud.
///
/// The suite asserts that each entry is refused; what a runtime has learned must leave the list.
#[derive(Debug, Clone, Default)]
pub struct Expectations {
    /// Names of [`crate::graphs`] that the runtime must answer with `Support::No` and an error
    /// from `load`. An `identity_<type>` stands for the type.
    pub refused_graphs: Vec<&'static str>,
    /// Counts of rows, of 0, 1, 2, 7 and 1000, that a session must answer with an error.
    pub refused_rows: Vec<usize>,
}

/// A question to a runtime.
struct Case {
    name: &'static str,
    ask: fn(&Bench<'_>),
}

/// Asserts that `runtime` keeps the contract of [`flowgate_core::runtime`], on real graphs.
///
/// # Panics
/// After all cases were tried, with the ones that failed.
pub fn runtime_contract(runtime: &dyn Runtime, expectations: Expectations) {
    let bench = Bench::new(runtime, expectations);
    let groups = [
        values::CASES,
        shapes::CASES,
        maps::CASES,
        sessions::CASES,
        faults::CASES,
    ];
    let mut failed = Vec::new();
    for case in groups.into_iter().flatten() {
        // A runtime must not panic, and the cases after one that does are worth knowing.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (case.ask)(&bench))) {
            let words = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("a panic without words");
            failed.push(format!("- {}: {words}", case.name));
        }
    }
    let name = runtime.name();
    assert!(
        failed.is_empty(),
        "runtime `{name}` breaks the contract:\n{}",
        failed.join("\n")
    );
}
