//! All interleavings of a few callers and threads, tried by the model checker:
//! `RUSTFLAGS="--cfg loom" cargo test -p flowgate-queue --release`.
#![cfg(loom)]

use flowgate_queue::{Batch, Job, Lease, Limits, Queue};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use std::time::Instant;

const LIMITS: Limits = Limits {
    max_rows: 2,
    max_octets: 1 << 20,
    queue_jobs: 4,
    queue_rows: 4,
    delay: None,
};

/// The rows that callers run themselves.
const HERE: usize = 2;

/// How often a job was answered, and who waits for that.
#[derive(Default)]
struct Answered {
    times: Mutex<usize>,
    change: Condvar,
}

impl Answered {
    fn note(&self) {
        *self.times.lock().expect("whole") += 1;
        self.change.notify_all();
    }

    /// The checker says so where this never ends.
    fn wait(&self) {
        let mut times = self.times.lock().expect("whole");
        while *times == 0 {
            times = self.change.wait(times).expect("whole");
        }
    }
}

/// One row.
struct One {
    answered: Arc<Answered>,
    wanted: bool,
}

impl One {
    fn answer(self) {
        self.answered.note();
    }
}

impl Job for One {
    fn rows(&self) -> usize {
        1
    }

    fn octets(&self) -> usize {
        1
    }

    fn is_joinable(&self) -> bool {
        true
    }

    fn joins(&self, _: &Self) -> bool {
        true
    }

    fn arrived(&self) -> Instant {
        Instant::now()
    }

    fn taken(self) -> Option<Self> {
        self.wanted.then_some(self)
    }
}

type Shared = Arc<Queue<One, usize>>;

fn queue(sessions: usize) -> Shared {
    Arc::new(Queue::new(LIMITS, (0..sessions).collect()))
}

fn run(queue: &Shared, batch: Batch<One, usize>) {
    let rows = batch.jobs.len();
    batch.jobs.into_iter().for_each(One::answer);
    queue.release(batch.session, rows);
}

fn worker(queue: &Shared) -> thread::JoinHandle<()> {
    let queue = Arc::clone(queue);
    thread::spawn(move || {
        while let Some(batch) = queue.take() {
            run(&queue, batch);
        }
    })
}

/// A caller as the batcher has them: at once where it may, else queued, coming back where it said
/// so, unless it is `cancelled` meanwhile. No caller goes before its answer is there, so that
/// closing the queue comes to the aid of none.
fn call(queue: &Shared, answered: &Arc<Answered>, cancelled: bool) {
    if let Some(session) = queue.lease(Lease::Lone, 1) {
        answered.note();
        queue.release(session, 1);
        return;
    }
    let job = One {
        answered: Arc::clone(answered),
        wanted: true,
    };
    if queue.push(job, HERE).is_ok_and(|comes_back| comes_back) {
        if cancelled {
            queue.nudge();
        } else if let Some(batch) = queue.collect(HERE) {
            run(queue, batch);
        }
    }
    answered.wait();
}

/// Callers beside one worker: each is answered exactly once, by whomever, and all sessions are
/// free again.
fn check(sessions: usize, cancelled: [bool; 2]) {
    loom::model(move || {
        let queue = queue(sessions);
        let worker = worker(&queue);
        let answers = [(); 2].map(|()| Arc::new(Answered::default()));
        let caller = {
            let (queue, answered) = (Arc::clone(&queue), Arc::clone(&answers[1]));
            thread::spawn(move || call(&queue, &answered, cancelled[1]))
        };
        call(&queue, &answers[0], cancelled[0]);
        caller.join().expect("a caller");
        queue.close();
        worker.join().expect("a worker");
        for answered in answers {
            assert_eq!(*answered.times.lock().expect("whole"), 1);
        }
        let load = queue.load();
        assert_eq!((load.jobs, load.rows, load.running), (0, 0, 0));
        assert_eq!((load.running_rows, load.sessions), (0, sessions));
    });
}

#[test]
fn two_callers_and_one_session() {
    check(1, [false, false]);
}

#[test]
fn two_callers_and_two_sessions() {
    check(2, [false, false]);
}

#[test]
fn a_caller_that_does_not_come_back_leaves_nothing_behind() {
    check(1, [true, false]);
    check(1, [true, true]);
}

#[test]
fn a_thread_is_woken_for_every_job() {
    loom::model(|| {
        let queue = queue(1);
        let worker = worker(&queue);
        let answers = [(); 2].map(|()| Arc::new(Answered::default()));
        for answered in &answers {
            let job = One {
                answered: Arc::clone(answered),
                wanted: true,
            };
            assert!(queue.push(job, 0).is_ok_and(|comes_back| !comes_back));
        }
        answers.iter().for_each(|answered| answered.wait());
        queue.close();
        worker.join().expect("a worker");
    });
}

#[test]
fn a_job_that_nobody_wants_does_not_keep_a_thread_from_ending() {
    loom::model(|| {
        let queue = queue(1);
        let worker = worker(&queue);
        let answered = Arc::new(Answered::default());
        let job = One {
            answered: Arc::clone(&answered),
            wanted: false,
        };
        assert!(queue.push(job, 0).is_ok_and(|comes_back| !comes_back));
        queue.close();
        worker.join().expect("a worker");
        assert_eq!(*answered.times.lock().expect("whole"), 0);
    });
}
