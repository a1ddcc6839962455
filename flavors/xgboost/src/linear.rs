//! From the weights of `gblinear` to sums of products.
//!
//! Source: XGBoost 3.2.0, `gblinear`: the margin is added to the weight that stands alone, then
//! the products are added feature by feature, those of missing values left out. The margin is that
//! of the first output for all of them.

use crate::model::{self, Model};
use flowgate_core::program::{Linear, Precision};

/// The sums of `linear`, which begin with the first of `margins`.
pub(crate) fn sums(model: &Model, linear: &model::Linear, margins: &[f32]) -> Linear {
    let (features, outputs) = (model.features, model.outputs);
    let margin = margins.first().copied().unwrap_or(0.0);
    let products = features.saturating_mul(outputs);
    // The lengths were compared when the model was read; without weights all are 0.
    let (weights, alone) = match linear.weights.split_at_checked(products) {
        Some((weights, alone)) if alone.len() == outputs => (weights.to_vec(), alone.to_vec()),
        _ => (vec![0.0; products], vec![0.0; outputs]),
    };
    Linear {
        features,
        outputs,
        weights: weights.into_iter().map(f64::from).collect(),
        start: alone
            .into_iter()
            .map(|alone| f64::from(alone + margin))
            .collect(),
        precision: Precision::F32,
        skips_missing: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Booster;

    #[test]
    fn the_margin_of_the_first_output_is_that_of_all() {
        let linear = model::Linear {
            weights: vec![1.0, 2.0, 0.25, 0.5],
            rounds: 1,
        };
        let booster = Booster::Linear(linear.clone());
        let mut model = Model::sample("reg:squarederror", booster);
        model.outputs = 2;
        let made = sums(&model, &linear, &[10.0, 20.0]);
        assert_eq!(made.weights, [1.0, 2.0]);
        assert_eq!(made.start, [10.25, 10.5]);
        model.features = 3;
        let none = model::Linear {
            weights: Vec::new(),
            rounds: 0,
        };
        let made = sums(&model, &none, &[10.0, 20.0]);
        assert_eq!((made.weights, made.start), (vec![0.0; 6], vec![10.0; 2]));
    }
}
