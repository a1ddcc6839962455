//! The runtime of tables.
