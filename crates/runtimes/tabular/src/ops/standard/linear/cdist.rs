//! Distances of all rows of one matrix to all rows of another.

use super::super::half::widened;
use super::super::reduce::Lanes;
use super::super::{microsoft, shape};
use super::kernel::{Float, How, Matrix, Panels, multiply};
use super::product::block;
use crate::data::{Number, elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[microsoft(
    "CDist",
    |node| widened(node, cdist),
    "metrics but `euclidean` and `sqeuclidean`",
)];

/// The sums of the squared differences, or their roots.
struct CDist<T: Float> {
    root: bool,
    /// The other matrix, where it is the same in every run.
    prepared: Option<Rows<T>>,
}

/// The rows that distances are taken to.
struct Rows<T: Float> {
    panels: Panels<T>,
    /// The sum of the squares of each.
    squares: Vec<T>,
    /// How long blocks of the product are.
    block: usize,
}

/// A number that distances are made of.
trait Distance: Number + Float + Lanes {
    const FACTOR: Self;

    fn sqrt(self) -> Self;
}

impl Distance for f32 {
    const FACTOR: Self = -2.0;

    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }
}

impl Distance for f64 {
    const FACTOR: Self = -2.0;

    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
}

fn cdist(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let root = match node.node.string("metric")?.unwrap_or("sqeuclidean") {
        "euclidean" => true,
        "sqeuclidean" => false,
        _ => return node.refuse("its metric is not known"),
    };
    match node.same_type()? {
        DataType::F32 => of::<f32>(node, root),
        DataType::F64 => of::<f64>(node, root),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn of<T: Distance>(node: &Lowering<'_>, root: bool) -> Result<Lowered, LowerError>
where
    Data: From<Buffer<T>>,
{
    let prepared = match node.constant(1) {
        Some(constant) => {
            let rows = rows(constant);
            Some(rows.map_err(|fault| LowerError(fault.to_string()))?)
        }
        None => None,
    };
    Ok(Lowered::one(CDist::<T> { root, prepared }, T::TYPE))
}

/// The rows and columns of a matrix.
fn sizes(tensor: &Tensor) -> Result<(usize, usize), Fault> {
    match *tensor.shape() {
        [rows, columns] if columns > 0 => Ok((rows, columns)),
        _ => Err(Fault::refused(format!(
            "found a value of shape {:?}, expected a matrix",
            tensor.shape()
        ))),
    }
}

fn rows<T: Distance>(tensor: &Tensor) -> Result<Rows<T>, Fault> {
    let (rows, columns) = sizes(tensor)?;
    let numbers: &[T] = elements(tensor)?;
    let matrix = Matrix {
        numbers,
        rows: columns,
        columns: rows,
        turned: true,
    };
    Ok(Rows {
        panels: Panels::new(matrix),
        squares: squares(numbers, columns),
        block: block(&matrix, &matrix, T::LANES * 32),
    })
}

/// The sum of the squares of each of the rows of `width` numbers.
fn squares<T: Distance>(numbers: &[T], width: usize) -> Vec<T> {
    let mut squares = Vec::new();
    let rows = numbers.chunks_exact(width).map(|row| {
        squares.clear();
        squares.extend(row.iter().map(|number| *number * *number));
        T::row(&squares, 0, |one, two| one + two)
    });
    rows.collect()
}

impl<T: Distance> Operator for CDist<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (left, right) = (inputs.get(0)?, inputs.get(1)?);
        let ((from, columns), (to, width)) = (sizes(left)?, sizes(right)?);
        if columns != width {
            return Err(Fault::refused(format!(
                "rows of {columns} and of {width} numbers have no distance"
            )));
        }
        let mut made = vec![T::ZERO; shape::count(&[from, to])?];
        let read;
        let others = match &self.prepared {
            Some(prepared) => prepared,
            None => {
                read = rows(right)?;
                &read
            }
        };
        let numbers: &[T] = elements(left)?;
        let matrix = Matrix {
            numbers,
            rows: from,
            columns,
            turned: false,
        };
        let how = How {
            block: others.block,
            alpha: T::FACTOR,
            add: false,
        };
        multiply(matrix, &others.panels, &mut made, how);
        let squares = squares(numbers, columns);
        for (row, square) in made.chunks_exact_mut(to.max(1)).zip(squares) {
            for (made, other) in row.iter_mut().zip(&others.squares) {
                let distance = *made + square + *other;
                // What is near may come out below zero.
                let distance = if distance < T::ZERO {
                    T::ZERO
                } else {
                    distance
                };
                *made = if self.root { distance.sqrt() } else { distance };
            }
        }
        Ok(one(tensor(&[from, to], made)?))
    }
}
