//! A worker: one thread, one session.

use super::queue::{Job, Queue};
use super::run::{self, Outcome};
use flowgate_core::{Frame, Model, Session};
use std::time::{Duration, Instant};

/// Runs what is taken from `queue` until it is closed and empty.
pub(super) fn work(model: &dyn Model, mut session: Box<dyn Session>, queue: &Queue) {
    while let Some(batch) = queue.take() {
        let frames: Vec<Frame> = batch.iter().map(|job| job.frame.clone()).collect();
        let rows: usize = batch.iter().map(Job::weight).sum();
        let (outcome, took) = timed(queue, rows, &mut *session, &frames);
        match outcome {
            Outcome::Answers(answers) => {
                batch
                    .into_iter()
                    .zip(answers)
                    .for_each(|(job, answer)| job.answer(Ok(answer), took));
            }
            outcome => {
                if let Outcome::RowsLost = outcome {
                    tracing::warn!("the model does not keep rows apart: requests run one by one");
                    queue.never_join();
                }
                if let Outcome::Failed { panicked: true, .. } = outcome {
                    renew(model, &mut session);
                }
                settle(model, &mut session, queue, batch, (outcome, took));
            }
        }
    }
}

/// Answers a batch whose run failed. One request bears its own failure; of several each is run
/// again alone, so that one bad row fails nobody else.
fn settle(
    model: &dyn Model,
    session: &mut Box<dyn Session>,
    queue: &Queue,
    batch: Vec<Job>,
    (outcome, took): (Outcome, Duration),
) {
    if batch.len() == 1 {
        if let Some(job) = batch.into_iter().next() {
            job.answer(outcome.into(), took);
        }
        return;
    }
    for job in batch {
        let (outcome, took) = timed(
            queue,
            job.weight(),
            &mut **session,
            std::slice::from_ref(&job.frame),
        );
        let panicked = matches!(outcome, Outcome::Failed { panicked: true, .. });
        job.answer(outcome.into(), took);
        if panicked {
            renew(model, session);
        }
    }
}

/// A new session in place of one that panicked; the old one is kept when there is none to be had.
fn renew(model: &dyn Model, session: &mut Box<dyn Session>) {
    match model.session() {
        Ok(fresh) => *session = fresh,
        Err(error) => tracing::error!(%error, "no new session after a panic"),
    }
}

/// Runs `frames`, counts the run and gives how long it took.
fn timed(
    queue: &Queue,
    rows: usize,
    session: &mut dyn Session,
    frames: &[Frame],
) -> (Outcome, Duration) {
    let start = Instant::now();
    let outcome = run::run(session, frames);
    let took = start.elapsed();
    let metrics = queue.metrics();
    metrics.run_seconds.observe(took.as_secs_f64());
    #[expect(
        clippy::cast_precision_loss,
        reason = "a histogram does not need the last digit"
    )]
    metrics.batch_rows.observe(rows as f64);
    (outcome, took)
}
