//! One run: joined, fenced, split.

use super::BatchError;
use flowgate_core::{Frame, RuntimeError, Session};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How a run of several frames ended.
pub(super) enum Outcome {
    /// An answer for each frame, in order.
    Answers(Vec<Frame>),
    /// The frames cannot be told apart in the answer: the model does not keep rows.
    RowsLost,
    /// The run failed; the session may be broken when it panicked.
    Failed {
        /// Why.
        error: RuntimeError,
        /// Whether the engine panicked.
        panicked: bool,
    },
}

/// Runs `frames` as one and splits the answer. One frame alone is handed on as it is.
pub(super) fn run(session: &mut dyn Session, frames: &[Frame]) -> Outcome {
    let inputs = match Frame::concat(frames) {
        Ok(inputs) => inputs,
        Err(error) => {
            let error = RuntimeError::Failed {
                reason: error.to_string(),
            };
            return Outcome::Failed {
                error,
                panicked: false,
            };
        }
    };
    // A panic inside an engine must not take the thread, and with it every later request.
    let answer = match catch_unwind(AssertUnwindSafe(|| session.run(inputs))) {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            return Outcome::Failed {
                error,
                panicked: false,
            };
        }
        Err(_) => {
            let error = RuntimeError::Failed {
                reason: "the engine panicked".to_owned(),
            };
            return Outcome::Failed {
                error,
                panicked: true,
            };
        }
    };
    if frames.len() == 1 {
        return Outcome::Answers(vec![answer]);
    }
    let rows: Vec<usize> = frames.iter().filter_map(Frame::rows).collect();
    match answer.split(&rows) {
        Ok(answers) => Outcome::Answers(answers),
        Err(_) => Outcome::RowsLost,
    }
}

impl From<Outcome> for Result<Frame, BatchError> {
    /// The answer to a run of one frame.
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Answers(answers) => answers.into_iter().next().ok_or(BatchError::Stopped),
            Outcome::RowsLost => Err(BatchError::RowCount {
                expected: 1,
                found: 0,
            }),
            Outcome::Failed { error, .. } => Err(error.into()),
        }
    }
}
