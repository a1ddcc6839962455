//! Reading and writing JSON text, without a tree of values in between.
//!
//! Responsible for the grammar (RFC 8259, plus the three literals that Python's `json` adds),
//! for exact numbers and for the layout that Python's `json.dumps` gives. What a value means is
//! not decided here: that belongs to the protocols.

mod error;
mod float;
mod keys;
mod number;
mod scan;
mod skip;
mod string;
mod write;

pub use error::{Error, Fault};
pub use keys::KeySet;
pub use number::{Exact, MAX_DIGITS, Number};
pub use scan::{Kind, LoneSurrogate, Mark, Scanner};
pub use write::{write_f64, write_i64, write_str, write_u64};
