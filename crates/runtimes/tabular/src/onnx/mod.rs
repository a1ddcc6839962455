//! The door of ONNX files: a file all of whose operators are known becomes a graph, numerically as
//! ONNX Runtime 1.32 computes it.

mod list;
mod lower;
mod node;

pub(crate) use list::Entry;
pub use list::table_of_operators;
pub(crate) use lower::{constant, subgraph};
pub(crate) use node::{LowerError, Lowered, Lowering};

use crate::model::{Output, Shared};
use flowgate_core::{Artifact, DataType, Labels, ModelSignature, PortKind, Unsupported};
use flowgate_onnx::zipmap::{self, MapColumns};
use flowgate_onnx::{FileError, Limits, Model, OnnxError, expect_onnx, file_size, port};

/// Reads the file of `artifact` and makes a graph of it.
pub(crate) fn read(artifact: &Artifact) -> Result<Shared, FileError> {
    expect_onnx(artifact)?;
    let size = file_size(artifact)?;
    let octets = fs_err::read(&artifact.path)?;
    let file = Model::read(octets.into(), &Limits::default())?;
    if !file.external_data().is_empty() {
        return Err(FileError::Unsupported(Unsupported {
            operators: Vec::new(),
            reasons: vec!["its tensors are kept in further files".to_owned()],
        }));
    }
    shared(&file, size)
}

/// The graph of a file of `size` octets that has been read.
fn shared(file: &Model, size: u64) -> Result<Shared, FileError> {
    let zipmaps = zipmap::find(file)?;
    let proto = zipmap::without(file).map_err(|error| match error {
        OnnxError::ZipMap { .. } => FileError::Unsupported(Unsupported {
            operators: vec!["ai.onnx.ml:ZipMap".to_owned()],
            reasons: vec![error.to_string()],
        }),
        other => other.into(),
    })?;
    let model = Model::from_proto(proto, &Limits::default())?;
    let lowered = lower::graph(&model).map_err(FileError::Unsupported)?;
    let mut outputs = Vec::new();
    let mut ports = Vec::new();
    for (value, datatype) in model.outputs().iter().zip(lowered.outputs) {
        let mut given = port(value);
        match zipmaps.iter().find(|zipmap| zipmap.output == value.name) {
            Some(zipmap) => {
                let map = MapColumns::of(&zipmap.labels);
                given.kind = PortKind::Map(match map.labels() {
                    Labels::Ints(_) => DataType::I64,
                    Labels::Strs(_) => DataType::Str,
                });
                given.shape = None;
                outputs.push(Output::Map(map));
            }
            None => {
                given.kind = PortKind::Tensor(datatype);
                outputs.push(Output::Tensor);
            }
        }
        ports.push(given);
    }
    Ok(Shared {
        signature: ModelSignature {
            inputs: model.inputs().iter().map(port).collect(),
            outputs: ports,
        },
        // Constants are held by the operators in forms of their own, each about as large.
        size: size.saturating_mul(3),
        graph: lowered.graph,
        outputs,
    })
}
