//! A request after it was read and before it is run.

use crate::{Frame, Params};

/// What a protocol makes of the bytes it received.
#[derive(Debug, Clone, PartialEq)]
pub struct InferRequest {
    /// The data, typed.
    pub frame: Frame,
    /// What kind of data it is: decides how it is fed and how the answer is written.
    pub form: Form,
    /// The params that count for this request.
    pub params: Params,
}

/// The kind of data, as MLflow tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A table: one tensor `[rows]` a column; answered with one record a row.
    Table,
    /// A table that was sent as one bare object, as clients of language models do: answered as
    /// [`Form::Table`], without the key around it.
    Bare,
    /// Tensors by name; answered with one list a model output.
    Tensors,
    /// One tensor without a name, called `""`; answered as [`Form::Tensors`].
    Tensor,
}

impl Form {
    /// Whether it is a table: its tensors are columns.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Table | Self::Bare)
    }
}
