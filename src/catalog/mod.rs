//! The catalog: what this process has loaded.
//!
//! Resolving is one atomic read: no I/O, no lock. Loading happens elsewhere, on a thread of its
//! own, and ends in one [`Catalog::publish`].

mod choose;
mod loader;
mod probe;
mod state;
mod warmup;

pub use choose::{Choice, ChooseError, Considered, choose};
pub use loader::{LoadError, Loaded, Loader, plan};
pub use state::State;

use crate::servable::Servable;
use crate::store::ModelVersion;
use arc_swap::ArcSwap;
use flowgate_core::ErrorKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Name → version → state, and which model answers where a request names none.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: ArcSwap<Entries>,
}

#[derive(Debug, Clone, Default)]
struct Entries {
    models: BTreeMap<String, BTreeMap<String, State>>,
    default: Option<ModelVersion>,
}

/// Why no model answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is none.
    #[error("no model is served here")]
    None,
    /// It is not in a state to answer.
    #[error("model `{}` version `{}` is {state}", id.name, id.version)]
    NotReady {
        /// The model.
        id: ModelVersion,
        /// Its state's name.
        state: &'static str,
    },
}

impl ResolveError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::None => ErrorKind::NotFound,
            Self::NotReady { .. } => ErrorKind::NotReady,
        }
    }
}

impl Catalog {
    /// Notes that `id` is to be served, as the model that answers where none is named.
    pub fn aspire(&self, id: &ModelVersion) {
        self.change(|entries| {
            entries.set(id, State::Pending);
            entries.default = Some(id.clone());
        });
    }

    /// Notes the state of `id`.
    pub fn note(&self, id: &ModelVersion, state: &State) {
        self.change(|entries| entries.set(id, state.clone()));
    }

    /// From now on requests for it are answered by `servable`.
    pub fn publish(&self, servable: Arc<Servable>) {
        let id = servable.id.clone();
        self.note(&id, &State::Ready(servable));
    }

    /// The model that answers where a request names none.
    ///
    /// # Errors
    /// When there is none, or it is not ready.
    pub fn resolve_default(&self) -> Result<Arc<Servable>, ResolveError> {
        let entries = self.entries.load();
        let id = entries.default.as_ref().ok_or(ResolveError::None)?;
        match entries.state(id) {
            Some(State::Ready(servable)) => Ok(Arc::clone(servable)),
            Some(state) => Err(ResolveError::NotReady {
                id: id.clone(),
                state: state.name(),
            }),
            None => Err(ResolveError::None),
        }
    }

    /// The highest version of the model `name` that is ready, numbers before other texts.
    ///
    /// # Errors
    /// When there is no such model, or none of its versions is ready.
    pub fn resolve(&self, name: &str) -> Result<Arc<Servable>, ResolveError> {
        let entries = self.entries.load();
        let versions = entries.models.get(name).ok_or(ResolveError::None)?;
        let ready = versions.iter().filter_map(|(version, state)| match state {
            State::Ready(servable) => Some((version.parse::<u64>().ok(), servable)),
            _ => None,
        });
        let ready = ready.max_by_key(|(number, _)| *number);
        let ready = ready.map(|(_, servable)| Arc::clone(servable));
        let (version, state) = versions.last_key_value().ok_or(ResolveError::None)?;
        ready.ok_or_else(|| ResolveError::NotReady {
            id: ModelVersion {
                name: name.to_owned(),
                version: version.clone(),
            },
            state: state.name(),
        })
    }

    /// The model that answers where a request names none, with its state.
    pub fn default_state(&self) -> Option<(ModelVersion, State)> {
        let entries = self.entries.load();
        let id = entries.default.as_ref()?;
        Some((id.clone(), entries.state(id)?.clone()))
    }

    /// All that are ready.
    pub fn ready(&self) -> Vec<Arc<Servable>> {
        let entries = self.entries.load();
        let states = entries.models.values().flat_map(BTreeMap::values);
        states
            .filter_map(|state| match state {
                State::Ready(servable) => Some(Arc::clone(servable)),
                _ => None,
            })
            .collect()
    }

    /// Whether there is a model and all of them are ready.
    pub fn is_ready(&self) -> bool {
        let entries = self.entries.load();
        let mut states = entries
            .models
            .values()
            .flat_map(BTreeMap::values)
            .peekable();
        states.peek().is_some() && states.all(|state| matches!(state, State::Ready(_)))
    }

    fn change(&self, change: impl Fn(&mut Entries)) {
        self.entries.rcu(|entries| {
            let mut entries = Entries::clone(entries);
            change(&mut entries);
            entries
        });
    }
}

impl Entries {
    fn set(&mut self, id: &ModelVersion, state: State) {
        self.models
            .entry(id.name.clone())
            .or_default()
            .insert(id.version.clone(), state);
    }

    fn state(&self, id: &ModelVersion) -> Option<&State> {
        self.models.get(&id.name)?.get(&id.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_not_ready_until_it_is_published() {
        let catalog = Catalog::default();
        assert_eq!(
            catalog.resolve_default().map(|_| ()),
            Err(ResolveError::None)
        );
        assert!(!catalog.is_ready(), "nothing to serve is not ready");
        let id = ModelVersion {
            name: "iris".into(),
            version: "3".into(),
        };
        catalog.aspire(&id);
        let error = catalog.resolve_default().map(|_| ()).expect_err("pending");
        assert_eq!(error.to_string(), "model `iris` version `3` is pending");
        let (described, state) = catalog.default_state().expect("aspired");
        assert_eq!((&described, state.name()), (&id, "pending"));
        catalog.note(
            &id,
            &State::Failed {
                reason: "no".into(),
            },
        );
        assert!(!catalog.is_ready());
    }
}
