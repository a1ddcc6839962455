//! `ZipMap` (`ai.onnx.ml` 1): a tensor of scores `[n, classes]` becomes a sequence of `n` maps
//! from label to score. Converters put it behind the probabilities of classifiers; runtimes
//! without sequences and maps need it gone, and the labels kept.

mod columns;

pub use columns::MapColumns;

use std::collections::{HashMap, HashSet};

use crate::elem::ElemType;
use crate::error::OnnxError;
use crate::labels::Labels;
use crate::model::Model;
use crate::node::{AI_ONNX, AI_ONNX_ML, Node, normal_domain};
use crate::proto::{GraphProto, ModelProto, NodeProto};
use crate::{AllNodes, build};

/// A `ZipMap` whose output is an output of the main graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipMap {
    /// Name of the graph output, a sequence of maps.
    pub output: String,
    /// Name of the tensor of scores it is made of.
    pub input: String,
    /// Keys of the maps, in column order.
    pub labels: Labels,
}

/// The `ZipMap`s that feed outputs of the main graph, in graph order.
///
/// # Errors
///
/// A node with no labels, or both kinds, or with another number of inputs and outputs than one.
pub fn find(model: &Model) -> Result<Vec<ZipMap>, OnnxError> {
    let outputs: HashSet<&str> = model.outputs().iter().map(|o| o.name.as_str()).collect();
    model
        .nodes()
        .filter(|node| feeds(*node, &outputs))
        .map(read)
        .collect()
}

/// The file without the `ZipMap`s that [`find`] finds: each graph output keeps its name and
/// becomes the tensor of scores, `float`, with two unknown extents. The producer of the scores
/// writes them under the output's name where nobody else reads them; else an `Identity` does.
///
/// # Errors
///
/// As [`find`], and when another node reads the sequence of maps.
pub fn without(model: &Model) -> Result<ModelProto, OnnxError> {
    let found = find(model)?;
    let mut proto = model.to_proto();
    let Some(graph) = proto.graph.as_mut() else {
        return Err(OnnxError::NoGraph);
    };
    let mut readers = readers(graph);
    for output in &graph.output {
        *readers.entry(output.name().to_owned()).or_default() += 1;
    }
    let mut identity = false;
    for zipmap in &found {
        identity |= replace(graph, zipmap, &readers)?;
        for output in &mut graph.output {
            if output.name() == zipmap.output {
                output.r#type = Some(build::tensor(ElemType::Float, &["?", "?"]));
            }
        }
    }
    let imported = |domain: &str| normal_domain(domain) == AI_ONNX;
    if identity && !proto.opset_import.iter().any(|i| imported(i.domain())) {
        // `Identity` has been there from the first version on
        proto.opset_import.push(build::opset("", 1));
    }
    Ok(proto)
}

fn is_zipmap(node: Node<'_>) -> bool {
    node.is(AI_ONNX_ML, "ZipMap")
}

fn feeds(node: Node<'_>, outputs: &HashSet<&str>) -> bool {
    is_zipmap(node)
        && node
            .outputs()
            .iter()
            .any(|name| outputs.contains(name.as_str()))
}

fn read(node: Node<'_>) -> Result<ZipMap, OnnxError> {
    let fault = |reason| OnnxError::ZipMap {
        node: node.label(),
        reason,
    };
    let ([input], [output]) = (node.inputs(), node.outputs()) else {
        return Err(fault("it has not one input and one output"));
    };
    if input.is_empty() {
        return Err(fault("its input is left out"));
    }
    Ok(ZipMap {
        output: output.clone(),
        input: input.clone(),
        labels: Labels::of(node)?.ok_or_else(|| OnnxError::Labels {
            node: node.label(),
            found: 0,
        })?,
    })
}

/// How often each value is read by nodes, those of subgraphs included.
fn readers(graph: &GraphProto) -> HashMap<String, usize> {
    let mut readers = HashMap::new();
    for node in AllNodes::new([graph.node.as_slice()]) {
        let inputs = node.inputs().iter().map(String::as_str);
        // the output of a subgraph may be a value of an outer graph
        let inner = node.subgraphs().flat_map(|graph| &graph.proto().output);
        for name in inputs.chain(inner.map(|output| output.name())) {
            *readers.entry(name.to_owned()).or_default() += 1;
        }
    }
    readers
}

/// Replaces one node; whether by an `Identity`.
fn replace(
    graph: &mut GraphProto,
    zipmap: &ZipMap,
    readers: &HashMap<String, usize>,
) -> Result<bool, OnnxError> {
    let is_this = |node: &NodeProto| {
        is_zipmap(Node::new(node)) && node.output.first() == Some(&zipmap.output)
    };
    let count = |name: &str| readers.get(name).copied().unwrap_or(0);
    if count(&zipmap.output) > 1 {
        return Err(OnnxError::ZipMap {
            node: crate::error::shown(&zipmap.output),
            reason: "its output is read by another node",
        });
    }
    let alone = count(&zipmap.input) == 1;
    let producer = graph
        .node
        .iter_mut()
        .flat_map(|node| &mut node.output)
        .find(|output| **output == zipmap.input);
    match producer {
        Some(name) if alone => {
            zipmap.output.clone_into(name);
            graph
                .node
                .retain(|node| !(is_this(node) && node.input.first() == Some(&zipmap.input)));
            graph
                .value_info
                .retain(|info| info.name() != zipmap.input && info.name() != zipmap.output);
            Ok(false)
        }
        _ => {
            if let Some(node) = graph.node.iter_mut().find(|node| is_this(node)) {
                *node = build::node("Identity", &[&zipmap.input], &[&zipmap.output])
                    .named(Node::new(node).name());
            }
            graph.value_info.retain(|info| info.name() != zipmap.output);
            Ok(true)
        }
    }
}
