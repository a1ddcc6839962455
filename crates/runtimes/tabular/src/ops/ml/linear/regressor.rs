//! `LinearRegressor`: weighted sums of the features, one a target.

use super::super::rows::{Rows, expect_type, floats, product};
use super::super::scores::Transform;
use super::{Bias, Products};
use crate::data::tensor;
use crate::onnx::{LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::DataType;

struct LinearRegressor {
    /// `[targets, features]`.
    weights: Vec<f32>,
    features: usize,
    targets: usize,
    /// One a target, or none.
    intercepts: Vec<f32>,
    transform: Transform,
}

pub(super) fn linear_regressor(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    expect_type(node, 0, &[DataType::F32])?;
    Ok(Lowered::one(LinearRegressor::read(node)?, DataType::F32))
}

impl LinearRegressor {
    fn read(node: &Lowering<'_>) -> Result<Self, LowerError> {
        let weights = node.floats("coefficients")?;
        let targets = node.int("targets", 1)?;
        let targets = usize::try_from(targets).unwrap_or_default();
        if targets == 0 || weights.is_empty() || !weights.len().is_multiple_of(targets) {
            let found = weights.len();
            return node.refuse(format!("it has {found} coefficients for {targets} targets"));
        }
        let mut intercepts = node.floats("intercepts")?.to_vec();
        // As many as there are not targets are not looked at.
        if intercepts.len() != targets {
            intercepts.clear();
        }
        Ok(Self {
            features: weights.len() / targets,
            weights: weights.to_vec(),
            targets,
            intercepts,
            transform: Transform::read(node)?,
        })
    }
}

impl Operator for LinearRegressor {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let rows = Rows::of(read)?.expect_width(self.features)?.rows;
        let mut made = vec![0.0; product(rows, self.targets)?];
        let products = Products {
            weights: &self.weights,
            features: self.features,
            sums: self.targets,
            alpha: 1.0,
            alone: rows == 1,
            bias: match &*self.intercepts {
                [] => Bias::None,
                each => Bias::Each(each),
            },
        };
        products.write(&floats(read)?, &mut made);
        self.transform.apply_rows(&mut made, self.targets);
        Ok(one(tensor(&[rows, self.targets], made)?))
    }
}
