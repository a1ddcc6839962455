//! What brings columns together, before anything is computed.

use crate::data::{elements, tensor};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::program::Precision;
use flowgate_core::{Data, Shape, Tensor};

/// Numbers and booleans to floats, rounded to the nearest.
pub(super) struct Convert(pub(super) Precision);

impl Operator for Convert {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        if read.datatype() == self.0.datatype() {
            return Ok(one(read.clone()));
        }
        let converted = match self.0 {
            Precision::F32 => to_f32(read.data()).map(Data::from),
            Precision::F64 => to_f64(read.data()).map(Data::from),
        };
        let data = converted
            .ok_or_else(|| Fault::failed(format!("`{}` are no numbers", read.datatype())))?;
        Ok(one(Tensor::new(read.shape(), data)?))
    }
}

macro_rules! converted {
    ($name:ident, $float:ty) => {
        fn $name(data: &Data) -> Option<Vec<$float>> {
            Some(match data {
                Data::Bool(cells) => cells
                    .iter()
                    .map(|cell| <$float>::from(u8::from(*cell)))
                    .collect(),
                Data::I8(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::I16(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::I32(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::I64(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::U8(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::U16(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::U32(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::U64(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::F16(cells) => cells.iter().map(|cell| <$float>::from(*cell)).collect(),
                Data::F32(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::F64(cells) => cells.iter().map(|cell| *cell as $float).collect(),
                Data::Str(_) | Data::Bytes(_) | Data::DateTime(_) | Data::Json(_) => return None,
            })
        }
    };
}

converted!(to_f32, f32);
converted!(to_f64, f64);

/// Values side by side.
pub(super) struct Columns;

impl Operator for Columns {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let rows = inputs.get(0)?.rows().unwrap_or(1);
        let mut columns: Vec<Data> = Vec::new();
        for read in inputs.iter() {
            let width = width(read, rows)?;
            // One column is laid out as it is; of several, each is taken out.
            match width {
                1 => columns.push(read.data().clone()),
                _ => columns.extend(apart(read, width)?),
            }
        }
        let columns: Vec<&Data> = columns.iter().collect();
        let shape = Shape::from_slice(&[rows, columns.len()]);
        let data = if rows == 0 {
            Data::empty(inputs.get(0)?.datatype())
        } else {
            Data::interleave(&columns).ok_or_else(|| Fault::failed("columns of unlike types"))?
        };
        Ok(one(Tensor::new(shape, data)?))
    }
}

fn width(read: &Tensor, rows: usize) -> Result<usize, Fault> {
    match *read.shape() {
        [found] if found == rows => Ok(1),
        [found, width] if found == rows => Ok(width),
        _ => Err(Fault::refused("columns of unlike rows")),
    }
}

/// The columns of a matrix of floats.
fn apart(matrix: &Tensor, width: usize) -> Result<Vec<Data>, Fault> {
    let column = |at: usize| -> Result<Data, Fault> {
        Ok(match matrix.data() {
            Data::F32(cells) => {
                let cells: Vec<f32> = cells.iter().skip(at).step_by(width).copied().collect();
                cells.into()
            }
            Data::F64(cells) => {
                let cells: Vec<f64> = cells.iter().skip(at).step_by(width).copied().collect();
                cells.into()
            }
            other => {
                let found = other.datatype();
                return Err(Fault::failed(format!(
                    "a matrix of `{found}` among columns"
                )));
            }
        })
    };
    (0..width).map(column).collect()
}

/// What it reads, unless a number is infinite.
pub(super) struct Finite;

impl Operator for Finite {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        Self::check(read)?;
        Ok(one(read.clone()))
    }
}

impl Finite {
    /// Whether no number is infinite.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the place of the first that is.
    pub(super) fn check(read: &Tensor) -> Result<(), Fault> {
        let found = match read.data() {
            Data::F32(cells) => first(cells, |cell| cell.is_infinite()),
            Data::F64(cells) => first(cells, |cell| cell.is_infinite()),
            _ => None,
        };
        let Some(place) = found else {
            return Ok(());
        };
        let width = read.shape().get(1).copied().unwrap_or(1).max(1);
        let (row, column) = (place / width, place % width);
        Err(Fault::refused(format!(
            "row {row}, column {column}: expected a finite number, got an infinite one or one \
             beyond the type of the model"
        )))
    }
}

/// The first of `cells` that is so. All are looked at first, which is done in vectors: as a rule
/// none is.
fn first<T: Copy>(cells: &[T], is_so: impl Fn(T) -> bool) -> Option<usize> {
    let any = cells.iter().fold(false, |any, cell| any | is_so(*cell));
    any.then(|| cells.iter().position(|cell| is_so(*cell)))?
}

/// One column as a list.
pub(super) struct Squeeze;

impl Operator for Squeeze {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        match *read.shape() {
            [_] => Ok(one(read.clone())),
            [rows, 1] => Ok(one(read.clone().reshape([rows].as_slice())?)),
            _ => Err(Fault::failed("more than one column for a list")),
        }
    }
}

/// The rows and columns of a matrix of floats, and its numbers, applied to `f32` or `f64`.
pub(super) fn by_floats(
    read: &Tensor,
    f32s: impl FnOnce(&[f32]) -> Result<Vec<f32>, Fault>,
    f64s: impl FnOnce(&[f64]) -> Result<Vec<f64>, Fault>,
    shape: &[usize],
) -> Result<Outputs, Fault> {
    let made = match read.data() {
        Data::F32(_) => tensor(shape, f32s(elements(read)?)?)?,
        Data::F64(_) => tensor(shape, f64s(elements(read)?)?)?,
        other => {
            return Err(Fault::failed(format!(
                "`{}` are no floats",
                other.datatype()
            )));
        }
    };
    Ok(one(made))
}
