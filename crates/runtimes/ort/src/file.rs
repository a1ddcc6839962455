//! What can be known of a model file without the engine.

use flowgate_core::{Artifact, Unsupported};
use flowgate_onnx::{
    AI_ONNX, ElemType, FileError, Limits, Model, Operator, ValueInfo, ValueKind, expect_onnx,
    file_size,
};
use std::collections::{BTreeSet, HashSet};

/// Domains whose operators ONNX Runtime 1.32 brings along. An operator that does not exist in
/// one of them is found by the engine when it loads.
const DOMAINS: [&str; 7] = [
    AI_ONNX,
    "ai.onnx.ml",
    "ai.onnx.preview",
    "ai.onnx.preview.training",
    "com.microsoft",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
];

/// What the rest of the crate wants to know of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Octets of the file and its companions.
    pub(crate) size: u64,
    /// Whether it has ensembles of trees, which take much more memory than disk.
    pub(crate) has_trees: bool,
    /// Inputs and outputs whose number of dimensions is not known; the engine tells them as
    /// scalars.
    pub(crate) without_shape: BTreeSet<String>,
}

/// Reads the file of `artifact`.
pub(crate) fn read(artifact: &Artifact) -> Result<Facts, FileError> {
    expect_onnx(artifact)?;
    let unreadable = |reason: String| FileError::Unreadable(reason);
    let size = file_size(artifact).map_err(|error| unreadable(error.to_string()))?;
    let octets = fs_err::read(&artifact.path).map_err(|error| unreadable(error.to_string()))?;
    let model = Model::read(octets.into(), &Limits::default())
        .map_err(|error| unreadable(error.to_string()))?;
    check(&model).map_err(FileError::Unsupported)?;
    let has_trees = model
        .operators()
        .keys()
        .any(|operator| operator.op_type.starts_with("TreeEns"));
    let values = model.inputs().iter().chain(model.outputs());
    let without_shape = values
        .filter(|value| matches!(value.kind, ValueKind::Tensor { dims: None, .. }))
        .map(|value| value.name.clone())
        .collect();
    Ok(Facts {
        size,
        has_trees,
        without_shape,
    })
}

fn check(model: &Model) -> Result<(), Unsupported> {
    let own: HashSet<(&str, &str)> = model
        .functions()
        .map(|function| (function.domain(), function.name()))
        .collect();
    let foreign = |operator: &&Operator| {
        !DOMAINS.contains(&&*operator.domain)
            && !own.contains(&(&*operator.domain, &*operator.op_type))
    };
    let operators: Vec<String> = model
        .operators()
        .keys()
        .filter(foreign)
        .map(ToString::to_string)
        .collect();
    let mut reasons: Vec<String> = operators
        .iter()
        .map(|operator| {
            format!("`{operator}`: an operator of a domain that ONNX Runtime does not bring")
        })
        .collect();
    let values = |values: &[ValueInfo], what: &str| -> Vec<String> {
        let odd = values.iter().filter(|value| !fits(&value.kind));
        odd.map(|value| {
            format!(
                "{what} `{}` is a `{}`, which no frame can hold",
                value.name, value.kind
            )
        })
        .collect()
    };
    reasons.extend(values(model.inputs(), "input"));
    reasons.extend(values(model.outputs(), "output"));
    if reasons.is_empty() {
        Ok(())
    } else {
        Err(Unsupported { operators, reasons })
    }
}

/// Whether a frame can hold such a value.
fn fits(kind: &ValueKind) -> bool {
    match kind {
        ValueKind::Tensor { elem, .. } => flowgate_onnx::datatype(*elem).is_some(),
        ValueKind::SequenceOfMap { key, value } => {
            matches!(key, ElemType::Int64 | ElemType::String) && *value == ElemType::Float
        }
        ValueKind::Other(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::Format;
    use flowgate_onnx::build::{self, node, tensor};
    use flowgate_onnx::encode;

    fn refusal(proto: flowgate_onnx::proto::ModelProto) -> Option<Unsupported> {
        check(&Model::from_proto(proto, &Limits::default()).expect("a model")).err()
    }

    #[test]
    fn only_operators_of_domains_that_the_engine_brings_are_taken() {
        let floats = || tensor(ElemType::Float, &["n"]);
        for (domain, taken) in [
            ("", true),
            ("ai.onnx.ml", true),
            ("com.microsoft", true),
            ("com.microsoft.x", false),
        ] {
            let proto = build::graph("g")
                .input("x", floats())
                .output("y", floats())
                .node(node("Whatever", &["x"], &["y"]).in_domain(domain))
                .model();
            assert_eq!(refusal(proto).is_none(), taken, "{domain}");
        }
    }

    #[test]
    fn values_that_no_frame_can_hold_are_named() {
        let proto = build::graph("g")
            .input("x", tensor(ElemType::Bfloat16, &["n"]))
            .output("y", tensor(ElemType::Float, &["n"]))
            .node(node("Cast", &["x"], &["y"]))
            .model();
        let unsupported = refusal(proto).expect("refused");
        assert_eq!(
            unsupported.to_string(),
            "input `x` is a `tensor(bfloat16)`, which no frame can hold"
        );
        let maps = build::sequence_of_map(ElemType::Int64, ElemType::Double);
        let proto = build::graph("g")
            .input("x", tensor(ElemType::Float, &["n"]))
            .output("y", maps)
            .node(node("Whatever", &["x"], &["y"]))
            .model();
        assert!(refusal(proto).is_some());
    }

    #[test]
    fn trees_companions_and_missing_shapes_are_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, data) = (folder.path().join("m.onnx"), folder.path().join("m.data"));
        let mut unknown = tensor(ElemType::Float, &[]);
        if let Some(flowgate_onnx::proto::TypeValue::Tensor(tensor)) = &mut unknown.value {
            tensor.shape = None;
        }
        let proto = build::graph("g")
            .input("x", tensor(ElemType::Float, &["n", "2"]))
            .output("y", unknown)
            .node(node("TreeEnsembleRegressor", &["x"], &["y"]).in_domain("ai.onnx.ml"))
            .model();
        fs_err::write(&path, encode(&proto)).expect("written");
        fs_err::write(&data, [0; 100]).expect("written");
        let size = fs_err::metadata(&path).expect("there").len() + 100;
        let artifact = Artifact {
            format: Format::Onnx,
            path,
            companions: vec![data],
            program: None,
        };
        let without_shape = ["y".to_owned()].into();
        assert_eq!(
            read(&artifact),
            Ok(Facts {
                size,
                has_trees: true,
                without_shape
            })
        );
    }
}
