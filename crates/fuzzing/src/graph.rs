//! ONNX files before an engine sees them.

use flowgate_onnx::{Limits, Model, trees, zipmap};

/// Memory that a file may take, much less than a server gives it.
const MEMORY: u64 = 16 << 20;

/// An ONNX file: everything that is done with one before it is loaded.
pub fn onnx(data: &[u8]) {
    let limits = Limits {
        memory: MEMORY,
        ..Limits::default()
    };
    let model = match Model::read(data.to_vec().into(), &limits) {
        Ok(model) => model,
        Err(error) => {
            assert!(error.to_string().len() < 2_000, "{error}");
            return;
        }
    };
    for node in model.all_nodes() {
        let _ = trees::check(node);
        for attribute in node.attributes() {
            let tensor = node.tensor(attribute.name());
            let _ = tensor.map(|tensor| tensor.map(|tensor| tensor.contents()));
            let _ = node.string(attribute.name());
            let _ = node.strings(attribute.name());
        }
    }
    for tensor in model.graph().initializers() {
        let _ = tensor.contents();
    }
    for value in model.inputs().iter().chain(model.outputs()) {
        let _ = flowgate_onnx::port(value);
    }
    let _ = zipmap::find(&model);
    if let Ok(proto) = zipmap::without(&model) {
        let _ = Model::from_proto(proto, &limits);
    }
    // What was read is written and read again as the same.
    let written = flowgate_onnx::encode(&model.into_proto());
    let again = Model::read(written.clone().into(), &limits).expect("a sound model stays one");
    assert!(flowgate_onnx::encode(&again.into_proto()) == written);
}
