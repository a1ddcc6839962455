//! What the engine gets right: the only way into it.
//!
//! [`table`] lists the operators, each with its domain, attributes, inputs and types. What is not
//! there is refused, whatever the engine would make of it. [`row`] says how a line of the list is
//! read, [`types`] which types flow through a graph, [`linear`],
//! [`layers`] and [`arithmetic`] check what a line cannot say.

mod arithmetic;
mod layers;
mod linear;
mod row;
mod table;
mod types;

use flowgate_core::Unsupported;
use flowgate_onnx::zipmap::ZipMap;
use flowgate_onnx::{AI_ONNX, AI_ONNX_ML, ElemType, Model, Node, ValueInfo, ValueKind, datatype};
use std::collections::{BTreeSet, HashMap, HashSet};
use types::Types;

/// Versions of the standard operators that the list was made for. Older ones broadcast in other
/// ways; newer ones may have learned something that nobody has looked at.
const OPSETS: std::ops::RangeInclusive<i64> = 8..=23;
/// The same of the operators for classical machine learning.
const OPSETS_ML: std::ops::RangeInclusive<i64> = 1..=5;

/// Checks `model`, which is `file` without the `zipmaps`, and gives the type of every value.
pub(crate) fn check(
    file: &Model,
    model: &Model,
    zipmaps: &[ZipMap],
) -> Result<HashMap<String, ElemType>, Unsupported> {
    let mut operators = BTreeSet::new();
    let mut reasons = general(file);
    reasons.extend(zipmaps.iter().flat_map(map_faults));
    let own: HashSet<(&str, &str)> = model
        .functions()
        .map(|function| (function.domain(), function.name()))
        .collect();
    let mut types = Types::of(model);
    let main: usize = model.nodes().len();
    for node in model.nodes() {
        let fault = if own.contains(&(node.domain(), node.op_type())) {
            Err("an operator that the model defines itself".to_owned())
        } else {
            refusal(node, &mut types)
        };
        if let Err(fault) = fault {
            operators.insert(operator(node));
            reasons.push(format!("`{}`: {fault}", operator(node)));
            // Whoever reads the outputs must not be blamed for what is not known of them.
            types.forget(node);
        }
    }
    for zipmap in zipmaps {
        if !matches!(types.get(&zipmap.output), None | Some(ElemType::Float)) {
            reasons.push("`ai.onnx.ml:ZipMap`: of something else than floats".to_owned());
        }
    }
    reasons.extend(
        model
            .outputs()
            .iter()
            .filter_map(|output| declared_otherwise(output, types.get(&output.name)?)),
    );
    // Nodes of subgraphs and functions: no operator with a subgraph is on the list, so all of
    // them are in the way of something that is refused already; they are named all the same.
    let inner = model.all_nodes().count() != main;
    if inner {
        for node in model
            .all_nodes()
            .filter(|node| table::find(*node).is_none())
        {
            if operators.insert(operator(node)) {
                reasons.push(format!("`{}`: {}", operator(node), unknown(node)));
            }
        }
        if reasons.is_empty() {
            reasons.push("the model has subgraphs or functions of its own".to_owned());
        }
    }
    if reasons.is_empty() {
        return Ok(types.into_known());
    }
    let mut seen = HashSet::new();
    reasons.retain(|reason| seen.insert(reason.clone()));
    Err(Unsupported {
        operators: operators.into_iter().collect(),
        reasons,
    })
}

/// The name of a node's operator, with its domain where that is not the standard one.
fn operator(node: Node<'_>) -> String {
    if node.domain() == AI_ONNX {
        node.op_type().to_owned()
    } else {
        format!("{}:{}", node.domain(), node.op_type())
    }
}

/// What is in the way of a node; else what it gives is noted.
fn refusal<'a>(node: Node<'a>, types: &mut Types<'a>) -> Result<(), String> {
    let row = table::find(node).ok_or_else(|| unknown(node))?;
    row.check(node, types)
}

fn unknown(node: Node<'_>) -> String {
    match node.domain() {
        AI_ONNX | AI_ONNX_ML => "an operator that is not on the engine's list".to_owned(),
        _ => "an operator of a domain that the engine does not know".to_owned(),
    }
}

/// What is in the way of the file as a whole.
fn general(file: &Model) -> Vec<String> {
    let mut reasons = Vec::new();
    for (domain, versions) in [(AI_ONNX, OPSETS), (AI_ONNX_ML, OPSETS_ML)] {
        let used = file.operators().keys().any(|one| one.domain == domain);
        match file.opset(domain) {
            Some(version) if used && !versions.contains(&version) => reasons.push(format!(
                "operator set `{domain}` has version {version}, the engine takes {} to {}",
                versions.start(),
                versions.end()
            )),
            None if used => reasons.push(format!("operator set `{domain}` is not imported")),
            _ => {}
        }
    }
    if !file.graph().proto().sparse_initializer.is_empty() {
        reasons.push("the model has sparse constants".to_owned());
    }
    for input in file.inputs() {
        if !matches!(&input.kind, ValueKind::Tensor { elem, .. } if datatype(*elem).is_some()) {
            reasons.push(format!(
                "input `{}` is a `{}`, which no frame can hold",
                input.name, input.kind
            ));
        }
    }
    for constant in file.graph().initializers() {
        if !constant.elem().is_ok_and(|elem| datatype(elem).is_some()) {
            reasons.push("the model has constants of a type that no frame can hold".to_owned());
        }
    }
    reasons
}

/// A declared type of an output that contradicts the operators.
fn declared_otherwise(output: &ValueInfo, found: ElemType) -> Option<String> {
    match &output.kind {
        ValueKind::Tensor { elem, .. } if *elem != found => Some(format!(
            "output `{}` is declared as `tensor({elem})` and computed as `tensor({found})`",
            output.name
        )),
        _ => None,
    }
}

fn map_faults(zipmap: &ZipMap) -> Option<String> {
    let unique = match &zipmap.labels {
        flowgate_onnx::Labels::Ints(labels) => labels.iter().collect::<HashSet<_>>().len(),
        flowgate_onnx::Labels::Strings(labels) => labels.iter().collect::<HashSet<_>>().len(),
    };
    (unique != zipmap.labels.len())
        .then(|| format!("map `{}` has a label more than once", zipmap.output))
}
