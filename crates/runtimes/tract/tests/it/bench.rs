//! Makes files and runs them.

use flowgate_core::{
    Artifact, Data, Format, Frame, LoadOptions, Model, NamedTensor, Runtime, RuntimeError, Shape,
    Support, Tensor, Unsupported,
};
use flowgate_onnx::build::{GraphBuilder, node};
use flowgate_onnx::proto::{ModelProto, TypeProto};
use flowgate_onnx::{ElemType, build, encode};
use runtime_tract::Tract;
use std::sync::Arc;
use tempfile::TempDir;

/// A model file in a folder of its own.
pub(crate) struct File {
    pub(crate) artifact: Artifact,
    _folder: TempDir,
}

impl File {
    /// A file of these octets, with companions of these names and contents.
    pub(crate) fn of(octets: &[u8], companions: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.onnx");
        fs_err::write(&path, octets).expect("written");
        let companions = companions.iter().map(|(name, octets)| {
            let path = folder.path().join(name);
            fs_err::write(&path, octets).expect("written");
            path
        });
        Self {
            artifact: Artifact {
                format: Format::Onnx,
                path,
                companions: companions.collect(),
                program: None,
            },
            _folder: folder,
        }
    }

    /// A file of this model.
    pub(crate) fn model(proto: &ModelProto) -> Self {
        Self::of(&encode(proto), &[])
    }

    pub(crate) fn load(&self) -> Result<Arc<dyn Model>, RuntimeError> {
        Tract::new().load(&self.artifact, &LoadOptions::default())
    }

    /// Runs the model once.
    pub(crate) fn run(&self, inputs: Frame) -> Result<Frame, RuntimeError> {
        let model = self.load().expect("a model that loads");
        assert_eq!(Tract::new().supports(&self.artifact), Support::Yes);
        model.session().expect("a session").run(inputs)
    }

    /// Why the model is refused, which `load` must say too.
    #[track_caller]
    pub(crate) fn refusal(&self) -> Unsupported {
        let Support::No(unsupported) = Tract::new().supports(&self.artifact) else {
            panic!("the model is supported");
        };
        let Err(error) = self.load() else {
            panic!("the model loads: {unsupported}");
        };
        assert!(
            matches!(
                error,
                RuntimeError::Unsupported { .. } | RuntimeError::InvalidArtifact { .. }
            ),
            "{error:?}"
        );
        unsupported
    }
}

/// A graph with the input `x` and the output `y`, without nodes.
pub(crate) fn graph(x: TypeProto, y: TypeProto) -> GraphBuilder {
    build::graph("g").input("x", x).output("y", y)
}

/// A file of one operator from `x` to `y`, both of `elem` and `[n, 3]`.
pub(crate) fn one(op_type: &str, elem: ElemType) -> File {
    let values = || build::tensor(elem, &["n", "3"]);
    let graph = graph(values(), values()).node(node(op_type, &["x"], &["y"]));
    File::model(&graph.model())
}

/// A frame of the tensor `x`.
pub(crate) fn x(shape: &[usize], data: impl Into<Data>) -> Frame {
    let tensor = Tensor::new(Shape::from_slice(shape), data).expect("as many elements as asked");
    Frame::new(vec![NamedTensor::new("x", tensor)])
}

/// The floats of an output.
#[track_caller]
pub(crate) fn floats(outputs: &Frame, name: &str) -> Vec<f32> {
    match outputs.get(name).expect("the output").tensor.data() {
        Data::F32(floats) => floats.to_vec(),
        other => panic!("{other:?}"),
    }
}

/// The integers of an output.
#[track_caller]
pub(crate) fn ints(outputs: &Frame, name: &str) -> Vec<i64> {
    match outputs.get(name).expect("the output").tensor.data() {
        Data::I64(ints) => ints.to_vec(),
        other => panic!("{other:?}"),
    }
}

/// The words of a refusal of an input.
#[track_caller]
pub(crate) fn invalid(answer: Result<Frame, RuntimeError>) -> String {
    match answer {
        Err(RuntimeError::InvalidInput { message }) => message,
        other => panic!("{other:?}"),
    }
}
