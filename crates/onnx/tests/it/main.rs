//! What is read from real files, which files are refused, and that no bytes do harm.

mod forests;
mod hostile;
mod real_files;
mod rules;
mod scan_limits;
mod tensors;
mod tree_rules;
mod zipmaps;

use flowgate_onnx::proto::ModelProto;
use flowgate_onnx::{Limits, Model, OnnxError};

/// Reads a built model the way a file is read: through its bytes.
fn read(proto: &ModelProto) -> Result<Model, OnnxError> {
    read_within(proto, &Limits::default())
}

fn read_within(proto: &ModelProto, limits: &Limits) -> Result<Model, OnnxError> {
    Model::read(flowgate_onnx::encode(proto).into(), limits)
}

/// The variant of an error, without its fields.
fn variant<T>(result: Result<T, OnnxError>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(error) => {
            let debug = format!("{error:?}");
            debug
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    }
}
