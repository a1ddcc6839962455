//! A file, the values that go in, and what comes out.

use flowgate_core::{
    Artifact, Data, Format, Frame, LoadOptions, NamedTensor, Runtime, RuntimeError, Shape, Tensor,
};
use flowgate_onnx::proto::{ModelProto, TensorProto};
use flowgate_onnx::{TensorData, TensorRef};
use half::f16;
use prost::Message;
use runtime_tabular::Tabular;
use std::path::Path;

/// Tensors by name.
pub(crate) type Values = Vec<(String, Tensor)>;

/// A model with values for its inputs, and what its outputs were.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) model: Vec<u8>,
    pub(crate) inputs: Values,
    /// Empty where nothing came out.
    pub(crate) expected: Values,
}

/// Why there is no answer, in words.
pub(crate) enum Failure {
    /// The runtime does not take the file.
    Unsupported(String),
    /// The model does not take the values.
    Refused(String),
    /// Anything else, which must not be.
    Failed(String),
}

impl Case {
    /// What the runtime makes of the values.
    pub(crate) fn run(&self) -> Result<Frame, Failure> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.onnx");
        fs_err::write(&path, &self.model).expect("a file");
        let model = Tabular::new()
            .load(&artifact(&path), &LoadOptions::default())
            .map_err(failure)?;
        let mut session = model.session().map_err(failure)?;
        let named =
            |(name, tensor): &(String, Tensor)| NamedTensor::new(name.as_str(), tensor.clone());
        session
            .run(self.inputs.iter().map(named).collect())
            .map_err(failure)
    }

    /// The operators of the file, with their domains.
    pub(crate) fn operators(&self) -> Vec<(String, String)> {
        let model = ModelProto::decode(&*self.model).expect("a model");
        let nodes = model.graph.expect("a graph").node;
        nodes
            .iter()
            .map(|node| (node.domain().to_owned(), node.op_type().to_owned()))
            .collect()
    }
}

/// The file at `path` as what a runtime loads.
pub(crate) fn artifact(path: &Path) -> Artifact {
    Artifact {
        format: Format::Onnx,
        path: path.to_owned(),
        companions: Vec::new(),
        program: None,
    }
}

fn failure(error: RuntimeError) -> Failure {
    match error {
        RuntimeError::Unsupported { .. } => Failure::Unsupported(error.to_string()),
        RuntimeError::InvalidInput { .. } => Failure::Refused(error.to_string()),
        other => Failure::Failed(other.to_string()),
    }
}

/// A tensor of a file.
pub(crate) fn tensor(proto: &TensorProto) -> Tensor {
    let tensor = TensorRef::new(proto);
    let dims = tensor.dims().expect("sizes");
    let shape: Shape = dims.iter().map(|size| *size as usize).collect();
    let data = match tensor.data().expect("elements") {
        TensorData::F32(elements) => Data::from(elements),
        TensorData::F64(elements) => elements.into(),
        TensorData::I8(elements) => elements.into(),
        TensorData::I16(elements) => elements.into(),
        TensorData::I32(elements) => elements.into(),
        TensorData::I64(elements) => elements.into(),
        TensorData::U8(elements) => elements.into(),
        TensorData::U16(elements) => elements.into(),
        TensorData::U32(elements) => elements.into(),
        TensorData::U64(elements) => elements.into(),
        TensorData::Bool(elements) => elements.into(),
        TensorData::F16(bits) => {
            let elements: Vec<f16> = bits.into_iter().map(f16::from_bits).collect();
            elements.into()
        }
        TensorData::Strings(texts) => Data::Str(texts.iter().collect()),
        TensorData::Bf16(_) => panic!("no case has elements of this type"),
    };
    Tensor::new(shape, data).expect("a tensor")
}
