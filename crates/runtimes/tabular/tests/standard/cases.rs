//! Recorded cases: a file, the values that went in, and what came out.

use flowgate_core::{
    Artifact, Data, Format, Frame, LoadOptions, Model, NamedTensor, Runtime, RuntimeError, Shape,
    Tensor,
};
use flowgate_onnx::proto::ModelProto;
use flowgate_onnx::{TensorData, TensorRef};
use half::f16;
use prost::Message;
use runtime_tabular::Tabular;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use zip::ZipArchive;

/// A model with values for its inputs, and what its outputs were.
pub(crate) struct Case {
    pub(crate) operator: String,
    pub(crate) name: String,
    pub(crate) model: Vec<u8>,
    values: BTreeMap<String, Tensor>,
    pub(crate) expected: BTreeMap<String, Tensor>,
}

/// Why a case gives nothing.
pub(crate) enum Failure {
    /// The runtime does not take the file.
    Unsupported(String),
    /// Anything else.
    Run(String),
}

/// The cases of all archives in `folder`, by name.
pub(crate) fn of_folder(folder: &Path) -> Vec<Case> {
    let entries = fs_err::read_dir(folder).expect("a folder of cases");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "zip"));
    paths.sort();
    paths.iter().flat_map(|path| of_archive(path)).collect()
}

fn of_archive(path: &Path) -> Vec<Case> {
    let operator = path
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let file = fs_err::File::open(path).expect("an archive");
    let mut archive = ZipArchive::new(file).expect("an archive");
    let names = archive.file_names();
    let names: Vec<String> = names
        .map(|name| name.expect("a name").into_owned())
        .collect();
    let mut models: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_suffix("/model.onnx"))
        .collect();
    models.sort_unstable();
    let mut read = |name: &str| {
        let mut octets = Vec::new();
        let mut file = archive.by_name(name).expect("a file of a case");
        file.read_to_end(&mut octets).expect("a file of a case");
        octets
    };
    models
        .into_iter()
        .map(|name| {
            let model = read(&format!("{name}/model.onnx"));
            let values = tensors(&read(&format!("{name}/values.onnx")));
            let graph = ModelProto::decode(&*model).expect("a model").graph;
            let inputs = graph.expect("a graph").input;
            let (values, expected) = values
                .into_iter()
                .partition(|(name, _)| inputs.iter().any(|input| input.name() == name));
            Case {
                operator: operator.clone(),
                name: name.to_owned(),
                model,
                values,
                expected,
            }
        })
        .collect()
}

impl Case {
    /// What the runtime makes of the values.
    pub(crate) fn run(&self) -> Result<Frame, Failure> {
        let failure = |error: RuntimeError| match error {
            RuntimeError::Unsupported { .. } => Failure::Unsupported(error.to_string()),
            other => Failure::Run(other.to_string()),
        };
        let model = load(&self.model).map_err(failure)?;
        let mut session = model.session().map_err(failure)?;
        let values = self.values.iter();
        let inputs = values.map(|(name, tensor)| NamedTensor::new(name.as_str(), tensor.clone()));
        session.run(inputs.collect()).map_err(failure)
    }
}

/// The model of a file.
pub(crate) fn load(octets: &[u8]) -> Result<Arc<dyn Model>, RuntimeError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.onnx");
    fs_err::write(&path, octets).expect("a file");
    let artifact = Artifact {
        format: Format::Onnx,
        path,
        companions: Vec::new(),
        program: None,
    };
    Tabular::new().load(&artifact, &LoadOptions::default())
}

/// The tensors that are kept as constants of a model without nodes.
fn tensors(octets: &[u8]) -> BTreeMap<String, Tensor> {
    let graph = ModelProto::decode(octets)
        .expect("values")
        .graph
        .expect("a graph");
    let tensor = |tensor| {
        let tensor = TensorRef::new(tensor);
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
        (
            tensor.name().to_owned(),
            Tensor::new(shape, data).expect("a tensor"),
        )
    };
    graph.initializer.iter().map(tensor).collect()
}
