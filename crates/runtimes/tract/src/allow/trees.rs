//! Which ensembles of trees are right.

use super::types::Types;
use flowgate_onnx::AttributeKind::{self, Floats, Ints, String as Text, Strings};
use flowgate_onnx::trees::{self, Mode, PostTransform};
use flowgate_onnx::{Labels, Node};

/// The attributes that are read. Those of version 3, with doubles in tensors, are not.
pub(super) const ATTRIBUTES: &[(&str, AttributeKind)] = &[
    ("base_values", Floats),
    ("class_ids", Ints),
    ("class_nodeids", Ints),
    ("class_treeids", Ints),
    ("class_weights", Floats),
    ("classlabels_int64s", Ints),
    ("classlabels_strings", Strings),
    ("nodes_falsenodeids", Ints),
    ("nodes_featureids", Ints),
    ("nodes_hitrates", Floats),
    ("nodes_missing_value_tracks_true", Ints),
    ("nodes_modes", Strings),
    ("nodes_nodeids", Ints),
    ("nodes_treeids", Ints),
    ("nodes_truenodeids", Ints),
    ("nodes_values", Floats),
    ("post_transform", Text),
];

/// Three and more classes with whole numbers for labels. Two classes have rules of their own for
/// scores and labels, which nobody has written here.
pub(super) fn classifier(node: Node<'_>, _: &Types<'_>) -> Result<(), String> {
    let summary = trees::check(node).map_err(|error| error.to_string())?;
    let labels = match &summary.labels {
        Some(Labels::Ints(labels)) => labels.len(),
        Some(Labels::Strings(_)) => return Err("with texts for labels".to_owned()),
        None => return Err("without labels".to_owned()),
    };
    if labels < 3 {
        return Err(format!("with {labels} classes, three and more are taken"));
    }
    let branch = |mode: &&Mode| !matches!(mode, Mode::BranchGte | Mode::BranchNeq);
    if let Some(mode) = summary.modes.iter().find(|mode| !branch(mode)) {
        return Err(format!("with the mode `{mode:?}`"));
    }
    match summary.post_transform {
        PostTransform::None | PostTransform::Softmax | PostTransform::Logistic => {}
        other => return Err(format!("with the transform `{other:?}`")),
    }
    if summary.base_values.is_some_and(|count| count != labels) {
        return Err("with another number of base values than of classes".to_owned());
    }
    if !summary.roots_first {
        return Err("with trees that do not begin with their roots".to_owned());
    }
    if summary.has_nan {
        return Err("with thresholds or weights that are not numbers".to_owned());
    }
    Ok(())
}
