//! Operators that bring the numbers along an axis to a common size.

pub(super) mod batch;
pub(super) mod hardmax;
pub(super) mod lp;
pub(super) mod softmax;
