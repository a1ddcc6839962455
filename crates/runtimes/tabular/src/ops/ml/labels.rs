//! The labels of classes.

use crate::data::tensor;
use crate::onnx::{LowerError, Lowering};
use crate::op::Fault;
use flowgate_core::{Data, DataType, Strings, StringsBuilder, Tensor};

/// Labels by the places of their classes.
#[derive(Debug, Clone)]
pub(super) enum Classes {
    Ints(Vec<i64>),
    Texts(Strings),
}

impl Classes {
    /// The labels in the attributes `ints` and `texts` of `node`; `None` where neither is there or
    /// both are empty.
    ///
    /// # Errors
    /// When there are both.
    pub(super) fn read(
        node: &Lowering<'_>,
        ints: &str,
        texts: &str,
    ) -> Result<Option<Self>, LowerError> {
        let (ints, texts) = (node.ints(ints)?, node.strings(texts)?);
        match (ints, &*texts) {
            ([], []) => Ok(None),
            ([_, ..], []) => Ok(Some(Self::Ints(ints.to_vec()))),
            ([], [_, ..]) => Ok(Some(Self::Texts(texts.into_iter().collect()))),
            _ => node.refuse("it has integers and texts for labels"),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ints(labels) => labels.len(),
            Self::Texts(labels) => labels.len(),
        }
    }

    pub(super) fn datatype(&self) -> DataType {
        match self {
            Self::Ints(_) => DataType::I64,
            Self::Texts(_) => DataType::Str,
        }
    }

    /// The labels at `places`, a row each.
    ///
    /// # Errors
    /// [`Fault::Failed`] for a place without a label.
    pub(super) fn at(&self, places: &[usize]) -> Result<Tensor, Fault> {
        let missing = || Fault::failed("a class without a label");
        match self {
            Self::Ints(labels) => {
                let mut made = Vec::with_capacity(places.len());
                for place in places {
                    made.push(*labels.get(*place).ok_or_else(missing)?);
                }
                tensor(&[places.len()], made)
            }
            Self::Texts(labels) => {
                let mut made = StringsBuilder::new();
                for place in places {
                    made.push(labels.get(*place).ok_or_else(missing)?);
                }
                let shape = [places.len()];
                Ok(Tensor::new(shape.as_slice(), Data::Str(made.finish()))?)
            }
        }
    }
}

/// The place of the highest of `scores`; the first where several are, or where they cannot be
/// compared.
pub(super) fn highest<T: PartialOrd + Copy>(scores: &[T]) -> usize {
    let mut best = 0;
    for (place, score) in scores.iter().enumerate().skip(1) {
        if scores.get(best).is_some_and(|highest| score > highest) {
            best = place;
        }
    }
    best
}
