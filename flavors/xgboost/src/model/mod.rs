//! What a model file says, checked as far as one part of it can be checked alone.
//!
//! Source: the files of XGBoost 1.7.6, 2.1.4, 3.0.5, 3.1.3 and 3.2.0, and the readers of the last.

mod categories;
mod forest;
mod learner;
mod param;
mod tree;

pub(crate) use categories::Names;
pub(crate) use forest::Forest;
pub(crate) use tree::{Tree, Vectors};

use crate::source::{Json, Read, ReadError, Source, Ubj};

/// The most features of a model, and the most names of anything.
const MOST: usize = 1 << 20;

/// A model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    /// Of the XGBoost that wrote it: major, minor, patch; zeros where it does not say.
    pub(crate) version: [u32; 3],
    /// Its name, such as `binary:logistic`.
    pub(crate) objective: String,
    /// How many features a row has.
    pub(crate) features: usize,
    /// Classes; 0 where it has none.
    pub(crate) classes: usize,
    /// Sums of a row: one a class or target.
    pub(crate) outputs: usize,
    /// What predictions begin with, one for all outputs or one for each; in the space of
    /// predictions.
    pub(crate) base_score: Vec<f32>,
    /// Whether training was to find the base score.
    pub(crate) from_average: bool,
    /// The last round that counts, from 0, where training was stopped early.
    pub(crate) best_round: Option<usize>,
    /// What kind of scikit-learn's estimators wrote it: `classifier`.
    pub(crate) estimator: Option<String>,
    /// Names of the features; empty where it has none.
    pub(crate) names: Vec<String>,
    /// Types of the features: `float`, `int`, `i`, `q`, `c`; empty where it has none.
    pub(crate) types: Vec<String>,
    /// What sums are made of.
    pub(crate) booster: Booster,
}

/// What makes the sums.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Booster {
    /// `gbtree` and `dart`.
    Trees(Forest),
    /// `gblinear`.
    Linear(Linear),
}

/// The model of `gblinear`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Linear {
    /// A weight for every feature and output, those of the first feature first; then one for each
    /// output alone. Empty: all are 0.
    pub(crate) weights: Vec<f32>,
    /// Rounds of training.
    pub(crate) rounds: usize,
}

impl Model {
    /// Reads a model from `octets`, in the encoding that they are in.
    ///
    /// # Errors
    /// When they are not what XGBoost writes.
    pub(crate) fn read(octets: &[u8]) -> Read<Self> {
        match Encoding::of(octets) {
            Some(Encoding::Ubj) => read(&mut Ubj::new(octets)),
            Some(Encoding::Json) => read(&mut Json::new(octets)?),
            None => Err(ReadError::new("neither UBJSON nor JSON of a model")),
        }
    }

    /// Whether training ever added something; before, a base score that was to be found is none.
    pub(crate) fn is_fitted(&self) -> bool {
        match &self.booster {
            Booster::Trees(forest) => !forest.trees.is_empty(),
            Booster::Linear(linear) => linear.rounds > 0,
        }
    }

    /// The names of the categories of the feature at `index`, where the model has them.
    pub(crate) fn categories(&self, index: usize) -> Option<&Names> {
        match &self.booster {
            Booster::Trees(forest) => forest.categories.get(index)?.as_ref(),
            Booster::Linear(_) => None,
        }
    }
}

/// How a model file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UBJSON.
    Ubj,
    /// JSON.
    Json,
}

impl Encoding {
    /// The encoding of the file that begins with `octets`, by its first object and key.
    pub(crate) fn of(octets: &[u8]) -> Option<Self> {
        let octets = octets.trim_ascii_start();
        let (first, rest) = octets.split_first()?;
        match (first, rest.trim_ascii_start().first()?) {
            (b'{', b'"' | b'}') => Some(Self::Json),
            (b'{', b'L') => Some(Self::Ubj),
            _ => None,
        }
    }

    /// The ending that MLflow and XGBoost give such files.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Ubj => "ubj",
            Self::Json => "json",
        }
    }
}

fn read<S: Source>(source: &mut S) -> Read<Model> {
    let mut version = None;
    let mut learner = None;
    source.object(|source, key| match key {
        "version" => source.keep(&mut version, S::wholes::<u32>),
        "learner" => source.keep(&mut learner, learner::read),
        _ => source.skip(),
    })?;
    let learner = learner.ok_or_else(|| ReadError::missing("learner"))?;
    let version = version.unwrap_or_default();
    let part = |at: usize| version.get(at).copied().unwrap_or(0);
    learner
        .into_model([part(0), part(1), part(2)])
        .map_err(|error| error.under("learner"))
}

#[cfg(test)]
impl Model {
    /// A small model of one feature and output, as XGBoost 3.2.0 writes them.
    pub(crate) fn sample(objective: &str, booster: Booster) -> Self {
        Self {
            version: [3, 2, 0],
            objective: objective.to_owned(),
            features: 1,
            classes: 0,
            outputs: 1,
            base_score: vec![0.5],
            from_average: true,
            best_round: None,
            estimator: None,
            names: Vec::new(),
            types: Vec::new(),
            booster,
        }
    }
}

#[cfg(test)]
mod tests;
