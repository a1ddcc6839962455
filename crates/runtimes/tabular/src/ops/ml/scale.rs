//! Numbers moved, stretched, set against a threshold.

use super::rows::{NUMBERS, Rows, expect_type, floats, no_numbers, stride};
use crate::data::{elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType};
use flowgate_onnx::AI_ONNX_ML;

/// The operators of this file.
pub(super) const LIST: &[Entry] = &[
    Entry {
        domain: AI_ONNX_ML,
        op_type: "Scaler",
        versions: (1, 5),
        lower: scaler,
        limits: "",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "Normalizer",
        versions: (1, 5),
        lower: normalizer,
        limits: "",
    },
    Entry {
        domain: AI_ONNX_ML,
        op_type: "Binarizer",
        versions: (1, 5),
        lower: binarizer,
        limits: "types other than 32-bit floats",
    },
];

/// `(x - offset) * scale`, column by column or with one of each, in the type of `x` where that is
/// a float, else with 32 bits.
struct Scaler {
    offset: Vec<f32>,
    scale: Vec<f32>,
}

fn scaler(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    expect_type(node, 0, NUMBERS)?;
    let (offset, scale) = (node.floats("offset")?, node.floats("scale")?);
    if scale.is_empty() || scale.len() != offset.len() {
        return node.refuse(format!(
            "`scale` has {} entries and `offset` {}",
            scale.len(),
            offset.len()
        ));
    }
    let op = Scaler {
        offset: offset.to_vec(),
        scale: scale.to_vec(),
    };
    Ok(Lowered::one(op, DataType::F32))
}

impl Operator for Scaler {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let stride = stride(read)?;
        let scaled = match read.data() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "rounding is what is asked for"
            )]
            Data::F64(cells) => self.scaled(cells, stride, |cell, offset, scale| {
                ((cell - f64::from(offset)) * f64::from(scale)) as f32
            })?,
            _ => self.scaled(&floats(read)?, stride, |cell, offset, scale| {
                (cell - offset) * scale
            })?,
        };
        Ok(one(tensor(read.shape(), scaled)?))
    }
}

impl Scaler {
    fn scaled<T: Copy>(
        &self,
        cells: &[T],
        stride: usize,
        scaled: impl Fn(T, f32, f32) -> f32,
    ) -> Result<Vec<f32>, Fault> {
        if let ([offset], [scale]) = (&*self.offset, &*self.scale) {
            let scaled = cells.iter().map(|cell| scaled(*cell, *offset, *scale));
            return Ok(scaled.collect());
        }
        if self.scale.len() != stride {
            return Err(Fault::refused(format!(
                "expected {} features, got {stride}",
                self.scale.len()
            )));
        }
        let mut made = Vec::with_capacity(cells.len());
        for row in cells.chunks(stride) {
            let numbers = self.offset.iter().zip(&self.scale);
            let cells = row.iter().zip(numbers);
            made.extend(cells.map(|(cell, (offset, scale))| scaled(*cell, *offset, *scale)));
        }
        Ok(made)
    }
}

/// Rows divided by a norm of theirs; those whose norm is zero stay as they are.
#[derive(Clone, Copy)]
enum Normalizer {
    /// The largest number, with its sign.
    Max,
    /// The sum of the absolute numbers.
    L1,
    /// The root of the sum of the squares.
    L2,
}

fn normalizer(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    expect_type(node, 0, NUMBERS)?;
    let op = match node.node.string("norm")? {
        None | Some("MAX") => Normalizer::Max,
        Some("L1") => Normalizer::L1,
        Some("L2") => Normalizer::L2,
        Some(_) => return node.refuse("`norm` has an unknown value"),
    };
    Ok(Lowered::one(op, DataType::F32))
}

impl Operator for Normalizer {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let width = Rows::of(read)?.width.max(1);
        let mut made = floats(read)?.into_owned();
        let rows = made.chunks_exact_mut(width);
        match self {
            Self::Max => rows.for_each(|row| {
                let larger = |one: f32, two: &f32| if one < *two { *two } else { one };
                let norm = row.iter().fold(f32::MIN, larger);
                divided(row, norm);
            }),
            Self::L1 => {
                let sizes = absolute(read.data())?;
                for (row, sizes) in rows.zip(sizes.chunks_exact(width)) {
                    divided(row, sum(sizes));
                }
            }
            Self::L2 => {
                let squares = squares(read.data())?;
                for (row, squares) in rows.zip(squares.chunks_exact(width)) {
                    by_squares(row, squares);
                }
            }
        }
        Ok(one(tensor(read.shape(), made)?))
    }
}

fn divided(row: &mut [f32], norm: f32) {
    if norm != 0.0 {
        for cell in row {
            *cell /= norm;
        }
    }
}

/// The root of the share that each square has of all.
fn by_squares(row: &mut [f32], squares: &[f32]) {
    let sum = sum(squares);
    if sum == 0.0 {
        return;
    }
    for (cell, square) in row.iter_mut().zip(squares) {
        let size = (square / sum).sqrt();
        *cell = if *cell < 0.0 { -size } else { size };
    }
}

fn sum(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0.0, |sum, number| sum + number)
}

/// The absolute values, computed in the type of the numbers and rounded to 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "rounding is what is asked for"
)]
fn absolute(data: &Data) -> Result<Vec<f32>, Fault> {
    Ok(match data {
        Data::F32(cells) => cells.iter().map(|cell| cell.abs()).collect(),
        Data::F64(cells) => cells.iter().map(|cell| cell.abs() as f32).collect(),
        Data::I64(cells) => cells
            .iter()
            .map(|cell| cell.wrapping_abs() as f32)
            .collect(),
        Data::I32(cells) => cells
            .iter()
            .map(|cell| cell.wrapping_abs() as f32)
            .collect(),
        other => return Err(no_numbers(other)),
    })
}

/// The squares, computed in the type of the numbers, where integers wrap, and rounded to 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "rounding is what is asked for"
)]
fn squares(data: &Data) -> Result<Vec<f32>, Fault> {
    Ok(match data {
        Data::F32(cells) => cells.iter().map(|cell| cell * cell).collect(),
        Data::F64(cells) => cells.iter().map(|cell| (cell * cell) as f32).collect(),
        Data::I64(cells) => {
            let squares = cells.iter().map(|cell| cell.wrapping_mul(*cell) as f32);
            squares.collect()
        }
        Data::I32(cells) => {
            let squares = cells.iter().map(|cell| cell.wrapping_mul(*cell) as f32);
            squares.collect()
        }
        other => return Err(no_numbers(other)),
    })
}

/// 1 where a number is above the threshold, else 0.
struct Binarizer(f32);

fn binarizer(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = expect_type(node, 0, &[DataType::F32])?;
    let op = Binarizer(node.node.float("threshold")?.unwrap_or(0.0));
    Ok(Lowered::one(op, datatype))
}

impl Operator for Binarizer {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let cells: &[f32] = elements(read)?;
        if let Some(place) = cells.iter().position(|cell| cell.is_nan()) {
            return Err(Fault::refused(format!(
                "element {place}: expected a number to compare, got NaN"
            )));
        }
        let above = |cell: &f32| if *cell > self.0 { 1.0 } else { 0.0 };
        let made: Vec<f32> = cells.iter().map(above).collect();
        Ok(one(tensor(read.shape(), made)?))
    }
}
