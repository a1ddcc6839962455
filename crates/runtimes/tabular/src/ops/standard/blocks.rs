//! Moving elements without a look at them: whatever is taken from one value and laid anew.

use super::shape::count;
use crate::op::Fault;
use flowgate_core::{Buffer, Data, DataType, Shape, StringsBuilder, Tensor};
use half::f16;

/// Runs `$body` with `$elements` bound to the elements of `$data`, a buffer whatever their type;
/// `$texts` is for texts.
macro_rules! each_type {
    ($data:expr, $elements:ident => $body:expr, texts $texts:ident => $otherwise:expr) => {
        match $data {
            Data::Bool($elements) => Data::Bool($body.into()),
            Data::I8($elements) => Data::I8($body.into()),
            Data::I16($elements) => Data::I16($body.into()),
            Data::I32($elements) => Data::I32($body.into()),
            Data::I64($elements) => Data::I64($body.into()),
            Data::U8($elements) => Data::U8($body.into()),
            Data::U16($elements) => Data::U16($body.into()),
            Data::U32($elements) => Data::U32($body.into()),
            Data::U64($elements) => Data::U64($body.into()),
            Data::F16($elements) => Data::F16($body.into()),
            Data::F32($elements) => Data::F32($body.into()),
            Data::F64($elements) => Data::F64($body.into()),
            Data::Str($texts) => Data::Str($otherwise),
            Data::Bytes(_) | Data::DateTime(_) | Data::Json(_) => {
                return Err($crate::op::Fault::failed(
                    "no graph has elements of this type",
                ));
            }
        }
    };
}
pub(super) use each_type;

/// The elements of `data` at `starts`, each with the `width - 1` that follow it.
///
/// # Errors
/// [`Fault::Failed`] when some are not there.
pub(super) fn blocks(
    data: &Data,
    width: usize,
    starts: impl Iterator<Item = usize>,
) -> Result<Data, Fault> {
    let missing = || Fault::failed("elements are looked for outside of a value");
    Ok(each_type!(
        data,
        elements => take(elements, width, starts).ok_or_else(missing)?,
        texts texts => {
            let mut made = StringsBuilder::new();
            for start in starts {
                for place in start..start.saturating_add(width) {
                    made.push(texts.get(place).ok_or_else(missing)?);
                }
            }
            made.finish()
        }
    ))
}

fn take<T: Copy>(
    elements: &Buffer<T>,
    width: usize,
    starts: impl Iterator<Item = usize>,
) -> Option<Vec<T>> {
    if width == 1 {
        return starts.map(|start| elements.get(start).copied()).collect();
    }
    let mut made = Vec::with_capacity(starts.size_hint().0.saturating_mul(width).min(1 << 20));
    for start in starts {
        made.extend_from_slice(elements.get(start..)?.get(..width)?);
    }
    Some(made)
}

/// `count` times the first element of `data`.
///
/// # Errors
/// [`Fault::Failed`] when there is none.
pub(super) fn repeat(data: &Data, count: usize) -> Result<Data, Fault> {
    let missing = || Fault::failed("there is nothing to repeat");
    Ok(each_type!(
        data,
        elements => vec![*elements.first().ok_or_else(missing)?; count],
        texts texts => {
            let text = texts.get(0).ok_or_else(missing)?;
            std::iter::repeat_n(text, count).collect()
        }
    ))
}

/// A zero of `datatype`, or the empty text; `None` where no graph has such elements.
pub(super) fn zero(datatype: DataType) -> Option<Data> {
    Some(match datatype {
        DataType::Bool => vec![false].into(),
        DataType::I8 => vec![0_i8].into(),
        DataType::I16 => vec![0_i16].into(),
        DataType::I32 => vec![0_i32].into(),
        DataType::I64 => vec![0_i64].into(),
        DataType::U8 => vec![0_u8].into(),
        DataType::U16 => vec![0_u16].into(),
        DataType::U32 => vec![0_u32].into(),
        DataType::U64 => vec![0_u64].into(),
        DataType::F16 => vec![f16::ZERO].into(),
        DataType::F32 => vec![0.0_f32].into(),
        DataType::F64 => vec![0.0_f64].into(),
        DataType::Str => Data::Str([""].into_iter().collect()),
        DataType::Bytes | DataType::DateTime | DataType::Json => return None,
    })
}

/// Zeros of `datatype`, or empty texts, in `shape`.
///
/// # Errors
/// [`Fault::Refused`] when they are too many.
pub(super) fn zeros(datatype: DataType, shape: Shape) -> Result<Tensor, Fault> {
    let zero = zero(datatype).ok_or_else(|| Fault::failed("no graph has elements of this type"))?;
    let data = repeat(&zero, count(&shape)?)?;
    Ok(Tensor::new(shape, data)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_laid_in_the_order_they_are_asked_for() {
        let numbers = Data::from(vec![0_i64, 1, 2, 3, 4, 5]);
        let made = blocks(&numbers, 2, [4, 0].into_iter()).expect("inside");
        assert_eq!(made, Data::from(vec![4_i64, 5, 0, 1]));
        let texts = Data::Str(["a", "", "c"].into_iter().collect());
        let made = blocks(&texts, 1, [2, 1, 2].into_iter()).expect("inside");
        assert_eq!(made, Data::Str(["c", "", "c"].into_iter().collect()));
    }

    #[test]
    fn blocks_outside_are_a_fault() {
        let numbers = Data::from(vec![0_i64, 1]);
        for (width, start) in [(1, 2), (2, 1), (2, usize::MAX), (usize::MAX, 1)] {
            assert!(blocks(&numbers, width, [start].into_iter()).is_err());
        }
        let texts = Data::Str(["a"].into_iter().collect());
        assert!(blocks(&texts, 2, [0].into_iter()).is_err());
    }
}
