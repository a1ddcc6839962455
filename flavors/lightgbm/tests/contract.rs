//! The suite of all flavors.
