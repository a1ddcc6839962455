//! Which panics a fuzzer stops at.

use std::panic;

/// Lets the crates of others panic: the readers of Parquet and Arrow run behind a fence that
/// answers with a refusal. A panic of our own code stays what it was, an end of the program, inside
/// of the fence as well.
///
/// Called once, after the fuzzer has set its own hook.
pub fn let_readers_panic() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(panic::Location::file);
        if !place.is_some_and(is_of_others) {
            hook(info);
        }
    }));
}

/// Whether the source file `path` came from the registry, or with the compiler.
fn is_of_others(path: &str) -> bool {
    path.contains("/registry/src/") || path.starts_with("/rustc/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_files_are_told_from_those_of_others() {
        assert!(is_of_others(
            "/home/u/.cargo/registry/src/index/parquet-60.1.0/src/lib.rs"
        ));
        assert!(is_of_others("/rustc/59807616e/library/core/src/option.rs"));
        assert!(!is_of_others(
            "/home/u/flowgate/src/scoring/columnar/pages.rs"
        ));
        assert!(!is_of_others(file!()));
    }
}
