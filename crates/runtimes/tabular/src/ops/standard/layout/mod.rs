//! Operators that lay the elements of a value anew, whatever they are.

pub(super) mod concat;
pub(super) mod expand;
pub(super) mod gather;
pub(super) mod pad;
pub(super) mod reshape;
pub(super) mod scatter;
pub(super) mod slice;
pub(super) mod split;
pub(super) mod transpose;
