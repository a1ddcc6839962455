//! The trial before a model's requests are joined: are rows that run together answered as they
//! are alone?
//!
//! A graph may mix rows (a mean over the first dimension, a softmax along it) and its shapes do
//! not tell. Engines change the last digits with the number of rows, so that numbers are compared
//! within a tolerance here, and only here: what a request gets is never rounded.

use flowgate_core::{Data, Frame, NamedTensor, Session, Tensor};
use std::time::{Duration, Instant};

/// The relative difference that engines are allowed to make: some hundred units in the last place
/// of 32 bits.
const TOLERANCE: f64 = 1e-4;

/// Whether the rows of `example` are answered alike alone and together. `false` when it cannot be
/// told: no rows, or a run that fails.
pub(super) fn keeps_rows_apart(session: &mut dyn Session, example: &Frame) -> bool {
    let Some(trial) = trial(example) else {
        return false;
    };
    let Ok(together) = session.run(trial.clone()) else {
        return false;
    };
    let rows = trial.rows().unwrap_or(0);
    together.rows() == Some(rows)
        && (0..rows).all(|row| {
            let alone = trial.slice_rows(row, row + 1).map(|one| session.run(one));
            match (alone, together.slice_rows(row, row + 1)) {
                (Some(Ok(alone)), Some(part)) => alike(&alone, &part),
                _ => false,
            }
        })
}

/// Rows of the runs that are measured while the model is loaded, and how often each is run.
const SIZES: [usize; 4] = [1, 16, 64, 256];
const RUNS: usize = 5;

/// What all of them may take: loading does not wait for a model that is slow anyway.
const PATIENCE: Duration = Duration::from_millis(20);

/// The most octets of such a run.
const MOST_OCTETS: usize = 4 << 20;

/// What runs cost that repeat the first row of `example`, up to `most` rows: sizes, and the median
/// of some runs of each. Nothing where it cannot be run.
pub(super) fn costs(
    session: &mut dyn Session,
    example: &Frame,
    most: usize,
) -> Vec<(usize, Duration)> {
    let row = example.slice_rows(0, 1);
    let row = row.as_ref().unwrap_or(example);
    let begin = Instant::now();
    let mut known: Vec<(usize, Duration)> = Vec::new();
    for rows in SIZES {
        let left = PATIENCE.saturating_sub(begin.elapsed()).as_secs_f64();
        if let Some((before, took)) = known.last() {
            // As if all of it were rows; one run more makes room for the others.
            let run = took.as_secs_f64() * rows as f64 / *before as f64;
            let octets = row.size().saturating_mul(rows);
            let is_one_row = row.rows() == Some(1);
            if !is_one_row || rows > most || octets > MOST_OCTETS || run * (RUNS + 1) as f64 > left
            {
                break;
            }
        }
        let Some(took) = median(session, row, rows, left) else {
            break;
        };
        known.push((row.rows().unwrap_or(1).max(1) * rows, took));
    }
    known
}

/// The median of some runs of `rows` times `row`, within about `left` seconds.
fn median(session: &mut dyn Session, row: &Frame, rows: usize, left: f64) -> Option<Duration> {
    let frame = match rows {
        1 => row.clone(),
        _ => Frame::concat(&vec![row.clone(); rows]).ok()?,
    };
    let begin = Instant::now();
    session.run(frame.clone()).ok()?;
    let mut times = vec![begin.elapsed()];
    while times.len() <= RUNS && begin.elapsed().as_secs_f64() < left {
        let start = Instant::now();
        session.run(frame.clone()).ok()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times.get((times.len() - 1) / 2).copied()
}

/// Two or three rows that differ where they can: those of the example, and its first row with
/// other floats, since equal rows would hide a mean over them.
fn trial(example: &Frame) -> Option<Frame> {
    let rows = example.rows().filter(|rows| *rows > 0)?;
    let first = example.slice_rows(0, 1)?;
    let other: Frame = first
        .tensors()
        .iter()
        .map(|named| NamedTensor {
            tensor: shifted(&named.tensor),
            ..named.clone()
        })
        .collect();
    let last = example.slice_rows(rows - 1, rows)?;
    Frame::concat(&[first, other, last]).ok()
}

fn shifted(tensor: &Tensor) -> Tensor {
    let data = match tensor.data() {
        Data::F32(numbers) => Data::from(numbers.iter().map(|x| x * 0.5 + 1.0).collect::<Vec<_>>()),
        Data::F64(numbers) => Data::from(numbers.iter().map(|x| x * 0.5 + 1.0).collect::<Vec<_>>()),
        _ => return tensor.clone(),
    };
    Tensor::new(tensor.shape(), data).unwrap_or_else(|_| tensor.clone())
}

fn alike(one: &Frame, two: &Frame) -> bool {
    one.tensors().len() == two.tensors().len()
        && one.tensors().iter().zip(two.tensors()).all(|(one, two)| {
            one.tensor.shape() == two.tensor.shape()
                && alike_data(one.tensor.data(), two.tensor.data())
        })
}

fn alike_data(one: &Data, two: &Data) -> bool {
    let close = |x: f64, y: f64| {
        x == y
            || (x.is_nan() && y.is_nan())
            || (x - y).abs() <= TOLERANCE * x.abs().max(y.abs()).max(1.0)
    };
    match (one, two) {
        (Data::F16(one), Data::F16(two)) => {
            // Half precision has three digits: a step of its own is allowed.
            one.iter().zip(two.iter()).all(|(x, y)| {
                let (x, y) = (f64::from(*x), f64::from(*y));
                close(x, y) || (x - y).abs() <= 2e-3 * x.abs().max(y.abs())
            })
        }
        (Data::F32(one), Data::F32(two)) => one
            .iter()
            .zip(two.iter())
            .all(|(x, y)| close(f64::from(*x), f64::from(*y))),
        (Data::F64(one), Data::F64(two)) => one.iter().zip(two.iter()).all(|(x, y)| close(*x, *y)),
        (one, two) => one == two,
    }
}
