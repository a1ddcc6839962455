//! A load that can be given up.

use crate::options;
use flowgate_core::{LoadOptions, RuntimeError};
use ort::environment::Environment;
use ort::session::Session;
use ort::session::builder::LoadCanceler;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;

/// A session on the model file at `path`, read from there so that the engine finds external
/// data beside it.
///
/// The engine looks at its cancel flag only now and then, so the load has a thread of its own:
/// past the limit the flag is set, and the thread ends when the engine sees it.
pub(crate) fn session(
    environment: &Environment,
    path: &Path,
    options: &LoadOptions,
    threads: usize,
) -> Result<Session, RuntimeError> {
    let (cancelers, canceler) = mpsc::sync_channel(1);
    let (answers, answer) = mpsc::sync_channel(1);
    let (environment, path) = (environment.clone(), path.to_owned());
    let limit = options.time_limit;
    let options = options.clone();
    thread::Builder::new()
        .name("ort-load".to_owned())
        .spawn(move || {
            let load = || load(&environment, &path, (&options, threads), &cancelers);
            let loaded = catch_unwind(AssertUnwindSafe(load)).unwrap_or_else(|_| Err(panicked()));
            // Nobody listens any more once the load was given up; the session is dropped then.
            let _ = answers.send(loaded);
        })
        .map_err(|error| RuntimeError::Failed {
            reason: error.to_string(),
        })?;
    match answer.recv_timeout(limit) {
        Ok(loaded) => loaded,
        Err(RecvTimeoutError::Timeout) => {
            // There is none yet when the limit is over before the load began.
            if let Some(Err(error)) = canceler.try_recv().ok().map(|canceler| canceler.cancel()) {
                tracing::warn!(%error, "the engine cannot be told to give up a load");
            }
            Err(RuntimeError::TimedOut { limit })
        }
        Err(RecvTimeoutError::Disconnected) => Err(panicked()),
    }
}

fn load(
    environment: &Environment,
    path: &Path,
    (options, threads): (&LoadOptions, usize),
    cancelers: &SyncSender<LoadCanceler>,
) -> Result<Session, RuntimeError> {
    let mut builder = options::builder(environment, options, threads)?;
    if cancelers.send(builder.canceler()).is_err() {
        return Err(RuntimeError::TimedOut {
            limit: options.time_limit,
        });
    }
    builder
        .commit_from_file(path)
        .map_err(|error| RuntimeError::InvalidArtifact {
            reason: error.message().to_owned(),
        })
}

fn panicked() -> RuntimeError {
    RuntimeError::Failed {
        reason: "the engine panicked while it loaded the model".to_owned(),
    }
}
