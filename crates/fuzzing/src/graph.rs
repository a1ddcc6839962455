//! ONNX files before an engine sees them.

use flowgate_onnx::trees::{self, Forest, ForestNode};
use flowgate_onnx::{Limits, Model, Node, zipmap};

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
        ensembles(node);
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

/// Trees are trees: what the check accepts is laid out whole, each node behind its parent.
fn ensembles(node: Node<'_>) {
    let checked = trees::check(node);
    let Ok(forest) = Forest::read(node) else {
        assert!(checked.is_err(), "what was checked is not laid out");
        return;
    };
    if let Ok(summary) = checked {
        let counts = (summary.n_trees, summary.n_nodes, summary.n_classes);
        let found = (forest.roots.len(), forest.nodes.len(), forest.outputs);
        assert_eq!(counts, found);
    }
    for (place, node) in forest.nodes.iter().enumerate() {
        match node {
            ForestNode::Branch(branch) => {
                let nodes = place + 1..forest.nodes.len();
                assert!(nodes.contains(&branch.on_true) && nodes.contains(&branch.on_false));
            }
            ForestNode::Leaf { first, count } => {
                let votes = forest
                    .votes
                    .get(*first..)
                    .and_then(|rest| rest.get(..*count));
                let votes = votes.expect("a run of the votes");
                assert!(votes.iter().all(|vote| vote.output < forest.outputs));
            }
        }
    }
}
