//! Estimators of `lightgbm.sklearn` in a file of skops: the booster's text, and what the estimator
//! makes of its answers.

use flowgate_core::Tensor;
use flowgate_skops::{Error, Limits, Node, Skops};

/// Objectives of several classes, whose answers are a probability each.
const MULTICLASS: [&str; 6] = [
    "multiclass",
    "softmax",
    "multiclassova",
    "multiclass_ova",
    "ova",
    "ovr",
];

/// The classes of estimators that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Classifier,
    Regressor,
    Ranker,
}

/// An estimator.
#[derive(Debug)]
pub(crate) struct Estimator {
    /// Its booster, as text.
    pub(crate) text: String,
    /// The rounds that it predicts with, where training stopped early.
    pub(crate) rounds: Option<usize>,
    /// What it makes of the booster's answers.
    pub(crate) answers: Answers,
}

/// What an estimator answers.
#[derive(Debug, Clone)]
pub(crate) enum Answers {
    /// What its booster answers.
    Values,
    /// Labels, or a probability for each.
    Labels(Labels),
}

/// The labels of a classifier.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    /// In the order of the classes, `[classes]`.
    pub(crate) labels: Tensor,
    /// Whether the booster has an answer for each class; else its one answer is the probability of
    /// the second.
    pub(crate) several: bool,
}

impl Class {
    pub(crate) const ALL: [Self; 3] = [Self::Classifier, Self::Regressor, Self::Ranker];

    /// As Python calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Classifier => "lightgbm.sklearn.LGBMClassifier",
            Self::Regressor => "lightgbm.sklearn.LGBMRegressor",
            Self::Ranker => "lightgbm.sklearn.LGBMRanker",
        }
    }
}

impl Estimator {
    /// The estimator in the file of skops `octets`, which must be of `class`.
    ///
    /// # Errors
    /// When it is something else, is not trained, or predicts in a way that is not known.
    pub(crate) fn read(octets: &[u8], class: Class) -> Result<Self, Error> {
        let file = Skops::open(octets, &Limits::default())?;
        let tree = file.tree()?;
        let root = tree.root();
        if root.class() != class.name() {
            return Err(Error::new(format!(
                "it holds a `{}`, the manifest says `{}`",
                root.class(),
                class.name()
            )));
        }
        whole_predictions(root).map_err(|error| error.inside("_other_params"))?;
        let (text, rounds) = booster(root).map_err(|error| error.inside("_Booster"))?;
        let answers = match class {
            Class::Classifier => classifier(root)?,
            Class::Regressor | Class::Ranker => Answers::Values,
        };
        Ok(Self {
            text,
            rounds,
            answers,
        })
    }
}

/// The text of the booster and the rounds that it predicts with: not those of the text, but its
/// own `best_iteration` where that is above 0.
fn booster(root: Node<'_>) -> Result<(String, Option<usize>), Error> {
    let booster = root.need("_Booster")?;
    if booster.is_none() {
        return Err(Error::new("the estimator is not trained"));
    }
    // LightGBM reads both, the first being that of today.
    let text = match booster.get("_handle")? {
        Some(text) => text.text().map_err(|error| error.inside("_handle"))?,
        None => booster.need("handle")?.text()?,
    };
    let best = match booster.get("best_iteration")? {
        Some(best) if !best.is_none() => best.integer(),
        _ => Ok(0),
    };
    let best = best.map_err(|error| error.inside("best_iteration"))?;
    let rounds = usize::try_from(best).ok().filter(|rounds| *rounds > 0);
    Ok((text, rounds))
}

/// That rows are followed through all trees. The estimator hands its further parameters on when it
/// predicts, and one of them gives up early.
fn whole_predictions(root: Node<'_>) -> Result<(), Error> {
    let Some(params) = root.get("_other_params")? else {
        return Ok(());
    };
    match params.get("pred_early_stop")? {
        Some(stop) if !is_off(stop) => Err(Error::new(
            "`pred_early_stop` is set: predictions that stop early are not made\n  \
             hint: save the model without it",
        )),
        _ => Ok(()),
    }
}

fn is_off(value: Node<'_>) -> bool {
    value.is_none() || value.boolean() == Ok(false) || value.integer() == Ok(0)
}

fn classifier(root: Node<'_>) -> Result<Answers, Error> {
    let objective = root.need("_objective")?;
    let objective = match objective.is_none() {
        true => None,
        false if objective.loader() == "JsonNode" => {
            let name = objective.text();
            Some(name.map_err(|error| error.inside("_objective"))?)
        }
        // A function of Python's: such a classifier answers with what its booster does.
        false => return Ok(Answers::Values),
    };
    let labels = labels(root)?;
    let [classes] = labels.shape() else {
        return Err(Error::new("its labels are not one list"));
    };
    let classes = *classes;
    let counted = root.need("_n_classes")?.integer();
    let counted = counted.map_err(|error| error.inside("_n_classes"))?;
    if usize::try_from(counted) != Ok(classes) || classes == 0 {
        return Err(Error::new(format!(
            "it has {classes} labels for {counted} classes"
        )));
    }
    let several = classes > 2 || objective.is_some_and(|name| MULTICLASS.contains(&name.as_str()));
    Ok(Answers::Labels(Labels { labels, several }))
}

/// The labels, from the encoder that turned them into numbers.
fn labels(root: Node<'_>) -> Result<Tensor, Error> {
    let labels = |node: Node<'_>, key: &str| -> Result<Tensor, Error> {
        let labels = node.need(key)?.array();
        labels.map_err(|error| error.inside(key))
    };
    match root.get("_le")? {
        Some(encoder) => labels(encoder, "classes_").map_err(|error| error.inside("_le")),
        None => labels(root, "_classes"),
    }
}
