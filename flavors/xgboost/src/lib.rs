//! The `xgboost` flavor.
