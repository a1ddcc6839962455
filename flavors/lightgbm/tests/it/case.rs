//! A recorded case: a package of MLflow's, rows, and what the real libraries made of them.

use crate::evaluator::{floats, follow};
use flavor_lightgbm::LightGbm;
use flowgate_core::program::Op;
use flowgate_core::{
    Answer, Data, DataType, Flavor, FlavorError, Frame, InputAdapter, NamedTensor, Package, Plan,
    Port, PortKind, Strings, Tensor,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of all cases, or of one.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// The plan of the package in `folder`.
pub(crate) fn plan(folder: &Path) -> Result<Plan, FlavorError> {
    let package = Package::open(folder).expect("a package");
    let section = package.manifest().flavor("lightgbm").expect("a section");
    LightGbm.plan(&package, &section.clone())
}

/// What a program made of some rows.
pub(crate) struct Answers {
    /// The sums of the trees.
    pub(crate) raw: Vec<f64>,
    /// The outputs in order.
    pub(crate) outputs: Vec<(String, Tensor)>,
}

/// Follows the program of `plan` on the rows in `csv`.
pub(crate) fn answer(plan: &Plan, csv: &str) -> Answers {
    let program = plan.artifact.program.as_ref().expect("a program");
    let values = follow(program, &frame(&plan.inputs, csv));
    // The last trees are the model's own, others look up categories.
    let raw = program
        .steps()
        .iter()
        .rposition(|step| matches!(step.op, Op::Trees(_)))
        .expect("trees");
    let outputs = program.outputs().iter().map(|output| {
        let tensor = values[output.value.0].clone();
        (output.name.to_string(), tensor)
    });
    Answers {
        raw: floats(&values[program.inputs().len() + raw]),
        outputs: outputs.collect(),
    }
}

/// The rows of a file: a header line, then cells between commas, an empty one missing.
fn frame(adapter: &InputAdapter, csv: &str) -> Frame {
    let rows: Vec<Vec<&str>> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let header: Vec<&str> = csv.lines().next().expect("a header").split(',').collect();
    match adapter {
        InputAdapter::Numbers(port) | InputAdapter::Single(port) => {
            let cells: Vec<f64> = rows.iter().flatten().map(|cell| number(cell)).collect();
            let shape = [rows.len(), header.len()];
            let data = match port.kind {
                PortKind::Tensor(DataType::I64) => {
                    Data::from(cells.iter().map(|cell| *cell as i64).collect::<Vec<_>>())
                }
                _ => Data::from(cells),
            };
            let tensor = Tensor::new(shape.as_slice(), data).expect("whole rows");
            Frame::new(vec![NamedTensor::new(port.name.clone(), tensor)])
        }
        InputAdapter::Named(ports) => ports
            .iter()
            .map(|port| {
                let at = header.iter().position(|name| **name == *port.name);
                let at = at.expect("a column of that name");
                let cells = rows.iter().map(|row| row[at]);
                NamedTensor::new(port.name.clone(), column(port, cells))
            })
            .collect(),
    }
}

fn column<'a>(port: &Port, cells: impl Iterator<Item = &'a str>) -> Tensor {
    let PortKind::Tensor(datatype) = port.kind else {
        panic!("columns are tensors")
    };
    let data = match datatype {
        DataType::F64 => Data::from(cells.map(number).collect::<Vec<_>>()),
        DataType::F32 => cells
            .map(|cell| number(cell) as f32)
            .collect::<Vec<_>>()
            .into(),
        DataType::I64 => cells
            .map(|cell| cell.parse().expect("a whole number"))
            .collect::<Vec<i64>>()
            .into(),
        DataType::I32 => cells
            .map(|cell| cell.parse().expect("a whole number"))
            .collect::<Vec<i32>>()
            .into(),
        DataType::Bool => cells
            .map(|cell| cell == "True")
            .collect::<Vec<bool>>()
            .into(),
        DataType::Str => Data::Str(cells.collect::<Strings>()),
        other => panic!("no column of {other}"),
    };
    Tensor::column(data)
}

fn number(cell: &str) -> f64 {
    match cell {
        "" => f64::NAN,
        "True" => 1.0,
        "False" => 0.0,
        cell => cell.parse().expect("a number"),
    }
}

/// Asserts that the package in `folder` answers as was recorded beside it: raw scores bit for bit,
/// values within two units in the last place, labels as they are.
pub(crate) fn check(folder: &Path) {
    let case = folder.display();
    let plan = plan(folder).unwrap_or_else(|error| panic!("{case}: {error}"));
    let read = |name: &str| fs_err::read_to_string(folder.join(name)).expect("a file");
    let expected: Value = serde_json::from_str(&read("expected.json")).expect("JSON");
    let answers = answer(&plan, &read("input.csv"));
    let recorded = numbers(&expected["raw_margin"]);
    assert_eq!(answers.raw.len(), recorded.len(), "{case}");
    for (row, (found, expected)) in answers.raw.iter().zip(&recorded).enumerate() {
        let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
        assert!(same, "{case}, sum {row}: {found:?}, expected {expected:?}");
    }
    let Answer::Array(methods) = &plan.answer else {
        panic!("{case}: answers are arrays")
    };
    assert_eq!(methods[0].name, "predict", "{case}");
    for method in methods {
        let recorded = match method.name {
            "predict" => &expected["pyfunc_predict"],
            name => &expected[format!("sklearn_{name}")],
        };
        let found = answers
            .outputs
            .iter()
            .find(|(name, _)| **name == *method.output);
        let (_, found) = found.expect("an output of that name");
        check_answer(&format!("{case}, {}", method.name), found, recorded);
    }
}

fn check_answer(case: &str, found: &Tensor, expected: &Value) {
    let list = expected.as_array().expect("a list");
    let mut shape = vec![list.len()];
    if let Some(Value::Array(row)) = list.first() {
        shape.push(row.len());
    }
    assert_eq!(found.shape(), shape, "{case}");
    match found.data() {
        Data::F64(numbers_found) => {
            let recorded = numbers(expected);
            for (row, (found, expected)) in numbers_found.iter().zip(&recorded).enumerate() {
                let near = units_apart(*found, *expected) <= 2;
                assert!(near, "{case}, {row}: {found:?}, expected {expected:?}");
            }
        }
        Data::Str(texts) => {
            let recorded: Vec<&str> = list
                .iter()
                .map(|text| text.as_str().expect("a text"))
                .collect();
            assert_eq!(texts.iter().collect::<Vec<_>>(), recorded, "{case}");
        }
        Data::Bool(truths) => {
            let recorded: Vec<bool> = list
                .iter()
                .map(|it| it.as_bool().expect("a truth"))
                .collect();
            assert_eq!(truths.to_vec(), recorded, "{case}");
        }
        _ => assert_eq!(floats(found), numbers(expected), "{case}"),
    }
}

/// How many doubles lie between; NaN is like NaN.
fn units_apart(one: f64, other: f64) -> u64 {
    if one == other || (one.is_nan() && other.is_nan()) {
        return 0;
    }
    if one.is_nan() || other.is_nan() || one.is_sign_negative() != other.is_sign_negative() {
        return u64::MAX;
    }
    one.to_bits().abs_diff(other.to_bits())
}

fn numbers(list: &Value) -> Vec<f64> {
    match list {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::String(text) => vec![text.parse().expect("NaN or an infinity")],
        Value::Bool(truth) => vec![f64::from(u8::from(*truth))],
        number => vec![number.as_f64().expect("a number")],
    }
}
