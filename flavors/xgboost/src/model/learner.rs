//! The key `learner`: everything but the version.

use super::forest::{self, Parts, Size};
use super::param;
use super::{Booster, Linear, MOST, Model};
use crate::source::{Json, Read, ReadError, Source};

/// What the key holds, part by part.
#[derive(Debug, Default)]
pub(super) struct Learner {
    attributes: Option<Attributes>,
    names: Option<Vec<String>>,
    types: Option<Vec<String>>,
    param: Option<Param>,
    objective: Option<String>,
    booster: Option<RawBooster>,
}

/// Those of the attributes that mean something here.
#[derive(Debug, Default)]
struct Attributes {
    best_iteration: Option<String>,
    scikit_learn: Option<String>,
}

/// `learner_model_param`.
#[derive(Debug, Default)]
struct Param {
    base_score: Option<Vec<f32>>,
    classes: Option<usize>,
    features: Option<usize>,
    targets: Option<usize>,
    from_average: Option<i64>,
}

/// `gradient_booster`: its name stands behind what it is a name of.
#[derive(Debug, Default)]
struct RawBooster {
    name: Option<String>,
    model: Option<Parts>,
    /// The trees of `dart`.
    gbtree: Option<Parts>,
    weight_drop: Option<Vec<f32>>,
}

pub(super) fn read<S: Source>(source: &mut S) -> Read<Learner> {
    let mut learner = Learner::default();
    source.object(|source, key| match key {
        "attributes" => source.keep(&mut learner.attributes, attributes),
        "feature_names" => source.keep(&mut learner.names, |source| source.texts(MOST)),
        "feature_types" => source.keep(&mut learner.types, |source| source.texts(MOST)),
        "learner_model_param" => source.keep(&mut learner.param, model_param),
        "objective" => source.keep(&mut learner.objective, objective),
        "gradient_booster" => source.keep(&mut learner.booster, booster),
        _ => source.skip(),
    })?;
    Ok(learner)
}

fn attributes<S: Source>(source: &mut S) -> Read<Attributes> {
    let mut attributes = Attributes::default();
    source.object(|source, key| match key {
        "best_iteration" => source.keep(&mut attributes.best_iteration, S::param),
        "scikit_learn" => source.keep(&mut attributes.scikit_learn, S::text),
        _ => source.skip(),
    })?;
    Ok(attributes)
}

fn model_param<S: Source>(source: &mut S) -> Read<Param> {
    let mut param = Param::default();
    source.object(|source, key| match key {
        "base_score" => source.keep(&mut param.base_score, param::base_score),
        "num_class" => source.keep(&mut param.classes, param::number),
        "num_feature" => source.keep(&mut param.features, param::number),
        "num_target" => source.keep(&mut param.targets, param::number),
        "boost_from_average" => source.keep(&mut param.from_average, param::number),
        _ => source.skip(),
    })?;
    Ok(param)
}

fn objective<S: Source>(source: &mut S) -> Read<String> {
    let mut name = None;
    source.object(|source, key| match key {
        "name" => source.keep(&mut name, S::text),
        _ => source.skip(),
    })?;
    name.ok_or_else(|| ReadError::missing("name"))
}

fn booster<S: Source>(source: &mut S) -> Read<RawBooster> {
    let mut booster = RawBooster::default();
    source.object(|source, key| match key {
        "name" => source.keep(&mut booster.name, S::text),
        "model" => source.keep(&mut booster.model, forest::read),
        "gbtree" => source.keep(&mut booster.gbtree, inner_booster),
        "weight_drop" => source.keep(&mut booster.weight_drop, S::floats),
        _ => source.skip(),
    })?;
    Ok(booster)
}

/// `gbtree` inside of `dart`.
fn inner_booster<S: Source>(source: &mut S) -> Read<Parts> {
    let mut model = None;
    source.object(|source, key| match key {
        "model" => source.keep(&mut model, forest::read),
        _ => source.skip(),
    })?;
    model.ok_or_else(|| ReadError::missing("model"))
}

impl Learner {
    /// The model, of the `version` that stands beside the learner.
    pub(super) fn into_model(self, version: [u32; 3]) -> Read<Model> {
        let param = self
            .param
            .ok_or_else(|| ReadError::missing("learner_model_param"))?;
        let in_param = |error: ReadError| error.under("learner_model_param");
        let base_score = param
            .base_score
            .ok_or_else(|| in_param(ReadError::missing("base_score")))?;
        let features = param
            .features
            .ok_or_else(|| in_param(ReadError::missing("num_feature")))?;
        let classes = param.classes.unwrap_or(0);
        let targets = param.targets.unwrap_or(1);
        let outputs = classes.max(targets).max(1);
        if features == 0 {
            let error = ReadError::new("the model has no features");
            return Err(in_param(error.under("num_feature")));
        }
        for (key, number) in [("num_feature", features), ("num_class", outputs)] {
            if number > MOST {
                let error =
                    ReadError::new(format!("{number} are announced, at most {MOST} are taken"));
                return Err(in_param(error.under(key)));
            }
        }
        if classes > 1 && targets > 1 {
            let what = format!("{classes} classes and {targets} targets cannot be at once");
            return Err(in_param(ReadError::new(what)));
        }
        if base_score.len() != 1 && base_score.len() != outputs {
            let what = format!("{} base scores for {outputs} outputs", base_score.len());
            return Err(in_param(ReadError::new(what).under("base_score")));
        }
        let names = self.names.unwrap_or_default();
        let types = self.types.unwrap_or_default();
        for (key, list) in [("feature_names", &names), ("feature_types", &types)] {
            if !list.is_empty() && list.len() != features {
                let what = format!("{} entries for {features} features", list.len());
                return Err(ReadError::new(what).under(key));
            }
        }
        let attributes = self.attributes.unwrap_or_default();
        let booster = self
            .booster
            .ok_or_else(|| ReadError::missing("gradient_booster"))?;
        let size = Size {
            version,
            features,
            outputs,
        };
        let booster = booster
            .settle(size)
            .map_err(|error| error.under("gradient_booster"))?;
        Ok(Model {
            version,
            objective: self
                .objective
                .ok_or_else(|| ReadError::missing("objective"))?,
            features,
            classes,
            outputs,
            base_score,
            from_average: param.from_average.is_none_or(|flag| flag != 0),
            best_round: attributes.best_round()?,
            estimator: attributes.estimator(),
            names,
            types,
            booster,
        })
    }
}

impl Attributes {
    /// The best round; XGBoost 1.7 writes -1 where there were none.
    fn best_round(&self) -> Read<Option<usize>> {
        let Some(text) = self.best_iteration.as_deref().map(str::trim) else {
            return Ok(None);
        };
        if text == "-1" {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            ReadError::new("the round is no whole number")
                .under("best_iteration")
                .under("attributes")
        })
    }

    /// The type of estimator, from the JSON that XGBoost's wrapper for scikit-learn leaves.
    fn estimator(&self) -> Option<String> {
        let mut source = Json::new(self.scikit_learn.as_deref()?.as_bytes()).ok()?;
        let mut kind = None;
        let read = source.object(|source, key| match key {
            "_estimator_type" => source.keep(&mut kind, Json::text),
            _ => source.skip(),
        });
        read.ok().and(kind)
    }
}

impl RawBooster {
    /// What its name makes of its parts.
    fn settle(self, size: Size) -> Read<Booster> {
        let name = self.name.ok_or_else(|| ReadError::missing("name"))?;
        let model = |parts: Option<Parts>, key| parts.ok_or_else(|| ReadError::missing(key));
        match name.as_str() {
            "gbtree" => {
                let parts = model(self.model, "model")?;
                let forest = parts.forest(size, self.weight_drop);
                Ok(Booster::Trees(
                    forest.map_err(|error| error.under("model"))?,
                ))
            }
            "dart" => {
                let parts = model(self.gbtree, "gbtree")?;
                let forest = parts.forest(size, self.weight_drop);
                let inside = |error: ReadError| error.under("model").under("gbtree");
                Ok(Booster::Trees(forest.map_err(inside)?))
            }
            "gblinear" => {
                let parts = model(self.model, "model")?;
                let linear = parts.linear(size);
                Ok(Booster::Linear(
                    linear.map_err(|error| error.under("model"))?,
                ))
            }
            _ => Err(ReadError::new(
                "the booster is not known\n  hint: known are `gbtree`, `dart` and `gblinear`",
            )
            .under("name")),
        }
    }
}

impl Parts {
    fn linear(self, size: Size) -> Read<Linear> {
        let Size {
            features, outputs, ..
        } = size;
        let weights = self.weights.ok_or_else(|| ReadError::missing("weights"))?;
        let wanted = features
            .checked_add(1)
            .and_then(|rows| rows.checked_mul(outputs));
        // A model that was never trained has none, and they are made.
        let is_untrained = weights.is_empty() && wanted.is_some_and(|wanted| wanted <= MOST);
        if !is_untrained && wanted != Some(weights.len()) {
            let what = format!(
                "{} weights for {features} features and {outputs} outputs",
                weights.len()
            );
            return Err(ReadError::new(what).under("weights"));
        }
        Ok(Linear {
            weights,
            rounds: self.boosted_rounds.unwrap_or(0),
        })
    }
}
