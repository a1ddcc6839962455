//! The steps from the columns of the model to its answers.

use crate::columns::Columns;
use crate::ensemble::ensemble;
use crate::estimator::Answers;
use crate::file::{bad_file, bad_line};
use crate::model::Model;
use flowgate_core::program::{Op, ProgramBuilder, Value};
use flowgate_core::{FlavorError, Method, Program};
use std::sync::Arc;

/// What the answer of a model is called, and what MLflow gives.
pub(crate) const PREDICT: &str = "predict";

/// The probabilities of a classifier.
const PREDICT_PROBA: &str = "predict_proba";

/// The program of `model`, which is read from `file`, on `columns`, and what it can be asked for.
///
/// `rounds` are those that count, all of them where it is `None`.
pub(crate) fn program(
    model: &Model,
    columns: Columns,
    rounds: Option<usize>,
    answers: &Answers,
    file: &str,
) -> Result<(Arc<Program>, Vec<Method>), FlavorError> {
    let bad = |reason| bad_file(file, reason);
    let Columns {
        mut builder,
        matrix,
        ..
    } = columns;
    let all = model.trees.len() / model.outputs.max(1);
    let rounds = rounds.map_or(all, |rounds| rounds.min(all));
    let trees = ensemble(model, rounds * model.outputs).map_err(|fault| bad_line(file, &fault))?;
    let mut sums = builder.step(Op::Trees(Arc::new(trees)), &[matrix]);
    if model.averages {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 trees")]
        let rounds = rounds as f64;
        sums = builder.step(Op::Divide(rounds), &[sums]);
    }
    if let Some(link) = model.objective.link {
        sums = builder.step(Op::Link(link), &[sums]);
    }
    let methods = match answers {
        Answers::Values => values(&mut builder, sums, model),
        Answers::Labels(labels) => {
            let classes = labels.labels.data().len();
            let fits = match labels.several {
                true => model.outputs == classes,
                false => model.outputs == 1 && classes <= 2,
            };
            if !fits {
                let outputs = model.outputs;
                return Err(bad(format!(
                    "the classifier has {classes} labels, its booster {outputs} answers a row"
                )));
            }
            let chances = match labels.several {
                true => sums,
                false => builder.step(Op::Complement, &[sums]),
            };
            let place = builder.step(Op::ArgMax, &[chances]);
            let label = builder.step(Op::Labels(labels.labels.clone()), &[place]);
            let label = method(&mut builder, PREDICT, label);
            vec![label, method(&mut builder, PREDICT_PROBA, chances)]
        }
    };
    let program = builder.finish().map_err(|error| bad(error.to_string()))?;
    Ok((Arc::new(program), methods))
}

/// A number a row, or where there are several sums, a list of them.
fn values(builder: &mut ProgramBuilder, sums: Value, model: &Model) -> Vec<Method> {
    let values = match model.outputs {
        1 => builder.step(Op::Squeeze, &[sums]),
        _ => sums,
    };
    vec![method(builder, PREDICT, values)]
}

fn method(builder: &mut ProgramBuilder, name: &'static str, value: Value) -> Method {
    let output: Arc<str> = name.into();
    builder.output(Arc::clone(&output), value);
    Method { name, output }
}
