//! Categories to numbers and back.

mod index;
mod mapping;
mod one_hot;
mod pairs;

pub(super) use mapping::{CATEGORY_MAPPER, LABEL_ENCODER};
pub(super) use one_hot::LIST as ONE_HOT;
