//! The line `objective=`: a name, then settings.

use super::Fault;
use super::lines::Line;
use super::numbers::setting;
use crate::model::Objective;
use flowgate_core::program::Link;

/// The names that LightGBM 4.7.0 knows, each with what it makes of the sums.
const NAMES: [(&str, Made); 16] = [
    ("regression", Made::Square),
    ("regression_l1", Made::Square),
    ("quantile", Made::Square),
    ("fair", Made::Square),
    ("mape", Made::Square),
    ("huber", Made::Nothing),
    ("lambdarank", Made::Nothing),
    ("rank_xendcg", Made::Nothing),
    ("custom", Made::Nothing),
    ("poisson", Made::Exp),
    ("gamma", Made::Exp),
    ("tweedie", Made::Exp),
    ("binary", Made::Probability),
    ("cross_entropy", Made::Probability),
    ("cross_entropy_lambda", Made::Softplus),
    ("multiclass", Made::Softmax),
];

/// Apart from the others: it has both settings.
const ONE_VERSUS_ALL: &str = "multiclassova";

/// Further names, which count where they stand alone.
const ALIASES: [(&str, &[&str]); 9] = [
    (
        "regression",
        &[
            "regression_l2",
            "mean_squared_error",
            "mse",
            "l2",
            "l2_root",
            "root_mean_squared_error",
            "rmse",
        ],
    ),
    ("regression_l1", &["mean_absolute_error", "l1", "mae"]),
    ("multiclass", &["softmax"]),
    (ONE_VERSUS_ALL, &["multiclass_ova", "ova", "ovr"]),
    ("cross_entropy", &["xentropy"]),
    ("cross_entropy_lambda", &["xentlambda"]),
    ("mape", &["mean_absolute_percentage_error"]),
    ("custom", &["none", "null", "na"]),
    (
        "rank_xendcg",
        &["xendcg", "xe_ndcg", "xe_ndcg_mart", "xendcg_mart"],
    ),
];

/// What an objective makes of the sums.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Made {
    Nothing,
    /// The signed square where `sqrt` is set, else nothing.
    Square,
    Exp,
    /// With `sigmoid:`, which only `binary` has.
    Probability,
    Softplus,
    /// With `num_class:`.
    Softmax,
}

impl Objective {
    /// The sums are the answer.
    pub(super) const NONE: Self = Self {
        link: None,
        classes: None,
    };

    /// Reads what stands behind `objective=`.
    pub(super) fn parse(line: Line<'_>) -> Result<Self, Fault> {
        let text = line.text.trim_matches(' ');
        let alias = |(_, names): &&(&str, &[&str])| names.contains(&text);
        let text = ALIASES.iter().find(alias).map_or(text, |(name, _)| name);
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let name = words.next().unwrap_or_default();
        let settings = Settings::read(words);
        if name == ONE_VERSUS_ALL {
            return Ok(Self {
                link: Some(logistic(settings.sigmoid(line)?)),
                classes: Some(settings.classes(line)?),
            });
        }
        let Some((_, made)) = NAMES.iter().find(|(known, _)| *known == name) else {
            let shown: String = name.chars().take(60).collect();
            let hint = "train and save the model with an objective of LightGBM 4.7.0";
            let reason = format!("the objective `{shown}` is unknown\n  hint: {hint}");
            return Err(line.fault(reason));
        };
        let link = match made {
            Made::Nothing => None,
            Made::Square => settings.sqrt.then_some(Link::SignedSquare),
            Made::Exp => Some(Link::Exp),
            Made::Probability if name == "binary" => Some(logistic(settings.sigmoid(line)?)),
            Made::Probability => Some(logistic(1.0)),
            Made::Softplus => Some(Link::Softplus),
            Made::Softmax => Some(Link::Softmax),
        };
        let classes = match made {
            Made::Softmax => Some(settings.classes(line)?),
            _ if link.is_some() => Some(1),
            _ => None,
        };
        Ok(Self { link, classes })
    }
}

/// `1 / (1 + exp(-scale * x))`.
fn logistic(scale: f64) -> Link {
    Link::Logistic {
        scale,
        limit: f64::INFINITY,
        epsilon: 0.0,
    }
}

/// What stands behind the name; settings that do not touch the answers are passed over.
#[derive(Debug, Default)]
struct Settings {
    sqrt: bool,
    sigmoid: Option<f64>,
    classes: Option<usize>,
}

impl Settings {
    fn read<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut settings = Self::default();
        for word in words {
            match word.split_once(':') {
                Some(("sigmoid", text)) => settings.sigmoid = setting(text),
                Some(("num_class", text)) => settings.classes = text.parse().ok(),
                None if word == "sqrt" => settings.sqrt = true,
                _ => {}
            }
        }
        settings
    }

    fn sigmoid(&self, line: Line<'_>) -> Result<f64, Fault> {
        let above_zero = |sigmoid: &f64| *sigmoid > 0.0 && sigmoid.is_finite();
        let sigmoid = self.sigmoid.filter(above_zero);
        sigmoid.ok_or_else(|| line.fault("the objective needs `sigmoid:` and a number above 0"))
    }

    fn classes(&self, line: Line<'_>) -> Result<usize, Fault> {
        let classes = self.classes.filter(|classes| *classes > 0);
        classes.ok_or_else(|| line.fault("the objective needs `num_class:` and a number above 0"))
    }
}
