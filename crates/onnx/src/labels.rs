//! The class labels of classifiers and `ZipMap`.

use crate::error::OnnxError;
use crate::node::Node;

/// Class labels in column order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labels {
    /// `classlabels_int64s`.
    Ints(Vec<i64>),
    /// `classlabels_strings`.
    Strings(Vec<String>),
}

impl Labels {
    /// The labels of a node of `ai.onnx.ml`, `None` when it has none. An empty list counts as
    /// none: converters write the list they do not use as an empty one.
    ///
    /// # Errors
    ///
    /// Both kinds at once, attributes of another type, text that is not UTF-8.
    pub fn of(node: Node<'_>) -> Result<Option<Self>, OnnxError> {
        let ints = node.ints("classlabels_int64s")?.unwrap_or_default();
        let strings = node.strings("classlabels_strings")?.unwrap_or_default();
        match (ints.is_empty(), strings.is_empty()) {
            (true, true) => Ok(None),
            (false, true) => Ok(Some(Self::Ints(ints.to_vec()))),
            (true, false) => Ok(Some(Self::Strings(
                strings.into_iter().map(str::to_owned).collect(),
            ))),
            (false, false) => Err(OnnxError::Labels {
                node: node.label(),
                found: 2,
            }),
        }
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        match self {
            Self::Ints(labels) => labels.len(),
            Self::Strings(labels) => labels.len(),
        }
    }

    /// Whether there is no label; never of what [`Labels::of`] returns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
