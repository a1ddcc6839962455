//! Files of skops as data: Python objects kept as a zip of one JSON text and numpy arrays.
//!
//! Responsible for the zip, `schema.json`, `.npy` files, and finding one's way among the nodes.
//! What the attributes of a class mean belongs to the flavors. Nothing in a file is executed and
//! no class of it is ever made: a class is a name here. Whatever asks for more than data
//! (pickles inside of arrays) is refused.
//!
//! | step | type | |
//! |---|---|---|
//! | the octets | [`Skops`] | the zip opened, its sizes bounded, `schema.json` unpacked |
//! | the text | [`Tree`] | every value of the JSON text, its depth and number bounded |
//! | an object | [`Node`] | attributes, items and values by name |
//! | an array | [`flowgate_core::Tensor`] | numbers, truth values and texts |
//!
//! Source: skops 0.16.0 (protocol 2) and numpy 2.4.6, as measured on the real libraries.

mod archive;
mod error;
mod limits;
mod node;
mod npy;
mod objects;
mod tree;

pub use error::Error;
pub use limits::Limits;
pub use node::Node;
pub use npy::read as read_npy;
pub use tree::{Skops, Tree};
