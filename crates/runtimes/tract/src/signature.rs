//! What a model takes and gives, in the words of the contract.

use flowgate_core::{DataType, Labels, ModelSignature, PortKind};
use flowgate_onnx::zipmap::MapColumns;
use flowgate_onnx::{ElemType, Model, datatype, port};
use std::collections::HashMap;

/// The signature of a checked `model`: names and shapes as declared, the types of outputs as the
/// operators give them (files may leave them out).
pub(crate) fn of(
    model: &Model,
    elems: &HashMap<String, ElemType>,
    maps: &[Option<MapColumns>],
) -> ModelSignature {
    let inputs = model.inputs().iter().map(port).collect();
    let outputs = model.outputs().iter().zip(maps).map(|(output, map)| {
        let mut port = port(output);
        match map {
            Some(map) => {
                port.kind = PortKind::Map(match map.labels() {
                    Labels::Ints(_) => DataType::I64,
                    Labels::Strs(_) => DataType::Str,
                });
                port.shape = None;
            }
            None => {
                let elem = elems.get(&output.name).copied();
                if let Some(datatype) = elem.and_then(datatype) {
                    port.kind = PortKind::Tensor(datatype);
                }
            }
        }
        port
    });
    ModelSignature {
        inputs,
        outputs: outputs.collect(),
    }
}
