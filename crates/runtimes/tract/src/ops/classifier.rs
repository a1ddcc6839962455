//! What the classifiers have in common: rows of numbers in, a label and scores a row out.
//!
//! The label is that of the highest score before the transform, which may make unlike scores
//! equal. As in ONNX Runtime 1.32 (measured).

use super::Refused;
use std::sync::Arc;
use tract_onnx::tract_hir::internal::*;

/// How scores are made of the features of one row.
pub(super) trait Kernel: std::fmt::Debug + Send + Sync {
    /// The number of features that a row must have at least.
    fn features(&self) -> usize;

    /// Whether a row may have more.
    fn ignores_more(&self) -> bool;

    /// Fills the scores of a row of features and gives the place of its label.
    ///
    /// # Errors
    /// When the row has no label.
    fn score(&self, features: &[f32], scores: &mut [f32]) -> Result<usize, Refused>;
}

/// What is done to the scores at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    /// Nothing.
    None,
    /// The shares of their exponentials.
    Softmax,
    /// Each to the logistic function of itself.
    Logistic,
}

impl Transform {
    /// The transform of the attribute `post_transform`.
    pub(super) fn of(name: Option<&str>) -> TractResult<Self> {
        Ok(match name {
            None | Some("NONE" | "") => Self::None,
            Some("SOFTMAX") => Self::Softmax,
            Some("LOGISTIC") => Self::Logistic,
            Some(other) => bail!("the transform `{other}`"),
        })
    }

    pub(super) fn apply(self, scores: &mut [f32]) {
        match self {
            Self::None => {}
            Self::Softmax => {
                let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                for score in &mut *scores {
                    *score = (*score - most).exp();
                }
                let sum: f32 = scores.iter().sum();
                for score in scores {
                    *score /= sum;
                }
            }
            Self::Logistic => {
                for score in scores {
                    *score = logistic(*score);
                }
            }
        }
    }
}

/// The logistic function, exact to the last digits at both ends.
pub(super) fn logistic(x: f32) -> f32 {
    if x < 0.0 {
        let e = x.exp();
        e / (1.0 + e)
    } else {
        1.0 / (1.0 + (-x).exp())
    }
}

/// The place of the highest score; the first where several are, or all are NaN.
pub(super) fn highest(scores: &[f32]) -> usize {
    let mut best = 0;
    for (place, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = place;
        }
    }
    best
}

/// A classifier as an operator with two outputs: labels `[rows]` and scores `[rows, columns]`.
#[derive(Debug, Clone)]
pub(super) struct Classifier {
    pub(super) kernel: Arc<dyn Kernel>,
    pub(super) labels: Arc<[i64]>,
    /// Columns of the scores.
    pub(super) columns: usize,
}

impl PartialEq for Classifier {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kernel, &other.kernel) && Arc::ptr_eq(&self.labels, &other.labels)
    }
}

impl Eq for Classifier {}

impl Expansion for Classifier {
    fn name(&self) -> StaticName {
        "Classifier".into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(2)
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 1)?;
        check_output_arity(outputs, 2)?;
        s.equals(&inputs[0].rank, 2)?;
        s.equals(&outputs[0].datum_type, DatumType::I64)?;
        s.equals(&outputs[1].datum_type, DatumType::F32)?;
        s.equals(&outputs[0].rank, 1)?;
        s.equals(&outputs[1].rank, 2)?;
        s.equals(&outputs[0].shape[0], &inputs[0].shape[0])?;
        s.equals(&outputs[1].shape[0], &inputs[0].shape[0])?;
        s.equals(&outputs[1].shape[1], self.columns.to_dim())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let mut input = inputs[0];
        if model.outlet_fact(input)?.datum_type != DatumType::F32 {
            let cast = tract_onnx::tract_core::ops::cast::cast(DatumType::F32);
            input = model.wire_node(format!("{prefix}.floats"), cast, &[input])?[0];
        }
        model.wire_node(prefix, self.clone(), &[input])
    }
}

impl Op for Classifier {
    fn name(&self) -> StaticName {
        "Classifier".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Classifier {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let [rows, width] = *inputs[0].shape() else {
            bail!("the features of a classifier have two dimensions");
        };
        let least = self.kernel.features();
        if width < least || (width > least && !self.kernel.ignores_more()) {
            let fault = format!("a classifier of {least} features is given {width}");
            return Err(Refused(fault).into());
        }
        let plain = inputs[0].try_as_plain_ram()?;
        let features = plain.as_slice::<f32>()?;
        let mut scores = vec![0.0_f32; rows * self.columns];
        let mut labels = Vec::with_capacity(rows);
        for row in 0..rows {
            let features = &features[row * width..][..width];
            let scores = &mut scores[row * self.columns..][..self.columns];
            let place = self.kernel.score(features, scores)?;
            labels.push(
                *self
                    .labels
                    .get(place)
                    .context("a label that is not there")?,
            );
        }
        let scores = tensor1(&scores).into_shape(&[rows, self.columns])?;
        Ok(tvec!(tensor1(&labels).into(), scores.into()))
    }
}

impl TypedOp for Classifier {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        ensure!(
            inputs[0].rank() == 2,
            "the features of a classifier have two dimensions"
        );
        let rows = inputs[0].shape[0].clone();
        Ok(tvec!(
            i64::fact(std::slice::from_ref(&rows)),
            f32::fact([rows.clone(), self.columns.to_dim()])
        ))
    }

    as_op!();
}
