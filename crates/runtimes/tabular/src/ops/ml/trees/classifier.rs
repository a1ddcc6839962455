//! `TreeEnsembleClassifier`.

use super::super::labels::Classes;
use super::super::rows::{NUMBERS, expect_type, product};
use super::super::scores::{Real, Transform};
use super::regressor::{precision, transform};
use super::scorer::{Cell, Scorer, Scores};
use super::two::Two;
use crate::data::tensor;
use crate::onnx::{LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::program::Precision;
use flowgate_core::{DataType, Tensor};
use flowgate_onnx::trees::Forest;

struct Classifier {
    scorer: Scorer,
    rule: Rule,
    transform: Transform,
    /// What rows are told to be, by the places that the rule gives.
    labels: Classes,
}

/// How scores become a class.
enum Rule {
    /// One label: the score is above zero or not.
    One { base: f64 },
    /// Two.
    Two(Two),
    /// The highest score, with what is added to each, if anything is.
    Many { base: Vec<f64> },
}

pub(super) fn tree_ensemble_classifier(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = expect_type(node, 0, NUMBERS)?;
    let forest = Forest::read(node.node)?;
    let labels = Classes::read(node, "classlabels_int64s", "classlabels_strings")?;
    let Some(labels) = labels else {
        return node.refuse("it has no labels");
    };
    let transform = transform(forest.post_transform);
    let scorer = Scorer::new(&forest, precision(datatype)).map_err(LowerError)?;
    let base = &forest.base_values;
    let (rule, labels) = match (labels.len(), base.len()) {
        (1, 0 | 1) => {
            if let Classes::Texts(_) = labels {
                return node.refuse("it has one text for a label");
            }
            let base = base.first().copied().unwrap_or(0.0);
            (Rule::One { base }, Classes::Ints(vec![0, 1]))
        }
        (2, 0..=2) => {
            let two = Two::of(&forest, &scorer, transform).map_err(LowerError)?;
            let labels = two.labels(labels);
            (Rule::Two(two), labels)
        }
        (classes, found) if classes > 2 && (found == 0 || found == classes) => {
            let base = base.clone();
            (Rule::Many { base }, labels)
        }
        (classes, found) => {
            return node.refuse(format!("it has {found} base values for {classes} classes"));
        }
    };
    let outputs = vec![labels.datatype(), DataType::F32];
    let op = Classifier {
        scorer,
        rule,
        transform,
        labels,
    };
    Ok(Lowered {
        op: Box::new(op),
        outputs,
    })
}

impl Operator for Classifier {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        match self.scorer.precision() {
            Precision::F32 => self.answer::<f32>(read, context),
            Precision::F64 => self.answer::<f64>(read, context),
        }
    }
}

impl Classifier {
    fn answer<T: Cell>(&self, read: &Tensor, context: &mut Context) -> Result<Outputs, Fault> {
        let (rows, scores) = self.scorer.scores::<T>(read, context)?;
        let outputs = self.scorer.outputs();
        let mut made = vec![0.0_f32; product(rows, outputs)?];
        let mut places = Vec::with_capacity(rows);
        match &self.rule {
            Rule::One { base } => self.one(T::of(*base), &scores, &mut made, &mut places),
            Rule::Two(two) => {
                let rows = scores.cells.chunks_exact(scores.width.max(1));
                for (made, row) in made.chunks_exact_mut(2).zip(rows) {
                    let (place, pair) = two.answer(&self.scorer, row, self.transform);
                    places.push(place);
                    made.copy_from_slice(&pair);
                }
            }
            Rule::Many { base } => self.many(base, &scores, &mut made, &mut places)?,
        }
        let mut answer = Outputs::new();
        answer.push(self.labels.at(&places)?);
        answer.push(tensor(&[rows, outputs], made)?);
        Ok(answer)
    }

    fn one<T: Real>(&self, base: T, scores: &Scores<T>, made: &mut [f32], places: &mut Vec<usize>) {
        let rows = scores.cells.chunks_exact(scores.width.max(1));
        for (made, row) in made.iter_mut().zip(rows) {
            let score = row.first().copied().unwrap_or(T::ZERO) + base;
            places.push(usize::from(score > T::ZERO));
            *made = match self.transform {
                Transform::Probit => super::super::scores::probit(score.narrow()),
                _ => score.narrow(),
            };
        }
    }

    /// The class is that of the highest score before the transform, the first of several, among
    /// those that the row has a score for.
    fn many<T: Real>(
        &self,
        base: &[f64],
        scores: &Scores<T>,
        made: &mut [f32],
        places: &mut Vec<usize>,
    ) -> Result<(), Fault> {
        let outputs = self.scorer.outputs();
        let mut values = vec![T::ZERO; outputs];
        let rows = scores.cells.chunks_exact(scores.width.max(1));
        for (made, row) in made.chunks_exact_mut(outputs.max(1)).zip(rows) {
            let mut best: Option<(usize, T)> = None;
            for (output, (value, score)) in values.iter_mut().zip(row).enumerate() {
                *value = match base.get(output) {
                    Some(base) => *score + T::of(*base),
                    None => *score,
                };
                let has = !base.is_empty() || self.scorer.has_score(row, output);
                if has && best.is_none_or(|(_, best)| *value > best) {
                    best = Some((output, *value));
                }
            }
            let Some((place, _)) = best else {
                return Err(Fault::refused("no tree of the model votes for any class"));
            };
            places.push(place);
            self.transform.apply(&mut values);
            for (made, value) in made.iter_mut().zip(&values) {
                *made = value.narrow();
            }
        }
        Ok(())
    }
}
