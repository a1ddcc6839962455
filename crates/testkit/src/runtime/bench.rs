//! What the cases do with a runtime.

use super::Expectations;
use crate::{Tolerance, assert_close, graphs};
use flowgate_core::{
    Artifact, Data, ErrorKind, Format, Frame, LoadOptions, Model, NamedTensor, Runtime,
    RuntimeError, Session, Shape, Support, Tensor,
};
use std::path::Path;
use std::sync::Arc;

/// A runtime under test and what it need not do.
pub(super) struct Bench<'a> {
    pub(super) runtime: &'a dyn Runtime,
    expectations: Expectations,
}

impl<'a> Bench<'a> {
    pub(super) fn new(runtime: &'a dyn Runtime, expectations: Expectations) -> Self {
        Self {
            runtime,
            expectations,
        }
    }

    /// A session on a graph; `None` when the graph is on the list, and then it was refused.
    pub(super) fn session(&self, graph: &str) -> Option<Box<dyn Session>> {
        let model = self.model(graph)?;
        Some(
            model
                .session()
                .unwrap_or_else(|error| panic!("`{graph}`: no session: {error}")),
        )
    }

    /// A graph, loaded; `None` when it is on the list, and then it was refused.
    pub(super) fn model(&self, graph: &str) -> Option<Arc<dyn Model>> {
        let artifact = graphs::artifact(graph);
        if self.expectations.refused_graphs.contains(&graph) {
            self.assert_refused(graph, &artifact);
            return None;
        }
        assert_eq!(self.runtime.supports(&artifact), Support::Yes, "`{graph}`");
        let loaded = self.runtime.load(&artifact, &LoadOptions::default());
        Some(loaded.unwrap_or_else(|error| panic!("`{graph}` does not load: {error}")))
    }

    fn assert_refused(&self, graph: &str, artifact: &Artifact) {
        let support = self.runtime.supports(artifact);
        let Support::No(unsupported) = support else {
            panic!("`{graph}` is said to be refused, and is supported: take it from the list");
        };
        assert!(
            !unsupported.reasons.is_empty(),
            "`{graph}` is refused without a reason"
        );
        let error = self.load_error(artifact, graph);
        assert!(
            matches!(
                error.kind(),
                ErrorKind::Unsupported | ErrorKind::InvalidPackage
            ),
            "`{graph}`: {error:?}"
        );
    }

    /// Whether sessions need not take so many rows.
    pub(super) fn refuses_rows(&self, rows: usize) -> bool {
        self.expectations.refused_rows.contains(&rows)
    }

    /// Whether the graph is on the list.
    pub(super) fn refuses_graph(&self, graph: &str) -> bool {
        self.expectations.refused_graphs.contains(&graph)
    }

    /// The error of a load that must not succeed.
    pub(super) fn load_error(&self, artifact: &Artifact, what: &str) -> RuntimeError {
        match self.runtime.load(artifact, &LoadOptions::default()) {
            Ok(_) => panic!("{what}: it was loaded"),
            Err(error) => error,
        }
    }

    /// Asserts that a file is refused as the package's fault, and asked about without a panic.
    pub(super) fn assert_bad_file(&self, path: &Path, what: &str) {
        let artifact = plain_artifact(path);
        let _ = self.runtime.supports(&artifact);
        let error = self.load_error(&artifact, what);
        assert!(
            matches!(
                error.kind(),
                ErrorKind::Unsupported | ErrorKind::InvalidPackage
            ),
            "{what}: {error:?}"
        );
    }
}

/// An ONNX file without companions.
pub(super) fn plain_artifact(path: &Path) -> Artifact {
    Artifact {
        format: Format::Onnx,
        path: path.to_owned(),
        companions: Vec::new(),
        program: None,
    }
}

/// A tensor under its name.
pub(super) fn named(name: &str, shape: &[usize], data: impl Into<Data>) -> NamedTensor {
    let tensor = Tensor::new(Shape::from_slice(shape), data).expect("as many elements as asked");
    NamedTensor::new(name, tensor)
}

/// A frame of one tensor.
pub(super) fn frame(name: &str, shape: &[usize], data: impl Into<Data>) -> Frame {
    Frame::new(vec![named(name, shape, data)])
}

/// Asserts that `inputs` give `outputs`, to the bit but for the payload of NaNs.
#[track_caller]
pub(super) fn assert_runs(session: &mut dyn Session, inputs: &Frame, outputs: &Frame) {
    assert_runs_close(session, inputs, outputs, Tolerance::NONE);
}

/// Asserts that `inputs` give `outputs` within `tolerance`.
#[track_caller]
pub(super) fn assert_runs_close(
    session: &mut dyn Session,
    inputs: &Frame,
    outputs: &Frame,
    tolerance: Tolerance,
) {
    match session.run(inputs.clone()) {
        Ok(found) => assert_close(&found, outputs, tolerance),
        Err(error) => panic!("the run failed: {error}"),
    }
}

/// Asserts that `inputs` are refused as the client's fault.
#[track_caller]
pub(super) fn assert_invalid(session: &mut dyn Session, inputs: Frame, what: &str) -> String {
    match session.run(inputs) {
        Ok(outputs) => panic!("{what}: it was answered with {outputs:?}"),
        Err(error @ RuntimeError::InvalidInput { .. }) => error.to_string(),
        Err(error) => panic!("{what}: {error:?} is not the client's fault"),
    }
}
