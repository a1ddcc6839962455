//! A program followed step by step as its operations are described, on a table of a CSV file.

use flowgate_core::program::{Link, Op, Precision, Program, Unknown};
use flowgate_core::{Data, DataType};

/// A value of a program.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Table {
    /// Numbers of one type; those of 32 bits exactly such.
    Numbers {
        datatype: DataType,
        rows: Vec<Vec<f64>>,
    },
    /// Names, some of them missing.
    Texts(Vec<Option<String>>),
}

/// All values of `program`: `inputs`, then what each step makes; the row that was refused, where
/// one is.
pub(crate) fn values(program: &Program, inputs: Vec<Table>) -> Result<Vec<Table>, String> {
    let mut values = inputs;
    for step in program.steps() {
        let read: Vec<Table> = step.inputs.iter().map(|at| values[at.0].clone()).collect();
        values.push(follow(&step.op, &read)?);
    }
    Ok(values)
}

/// The value that `program` gives as `name`.
pub(crate) fn output<'a>(program: &Program, values: &'a [Table], name: &str) -> &'a Table {
    let output = program
        .outputs()
        .iter()
        .find(|output| &*output.name == name);
    &values[output.expect("an output of this name").value.0]
}

fn follow(op: &Op, read: &[Table]) -> Result<Table, String> {
    let made = match op {
        Op::Convert(precision) => each(&read[0], precision.datatype(), |cell| cell),
        Op::Columns => columns(read),
        Op::Categories(categories) => {
            let codes = codes(&categories.names, &read[0], categories.unknown)?;
            Table::Numbers {
                datatype: categories.codes.datatype(),
                rows: codes.into_iter().map(|code| vec![code]).collect(),
            }
        }
        Op::Finite => {
            let (_, rows) = numbers(&read[0]);
            if rows.iter().flatten().any(|cell| cell.is_infinite()) {
                return Err("a row holds an infinite number".to_owned());
            }
            read[0].clone()
        }
        Op::Trees(ensemble) => rows(&read[0], ensemble.sums.datatype(), |row| {
            flowgate_testkit::trees::sums(ensemble, row)
        }),
        Op::Linear(linear) => rows(&read[0], linear.precision.datatype(), |row| {
            assert_eq!(linear.precision, Precision::F32, "XGBoost's are of 32 bits");
            let sum = |output: usize| {
                let mut sum = linear.start[output] as f32;
                for (feature, cell) in row.iter().enumerate() {
                    if !(cell.is_nan() && linear.skips_missing) {
                        let weight = linear.weights[feature * linear.outputs + output];
                        sum += *cell as f32 * weight as f32;
                    }
                }
                f64::from(sum)
            };
            (0..linear.outputs).map(sum).collect()
        }),
        Op::Link(link) => rows(&read[0], DataType::F32, |row| linked(*link, row)),
        Op::Complement => rows(&read[0], DataType::F32, |row| {
            vec![f64::from(1.0 - row[0] as f32), row[0]]
        }),
        Op::ArgMax => rows(&read[0], DataType::I64, |row| {
            let is_larger = |one: f64, two: f64| one > two || (one.is_nan() && !two.is_nan());
            let mut largest = 0;
            for (at, cell) in row.iter().enumerate() {
                if is_larger(*cell, row[largest]) {
                    largest = at;
                }
            }
            vec![largest as f64]
        }),
        Op::Above(limit) => rows(&read[0], DataType::I64, |row| {
            vec![f64::from(u8::from(row[0] > *limit))]
        }),
        Op::Squeeze => read[0].clone(),
        other => panic!("XGBoost has no use for {other:?}"),
    };
    Ok(made)
}

fn linked(link: Link, row: &[f64]) -> Vec<f64> {
    let row = row.iter().map(|cell| *cell as f32);
    let linked: Vec<f32> = match link {
        Link::Logistic {
            scale,
            limit,
            epsilon,
        } => {
            assert_eq!(scale, 1.0);
            // NaN is no smaller than the limit: it stays.
            let least = |x: f32| if x > limit as f32 { limit as f32 } else { x };
            let logistic = |x: f32| 1.0 / (least(-x).exp() + 1.0 + epsilon as f32);
            row.map(logistic).collect()
        }
        Link::Softmax => {
            let largest = row.clone().fold(f32::NEG_INFINITY, f32::max);
            let exps: Vec<f32> = row.map(|x| (x - largest).exp()).collect();
            let sum = exps.iter().copied().map(f64::from).sum::<f64>() as f32;
            exps.into_iter().map(|exp| exp / sum).collect()
        }
        Link::Exp => row.map(f32::exp).collect(),
        Link::Step => row.map(|x| if x > 0.0 { 1.0 } else { 0.0 }).collect(),
        other => panic!("XGBoost has no use for {other:?}"),
    };
    linked.into_iter().map(f64::from).collect()
}

fn codes(
    names: &flowgate_core::Tensor,
    cells: &Table,
    unknown: Unknown,
) -> Result<Vec<f64>, String> {
    assert_eq!(unknown, Unknown::Refuse, "XGBoost knows no other");
    let place = |at: Option<usize>| at.map(|at| at as f64).ok_or("a name is not known");
    match (names.data(), cells) {
        (Data::Str(names), Table::Texts(cells)) => cells
            .iter()
            .map(|cell| match cell {
                None => Ok(f64::NAN),
                Some(cell) => Ok(place(names.iter().position(|name| name == cell))?),
            })
            .collect(),
        (Data::I64(names), Table::Numbers { rows, .. }) => rows
            .iter()
            .map(|row| match row[0] {
                cell if cell.is_nan() => Ok(cell),
                cell => Ok(place(names.iter().position(|name| *name as f64 == cell))?),
            })
            .collect(),
        _ => panic!("names of another type than the cells"),
    }
}

fn columns(read: &[Table]) -> Table {
    let tables: Vec<_> = read.iter().map(numbers).collect();
    let rows = (0..tables[0].1.len())
        .map(|row| {
            let cells = tables.iter().flat_map(|(_, rows)| rows[row].iter());
            cells.copied().collect()
        })
        .collect();
    Table::Numbers {
        datatype: tables[0].0,
        rows,
    }
}

fn each(table: &Table, datatype: DataType, change: impl Fn(f64) -> f64) -> Table {
    rows(table, datatype, |row| {
        row.iter().copied().map(&change).collect()
    })
}

fn rows(table: &Table, datatype: DataType, change: impl Fn(&[f64]) -> Vec<f64>) -> Table {
    let (_, rows) = numbers(table);
    let changed = rows.iter().map(|row| {
        let row = change(row).into_iter();
        match datatype {
            DataType::F32 => row.map(|cell| f64::from(cell as f32)).collect(),
            _ => row.collect(),
        }
    });
    Table::Numbers {
        datatype,
        rows: changed.collect(),
    }
}

/// The type and the rows of a table of numbers.
pub(crate) fn numbers(table: &Table) -> (DataType, &[Vec<f64>]) {
    match table {
        Table::Numbers { datatype, rows } => (*datatype, rows),
        Table::Texts(_) => panic!("texts in place of numbers"),
    }
}
