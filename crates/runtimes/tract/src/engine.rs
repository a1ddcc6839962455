//! From a checked graph to something that the engine runs.

use crate::convert::datum_type;
use crate::{NAME, data, ops};
use flowgate_core::{Artifact, Dim, ModelSignature, Port, PortKind, RuntimeError};
use flowgate_onnx::proto::{GraphProto, ModelProto};
use flowgate_onnx::{AI_ONNX, AI_ONNX_ML, Model, Node, build, encode};
use std::collections::HashSet;
use std::sync::Arc;
use tract_onnx::prelude::{
    Framework, InferenceFact, InferenceModel, InferenceModelExt, TractResult, TypedSimplePlan,
};
use tract_onnx::tract_hir::infer::{DimFact, ShapeFactoid};
use tract_onnx::tract_hir::internal::{IntoRunnable as _, ToDim};

/// Words of the engine that are kept of an error: they may go on for pages.
const SHOWN: usize = 400;

/// A graph that has been parsed, with no sizes decided.
pub(crate) fn parse(model: Model, artifact: &Artifact) -> Result<InferenceModel, RuntimeError> {
    let mut proto =
        data::inlined(model, artifact).map_err(|error| error.into_runtime_error(NAME))?;
    guard(&mut proto);
    let octets = encode(&proto);
    drop(proto);
    let framework = ops::framework();
    let parsed = framework
        .proto_model_for_read(&mut &*octets)
        .and_then(|proto| framework.parse(&proto, None))
        .map_err(|error| refused(&error))?;
    if !parsed.unresolved_inputs.is_empty() {
        return Err(RuntimeError::InvalidArtifact {
            reason: "the engine finds values that nothing produces".to_owned(),
        });
    }
    Ok(parsed.model)
}

/// A plan for every number of rows: free first dimensions share a symbol, the others have their
/// own.
pub(crate) fn plan(
    parsed: &InferenceModel,
    signature: &ModelSignature,
) -> Result<Arc<TypedSimplePlan>, RuntimeError> {
    let rows = parsed.symbols.sym("flowgate_rows");
    compile(parsed, signature, |port| {
        let dims = port.shape.as_ref()?.iter().enumerate();
        let dims = dims.map(|(axis, dim)| match dim {
            Dim::Fixed(size) => DimFact::from(size.to_dim()),
            Dim::Free if axis == 0 => DimFact::from(rows.to_dim()),
            Dim::Free => DimFact::from(parsed.symbols.new_with_prefix("flowgate_d").to_dim()),
        });
        Some(ShapeFactoid::closed(dims.collect()))
    })
}

/// A plan for inputs of exactly these shapes, in the order of the signature.
pub(crate) fn plan_for(
    parsed: &InferenceModel,
    signature: &ModelSignature,
    shapes: &[Vec<usize>],
) -> Result<Arc<TypedSimplePlan>, RuntimeError> {
    let mut shapes = shapes.iter();
    compile(parsed, signature, |_| {
        let dims = shapes.next()?.iter();
        let dims = dims.map(|size| DimFact::from(size.to_dim()));
        Some(ShapeFactoid::closed(dims.collect()))
    })
}

fn compile(
    parsed: &InferenceModel,
    signature: &ModelSignature,
    mut shape: impl FnMut(&Port) -> Option<ShapeFactoid>,
) -> Result<Arc<TypedSimplePlan>, RuntimeError> {
    let mut model = parsed.clone();
    for (at, port) in signature.inputs.iter().enumerate() {
        let mut fact = InferenceFact::default();
        if let PortKind::Tensor(datatype) = port.kind
            && let Some(datum_type) = datum_type(datatype)
        {
            fact = fact.with_datum_type(datum_type);
        }
        if let Some(shape) = shape(port) {
            fact = fact.with_shape(shape);
        }
        model
            .set_input_fact(at, fact)
            .map_err(|error| refused(&error))?;
    }
    let compiled: TractResult<Arc<TypedSimplePlan>> = model
        .into_optimized()
        .and_then(|model| model.into_runnable());
    compiled.map_err(|error| refused(&error))
}

/// Puts the checks of [`crate::ops`] before the operators that need them.
fn guard(proto: &mut ModelProto) {
    let Some(graph) = &mut proto.graph else {
        return;
    };
    let mut names = value_names(graph);
    let mut fresh = move |what: &str| {
        let mut number = names.len();
        loop {
            let name = format!("flowgate.{what}.{number}");
            if names.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    };
    let mut nodes = Vec::with_capacity(graph.node.len());
    for mut node in graph.node.drain(..) {
        let view = Node::new(&node);
        let axis = if view.is(AI_ONNX, "Gather") {
            Some((view.int("axis").ok().flatten().unwrap_or(0), 1_i64))
        } else if view.is(AI_ONNX_ML, "ArrayFeatureExtractor") {
            Some((-1, 0))
        } else {
            None
        };
        if let Some((axis, backwards)) = axis {
            let inputs: Vec<&str> = node.input.iter().map(String::as_str).collect();
            let name = fresh("indices");
            nodes.push(
                build::node(ops::GUARD_BOUNDS, &inputs, &[&name])
                    .with("axis", axis)
                    .with("backwards", backwards),
            );
            if let Some(indices) = node.input.get_mut(1) {
                *indices = name;
            }
        } else if view.is(AI_ONNX, "MaxPool")
            && let Some(input) = node.input.first_mut()
        {
            let name = fresh("numbers");
            nodes.push(build::node(ops::GUARD_NAN, &[input], &[&name]));
            *input = name;
        }
        nodes.push(node);
    }
    graph.node = nodes;
}

fn value_names(graph: &GraphProto) -> HashSet<String> {
    let inputs = graph.input.iter().map(|input| input.name().to_owned());
    let constants = graph.initializer.iter().map(|one| one.name().to_owned());
    let outputs = graph
        .node
        .iter()
        .flat_map(|node| node.output.iter().cloned());
    inputs.chain(constants).chain(outputs).collect()
}

fn refused(error: &tract_onnx::prelude::TractError) -> RuntimeError {
    let words: String = format!("{error:#}").chars().take(SHOWN).collect();
    RuntimeError::InvalidArtifact {
        reason: format!("the engine does not take the graph: {words}"),
    }
}
