//! Elements by their Rust type.

use crate::op::Fault;
use flowgate_core::{Buffer, Data, DataType, Shape, Tensor};
use half::f16;

/// A type that the elements of a tensor have.
pub(crate) trait Element: Copy + Default + PartialEq + Send + Sync + 'static {
    /// What tensors call it.
    const TYPE: DataType;

    /// The elements of `data`, where they are of this type.
    fn of(data: &Data) -> Option<&[Self]>;
}

/// A type of numbers.
pub(crate) trait Number: Element + PartialOrd {
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
}

macro_rules! element {
    ($($element:ty, $variant:ident);* $(;)?) => {
        $(impl Element for $element {
            const TYPE: DataType = DataType::$variant;

            fn of(data: &Data) -> Option<&[Self]> {
                match data {
                    Data::$variant(elements) => Some(elements),
                    _ => None,
                }
            }
        })*
    };
}

element!(
    bool, Bool; i8, I8; i16, I16; i32, I32; i64, I64; u8, U8; u16, U16; u32, U32; u64, U64;
    f16, F16; f32, F32; f64, F64
);

macro_rules! number {
    ($($number:ty: $zero:expr, $one:expr);* $(;)?) => {
        $(impl Number for $number {
            const ZERO: Self = $zero;
            const ONE: Self = $one;
        })*
    };
}

number!(
    i8: 0, 1; i16: 0, 1; i32: 0, 1; i64: 0, 1; u8: 0, 1; u16: 0, 1; u32: 0, 1; u64: 0, 1;
    f16: f16::ZERO, f16::ONE; f32: 0.0, 1.0; f64: 0.0, 1.0
);

/// The elements of `tensor`, which the types of the graph say are of this type.
///
/// # Errors
/// [`Fault::Failed`] when they are not.
pub(crate) fn elements<T: Element>(tensor: &Tensor) -> Result<&[T], Fault> {
    T::of(tensor.data()).ok_or_else(|| {
        let (found, wanted) = (tensor.datatype(), T::TYPE);
        Fault::failed(format!("found a tensor of `{found}`, expected `{wanted}`"))
    })
}

/// A tensor of `shape` over `elements`.
///
/// # Errors
/// [`Fault::Failed`] when there are not as many as the shape asks for.
pub(crate) fn tensor<T: Element>(shape: &[usize], elements: Vec<T>) -> Result<Tensor, Fault>
where
    Data: From<Buffer<T>>,
{
    let shape = Shape::from_slice(shape);
    Ok(Tensor::new(shape, Data::from(Buffer::from(elements)))?)
}

/// Runs `$body` with the type alias `$t` for the Rust type of `$datatype`, where it is one of the
/// listed numbers; else `$otherwise`.
macro_rules! with_type {
    ($datatype:expr, $t:ident in [$($variant:ident = $rust:ty),* $(,)?] => $body:expr, else $otherwise:expr) => {
        match $datatype {
            $(flowgate_core::DataType::$variant => {
                type $t = $rust;
                $body
            })*
            _ => $otherwise,
        }
    };
}
pub(crate) use with_type;
