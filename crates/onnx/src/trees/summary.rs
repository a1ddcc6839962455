//! Reads the attributes of a tree ensemble and checks them against each other.

use std::collections::BTreeSet;

use super::links::{Lists, link};
use super::{Aggregate, Mode, PostTransform, TreeFault, TreeKind, TreeSummary};
use crate::error::OnnxError;
use crate::labels::Labels;
use crate::node::{AI_ONNX_ML, Node};
use crate::tensor::TensorData;

/// Checks a `TreeEnsembleClassifier` or `TreeEnsembleRegressor`: lists of equal length, node ids
/// that are unique in their tree, one root for each tree from which every node is reached exactly
/// once, weights for leaves and classes that are there. Time and memory are in proportion to the
/// lists. What a leaf says of features and children is not looked at, as no runtime does.
///
/// # Errors
///
/// [`OnnxError::Tree`] and those of the attributes.
pub fn check(node: Node<'_>) -> Result<TreeSummary, OnnxError> {
    let fault = |fault| OnnxError::Tree {
        node: node.label(),
        fault,
    };
    let kind = if node.is(AI_ONNX_ML, "TreeEnsembleClassifier") {
        TreeKind::Classifier
    } else if node.is(AI_ONNX_ML, "TreeEnsembleRegressor") {
        TreeKind::Regressor
    } else {
        return Err(fault(TreeFault::Operator));
    };

    let trees = ints(node, "nodes_treeids")?;
    let n_nodes = trees.len();
    if n_nodes == 0 {
        return Err(fault(TreeFault::Empty));
    }
    let same = |list: &str, found: usize, expected: usize| {
        if found == expected {
            return Ok(());
        }
        Err(fault(TreeFault::Length {
            list: list.to_owned(),
            expected,
            found,
        }))
    };
    let column = |list: &'static str| {
        let column = ints(node, list)?;
        same(list, column.len(), n_nodes)?;
        Ok::<_, OnnxError>(column)
    };
    let features = column("nodes_featureids")?;
    let values = Floats::of(node, "nodes_values")?;
    same("nodes_values", values.len, n_nodes)?;
    let hitrates = Floats::of(node, "nodes_hitrates")?;
    if hitrates.len > 0 {
        same("nodes_hitrates", hitrates.len, n_nodes)?;
    }
    let missing = ints(node, "nodes_missing_value_tracks_true")?;
    if !missing.is_empty() {
        same("nodes_missing_value_tracks_true", missing.len(), n_nodes)?;
    }
    let lists = Lists {
        trees,
        nodes: column("nodes_nodeids")?,
        modes: modes(node).and_then(|modes| {
            same("nodes_modes", modes.len(), n_nodes)?;
            Ok(modes)
        })?,
        on_true: column("nodes_truenodeids")?,
        on_false: column("nodes_falsenodeids")?,
    };
    let links = link(&lists).map_err(fault)?;
    let n_features_used = features_used(&lists, features).map_err(fault)?;
    let branch = |at: usize| lists.modes.get(at).is_some_and(|mode| *mode != Mode::Leaf);
    let missing_tracks_true = missing
        .iter()
        .enumerate()
        .any(|(at, flag)| *flag != 0 && branch(at));

    let names = match kind {
        TreeKind::Classifier => [
            "class_treeids",
            "class_nodeids",
            "class_ids",
            "class_weights",
        ],
        TreeKind::Regressor => [
            "target_treeids",
            "target_nodeids",
            "target_ids",
            "target_weights",
        ],
    };
    let [in_trees, at_nodes, class_ids, weights] = names;
    let class_ids = ints(node, class_ids)?;
    let leaves = (ints(node, in_trees)?, ints(node, at_nodes)?);
    let weights_of = Floats::of(node, weights)?;
    same(in_trees, leaves.0.len(), class_ids.len())?;
    same(at_nodes, leaves.1.len(), class_ids.len())?;
    same(weights, weights_of.len, class_ids.len())?;
    for (tree, id) in leaves.0.iter().copied().zip(leaves.1.iter().copied()) {
        if links.places.get(&(tree, id)).is_none_or(|at| branch(*at)) {
            return Err(fault(TreeFault::NotALeaf { tree, node: id }));
        }
    }
    let labels = match kind {
        TreeKind::Classifier => Labels::of(node)?,
        TreeKind::Regressor => None,
    };
    let known = match (kind, &labels) {
        (TreeKind::Classifier, labels) => labels.as_ref().map(Labels::len),
        (TreeKind::Regressor, _) => node
            .int("n_targets")?
            .map(|n| match usize::try_from(n) {
                Ok(n) if n > 0 => Ok(n),
                _ => Err(fault(TreeFault::Targets { found: n })),
            })
            .transpose()?,
    };
    let base = Floats::of(node, "base_values")?;
    Ok(TreeSummary {
        kind,
        n_trees: links.n_trees,
        n_nodes,
        depth: links.depth,
        n_classes: classes(class_ids, known).map_err(fault)?,
        n_features_used,
        modes: lists.modes.iter().copied().collect::<BTreeSet<_>>(),
        post_transform: post_transform(node)?,
        aggregate: aggregate(node)?,
        labels,
        single_class_id: class_ids
            .first()
            .is_some_and(|first| class_ids.iter().all(|id| id == first)),
        has_nan: values.nan || weights_of.nan || base.nan,
        missing_tracks_true,
        base_values: (base.len > 0).then_some(base.len),
        doubles: values.doubles || weights_of.doubles,
        roots_first: links.roots_first,
    })
}

/// A list of floats, in an attribute or in a tensor of the same name and `_as_tensor`.
struct Floats {
    len: usize,
    nan: bool,
    doubles: bool,
}

impl Floats {
    fn of(node: Node<'_>, list: &'static str) -> Result<Self, OnnxError> {
        let plain = node.floats(list)?.unwrap_or_default();
        let tensor = node.tensor(&format!("{list}_as_tensor"))?;
        let data = tensor.map(|tensor| tensor.data()).transpose()?;
        let floats = match data {
            None => Self {
                len: plain.len(),
                nan: plain.iter().any(|value| value.is_nan()),
                doubles: false,
            },
            Some(TensorData::F32(data)) if plain.is_empty() => Self {
                len: data.len(),
                nan: data.iter().any(|value| value.is_nan()),
                doubles: false,
            },
            Some(TensorData::F64(data)) if plain.is_empty() => Self {
                len: data.len(),
                nan: data.iter().any(|value| value.is_nan()),
                doubles: true,
            },
            Some(_) => {
                return Err(OnnxError::Tree {
                    node: node.label(),
                    fault: TreeFault::Floats {
                        list: list.to_owned(),
                    },
                });
            }
        };
        Ok(floats)
    }
}

fn ints<'a>(node: Node<'a>, list: &str) -> Result<&'a [i64], OnnxError> {
    Ok(node.ints(list)?.unwrap_or_default())
}

fn modes(node: Node<'_>) -> Result<Vec<Mode>, OnnxError> {
    let names = node.byte_strings("nodes_modes")?.unwrap_or_default();
    names
        .iter()
        .map(|name| Mode::from_name(name).ok_or_else(|| word(node, "nodes_modes")))
        .collect()
}

fn features_used(lists: &Lists<'_>, features: &[i64]) -> Result<u64, TreeFault> {
    let mut used = 0;
    let ids = lists.trees.iter().zip(lists.nodes);
    for ((mode, feature), (tree, node)) in lists.modes.iter().zip(features).zip(ids) {
        if *mode == Mode::Leaf {
            continue;
        }
        let id = u64::try_from(*feature).map_err(|_| TreeFault::Feature {
            tree: *tree,
            node: *node,
            feature: *feature,
        })?;
        used = used.max(id + 1);
    }
    Ok(used)
}

/// The number of classes: `known`, or as many as the ids ask for.
fn classes(ids: &[i64], known: Option<usize>) -> Result<usize, TreeFault> {
    let mut count = known.unwrap_or(0);
    for id in ids {
        let fault = TreeFault::ClassId { id: *id, count };
        let Ok(at) = usize::try_from(*id) else {
            return Err(fault);
        };
        match known {
            Some(known) if at >= known => return Err(fault),
            _ => count = count.max(at.saturating_add(1)),
        }
    }
    Ok(count)
}

fn post_transform(node: Node<'_>) -> Result<PostTransform, OnnxError> {
    Ok(match node.string("post_transform")? {
        None | Some("NONE" | "") => PostTransform::None,
        Some("SOFTMAX") => PostTransform::Softmax,
        Some("LOGISTIC") => PostTransform::Logistic,
        Some("SOFTMAX_ZERO") => PostTransform::SoftmaxZero,
        Some("PROBIT") => PostTransform::Probit,
        Some(_) => return Err(word(node, "post_transform")),
    })
}

fn aggregate(node: Node<'_>) -> Result<Aggregate, OnnxError> {
    Ok(match node.string("aggregate_function")? {
        None | Some("SUM" | "") => Aggregate::Sum,
        Some("AVERAGE") => Aggregate::Average,
        Some("MIN") => Aggregate::Min,
        Some("MAX") => Aggregate::Max,
        Some(_) => return Err(word(node, "aggregate_function")),
    })
}

fn word(node: Node<'_>, attribute: &'static str) -> OnnxError {
    OnnxError::Tree {
        node: node.label(),
        fault: TreeFault::Word { attribute },
    }
}
