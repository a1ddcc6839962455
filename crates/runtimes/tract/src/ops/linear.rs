//! `LinearClassifier`: a weighted sum a class, or one for two classes.

use super::Refused;
use super::classifier::{Classifier, Kernel, Transform, highest, logistic};
use std::sync::Arc;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

pub(super) fn build(
    _: &ParsingContext<'_>,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let labels: Vec<i64> = node.get_attr_vec("classlabels_ints")?;
    let weights: Vec<f32> = node.get_attr_vec("coefficients")?;
    let intercepts: Vec<f32> = node.get_attr_vec("intercepts")?;
    let transform = Transform::of(node.get_attr_opt("post_transform")?)?;
    let sums = intercepts.len();
    ensure!(
        sums > 0 && !weights.is_empty() && weights.len().is_multiple_of(sums),
        "{} coefficients for {sums} intercepts",
        weights.len()
    );
    let two_of_one = sums == 1 && labels.len() == 2;
    ensure!(
        two_of_one || (sums > 1 && sums == labels.len()),
        "{sums} intercepts for {} labels",
        labels.len()
    );
    ensure!(
        !two_of_one || transform == Transform::Logistic,
        "one sum for two classes without LOGISTIC"
    );
    let columns = labels.len();
    let kernel = Linear {
        features: weights.len() / sums,
        weights,
        intercepts,
        transform,
    };
    Ok((
        expand(Classifier {
            kernel: Arc::new(kernel),
            labels: labels.into(),
            columns,
        }),
        Vec::new(),
    ))
}

#[derive(Debug)]
struct Linear {
    features: usize,
    /// `[sums, features]`.
    weights: Vec<f32>,
    intercepts: Vec<f32>,
    transform: Transform,
}

impl Kernel for Linear {
    fn features(&self) -> usize {
        self.features
    }

    fn ignores_more(&self) -> bool {
        false
    }

    fn score(&self, features: &[f32], scores: &mut [f32]) -> Result<usize, Refused> {
        let sums = self
            .weights
            .chunks_exact(self.features)
            .zip(&self.intercepts);
        for ((weights, intercept), score) in sums.zip(&mut *scores) {
            let products = weights.iter().zip(features);
            *score = products.map(|(weight, x)| weight * x).sum::<f32>() + intercept;
        }
        if let ([_], [first, second]) = (&*self.intercepts, &mut *scores) {
            let sum = *first;
            (*first, *second) = (1.0 - logistic(sum), logistic(sum));
            return Ok(usize::from(sum > 0.0));
        }
        let place = highest(scores);
        self.transform.apply(scores);
        Ok(place)
    }
}
