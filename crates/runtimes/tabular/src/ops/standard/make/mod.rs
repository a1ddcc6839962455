//! Operators that make values of sizes, places and constants.

pub(super) mod constant;
pub(super) mod one_hot;
pub(super) mod range;
pub(super) mod sizes;
