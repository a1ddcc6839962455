//! The four operations, remainders, sign. Whole numbers wrap.

use super::super::half::widened;
use super::super::standard;
use super::{checked_pairs, each, pairs, refuse_type};
use crate::data::{Number, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::Fault;
use flowgate_core::DataType;
use half::f16;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Add", 7, |node| widened(node, add), ""),
    standard("Sub", 7, |node| widened(node, sub), ""),
    standard("Mul", 7, |node| widened(node, mul), ""),
    standard("Div", 7, |node| widened(node, div), ""),
    standard("Mod", 10, |node| widened(node, remainder), ""),
    standard("Neg", 6, |node| widened(node, neg), ""),
    standard("Abs", 6, |node| widened(node, abs), ""),
    standard("Sign", 9, sign, ""),
    standard("Reciprocal", 6, |node| widened(node, reciprocal), ""),
];

/// Numbers that can be reckoned with: floats as a processor has them, whole numbers wrapping.
pub(in super::super) trait Arithmetic: Number {
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// Towards zero; `other` is not zero where numbers are whole.
    fn div(self, other: Self) -> Self;
    /// What [`Arithmetic::div`] leaves, with the sign of `self`.
    fn rem(self, other: Self) -> Self;
    fn neg(self) -> Self;
    fn abs(self) -> Self;
    /// -1, 0 or 1; NaN of NaN.
    fn sign(self) -> Self;
}

macro_rules! whole {
    ($($number:ty: $neg:expr, $abs:expr, $sign:expr);* $(;)?) => {
        $(impl Arithmetic for $number {
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn sub(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            fn mul(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            fn div(self, other: Self) -> Self {
                if other == 0 { 0 } else { self.wrapping_div(other) }
            }
            fn rem(self, other: Self) -> Self {
                if other == 0 { 0 } else { self.wrapping_rem(other) }
            }
            fn neg(self) -> Self {
                $neg(self)
            }
            fn abs(self) -> Self {
                $abs(self)
            }
            fn sign(self) -> Self {
                $sign(self)
            }
        })*
    };
}

whole!(
    i8: i8::wrapping_neg, i8::wrapping_abs, i8::signum;
    i16: i16::wrapping_neg, i16::wrapping_abs, i16::signum;
    i32: i32::wrapping_neg, i32::wrapping_abs, i32::signum;
    i64: i64::wrapping_neg, i64::wrapping_abs, i64::signum;
    u8: u8::wrapping_neg, std::convert::identity, |number| u8::from(number > 0);
    u16: u16::wrapping_neg, std::convert::identity, |number| u16::from(number > 0);
    u32: u32::wrapping_neg, std::convert::identity, |number| u32::from(number > 0);
    u64: u64::wrapping_neg, std::convert::identity, |number| u64::from(number > 0);
);

macro_rules! float {
    ($($number:ty),*) => {
        $(impl Arithmetic for $number {
            fn add(self, other: Self) -> Self {
                self + other
            }
            fn sub(self, other: Self) -> Self {
                self - other
            }
            fn mul(self, other: Self) -> Self {
                self * other
            }
            fn div(self, other: Self) -> Self {
                self / other
            }
            fn rem(self, other: Self) -> Self {
                self % other
            }
            fn neg(self) -> Self {
                -self
            }
            fn abs(self) -> Self {
                <$number>::abs(self)
            }
            fn sign(self) -> Self {
                if self > 0.0 {
                    1.0
                } else if self < 0.0 {
                    -1.0
                } else if self == 0.0 {
                    0.0
                } else {
                    self
                }
            }
        })*
    };
}

float!(f32, f64);

/// Runs `$body` with `$t` for the type of numbers `$datatype`.
macro_rules! numbers {
    ($datatype:expr, $t:ident => $body:expr) => {{
        let datatype = $datatype;
        with_type!(datatype, $t in [
            F32 = f32, F64 = f64, I64 = i64, I32 = i32, I16 = i16, I8 = i8, U64 = u64, U32 = u32,
            U16 = u16, U8 = u8,
        ] => Ok($body), else refuse_type(datatype))
    }};
}

fn add(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    numbers!(node.same_type()?, T => pairs::<T, T, T>(Arithmetic::add))
}

fn sub(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    numbers!(node.same_type()?, T => pairs::<T, T, T>(Arithmetic::sub))
}

fn mul(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    numbers!(node.same_type()?, T => pairs::<T, T, T>(Arithmetic::mul))
}

fn div(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    numbers!(node.same_type()?, T => checked_pairs::<T, T, T>(Arithmetic::div, divisors))
}

/// With `fmod` the sign of the dividend, else that of the divisor.
fn remainder(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.same_type()?;
    if node.int("fmod", 0)? == 1 {
        return numbers!(datatype, T => checked_pairs::<T, T, T>(Arithmetic::rem, divisors));
    }
    if datatype.is_float() {
        return node.refuse("a remainder of floats must be taken with `fmod`");
    }
    numbers!(datatype, T => checked_pairs::<T, T, T>(remainder_of_divisor, divisors))
}

/// The remainder that has the sign of the divisor.
fn remainder_of_divisor<T: Arithmetic>(number: T, divisor: T) -> T {
    let rest = number.rem(divisor);
    if rest != T::ZERO && (rest < T::ZERO) != (divisor < T::ZERO) {
        rest.add(divisor)
    } else {
        rest
    }
}

/// That no whole number is divided by zero.
fn divisors<T: Arithmetic>(divisors: &[T]) -> Result<(), Fault> {
    if !T::TYPE.is_float() && divisors.contains(&T::ZERO) {
        return Err(Fault::refused("a whole number would be divided by zero"));
    }
    Ok(())
}

fn neg(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        unsigned @ (DataType::U8 | DataType::U16 | DataType::U32 | DataType::U64) => {
            refuse_type(unsigned)
        }
        signed => numbers!(signed, T => each::<T, T>(Arithmetic::neg)),
    }
}

fn abs(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    numbers!(node.datatype(0)?, T => each::<T, T>(Arithmetic::abs))
}

/// Of NaN it is NaN, but zero with 16 bits.
fn sign(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F16 => Ok(each(|number: f16| {
            let (above, below) = (number > f16::ZERO, number < f16::ZERO);
            f16::from_f32(f32::from(u8::from(above)) - f32::from(u8::from(below)))
        })),
        datatype => numbers!(datatype, T => each::<T, T>(Arithmetic::sign)),
    }
}

fn reciprocal(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(|number: f32| 1.0 / number)),
        DataType::F64 => Ok(each(|number: f64| 1.0 / number)),
        other => refuse_type(other),
    }
}
