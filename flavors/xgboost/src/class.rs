//! The class that a package is loaded as in Python: it decides what `predict` answers.

use crate::{NAME, SECTIONS};
use flowgate_core::FlavorError;
use flowgate_core::yaml::Mapping;

/// A class of XGBoost's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// `xgboost.core.Booster`: values by all trees.
    Booster,
    /// `XGBClassifier`, `XGBRFClassifier`: classes and probabilities.
    Classifier,
    /// `XGBRegressor`, `XGBRFRegressor`: values.
    Regressor,
    /// `XGBRanker`: scores.
    Ranker,
}

/// Every class that is known, by the name that MLflow writes.
const CLASSES: [(&str, Class); 6] = [
    ("xgboost.core.Booster", Class::Booster),
    ("xgboost.sklearn.XGBClassifier", Class::Classifier),
    ("xgboost.sklearn.XGBRFClassifier", Class::Classifier),
    ("xgboost.sklearn.XGBRegressor", Class::Regressor),
    ("xgboost.sklearn.XGBRFRegressor", Class::Regressor),
    ("xgboost.sklearn.XGBRanker", Class::Ranker),
];

impl Class {
    /// The class of a section; MLflow before 1.22 wrote none and had boosters only.
    pub(crate) fn of(section: &Mapping) -> Result<Self, FlavorError> {
        let Some(name) = SECTIONS.text(section, "model_class")? else {
            return Ok(Self::Booster);
        };
        let class = CLASSES.iter().find(|(known, _)| *known == name);
        class
            .map(|(_, class)| *class)
            .ok_or_else(|| FlavorError::BadValue {
                flavor: NAME,
                key: "model_class".to_owned(),
                expected: "a class that is known, such as `xgboost.core.Booster` or \
                           `xgboost.sklearn.XGBClassifier`",
                found: format!("`{name}`"),
            })
    }

    /// The class that reads a file whose estimator was of this type; a booster reads any.
    pub(crate) fn for_estimator(estimator: Option<&str>) -> Self {
        let wrappers = [Self::Classifier, Self::Regressor, Self::Ranker];
        let class = wrappers
            .into_iter()
            .find(|class| estimator.is_some() && class.estimator() == estimator);
        class.unwrap_or(Self::Booster)
    }

    /// What XGBoost calls its type of estimator; none for a booster.
    pub(crate) fn estimator(self) -> Option<&'static str> {
        match self {
            Self::Booster => None,
            Self::Classifier => Some("classifier"),
            Self::Regressor => Some("regressor"),
            Self::Ranker => Some("ranker"),
        }
    }

    /// The first of its names.
    pub(crate) fn name(self) -> &'static str {
        let class = CLASSES.iter().find(|(_, class)| *class == self);
        class.map_or("xgboost.core.Booster", |(name, _)| name)
    }

    /// Whether it is one of the wrappers for scikit-learn.
    pub(crate) fn is_wrapper(self) -> bool {
        self != Self::Booster
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_known_by_name_and_others_are_refused_by_it() {
        let of = |name: &str| {
            let mut section = Mapping::new();
            section.insert("model_class", name);
            Class::of(&section).map_err(|error| error.to_string())
        };
        assert_eq!(of("xgboost.sklearn.XGBRFRegressor"), Ok(Class::Regressor));
        assert_eq!(of("xgboost.sklearn.XGBRanker"), Ok(Class::Ranker));
        let error = of("xgboost.dask.DaskXGBClassifier").expect_err("another class");
        assert!(
            error.contains("`xgboost.dask.DaskXGBClassifier`"),
            "{error}"
        );
        assert_eq!(Class::of(&Mapping::new()).ok(), Some(Class::Booster));
    }

    #[test]
    fn a_file_tells_its_class_by_its_estimator() {
        for (estimator, class) in [
            (Some("classifier"), Class::Classifier),
            (Some("ranker"), Class::Ranker),
            (Some("clusterer"), Class::Booster),
            (None, Class::Booster),
        ] {
            assert_eq!(Class::for_estimator(estimator), class);
        }
        assert_eq!(Class::Regressor.name(), "xgboost.sklearn.XGBRegressor");
    }
}
