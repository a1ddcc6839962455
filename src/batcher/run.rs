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
    /// The run failed.
    Failed(RunError),
}

/// Why a run failed.
pub(super) struct RunError {
    pub(super) error: RuntimeError,
    /// Whether the engine panicked; the session may be broken then.
    pub(super) panicked: bool,
}

impl RunError {
    fn of(error: RuntimeError) -> Self {
        Self {
            error,
            panicked: false,
        }
    }
}

impl From<RunError> for BatchError {
    fn from(failed: RunError) -> Self {
        Self::Run(failed.error)
    }
}

/// Runs `frame`. A panic inside an engine must not take the thread, and with it every later
/// request.
pub(super) fn run_one(session: &mut dyn Session, frame: Frame) -> Result<Frame, RunError> {
    match catch_unwind(AssertUnwindSafe(|| session.run(frame))) {
        Ok(answer) => answer.map_err(RunError::of),
        Err(_) => Err(RunError {
            error: RuntimeError::Failed {
                reason: "the engine panicked".to_owned(),
            },
            panicked: true,
        }),
    }
}

/// Runs `frames` as one and splits the answer. One frame alone is handed on as it is.
pub(super) fn run(session: &mut dyn Session, frames: &[Frame]) -> Outcome {
    let inputs = match frames {
        [frame] => frame.clone(),
        frames => match Frame::concat(frames) {
            Ok(inputs) => inputs,
            Err(error) => {
                let reason = error.to_string();
                return Outcome::Failed(RunError::of(RuntimeError::Failed { reason }));
            }
        },
    };
    let answer = match run_one(session, inputs) {
        Ok(answer) => answer,
        Err(failed) => return Outcome::Failed(failed),
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
