//! Reads the attributes of a tree ensemble and checks them against each other.

use std::collections::BTreeSet;

use super::floats::Floats;
use super::links::{Links, Lists, link};
use super::{Aggregate, Mode, PostTransform, TreeFault, TreeKind, TreeSummary};
use crate::error::OnnxError;
use crate::labels::Labels;
use crate::node::{AI_ONNX_ML, Node};

/// Checks a `TreeEnsembleClassifier` or `TreeEnsembleRegressor`: lists of equal length, node ids
/// that are unique in their tree, one root for each tree from which every node is reached exactly
/// once, weights for leaves and classes that are there. Time and memory are in proportion to the
/// lists. What a leaf says of features and children is not looked at, as no runtime does.
///
/// # Errors
///
/// [`OnnxError::Tree`] and those of the attributes.
pub fn check(node: Node<'_>) -> Result<TreeSummary, OnnxError> {
    Ok(Checked::of(node)?.summary)
}

/// The lists of an ensemble that has passed [`check`].
pub(super) struct Checked<'a> {
    pub(super) summary: TreeSummary,
    pub(super) lists: Lists<'a>,
    pub(super) links: Links,
    pub(super) features: &'a [i64],
    pub(super) values: Floats<'a>,
    /// Empty, or one a node.
    pub(super) missing: &'a [i64],
    pub(super) weights: Weights<'a>,
    pub(super) base_values: Floats<'a>,
}

/// What the leaves say; all lists have one length.
pub(super) struct Weights<'a> {
    pub(super) trees: &'a [i64],
    pub(super) nodes: &'a [i64],
    /// Classes or targets.
    pub(super) ids: &'a [i64],
    pub(super) values: Floats<'a>,
}

impl<'a> Checked<'a> {
    pub(super) fn of(node: Node<'a>) -> Result<Self, OnnxError> {
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
        let same = |list, found, expected| same(node, list, found, expected);
        let column = |list: &'static str| {
            let column = ints(node, list)?;
            same(list, column.len(), n_nodes)?;
            Ok::<_, OnnxError>(column)
        };
        let features = column("nodes_featureids")?;
        let values = Floats::of(node, "nodes_values")?;
        same("nodes_values", values.len(), n_nodes)?;
        let hitrates = Floats::of(node, "nodes_hitrates")?;
        if hitrates.len() > 0 {
            same("nodes_hitrates", hitrates.len(), n_nodes)?;
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

        let weights = Weights::of(node, kind)?;
        let mut finder = links.places.finder();
        for (tree, id) in weights.trees.iter().zip(weights.nodes) {
            let (tree, id) = (*tree, *id);
            if finder.find(tree, id).is_none_or(branch) {
                return Err(fault(TreeFault::NotALeaf { tree, node: id }));
            }
        }
        let labels = match kind {
            TreeKind::Classifier => Labels::of(node)?,
            TreeKind::Regressor => None,
        };
        let known = match (kind, &labels) {
            (TreeKind::Classifier, labels) => labels.as_ref().map(Labels::len),
            (TreeKind::Regressor, _) => targets(node)?,
        };
        let base_values = Floats::of(node, "base_values")?;
        let ids = weights.ids;
        let summary = TreeSummary {
            kind,
            n_trees: links.roots.len(),
            n_nodes,
            depth: links.depth,
            n_classes: classes(ids, known).map_err(fault)?,
            n_features_used,
            modes: lists.modes.iter().copied().collect::<BTreeSet<_>>(),
            post_transform: post_transform(node)?,
            aggregate: aggregate(node)?,
            labels,
            single_class_id: ids
                .first()
                .is_some_and(|first| ids.iter().all(|id| id == first)),
            has_nan: values.has_nan() || weights.values.has_nan() || base_values.has_nan(),
            missing_tracks_true,
            base_values: (base_values.len() > 0).then(|| base_values.len()),
            doubles: values.doubles() || weights.values.doubles(),
            roots_first: links.roots_first,
        };
        Ok(Self {
            summary,
            lists,
            links,
            features,
            values,
            missing,
            weights,
            base_values,
        })
    }
}

impl<'a> Weights<'a> {
    fn of(node: Node<'a>, kind: TreeKind) -> Result<Self, OnnxError> {
        let [trees, nodes, ids, values] = match kind {
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
        let found = Self {
            trees: ints(node, trees)?,
            nodes: ints(node, nodes)?,
            ids: ints(node, ids)?,
            values: Floats::of(node, values)?,
        };
        same(node, trees, found.trees.len(), found.ids.len())?;
        same(node, nodes, found.nodes.len(), found.ids.len())?;
        same(node, values, found.values.len(), found.ids.len())?;
        Ok(found)
    }
}

/// That `list` has as many entries as it should.
pub(super) fn same(
    node: Node<'_>,
    list: &str,
    found: usize,
    expected: usize,
) -> Result<(), OnnxError> {
    if found == expected {
        return Ok(());
    }
    Err(OnnxError::Tree {
        node: node.label(),
        fault: TreeFault::Length {
            list: list.to_owned(),
            expected,
            found,
        },
    })
}

pub(super) fn ints<'a>(node: Node<'a>, list: &str) -> Result<&'a [i64], OnnxError> {
    Ok(node.ints(list)?.unwrap_or_default())
}

/// `n_targets`, where it is there.
pub(super) fn targets(node: Node<'_>) -> Result<Option<usize>, OnnxError> {
    let Some(found) = node.int("n_targets")? else {
        return Ok(None);
    };
    match usize::try_from(found) {
        Ok(targets) if targets > 0 => Ok(Some(targets)),
        _ => Err(OnnxError::Tree {
            node: node.label(),
            fault: TreeFault::Targets { found },
        }),
    }
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
pub(super) fn classes(ids: &[i64], known: Option<usize>) -> Result<usize, TreeFault> {
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

pub(super) fn word(node: Node<'_>, attribute: &'static str) -> OnnxError {
    OnnxError::Tree {
        node: node.label(),
        fault: TreeFault::Word { attribute },
    }
}
