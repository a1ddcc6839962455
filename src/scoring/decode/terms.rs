//! What a body is read by: the signature, what becomes of columns that it does not have, and how
//! much of what is wrong is listed.

use super::{Report, params, plain};
use flowgate_core::{Code, Params, Plan, Refusal, Schema, Signature, Violation};

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
    /// How many of the values that are refused a refusal lists; it counts all of them.
    pub listed: usize,
    /// What [`can_be_plain`](super::can_be_plain) says of the signature.
    pub can_be_plain: bool,
    /// Whether the model sees a text that is missing, so that an optional column may have nulls.
    pub missing_texts: bool,
}

impl<'s> Terms<'s> {
    pub(in crate::scoring) fn inputs(self) -> Option<&'s Schema> {
        self.signature.inputs.as_ref()
    }

    /// The params that count, of `json`.
    pub(super) fn params(self, json: Option<&str>) -> Result<Params, Refusal> {
        params::read(json, self.signature.params.as_deref(), self.listed)
    }
}

impl<'s> From<&'s Signature> for Terms<'s> {
    /// For an answer to whoever wants a prediction: the first of what is refused.
    fn from(signature: &'s Signature) -> Self {
        Self {
            signature,
            extra_columns: ExtraColumns::default(),
            listed: Refusal::LISTED,
            can_be_plain: plain::can_be_plain(signature),
            missing_texts: false,
        }
    }
}

impl<'s> From<&'s Plan> for Terms<'s> {
    /// As for its signature.
    fn from(plan: &'s Plan) -> Self {
        Self {
            missing_texts: sees_missing_texts(plan),
            ..Self::from(&plan.signature)
        }
    }
}

/// Whether the model of `plan` sees a text that is missing: those that are planned as a program
/// turn texts into codes of categories, of which a missing one has none.
pub fn sees_missing_texts(plan: &Plan) -> bool {
    plan.artifact.program.is_some()
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
