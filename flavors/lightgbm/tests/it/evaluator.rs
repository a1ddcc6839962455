//! Programs followed step by step, as their steps are described: for tests alone.

use flowgate_core::program::{Categories, Link, Op, Precision, Program};
use flowgate_core::{Data, Frame, Strings, Tensor};
use flowgate_testkit::trees;

/// What every step of `program` makes of `inputs`, its inputs first.
///
/// # Panics
/// Where a step refuses what it reads, or has no meaning here.
pub(crate) fn follow(program: &Program, inputs: &Frame) -> Vec<Tensor> {
    let named = program.inputs().iter().map(|port| {
        let input = inputs.get(&port.name).expect("an input");
        input.tensor.clone()
    });
    let mut values: Vec<Tensor> = named.collect();
    for step in program.steps() {
        let read: Vec<&Tensor> = step.inputs.iter().map(|value| &values[value.0]).collect();
        let made = made(&step.op, &read);
        values.push(made);
    }
    values
}

fn made(op: &Op, read: &[&Tensor]) -> Tensor {
    let [first, ..] = read else {
        panic!("a step that reads nothing")
    };
    match op {
        Op::Convert(precision) => converted(first, *precision),
        Op::Columns => side_by_side(read),
        Op::Categories(categories) => codes(first, categories),
        Op::Trees(ensemble) => {
            let rows = rows(first, ensemble.features);
            let sums = rows.iter().flat_map(|row| trees::sums(ensemble, row));
            tensor(rows.len(), ensemble.outputs, sums.collect())
        }
        Op::Divide(by) => each(first, |number| number / by),
        Op::Link(link) => linked(first, *link),
        Op::Complement => {
            let pairs = floats(first).into_iter().flat_map(|p| [1.0 - p, p]);
            tensor(first.shape()[0], 2, pairs.collect())
        }
        Op::ArgMax => {
            let rows = rows(first, first.shape()[1]);
            Tensor::column(rows.iter().map(|row| largest(row)).collect::<Vec<i64>>())
        }
        Op::Labels(labels) => labelled(first, labels),
        Op::Squeeze => {
            assert_eq!(first.shape()[1..], [1], "one column");
            Tensor::column(first.data().clone())
        }
        Op::Finite | Op::Linear(_) | Op::Above(_) => panic!("no step of LightGBM"),
    }
}

/// All numbers of a tensor of them, as doubles.
pub(crate) fn floats(tensor: &Tensor) -> Vec<f64> {
    match tensor.data() {
        Data::F64(cells) => cells.to_vec(),
        Data::F32(cells) => cells.iter().map(|cell| f64::from(*cell)).collect(),
        Data::I8(cells) => cells.iter().map(|cell| f64::from(*cell)).collect(),
        Data::I32(cells) => cells.iter().map(|cell| f64::from(*cell)).collect(),
        Data::I64(cells) => cells.iter().map(|cell| *cell as f64).collect(),
        Data::U8(cells) => cells.iter().map(|cell| f64::from(*cell)).collect(),
        Data::Bool(cells) => cells
            .iter()
            .map(|cell| f64::from(u8::from(*cell)))
            .collect(),
        other => panic!("{} are no numbers", other.datatype()),
    }
}

fn converted(read: &Tensor, precision: Precision) -> Tensor {
    let data = match precision {
        Precision::F64 => Data::from(floats(read)),
        Precision::F32 => {
            let narrow = |cell: f64| cell as f32;
            Data::from(floats(read).into_iter().map(narrow).collect::<Vec<_>>())
        }
    };
    Tensor::new(read.shape(), data).expect("as many as before")
}

fn side_by_side(read: &[&Tensor]) -> Tensor {
    let height = read[0].shape()[0];
    let parts: Vec<Vec<Vec<f64>>> = read
        .iter()
        .map(|part| rows(part, part.shape().get(1).copied().unwrap_or(1)))
        .collect();
    let width = parts
        .iter()
        .map(|part| part.first().map_or(0, Vec::len))
        .sum();
    let cells = (0..height).flat_map(|row| parts.iter().flat_map(move |part| part[row].clone()));
    tensor(height, width, cells.collect())
}

fn codes(read: &Tensor, categories: &Categories) -> Tensor {
    let code = |place: Option<usize>| place.map_or(f64::NAN, |place| place as f64);
    let codes: Vec<f64> = match (read.data(), categories.names.data()) {
        (Data::Str(cells), Data::Str(names)) => {
            let place = |cell: &str| names.iter().position(|name| name == cell);
            cells.iter().map(|cell| code(place(cell))).collect()
        }
        (Data::I64(cells), Data::I64(names)) => {
            let place = |cell: &i64| names.iter().position(|name| name == cell);
            cells.iter().map(|cell| code(place(cell))).collect()
        }
        _ => panic!("names of another type"),
    };
    Tensor::column(codes)
}

fn linked(read: &Tensor, link: Link) -> Tensor {
    match link {
        Link::Logistic {
            scale,
            limit,
            epsilon,
        } => each(read, |x| {
            1.0 / (1.0 + (-scale * x).min(limit).exp() + epsilon)
        }),
        Link::Exp => each(read, f64::exp),
        // As LightGBM computes it: `log1p`, so that nothing is lost beside 1.
        Link::Softplus => each(read, |x| x.exp().ln_1p()),
        Link::SignedSquare => each(read, |x| {
            let sign = f64::from(i8::from(x > 0.0) - i8::from(x < 0.0));
            sign * x * x
        }),
        Link::Step => each(read, |x| f64::from(u8::from(x > 0.0))),
        Link::Softmax => {
            let width = read.shape()[1];
            let rows = rows(read, width);
            let softmax = |row: &Vec<f64>| {
                let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<f64> = row.iter().map(|x| (x - most).exp()).collect();
                let sum = powers.iter().fold(0.0, |sum, power| sum + power);
                powers.into_iter().map(move |power| power / sum)
            };
            tensor(rows.len(), width, rows.iter().flat_map(softmax).collect())
        }
    }
}

fn largest(row: &[f64]) -> i64 {
    let mut best = 0;
    for (place, number) in row.iter().enumerate() {
        let over = *number > row[best] || (number.is_nan() && !row[best].is_nan());
        best = if over { place } else { best };
    }
    i64::try_from(best).expect("few columns")
}

fn labelled(read: &Tensor, labels: &Tensor) -> Tensor {
    let Data::I64(places) = read.data() else {
        panic!("places are whole numbers")
    };
    let place = |place: &i64| usize::try_from(*place).expect("not below zero");
    let parts: Vec<Data> = places
        .iter()
        .map(place)
        .map(|place| labels.data().slice(place..place + 1))
        .collect();
    let data = Data::concat(&parts.iter().collect::<Vec<_>>());
    Tensor::column(data.unwrap_or_else(|| Data::Str(Strings::from_iter([""; 0]))))
}

fn each(read: &Tensor, function: impl Fn(f64) -> f64) -> Tensor {
    let numbers: Vec<f64> = floats(read).into_iter().map(function).collect();
    Tensor::new(read.shape(), numbers).expect("as many as before")
}

fn rows(read: &Tensor, width: usize) -> Vec<Vec<f64>> {
    floats(read).chunks(width).map(<[f64]>::to_vec).collect()
}

fn tensor(rows: usize, width: usize, cells: Vec<f64>) -> Tensor {
    Tensor::new([rows, width].as_slice(), cells).expect("rows of one width")
}
