//! From numbers to classes.

use super::columns::by_floats;
use crate::data::{elements, tensor};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, Strings, Tensor};

/// One column of `p` to two of `1 - p` and `p`.
pub(super) struct Complement;

impl Operator for Complement {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let rows = read.data().len();
        by_floats(
            read,
            |cells| Ok(cells.iter().flat_map(|cell| [1.0 - cell, *cell]).collect()),
            |cells| Ok(cells.iter().flat_map(|cell| [1.0 - cell, *cell]).collect()),
            &[rows, 2],
        )
    }
}

/// The place of the largest number of each row.
pub(super) struct ArgMax;

impl Operator for ArgMax {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let [rows, width] = *read.shape() else {
            return Err(Fault::failed("no columns to choose of"));
        };
        let places = match read.data() {
            Data::F32(cells) => largest(cells, width),
            Data::F64(cells) => largest(cells, width),
            other => {
                return Err(Fault::failed(format!(
                    "`{}` are no floats",
                    other.datatype()
                )));
            }
        };
        Ok(one(tensor(&[rows], places)?))
    }
}

fn largest<T: PartialOrd + Copy>(cells: &[T], width: usize) -> Vec<i64> {
    #[expect(clippy::eq_op, reason = "NaN is what is not equal to itself")]
    let is_nan = |cell: T| cell != cell;
    let place = |row: &[T]| {
        let (mut best, mut place) = (row[0], 0);
        for (at, cell) in row.iter().enumerate().skip(1) {
            if !is_nan(best) && (*cell > best || is_nan(*cell)) {
                (best, place) = (*cell, at as i64);
            }
        }
        place
    };
    cells.chunks_exact(width.max(1)).map(place).collect()
}

/// 1 where the number is larger than one, else 0.
pub(super) struct Above(pub(super) f64);

impl Operator for Above {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "compared in the type of the numbers"
    )]
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let classes: Vec<i64> = match read.data() {
            Data::F32(cells) => cells
                .iter()
                .map(|cell| i64::from(*cell > self.0 as f32))
                .collect(),
            Data::F64(cells) => cells.iter().map(|cell| i64::from(*cell > self.0)).collect(),
            other => {
                return Err(Fault::failed(format!(
                    "`{}` are no floats",
                    other.datatype()
                )));
            }
        };
        Ok(one(tensor(&[classes.len()], classes)?))
    }
}

/// The label at each place.
pub(super) struct Lookup(pub(super) Tensor);

impl Operator for Lookup {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let places: &[i64] = elements(inputs.get(0)?)?;
        let count = self.0.data().len();
        let places: Option<Vec<usize>> = places
            .iter()
            .map(|place| usize::try_from(*place).ok().filter(|place| *place < count))
            .collect();
        let places = places.ok_or_else(|| Fault::failed("a class without a label"))?;
        let shape = [places.len()];
        macro_rules! chosen {
            ($labels:expr) => {
                tensor(&shape, places.iter().map(|at| $labels[*at]).collect())?
            };
        }
        let made = match self.0.data() {
            Data::Bool(labels) => chosen!(labels),
            Data::I8(labels) => chosen!(labels),
            Data::I16(labels) => chosen!(labels),
            Data::I32(labels) => chosen!(labels),
            Data::I64(labels) => chosen!(labels),
            Data::U8(labels) => chosen!(labels),
            Data::U16(labels) => chosen!(labels),
            Data::U32(labels) => chosen!(labels),
            Data::U64(labels) => chosen!(labels),
            Data::F16(labels) => chosen!(labels),
            Data::F32(labels) => chosen!(labels),
            Data::F64(labels) => chosen!(labels),
            Data::Str(labels) => {
                let texts: Strings = places.iter().filter_map(|at| labels.get(*at)).collect();
                Tensor::new(shape.as_slice(), Data::Str(texts))?
            }
            other => {
                let found = other.datatype();
                return Err(Fault::failed(format!("`{found}` are no labels")));
            }
        };
        Ok(one(made))
    }
}
