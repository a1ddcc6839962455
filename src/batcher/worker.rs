//! Running batches, on a thread of the batcher or on the one that read a request.

use super::job::{Job, weight};
use super::run::{Outcome, RunError, run, run_one};
use super::{Answer, BatchError, Shared, Times, session};
use flowgate_core::{Frame, Session};
use flowgate_queue::Job as _;
use std::time::{Duration, Instant};

/// Jobs and the session that runs them.
pub(super) type Batch = flowgate_queue::Batch<Job, Box<dyn Session>>;

/// Runs what is taken from the queue until that is closed and empty.
pub(super) fn work(shared: &Shared) {
    while let Some(batch) = shared.queue.take() {
        if !run_batch(shared, batch) {
            return;
        }
    }
}

/// Runs a batch and answers it. False where it took so long that its session was given up.
pub(super) fn run_batch(shared: &Shared, batch: Batch) -> bool {
    let Batch { mut session, jobs } = batch;
    let rows = jobs.iter().map(Job::rows).sum();
    let deadline = jobs.iter().map(Job::deadline).max();
    let number = shared
        .runs
        .begin(deadline.unwrap_or_else(Instant::now), rows);
    let frames: Vec<Frame> = jobs.iter().map(|job| job.frame.clone()).collect();
    let (outcome, took) = timed(shared, rows, || run(&mut *session, &frames));
    if let Outcome::Failed(RunError { panicked: true, .. }) = outcome {
        shared.metrics.panics.inc();
        session::renew(shared, &mut session);
    }
    let retried = jobs.len() > 1 && !matches!(outcome, Outcome::Answers(_));
    if retried {
        if let Outcome::RowsLost = outcome {
            tracing::warn!("the model does not keep rows apart: requests run one by one");
            shared.costs.never_join();
            shared.queue.limit_rows(1);
        }
        one_by_one(shared, &mut session, jobs);
        return release(shared, session, (number, rows));
    }
    // The next batch need not wait until these answers are given.
    let kept = release(shared, session, (number, rows));
    match outcome {
        Outcome::Answers(answers) => {
            let answered = jobs.into_iter().zip(answers);
            answered.for_each(|(job, answer)| {
                let answer = shared.checked(job.frame.rows(), answer);
                job.answer(answer, took);
            });
        }
        Outcome::RowsLost => {}
        Outcome::Failed(failed) => {
            let error = BatchError::from(failed);
            jobs.into_iter()
                .for_each(|job| job.answer(Err(error.clone()), took));
        }
    }
    kept
}

/// Runs each job of a batch that failed alone, so that one bad row fails nobody else.
fn one_by_one(shared: &Shared, session: &mut Box<dyn Session>, jobs: Vec<Job>) {
    for job in jobs {
        let frame = job.frame.clone();
        let (answer, took) = timed(shared, job.rows(), || run_one(&mut **session, frame));
        let panicked = matches!(answer, Err(RunError { panicked: true, .. }));
        let answer = answer.map_err(BatchError::from);
        let rows = job.frame.rows();
        job.answer(answer.and_then(|answer| shared.checked(rows, answer)), took);
        if panicked {
            shared.metrics.panics.inc();
            session::renew(shared, session);
        }
    }
}

/// Runs `frame` on the thread that read it, with a session that was free.
pub(super) fn run_here(
    shared: &Shared,
    mut session: Box<dyn Session>,
    frame: Frame,
) -> Result<Answer, BatchError> {
    let (rows, sent) = (weight(&frame), frame.rows());
    let (answer, took) = timed(shared, rows, || run_one(&mut *session, frame));
    if let Err(RunError { panicked: true, .. }) = answer {
        shared.metrics.panics.inc();
        session::renew(shared, &mut session);
    }
    shared.queue.release(session, rows);
    shared.metrics.queue_seconds.observe(0.0);
    let times = Times {
        queue: Duration::ZERO,
        run: took,
    };
    Ok(Answer {
        frame: shared.checked(sent, answer?)?,
        times,
    })
}

/// Gives a session back; false where it was given up meanwhile, and must not be used again.
fn release(shared: &Shared, session: Box<dyn Session>, (number, rows): (u64, usize)) -> bool {
    let kept = shared.runs.end(number);
    if kept {
        shared.queue.release(session, rows);
    }
    kept
}

/// Does `work`, counts the run and gives how long it took.
fn timed<T>(shared: &Shared, rows: usize, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    let took = start.elapsed();
    if let Some(cap) = shared.costs.note(rows, took) {
        shared.queue.limit_rows(cap);
    }
    shared.metrics.run_seconds.observe(took.as_secs_f64());
    #[expect(
        clippy::cast_precision_loss,
        reason = "a histogram does not need the last digit"
    )]
    shared.metrics.batch_rows.observe(rows as f64);
    (done, took)
}
