//! The `lightgbm` flavor.
