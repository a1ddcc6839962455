//! From a model to the program that answers what XGBoost answers.

use crate::class::Class;
use crate::columns::Columns;
use crate::model::{Booster, Model};
use crate::objective::{self, Objective};
use crate::source::{Read, ReadError};
use crate::{linear, trees};
use flowgate_core::program::{
    Ensemble, Leaf, Link, Missing, Op, Precision, ProgramBuilder, Side, Split, Test, TreeNode,
    Value, Weight,
};
use flowgate_core::{Method, Program};
use std::sync::Arc;

/// The methods of Python, and the outputs that answer them.
const PREDICT: &str = "predict";
const PROBABILITIES: &str = "predict_proba";

/// The logistic function as XGBoost computes it in `float`: the exponent is at most 88.7, and
/// 1e-16 keeps the divisor from being 0.
const LOGISTIC: Link = Link::Logistic {
    scale: 1.0,
    limit: 88.7_f32 as f64,
    epsilon: 1e-16_f32 as f64,
};

/// What a model answers: one of each for every method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// A number a row.
    Numbers,
    /// So many numbers a row.
    Vectors(usize),
    /// A class a row.
    Classes,
    /// So many labels a row, each there or not.
    Labels(usize),
}

/// What `predict` answers of a `model` of this class, as the wrapper of XGBoost 3.2.0 decides it.
///
/// # Errors
/// When the objective is not known.
pub(crate) fn answers(model: &Model, class: Class) -> Read<Answers> {
    let value = Objective::of(model)?.value;
    let is_one = model.outputs == 1 || value == objective::Value::ArgMax;
    Ok(match (class, is_one) {
        (Class::Classifier, true) => Answers::Classes,
        // The wrapper counts fewer than three classes as two, and takes two outputs for labels.
        (Class::Classifier, false) if model.classes > 2 => Answers::Classes,
        (Class::Classifier, false) => Answers::Labels(model.outputs),
        (_, true) => Answers::Numbers,
        (_, false) => Answers::Vectors(model.outputs),
    })
}

/// The methods that a model of this class has, the first asked for by default.
pub(crate) fn methods(class: Class) -> Vec<Method> {
    let names: &[&'static str] = match class {
        Class::Classifier => &[PREDICT, PROBABILITIES],
        Class::Booster | Class::Regressor | Class::Ranker => &[PREDICT],
    };
    let method = |name: &&'static str| Method {
        name,
        output: (*name).into(),
    };
    names.iter().map(method).collect()
}

/// The program of `model`, asked as an instance of `class` is asked.
///
/// # Errors
/// When the model contradicts itself.
pub(crate) fn program(model: &Model, class: Class, columns: Columns) -> Read<Program> {
    let objective = Objective::of(model)?;
    let margins = objective.margins(model)?;
    let (mut builder, mut rows) = columns.begin();
    // What XGBoost copies into a matrix of its own, it searches for infinite numbers; the wrappers
    // of scikit-learn look at the rows of trees in place.
    let is_copied = !class.is_wrapper() || matches!(model.booster, Booster::Linear(_));
    if is_copied {
        rows = builder.step(Op::Finite, &[rows]);
    }
    let sums = match &model.booster {
        Booster::Trees(forest) => {
            let ensemble = trees::ensemble(model, forest, class, &margins)
                .map_err(|error| error.under("learner.gradient_booster.model"))?;
            Op::Trees(Arc::new(ensemble))
        }
        Booster::Linear(weights) => Op::Linear(linear::sums(model, weights, &margins)),
    };
    let sums = builder.step(sums, &[rows]);
    if class == Class::Classifier {
        classify(&mut builder, model, objective, sums)?;
    } else {
        let value = value(&mut builder, objective, sums);
        let value = flat(&mut builder, model, objective, value);
        builder.output(PREDICT, value);
    }
    builder
        .finish()
        .map_err(|error| ReadError::new(error.to_string()))
}

/// What the objective makes of sums: `[rows, outputs]`, but classes `[rows]`.
fn value(builder: &mut ProgramBuilder, objective: Objective, sums: Value) -> Value {
    let link = match objective.value {
        objective::Value::Same => return sums,
        objective::Value::ArgMax => {
            let classes = builder.step(Op::ArgMax, &[sums]);
            return builder.step(Op::Convert(Precision::F32), &[classes]);
        }
        objective::Value::Logistic => LOGISTIC,
        objective::Value::Exp => Link::Exp,
        objective::Value::Step => Link::Step,
        objective::Value::Softmax => Link::Softmax,
    };
    builder.step(Op::Link(link), &[sums])
}

/// One number a row where there is one output.
fn flat(builder: &mut ProgramBuilder, model: &Model, objective: Objective, value: Value) -> Value {
    if model.outputs == 1 && objective.value != objective::Value::ArgMax {
        builder.step(Op::Squeeze, &[value])
    } else {
        value
    }
}

/// What the wrapper for classifiers makes of sums.
fn classify(
    builder: &mut ProgramBuilder,
    model: &Model,
    objective: Objective,
    sums: Value,
) -> Read<()> {
    let (classes, probabilities) = if objective.value == objective::Value::ArgMax {
        let classes = builder.step(Op::ArgMax, &[sums]);
        (classes, builder.step(Op::Link(Link::Softmax), &[sums]))
    } else {
        let value = value(builder, objective, sums);
        match answers(model, Class::Classifier)? {
            Answers::Labels(labels) => {
                let is_there = Op::Trees(Arc::new(above_half(labels)?));
                (builder.step(is_there, &[value]), value)
            }
            _ if model.outputs == 1 => {
                let classes = builder.step(Op::Above(0.5), &[value]);
                (classes, builder.step(Op::Complement, &[value]))
            }
            _ => (builder.step(Op::ArgMax, &[value]), value),
        }
    };
    builder.output(PREDICT, classes);
    builder.output(PROBABILITIES, probabilities);
    Ok(())
}

/// A step from `[rows, labels]` of `f32` to as many `f64`: 1 where a number is above 0.5, else 0.
/// As trees, each of one question, which keep every label apart.
fn above_half(labels: usize) -> Read<Ensemble> {
    let too_many = |_| ReadError::new("more labels than can be numbered");
    let labels_u32 = u32::try_from(labels).map_err(too_many)?;
    let mut ensemble = Ensemble {
        features: labels,
        cells: Precision::F32,
        sums: Precision::F64,
        outputs: labels,
        start: vec![0.0; labels],
        nodes: Vec::with_capacity(3 * labels),
        roots: Vec::with_capacity(labels),
        weights: Vec::with_capacity(labels),
        sets: Vec::new(),
        linear: Vec::new(),
    };
    for label in 0..labels_u32 {
        let root = label.checked_mul(3);
        let root = root.ok_or_else(|| ReadError::new("more labels than can be numbered"))?;
        let leaf = |count| {
            TreeNode::Leaf(Leaf {
                first: label,
                count,
                linear: None,
            })
        };
        ensemble.roots.push(root);
        ensemble.nodes.extend([
            TreeNode::Split(Split {
                feature: label,
                test: Test::LessOrEqual(0.5),
                missing: Missing::Nan(Side::Yes),
                yes: root + 1,
                no: root + 2,
            }),
            leaf(0),
            leaf(1),
        ]);
        ensemble.weights.push(Weight {
            output: label,
            value: 1.0,
        });
    }
    Ok(ensemble)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Forest, Linear};
    use flowgate_testkit::trees::sums;

    fn model(objective: &str, classes: usize, outputs: usize) -> Model {
        let booster = Booster::Linear(Linear {
            weights: Vec::new(),
            rounds: 1,
        });
        Model {
            classes,
            outputs,
            ..Model::sample(objective, booster)
        }
    }

    fn ops(model: &Model, class: Class) -> Vec<&'static str> {
        let columns = Columns::of(model, None).expect("it fits");
        let program = program(model, class, columns).expect("a program");
        let names = program.steps().iter().map(|step| match step.op {
            Op::Convert(_) => "convert",
            Op::Finite => "finite",
            Op::Linear(_) => "linear",
            Op::Trees(_) => "trees",
            Op::Link(Link::Softmax) => "softmax",
            Op::Link(Link::Logistic { .. }) => "logistic",
            Op::Link(Link::Exp) => "exp",
            Op::Link(Link::Step) => "step",
            Op::Complement => "complement",
            Op::ArgMax => "argmax",
            Op::Above(_) => "above",
            Op::Squeeze => "squeeze",
            _ => "another",
        });
        names.collect()
    }

    #[test]
    fn a_booster_gives_the_value_of_its_objective() {
        for (objective, classes, outputs, expected) in [
            ("reg:squarederror", 0, 1, &["squeeze"][..]),
            ("reg:squarederror", 0, 3, &[]),
            ("binary:logistic", 0, 1, &["logistic", "squeeze"]),
            ("binary:hinge", 0, 1, &["step", "squeeze"]),
            ("survival:aft", 0, 1, &["exp", "squeeze"]),
            ("multi:softprob", 3, 3, &["softmax"]),
            ("multi:softmax", 3, 3, &["argmax", "convert"]),
        ] {
            let ops = ops(&model(objective, classes, outputs), Class::Booster);
            assert_eq!(ops[..2], ["finite", "linear"], "{objective}");
            assert_eq!(ops[2..], *expected, "{objective}");
        }
    }

    #[test]
    fn a_classifier_gives_classes_and_probabilities() {
        for (objective, classes, outputs, expected) in [
            (
                "binary:logistic",
                0,
                1,
                &["logistic", "above", "complement"][..],
            ),
            ("binary:logitraw", 0, 1, &["above", "complement"]),
            ("multi:softprob", 3, 3, &["softmax", "argmax"]),
            ("multi:softmax", 3, 3, &["argmax", "softmax"]),
            // Two classes of softprob are taken for two labels, as by the wrapper.
            ("multi:softprob", 2, 2, &["softmax", "trees"]),
            ("binary:logistic", 0, 3, &["logistic", "trees"]),
        ] {
            let ops = ops(&model(objective, classes, outputs), Class::Classifier);
            assert_eq!(ops[2..], *expected, "{objective}");
        }
    }

    #[test]
    fn infinite_numbers_are_refused_where_xgboost_copies_the_rows() {
        let forest = Forest {
            trees: Vec::new(),
            groups: Vec::new(),
            rounds: vec![0],
            weights: None,
            categories: Vec::new(),
        };
        let trees = Model::sample("reg:squarederror", Booster::Trees(forest));
        let linear = model("reg:squarederror", 0, 1);
        for (model, class, is_refused) in [
            (&trees, Class::Booster, true),
            (&trees, Class::Regressor, false),
            (&trees, Class::Classifier, false),
            (&linear, Class::Booster, true),
            (&linear, Class::Regressor, true),
        ] {
            let is_looked_at = ops(model, class).contains(&"finite");
            assert_eq!(is_looked_at, is_refused, "{class:?}");
        }
    }

    #[test]
    fn a_label_is_there_above_one_half_alone() {
        let ensemble = above_half(3).expect("three labels");
        let row = [0.5, f64::from(0.5_f32.next_up()), f64::NAN];
        assert_eq!(sums(&ensemble, &row), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn methods_are_those_of_the_class() {
        let names = |class| {
            let methods = methods(class);
            methods.iter().map(|method| method.name).collect::<Vec<_>>()
        };
        assert_eq!(names(Class::Classifier), [PREDICT, PROBABILITIES]);
        assert_eq!(names(Class::Ranker), [PREDICT]);
    }
}
