//! What Python raises, and the refusals that MLflow's server makes of it.
//!
//! The words are MLflow's where they are MLflow's own, since clients look for them. Those of
//! pandas and numpy change with their versions: here they say the same without the value.

use flowgate_core::{Refusal, Stage};
use std::borrow::Cow;
use std::fmt;

/// An exception of Python: its class and its text, without what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    class: &'static str,
    text: Cow<'static, str>,
}

impl Exception {
    pub(super) fn new(class: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            class,
            text: text.into(),
        }
    }

    pub(super) fn value(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("ValueError", text)
    }

    pub(super) fn type_error(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("TypeError", text)
    }

    pub(super) fn overflow(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("OverflowError", text)
    }

    /// One that MLflow raises itself.
    pub(super) fn mlflow(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("MlflowException", text)
    }

    /// Whether it is of the class `ValueError`.
    pub(super) fn is_value(&self) -> bool {
        self.class == "ValueError"
    }

    /// Whether it is of the class `OverflowError`.
    pub(super) fn is_overflow(&self) -> bool {
        self.class == "OverflowError"
    }

    /// `repr(…)`.
    pub(super) fn repr(&self) -> String {
        format!("{}({})", self.class, super::object::quoted(&self.text))
    }

    /// The refusal that it is when it is raised while a value is converted.
    pub(super) fn refused(&self) -> Refusal {
        invalid(&self.text)
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A body that cannot be read: `Invalid input. ` and `text`.
pub(super) fn invalid(text: impl fmt::Display) -> Refusal {
    Refusal::said(Stage::Body, format!("Invalid input. {text}"))
}

/// A body that is no file of the `format` that pandas writes by `method`.
pub(super) fn no_file(format: &str, method: &str, text: impl fmt::Display) -> Refusal {
    Refusal::said(
        Stage::File,
        format!(
            "Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid \
             {format} Pandas DataFrame produced using the `pandas.DataFrame.{method}()` method. \
             Error: '{text}'"
        ),
    )
}

/// Data that the model cannot take: what MLflow says of whatever its flavor raises.
pub fn not_for_the_model() -> Refusal {
    Refusal::said(Stage::Model, MODEL_FAILED)
}

/// MLflow's words for any failure of a model.
const MODEL_FAILED: &str = "Encountered an unexpected error while evaluating the model. \
Verify that the serialized input Dataframe is compatible with the model for inference.";
