//! Values as rows of numbers.

use crate::data::elements;
use crate::onnx::{LowerError, Lowering};
use crate::op::Fault;
use flowgate_core::{Data, DataType, Tensor};
use std::borrow::Cow;

/// The most elements that a value may have: what is larger is refused before it is allocated.
pub(super) const LARGEST: usize = 1 << 30;

/// How a value is divided into rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) rows: usize,
    /// Cells of a row.
    pub(super) width: usize,
}

impl Rows {
    /// One dimension is one row, two are rows and columns.
    ///
    /// # Errors
    /// [`Fault::Refused`] for more dimensions, and for none.
    pub(super) fn of(read: &Tensor) -> Result<Self, Fault> {
        match *read.shape() {
            [width] => Ok(Self { rows: 1, width }),
            [rows, width] => Ok(Self { rows, width }),
            _ => Err(Fault::refused(format!(
                "expected rows of numbers, got {} dimensions",
                read.shape().len()
            ))),
        }
    }

    /// That every row has exactly `width` cells.
    ///
    /// # Errors
    /// [`Fault::Refused`] when it has not.
    pub(super) fn expect_width(self, width: usize) -> Result<Self, Fault> {
        if self.width == width {
            return Ok(self);
        }
        Err(Fault::refused(format!(
            "expected {width} features, got {}",
            self.width
        )))
    }
}

/// The size by which columns repeat in a value of any rank: the second, or the only one.
///
/// # Errors
/// [`Fault::Refused`] for a scalar.
pub(super) fn stride(read: &Tensor) -> Result<usize, Fault> {
    match *read.shape() {
        [stride] | [_, stride, ..] => Ok(stride),
        [] => Err(Fault::refused("expected rows of numbers, got a scalar")),
    }
}

/// The number of elements of a value of `count` times `each`.
///
/// # Errors
/// [`Fault::Refused`] when there are more than [`LARGEST`].
pub(super) fn product(count: usize, each: usize) -> Result<usize, Fault> {
    match count.checked_mul(each) {
        Some(product) if product <= LARGEST => Ok(product),
        _ => Err(Fault::refused(format!(
            "a value would have more than {LARGEST} elements"
        ))),
    }
}

/// The numbers of `read`, rounded to 32 bits.
///
/// # Errors
/// [`Fault::Failed`] for types that [`expect_type`] does not let in.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "rounding is what is asked for"
)]
pub(super) fn floats(read: &Tensor) -> Result<Cow<'_, [f32]>, Fault> {
    Ok(match read.data() {
        Data::F32(_) => Cow::Borrowed(elements(read)?),
        Data::F64(cells) => cells.iter().map(|cell| *cell as f32).collect(),
        Data::I64(cells) => cells.iter().map(|cell| *cell as f32).collect(),
        Data::I32(cells) => cells.iter().map(|cell| *cell as f32).collect(),
        other => return Err(no_numbers(other)),
    })
}

/// What is said of a value of an unexpected type.
pub(super) fn no_numbers(data: &Data) -> Fault {
    Fault::failed(format!("`{}` are no numbers", data.datatype()))
}

/// The type of the input at `place`, which must be one of `types`.
///
/// # Errors
/// When it is another.
pub(super) fn expect_type(
    node: &Lowering<'_>,
    place: usize,
    types: &[DataType],
) -> Result<DataType, LowerError> {
    let found = node.datatype(place)?;
    if types.contains(&found) {
        return Ok(found);
    }
    let types: Vec<&str> = types.iter().map(|datatype| datatype.name()).collect();
    node.refuse(format!(
        "input {place} is of `{found}`, expected one of `{}`",
        types.join("`, `")
    ))
}

/// The types of numbers that most operators read.
pub(super) const NUMBERS: &[DataType] =
    &[DataType::F32, DataType::F64, DataType::I64, DataType::I32];
