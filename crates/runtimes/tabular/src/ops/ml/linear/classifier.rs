//! `LinearClassifier`: weighted sums of the features, one a class, or one for two classes.

use super::super::labels::{Classes, highest};
use super::super::rows::{NUMBERS, Rows, expect_type, floats, product};
use super::super::scores::{Other, Transform};
use super::{Bias, Products};
use crate::data::tensor;
use crate::onnx::{LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::DataType;

struct LinearClassifier {
    /// `[sums, features]`.
    weights: Vec<f32>,
    features: usize,
    /// One a sum.
    intercepts: Vec<f32>,
    labels: Classes,
    transform: Transform,
    /// Whether the one sum stands for two classes that have labels.
    two_of_one: bool,
}

pub(super) fn linear_classifier(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    expect_type(node, 0, NUMBERS)?;
    let op = LinearClassifier::read(node)?;
    let outputs = vec![op.labels.datatype(), DataType::F32];
    Ok(Lowered {
        op: Box::new(op),
        outputs,
    })
}

impl LinearClassifier {
    fn read(node: &Lowering<'_>) -> Result<Self, LowerError> {
        let weights = node.floats("coefficients")?;
        let intercepts = node.floats("intercepts")?;
        let sums = intercepts.len();
        if sums == 0 || weights.is_empty() || !weights.len().is_multiple_of(sums) {
            let found = weights.len();
            return node.refuse(format!("it has {found} coefficients and {sums} intercepts"));
        }
        let labels = Classes::read(node, "classlabels_ints", "classlabels_strings")?;
        let transform = Transform::read(node)?;
        let two_of_one = sums == 1 && labels.as_ref().is_some_and(|labels| labels.len() == 2);
        let labels = match labels {
            // Without labels, the two sides of zero are 0 and 1.
            None if sums == 1 => Classes::Ints(vec![0, 1]),
            Some(labels) if two_of_one || (sums > 1 && labels.len() >= sums) => labels,
            labels => {
                let found = labels.map_or(0, |labels| labels.len());
                return node.refuse(format!("it has {found} labels and {sums} intercepts"));
            }
        };
        // ONNX Runtime leaves some of these scores unwritten.
        if two_of_one && transform == Transform::Probit {
            return node.refuse("`PROBIT` of one sum for two classes");
        }
        Ok(Self {
            features: weights.len() / sums,
            weights: weights.to_vec(),
            intercepts: intercepts.to_vec(),
            labels,
            transform,
            two_of_one,
        })
    }
}

impl Operator for LinearClassifier {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let rows = Rows::of(read)?.expect_width(self.features)?.rows;
        let sums = self.intercepts.len();
        let mut scores = vec![0.0; product(rows, sums)?];
        let products = Products {
            weights: &self.weights,
            features: self.features,
            sums,
            alpha: 1.0,
            alone: rows == 1,
            bias: Bias::Each(&self.intercepts),
        };
        products.write(&floats(read)?, &mut scores);
        let places: Vec<usize> = match sums {
            1 => scores
                .iter()
                .map(|score| usize::from(*score > 0.0))
                .collect(),
            _ => scores.chunks_exact(sums).map(highest).collect(),
        };
        let width = if self.two_of_one {
            let of_two = |score: &f32| self.transform.of_two(*score, Other::Rest);
            scores = scores.iter().flat_map(of_two).collect();
            2
        } else {
            self.transform.apply_rows(&mut scores, sums);
            sums
        };
        let mut outputs = Outputs::new();
        outputs.push(self.labels.at(&places)?);
        outputs.push(tensor(&[rows, width], scores)?);
        Ok(outputs)
    }
}
