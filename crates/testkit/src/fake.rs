//! A runtime whose runs the test decides: when one starts, when it ends, and how.

use flowgate_core::{
    Artifact, Frame, LoadOptions, Model, ModelSignature, Runtime, RuntimeError, Session, Support,
};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a test waits for a run that must come.
const PATIENCE: Duration = Duration::from_secs(30);

type Answer = dyn Fn(&Frame) -> Result<Frame, RuntimeError> + Send + Sync;

/// A runtime, its one model and all its sessions: clones share one state.
#[derive(Clone)]
pub struct Fake {
    shared: Arc<Shared>,
    steady: bool,
}

struct Shared {
    signature: ModelSignature,
    answer: Box<Answer>,
    state: Mutex<State>,
    change: Condvar,
}

#[derive(Default)]
struct State {
    held: bool,
    started: Vec<Frame>,
    finished: usize,
}

impl Fake {
    /// A fake whose model has `signature` and answers a run with what `answer` makes of its
    /// inputs; it may panic.
    pub fn new(
        signature: ModelSignature,
        answer: impl Fn(&Frame) -> Result<Frame, RuntimeError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                signature,
                answer: Box::new(answer),
                state: Mutex::default(),
                change: Condvar::new(),
            }),
            steady: false,
        }
    }

    /// The same, whose runs may be made by threads that must not be held: none of them may be
    /// held.
    #[must_use]
    pub fn steady(mut self) -> Self {
        self.steady = true;
        self
    }

    /// The same, which does `work` with its inputs before each answer.
    #[must_use]
    pub fn before_each(self, work: impl Fn(&Frame) + Send + Sync + 'static) -> Self {
        let signature = self.shared.signature.clone();
        let steady = self.steady;
        let inner = self.shared;
        let mut made = Self::new(signature, move |frame| {
            work(frame);
            (inner.answer)(frame)
        });
        made.steady = steady;
        made
    }

    /// The same, which does `work` before each answer.
    #[must_use]
    pub fn before(self, work: impl Fn() + Send + Sync + 'static) -> Self {
        self.before_each(move |_| work())
    }

    /// From now on runs start and do not end, until [`Fake::release`].
    pub fn hold(&self) {
        self.lock().held = true;
    }

    /// Lets all runs end.
    pub fn release(&self) {
        self.lock().held = false;
        self.shared.change.notify_all();
    }

    /// Waits until `count` runs have started, and gives the inputs of all that have, in order.
    ///
    /// # Panics
    /// When they do not come.
    pub fn wait_for_runs(&self, count: usize) -> Vec<Frame> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        while state.started.len() < count {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "{} runs started, expected {count}",
                state.started.len()
            );
            let waited = self.shared.change.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.started.clone()
    }

    /// The inputs of all runs that have started, in order.
    pub fn runs(&self) -> Vec<Frame> {
        self.lock().started.clone()
    }

    /// The number of runs that have ended.
    pub fn finished(&self) -> usize {
        self.lock().finished
    }

    /// Forgets the runs so far, such as those of a load.
    pub fn forget(&self) {
        let mut state = self.lock();
        state.started.clear();
        state.finished = 0;
    }

    /// A panicking answer leaves the state whole: it is not called under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runtime for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn check(&self) -> Result<String, RuntimeError> {
        Ok("a fake".to_owned())
    }

    fn supports(&self, _: &Artifact) -> Support {
        Support::Yes
    }

    fn load(&self, _: &Artifact, _: &LoadOptions) -> Result<Arc<dyn Model>, RuntimeError> {
        Ok(Arc::new(self.clone()))
    }
}

impl Model for Fake {
    fn signature(&self) -> &ModelSignature {
        &self.shared.signature
    }

    fn footprint(&self, _: usize) -> u64 {
        0
    }

    fn suggested_sessions(&self) -> usize {
        1
    }

    fn is_steady(&self) -> bool {
        self.steady
    }

    fn session(&self) -> Result<Box<dyn Session>, RuntimeError> {
        Ok(Box::new(self.clone()))
    }
}

impl Session for Fake {
    fn run(&mut self, inputs: Frame) -> Result<Frame, RuntimeError> {
        self.shared.signature.check(&inputs)?;
        let mut state = self.lock();
        state.started.push(inputs.clone());
        self.shared.change.notify_all();
        while state.held {
            let waited = self.shared.change.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.finished += 1;
        drop(state);
        (self.shared.answer)(&inputs)
    }
}
