//! What the runtime refuses, and that it answers the rest as the ONNX specification asks for.

mod bench;
mod faults;
mod list;
mod numbers;
mod sizes;
