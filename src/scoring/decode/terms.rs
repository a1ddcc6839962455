//! What a body is read by: the signature, and what becomes of columns that it does not have.

use super::Report;
use flowgate_core::{Code, Schema, Signature, Violation};

/// What becomes of columns and tensors that were sent and are not in the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ExtraColumns {
    /// They are dropped, as MLflow drops them; the answer and the metrics count them.
    #[default]
    Warn,
    /// They are dropped, and nobody is told.
    Ignore,
    /// The request is refused.
    Refuse,
}

/// By what a body is read.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'s> {
    /// What the model takes.
    pub signature: &'s Signature,
    /// What becomes of columns that it does not have.
    pub extra_columns: ExtraColumns,
}

impl<'s> Terms<'s> {
    pub(in crate::scoring) fn inputs(self) -> Option<&'s Schema> {
        self.signature.inputs.as_ref()
    }
}

impl<'s> From<&'s Signature> for Terms<'s> {
    fn from(signature: &'s Signature) -> Self {
        Self {
            signature,
            extra_columns: ExtraColumns::default(),
        }
    }
}

impl ExtraColumns {
    /// How many of `names`, which are not in the signature, are dropped and to be told; they are
    /// violations where they are not to be sent.
    pub(super) fn settle(self, names: &[&str], report: &mut Report) -> usize {
        match self {
            Self::Warn => names.len(),
            Self::Ignore => 0,
            Self::Refuse => {
                for name in names {
                    let extra = Violation::new(
                        Code::UnknownColumn,
                        "a column of the signature",
                        "another column",
                    );
                    report.schema(extra.in_column(*name));
                }
                if let Some(first) = names.first() {
                    let count = names.len();
                    report.schema_summary(format!(
                        "{count} columns were sent that the signature does not have; first: \
                         `{first}`"
                    ));
                }
                0
            }
        }
    }
}
