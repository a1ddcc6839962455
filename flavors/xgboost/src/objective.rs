//! Objectives: how a base score becomes the margin that sums begin with, and sums become answers.
//!
//! Source: XGBoost 3.2.0, `ProbToMargin` and `PredTransform` of each objective, computed in
//! `float` with the functions of the C library, and measured on the real library.

use crate::model::Model;
use crate::source::{Read, ReadError};

/// An objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Objective {
    name: &'static str,
    margin: Margin,
    /// What answers are of sums.
    pub(crate) value: Value,
}

/// What the margin is of a base score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Margin {
    /// The base score.
    Same,
    /// `-ln(1 / b - 1)`.
    Logit,
    /// `ln b`.
    Ln,
}

/// What answers are of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// The sums.
    Same,
    /// The logistic function of each.
    Logistic,
    /// `exp` of each.
    Exp,
    /// 1 where a sum is above 0, else 0.
    Step,
    /// Probabilities of classes.
    Softmax,
    /// The class of the largest sum.
    ArgMax,
}

const fn objective(name: &'static str, margin: Margin, value: Value) -> Objective {
    Objective {
        name,
        margin,
        value,
    }
}

/// Every objective that is known.
const OBJECTIVES: [Objective; 20] = [
    objective("binary:hinge", Margin::Same, Value::Step),
    objective("binary:logistic", Margin::Logit, Value::Logistic),
    objective("binary:logitraw", Margin::Same, Value::Same),
    objective("count:poisson", Margin::Ln, Value::Exp),
    objective("multi:softmax", Margin::Same, Value::ArgMax),
    objective("multi:softprob", Margin::Same, Value::Softmax),
    objective("rank:map", Margin::Same, Value::Same),
    objective("rank:ndcg", Margin::Same, Value::Same),
    objective("rank:pairwise", Margin::Same, Value::Same),
    objective("reg:absoluteerror", Margin::Same, Value::Same),
    objective("reg:gamma", Margin::Ln, Value::Exp),
    objective("reg:linear", Margin::Same, Value::Same),
    objective("reg:logistic", Margin::Logit, Value::Logistic),
    objective("reg:pseudohubererror", Margin::Same, Value::Same),
    objective("reg:quantileerror", Margin::Same, Value::Same),
    objective("reg:squarederror", Margin::Same, Value::Same),
    objective("reg:squaredlogerror", Margin::Same, Value::Same),
    objective("reg:tweedie", Margin::Ln, Value::Exp),
    objective("survival:aft", Margin::Ln, Value::Exp),
    objective("survival:cox", Margin::Ln, Value::Exp),
];

/// How near to 0 and 1 XGBoost lets the base score of a logistic objective come: `kRtEps`.
const NEAR: f32 = 1e-6;

impl Objective {
    /// The objective of `model`.
    ///
    /// # Errors
    /// When it is not known.
    pub(crate) fn of(model: &Model) -> Read<Self> {
        let known = OBJECTIVES
            .iter()
            .find(|known| known.name == model.objective);
        known.copied().ok_or_else(|| {
            let name = model.objective.chars().take(40).collect::<String>();
            let known = OBJECTIVES.map(|known| known.name).join("`, `");
            ReadError::new(format!(
                "the objective `{}` is not known\n  hint: known are `{known}`",
                name.escape_debug()
            ))
            .under("learner.objective.name")
        })
    }

    /// What the sum of each output begins with.
    ///
    /// A model that training was to find a base score for, and that was never trained, has none:
    /// from 3.1 on its sums begin with the unchanged default.
    ///
    /// # Errors
    /// When the base score is not one for this objective.
    pub(crate) fn margins(self, model: &Model) -> Read<Vec<f32>> {
        let has_none = model.from_average && !model.is_fitted();
        let margin = |score: &f32| {
            let margin = match self.margin {
                _ if has_none && model.version >= [3, 1, 0] => *score,
                Margin::Same => *score,
                Margin::Ln => score.ln(),
                Margin::Logit => logit(*score),
            };
            if margin.is_finite() {
                return Ok(margin);
            }
            let what = format!("`{}` takes no such base score", self.name);
            Err(ReadError::new(what).under("learner.learner_model_param.base_score"))
        };
        let margins: Vec<f32> = model.base_score.iter().map(margin).collect::<Read<_>>()?;
        match margins.as_slice() {
            [margin] => Ok(vec![*margin; model.outputs]),
            _ => Ok(margins),
        }
    }
}

/// NaN where the score is no probability.
fn logit(score: f32) -> f32 {
    if !(0.0..=1.0).contains(&score) {
        return f32::NAN;
    }
    let score = score.clamp(NEAR, 1.0 - NEAR);
    -(1.0 / score - 1.0).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Booster, Linear};

    fn model(objective: &str, base_score: Vec<f32>) -> Model {
        let booster = Booster::Linear(Linear {
            weights: Vec::new(),
            rounds: 1,
        });
        Model {
            outputs: base_score.len(),
            base_score,
            ..Model::sample(objective, booster)
        }
    }

    fn margins(model: &Model) -> Read<Vec<f32>> {
        Objective::of(model)?.margins(model)
    }

    #[test]
    fn margins_are_those_of_xgboost_to_the_last_bit() {
        // `output_margin` of XGBoost 3.2.0 of models without a tree.
        for (objective, score, bits) in [
            ("binary:logistic", 0.3, 0xBF58_E883),
            ("binary:logistic", 0.41, 0xBEBA_59AD),
            ("binary:logistic", 0.77, 0x3F9A_A9F1),
            ("binary:logistic", 1e-8, 0xC15D_0C54),
            ("binary:logitraw", 0.3, 0x3E99_999A),
            ("count:poisson", 0.3, 0xBF9A_1BC8),
            ("reg:gamma", 1.7, 0x3F07_D741),
            ("survival:aft", 0.9, 0xBDD7_C745),
            ("reg:squarederror", -2.5, 0xC020_0000),
        ] {
            let margins = margins(&model(objective, vec![score])).expect(objective);
            assert_eq!(
                margins[0].to_bits(),
                bits,
                "{objective} {score}: {margins:?}"
            );
        }
    }

    #[test]
    fn one_base_score_is_that_of_every_output() {
        let mut one = model("reg:squarederror", vec![0.25]);
        one.outputs = 3;
        assert_eq!(margins(&one), Ok(vec![0.25; 3]));
        let three = model("reg:squarederror", vec![1.0, 2.0, 3.0]);
        assert_eq!(margins(&three), Ok(vec![1.0, 2.0, 3.0]));
    }

    #[test]
    fn a_model_that_was_never_trained_begins_as_its_writer_had_it() {
        let mut untrained = model("binary:logistic", vec![0.5]);
        untrained.booster = Booster::Linear(Linear {
            weights: Vec::new(),
            rounds: 0,
        });
        assert_eq!(margins(&untrained), Ok(vec![0.5]));
        untrained.version = [2, 1, 4];
        assert_eq!(margins(&untrained), Ok(vec![0.0]));
        untrained.from_average = false;
        untrained.version = [3, 2, 0];
        assert_eq!(margins(&untrained), Ok(vec![0.0]));
    }

    #[test]
    fn a_base_score_that_is_none_of_the_objective_is_refused() {
        for (objective, score) in [
            ("binary:logistic", 1.5),
            ("reg:logistic", -0.5),
            ("reg:gamma", 0.0),
            ("count:poisson", -1.0),
        ] {
            let error = margins(&model(objective, vec![score])).expect_err(objective);
            assert!(error.to_string().contains(objective), "{error}");
        }
        // The ends are moved inwards.
        assert!(margins(&model("binary:logistic", vec![0.0])).is_ok());
        assert!(margins(&model("binary:logistic", vec![1.0])).is_ok());
    }

    #[test]
    fn an_objective_that_is_not_known_is_refused_by_name() {
        let error = margins(&model("reg:cubederror", vec![0.5])).expect_err("not known");
        let error = error.to_string();
        assert!(error.contains("`reg:cubederror`"), "{error}");
        assert!(error.contains("hint: known are `binary:hinge`"), "{error}");
    }
}
