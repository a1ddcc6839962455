//! Lists of floats, in one of the two forms that they have.

use std::borrow::Cow;

use super::TreeFault;
use crate::error::OnnxError;
use crate::node::Node;
use crate::tensor::TensorData;

/// A list of floats: an attribute, or a tensor of the same name and `_as_tensor`.
pub(super) enum Floats<'a> {
    F32(Cow<'a, [f32]>),
    F64(Vec<f64>),
}

impl<'a> Floats<'a> {
    /// The list of `node` under this name; an empty one when there is none.
    pub(super) fn of(node: Node<'a>, list: &str) -> Result<Self, OnnxError> {
        let plain = node.floats(list)?.unwrap_or_default();
        match Self::tensor(node, &format!("{list}_as_tensor"))? {
            None => Ok(Self::F32(plain.into())),
            Some(floats) if plain.is_empty() => Ok(floats),
            Some(_) => Err(fault(node, list)),
        }
    }

    /// The tensor of `node` under this name, `None` when there is none.
    pub(super) fn tensor(node: Node<'a>, name: &str) -> Result<Option<Self>, OnnxError> {
        let data = node.tensor(name)?.map(|tensor| tensor.data()).transpose()?;
        Ok(match data {
            None => None,
            Some(TensorData::F32(data)) => Some(Self::F32(data.into())),
            Some(TensorData::F64(data)) => Some(Self::F64(data)),
            Some(_) => return Err(fault(node, name)),
        })
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::F32(list) => list.len(),
            Self::F64(list) => list.len(),
        }
    }

    /// The entry at `at`; zero where there is none.
    pub(super) fn at(&self, at: usize) -> f64 {
        match self {
            Self::F32(list) => list.get(at).copied().map(f64::from),
            Self::F64(list) => list.get(at).copied(),
        }
        .unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = f64> {
        (0..self.len()).map(|at| self.at(at))
    }

    pub(super) fn has_nan(&self) -> bool {
        match self {
            Self::F32(list) => list.iter().any(|value| value.is_nan()),
            Self::F64(list) => list.iter().any(|value| value.is_nan()),
        }
    }

    pub(super) fn doubles(&self) -> bool {
        matches!(self, Self::F64(_))
    }
}

fn fault(node: Node<'_>, list: &str) -> OnnxError {
    OnnxError::Tree {
        node: node.label(),
        fault: TreeFault::Floats {
            list: list.to_owned(),
        },
    }
}
