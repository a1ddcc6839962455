//! Margins equal XGBoost's bit for bit, answers within one unit of the last place.

use crate::evaluator::{self, Table, numbers};
use crate::packages::{cases, inputs, models, plan, program};
use flowgate_core::program::{Op, Program};
use flowgate_core::{DataType, Plan};
use serde_json::Value;
use std::path::Path;

const BOOSTER: &str = "xgboost.core.Booster";

/// What the library answered.
struct Expected(Value);

impl Expected {
    fn of(case: &Path) -> Self {
        let text = fs_err::read_to_string(case.join("expected.json")).expect("the answers");
        Self(serde_json::from_str(&text).expect("JSON"))
    }

    /// The rows at `path`, where they are there.
    fn rows(&self, path: &str) -> Option<Vec<Vec<f64>>> {
        let rows = self.0.pointer(path)?.as_array()?;
        let row = |row: &Value| match row.as_array() {
            Some(cells) => cells.iter().map(cell).collect(),
            None => vec![cell(row)],
        };
        Some(rows.iter().map(row).collect())
    }

    fn is(&self, objective: &str) -> bool {
        self.0["objective"] == objective
    }

    fn class(&self) -> &str {
        self.0["model_class"].as_str().unwrap_or(BOOSTER)
    }
}

fn cell(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("a number"),
        value => value.as_f64().expect("a number"),
    }
}

/// A plan, and what its program makes of the table beside the model.
struct Answers {
    program: std::sync::Arc<Program>,
    values: Vec<Table>,
}

impl Answers {
    fn of(case: &Path, plan: &Plan) -> Self {
        let program = program(plan);
        let values = evaluator::values(&program, inputs(case, &plan.inputs));
        let values = values.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        Self { program, values }
    }

    /// What the first trees or products sum up to.
    fn margins(&self) -> &Table {
        let mut steps = self.program.steps().iter();
        let at = steps.position(|step| matches!(step.op, Op::Trees(_) | Op::Linear(_)));
        let at = self.program.inputs().len() + at.expect("a step that sums");
        &self.values[at]
    }

    fn output(&self, name: &str) -> &Table {
        evaluator::output(&self.program, &self.values, name)
    }
}

#[track_caller]
fn assert_close(found: &Table, expected: &[Vec<f64>], ulps: u32, what: &str) {
    let (datatype, rows) = numbers(found);
    assert_eq!(rows.len(), expected.len(), "{what}: rows");
    for (at, (row, wanted)) in rows.iter().zip(expected).enumerate() {
        assert_eq!(row.len(), wanted.len(), "{what}: row {at}");
        for (cell, wanted) in row.iter().zip(wanted) {
            let is_close = match datatype {
                DataType::F32 => distance(*cell as f32, *wanted as f32) <= ulps,
                _ => cell == wanted,
            };
            assert!(is_close, "{what}: row {at}: {cell} is not {wanted}");
        }
    }
}

/// How many floats lie between two, and NaN beside NaN.
fn distance(one: f32, two: f32) -> u32 {
    if one.is_nan() && two.is_nan() {
        return 0;
    }
    let key = |float: f32| {
        let bits = float.to_bits().cast_signed();
        if bits < 0 { i32::MIN - bits } else { bits }
    };
    key(one).abs_diff(key(two))
}

#[test]
fn boosters_answer_what_xgboost_answered() {
    for case in cases() {
        let expected = Expected::of(&case);
        let Some(margins) = expected.rows("/booster_predict_all_trees/raw_margin") else {
            continue;
        };
        let prediction = expected.rows("/booster_predict_all_trees/prediction");
        let prediction = prediction.expect("beside the margins");
        for model in models(&case) {
            let what = model.display().to_string();
            let plan = plan(&model, BOOSTER, None).expect(&what);
            let answers = Answers::of(&case, &plan);
            assert_close(answers.margins(), &margins, 0, &what);
            assert_close(answers.output("predict"), &prediction, 1, &what);
        }
    }
}

#[test]
fn packages_answer_what_python_answers() {
    for case in cases() {
        let expected = Expected::of(&case);
        let manifest = fs_err::read_to_string(case.join("MLmodel")).ok();
        for model in models(&case) {
            let what = model.display().to_string();
            let plan = plan(&model, expected.class(), manifest.as_deref()).expect(&what);
            let answers = Answers::of(&case, &plan);
            let booster = "/booster_predict_all_trees/prediction";
            let of_booster = (expected.class() == BOOSTER).then_some((booster, "predict"));
            for (path, output) in of_booster.into_iter().chain([
                ("/pyfunc_predict", "predict"),
                ("/sklearn_predict", "predict"),
                ("/sklearn_predict_proba", "predict_proba"),
            ]) {
                if let Some(rows) = expected.rows(path) {
                    let what = format!("{what} {path}");
                    // Probabilities of `multi:softmax` are scipy's in Python, summed up in `f32`.
                    let is_scipys = expected.is("multi:softmax") && output == "predict_proba";
                    let ulps = if is_scipys { 4 } else { 1 };
                    assert_close(answers.output(output), &rows, ulps, &what);
                }
            }
            for path in [
                "/sklearn_margin",
                "/booster_predict_best_iteration/raw_margin",
            ] {
                if let Some(margins) = expected.rows(path) {
                    assert_close(answers.margins(), &margins, 0, &format!("{what} {path}"));
                }
            }
        }
    }
}
