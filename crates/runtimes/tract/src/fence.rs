//! What keeps a panic or an endless computation of the engine away from the rest of the program.

use flowgate_core::RuntimeError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The stack of a load: the engine's rewriting recurses along the graph.
const STACK: usize = 16 << 20;

/// What `work` gives, unless it panics.
pub(crate) fn fenced<T>(
    what: &str,
    work: impl FnOnce() -> Result<T, RuntimeError>,
) -> Result<T, RuntimeError> {
    // A state that a panic has left behind is dropped with `work`; models are only read.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(RuntimeError::Failed {
            reason: format!("the engine panicked during {what}"),
        })
    })
}

/// What `work` gives on a thread of its own, unless it panics or takes longer than `limit`.
///
/// The engine cannot be told to stop, so a thread past its limit runs on until it is done, and
/// what it made is dropped then.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, RuntimeError> + Send + 'static,
) -> Result<T, RuntimeError> {
    let (answers, answer) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("tract-load".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // Nobody listens any more once the load was given up.
            let _ = answers.send(fenced("a load", work));
        })
        .map_err(|error| RuntimeError::Failed {
            reason: format!("no thread for a load: {error}"),
        })?;
    match answer.recv_timeout(limit) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Err(RuntimeError::TimedOut { limit }),
        Err(RecvTimeoutError::Disconnected) => Err(RuntimeError::Failed {
            reason: "the thread of a load is gone".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        let answer: Result<(), _> = within(Duration::from_secs(60), || panic!("on purpose"));
        assert_eq!(
            answer,
            Err(RuntimeError::Failed {
                reason: "the engine panicked during a load".to_owned()
            })
        );
    }

    #[test]
    fn work_past_its_limit_is_given_up() {
        let limit = Duration::from_millis(20);
        let (finish, finished) = mpsc::channel::<()>();
        let answer: Result<(), _> = within(limit, move || {
            let _ = finished.recv();
            Ok(())
        });
        assert_eq!(answer, Err(RuntimeError::TimedOut { limit }));
        drop(finish);
    }
}
