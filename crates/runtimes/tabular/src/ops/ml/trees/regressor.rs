//! `TreeEnsembleRegressor`, and `TreeEnsemble` of version 5.

use super::super::rows::{expect_type, product};
use super::super::scores::{Real, Transform};
use super::finish::targets;
use super::scorer::{Cell, Scorer};
use crate::data::{Element, tensor};
use crate::onnx::{LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::program::Precision;
use flowgate_core::{Buffer, Data, DataType, Tensor};
use flowgate_onnx::trees::{Forest, PostTransform};

struct Regressor {
    scorer: Scorer,
    /// One a target, or none.
    base: Vec<f64>,
    transform: Transform,
    /// Whether the answer is of 64 bits as the scores are.
    wide: bool,
}

pub(super) fn tree_ensemble_regressor(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = expect_type(node, 0, &[DataType::F32, DataType::F64])?;
    let forest = Forest::read(node.node)?;
    let op = Regressor::new(node, &forest, datatype, transform(forest.post_transform))?;
    Ok(Lowered::one(op, DataType::F32))
}

pub(super) fn tree_ensemble(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = expect_type(node, 0, &[DataType::F32, DataType::F64])?;
    let forest = Forest::read(node.node)?;
    // The standard numbers `SOFTMAX` 1 and `LOGISTIC` 2; ONNX Runtime 1.32 has it the other way.
    let transform = match forest.post_transform {
        PostTransform::Softmax => Transform::Logistic,
        PostTransform::Logistic => Transform::Softmax,
        other => transform(other),
    };
    let mut op = Regressor::new(node, &forest, datatype, transform)?;
    op.wide = true;
    Ok(Lowered::one(op, datatype))
}

/// What the file asks for.
pub(super) fn transform(asked: PostTransform) -> Transform {
    match asked {
        PostTransform::None => Transform::None,
        PostTransform::Softmax => Transform::Softmax,
        PostTransform::Logistic => Transform::Logistic,
        PostTransform::SoftmaxZero => Transform::SoftmaxZero,
        PostTransform::Probit => Transform::Probit,
    }
}

/// The type that rows of `datatype` are computed in.
pub(super) fn precision(datatype: DataType) -> Precision {
    if datatype == DataType::F64 {
        Precision::F64
    } else {
        Precision::F32
    }
}

impl Regressor {
    fn new(
        node: &Lowering<'_>,
        forest: &Forest,
        datatype: DataType,
        transform: Transform,
    ) -> Result<Self, LowerError> {
        let base = &forest.base_values;
        if !base.is_empty() && base.len() != forest.outputs {
            let (found, targets) = (base.len(), forest.outputs);
            return node.refuse(format!("it has {found} base values for {targets} targets"));
        }
        Ok(Self {
            scorer: Scorer::new(forest, precision(datatype)).map_err(LowerError)?,
            base: base.clone(),
            transform,
            wide: false,
        })
    }

    fn answer<T: Cell, U: Element + Real>(
        &self,
        read: &Tensor,
        context: &mut Context,
    ) -> Result<Outputs, Fault>
    where
        Data: From<Buffer<U>>,
    {
        let (rows, scores) = self.scorer.scores::<T>(read, context)?;
        let outputs = self.scorer.outputs();
        let mut made = vec![U::default(); product(rows, outputs)?];
        targets(&self.scorer, &scores, &self.base, self.transform, &mut made);
        Ok(one(tensor(&[rows, outputs], made)?))
    }
}

impl Operator for Regressor {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        match (self.scorer.precision(), self.wide) {
            (Precision::F32, _) => self.answer::<f32, f32>(read, context),
            (Precision::F64, false) => self.answer::<f64, f32>(read, context),
            (Precision::F64, true) => self.answer::<f64, f64>(read, context),
        }
    }
}
