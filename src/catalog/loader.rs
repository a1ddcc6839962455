//! Loading: from a package to a servable. Slow, blocking, with long messages.

use super::{Choice, ChooseError, choose, probe, warmup};
use crate::about::{About, Facts};
use crate::batcher::{self, BatchRows, Batcher, Decision, Policy};
use crate::method;
use crate::metrics::Metrics;
use crate::scoring::decode;
use crate::servable::Servable;
use crate::store::{Found, ModelVersion};
use flowgate_core::{
    ErrorKind, FlavorError, Frame, Model, Package, PackageError, Params, Plan, Runtime,
    RuntimeError,
};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Loads packages with the runtimes of this build.
pub struct Loader {
    /// The runtimes in order of preference.
    pub runtimes: Vec<Arc<dyn Runtime>>,
    /// The runtime that was asked for.
    pub runtime: Option<String>,
    /// The bounds of every model's queue; a manifest may lower them.
    pub policy: Policy,
    /// Sessions of every model; else what its runtime suggests.
    pub sessions: Option<usize>,
    /// Threads inside one run.
    pub threads: Option<usize>,
    /// Cores that the process may use.
    pub cores: usize,
    /// Where the model's handles are made.
    pub metrics: Arc<Metrics>,
}

/// Why a package was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not a package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// No flavor of this build is in it.
    #[error(transparent)]
    NoFlavor(#[from] flavors::ChooseError),
    /// Its flavor cannot read it.
    #[error(transparent)]
    Flavor(#[from] FlavorError),
    /// No runtime can run it.
    #[error(transparent)]
    Runtime(#[from] ChooseError),
    /// The runtime could not load it.
    #[error("runtime `{runtime}` could not load the model: {error}")]
    Load {
        /// The runtime.
        runtime: &'static str,
        /// Why.
        error: RuntimeError,
    },
}

impl LoadError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Package(error) => error.kind(),
            Self::NoFlavor(error) => error.kind(),
            Self::Flavor(error) => error.kind(),
            Self::Runtime(error) => error.kind(),
            Self::Load { error, .. } => error.kind(),
        }
    }
}

/// A model that is loaded and not yet served.
pub struct Loaded {
    /// The package.
    pub package: Package,
    /// What its flavor made of it.
    pub plan: Plan,
    /// Who runs it.
    pub choice: Choice,
    /// The model.
    pub model: Arc<dyn Model>,
}

/// Opens the package and has its flavor read it.
///
/// # Errors
/// When it is not a package, or of no flavor that this build knows.
pub fn plan(found: &Found) -> Result<(Package, Plan), LoadError> {
    let package = Package::open(&found.path)?;
    let (flavor, section) = flavors::choose(package.manifest())?;
    let mut plan = flavor.plan(&package, section)?;
    method::declare(&mut plan);
    Ok((package, plan))
}

impl Loader {
    /// The plan of the package, as this loader will have it run.
    ///
    /// # Errors
    /// As [`plan`].
    pub fn plan(&self, found: &Found) -> Result<(Package, Plan), LoadError> {
        let (package, mut plan) = plan(found)?;
        plan.options.cores = self.cores;
        plan.options.sessions = self.sessions.or(plan.hints.sessions);
        plan.options.threads = self.threads.or(plan.hints.threads);
        Ok((package, plan))
    }

    /// Chooses the runtime for `plan`.
    ///
    /// # Errors
    /// When the one that was asked for cannot run it, or none can.
    pub fn choose(&self, plan: &Plan) -> Result<(Arc<dyn Runtime>, Choice), ChooseError> {
        choose(
            &self.runtimes,
            &plan.artifact,
            self.runtime.as_deref(),
            plan.hints.runtime.as_deref(),
        )
    }

    /// Loads the model of `found`, without serving it.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub fn load(&self, found: &Found) -> Result<Loaded, LoadError> {
        let (package, plan) = self.plan(found)?;
        let (runtime, choice) = self.choose(&plan)?;
        let model = runtime
            .load(&plan.artifact, &plan.options)
            .map_err(|error| LoadError::Load {
                runtime: choice.runtime,
                error,
            })?;
        Ok(Loaded {
            package,
            plan,
            choice,
            model,
        })
    }

    /// Loads the model of `found` and measures what runs cost; none where it has no row to run.
    ///
    /// # Errors
    /// Whatever stands in the way, or a run that fails.
    pub fn measure(&self, found: &Found) -> Result<Option<Decision>, LoadError> {
        let Loaded {
            package,
            plan,
            choice,
            model,
        } = self.load(found)?;
        let failed = |error| LoadError::Load {
            runtime: choice.runtime,
            error,
        };
        let mut session = model.session().map_err(failed)?;
        let warm_up = warmup::run(&package, &plan, &mut *session);
        let rows = warm_up.inputs.as_ref();
        let Some(row) = rows.and_then(|rows| rows.slice_rows(0, 1)) else {
            return Ok(None);
        };
        let policy = self.policy(&plan, &*model, rows, &mut *session);
        let decision = batcher::measured(&mut *session, &row, policy.batch).map_err(failed)?;
        Ok(Some(decision))
    }

    /// Loads the model of `found`, runs its input example, and makes it ready to be served.
    ///
    /// # Errors
    /// Whatever stands in the way. An input example that the model refuses is a warning: MLflow
    /// serves such packages.
    pub fn servable(&self, found: &Found) -> Result<Servable, LoadError> {
        let start = Instant::now();
        // Hashing a large package takes about as long as loading it, so it is done meanwhile.
        let (loaded, facts) = std::thread::scope(|scope| {
            let facts = scope.spawn(|| Facts::of(&found.path));
            (self.load(found), facts.join().unwrap_or_default())
        });
        let Loaded {
            package,
            plan,
            choice,
            model,
        } = loaded?;
        let failed = |error| LoadError::Load {
            runtime: choice.runtime,
            error,
        };
        let mut session = model.session().map_err(failed)?;
        let warm_up = warmup::run(&package, &plan, &mut *session);
        if let Some(problem) = &warm_up.problem {
            tracing::warn!(
                model = found.id.name,
                version = found.id.version,
                "{problem}"
            );
        }
        let policy = self.policy(&plan, &*model, warm_up.inputs.as_ref(), &mut *session);
        let trials = warm_up
            .inputs
            .map(|rows| probe::costs(&mut *session, &rows, policy.batch.most()));
        let metrics = self.metrics.model(&found.id);
        let name = format!("{}/{}", found.id.name, found.id.version);
        let batcher = Batcher::spawn(
            &name,
            &model,
            session,
            policy,
            metrics.batch.clone(),
            &trials.unwrap_or_default(),
        )
        .map_err(failed)?;
        let seconds = start.elapsed().as_secs_f64();
        metrics.load_seconds.set(seconds);
        announce(&found.id, &choice, policy, seconds);
        let about = About::new(&package, facts, seconds);
        let servable = Servable {
            id: found.id.clone(),
            can_be_plain: decode::can_be_plain(&plan.signature),
            missing_texts: decode::sees_missing_texts(&plan),
            signature: plan.signature,
            model: model.signature().clone(),
            inputs: plan.inputs,
            answer: plan.answer,
            choice,
            about,
            metrics,
            batcher,
            mismatch_told: AtomicBool::new(false),
        };
        if let Some(outputs) = warm_up.outputs
            && let Ok(wanted) = method::wanted(&servable.answer, &Params::new())
        {
            servable.check_answer(&wanted.take(outputs));
        }
        Ok(servable)
    }

    /// The bounds of the model's runs. Requests are joined only where the manifest and the graph
    /// allow it and a trial showed that the model keeps rows apart.
    fn policy(
        &self,
        plan: &Plan,
        model: &dyn Model,
        example: Option<&Frame>,
        session: &mut dyn flowgate_core::Session,
    ) -> Policy {
        let sessions = plan.options.sessions;
        let sessions = sessions.unwrap_or_else(|| model.suggested_sessions());
        let mut batch = match plan.hints.max_batch_rows {
            Some(rows) => BatchRows::Fixed(rows).at_most(self.policy.batch.most()),
            None => self.policy.batch,
        };
        let apart = |rows: &Frame| probe::keeps_rows_apart(session, rows);
        if batch.most() > 1 && !example.is_some_and(apart) {
            batch = BatchRows::Fixed(1);
        }
        let least = |bound: usize, hint: Option<usize>| hint.map_or(bound, |hint| hint.min(bound));
        Policy {
            sessions,
            batch,
            queue_rows: least(self.policy.queue_rows, plan.hints.max_queue_rows),
            queue_requests: least(self.policy.queue_requests, plan.hints.max_queue_requests),
            ..self.policy
        }
    }
}

fn announce(id: &ModelVersion, choice: &Choice, policy: Policy, seconds: f64) {
    tracing::info!(
        model = id.name,
        version = id.version,
        runtime = choice.runtime,
        engine = choice.about,
        reason = choice.reason,
        sessions = policy.sessions,
        max_batch_rows = policy.batch.most(),
        seconds,
        "model loaded"
    );
    for considered in &choice.considered {
        if let Some(obstacle) = &considered.obstacle {
            tracing::info!(runtime = considered.runtime, "not used: {obstacle}");
        }
    }
}
