//! Numbers of one type as numbers of another, as a C++ compiler for x86-64 converts them.
//!
//! What does not fit a whole number is not defined in that language; here it is what the
//! instructions give for one number at a time: the least number of 32 or 64 bits, cut to the type.

use half::f16;

/// An element that can be made one of type `T`.
pub(in super::super) trait CastTo<T>: Copy {
    /// The element of the other type.
    fn cast(self) -> T;
}

macro_rules! integers {
    ($($from:ty),*) => {
        $(
            casts!($from, |number| number as _; i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);
            casts!($from, |number| f16::from_f32(number as f32); f16);
            casts!($from, |number| number != 0; bool);
        )*
    };
}

macro_rules! casts {
    ($from:ty, |$number:ident| $cast:expr; $($to:ty)*) => {
        $(impl CastTo<$to> for $from {
            #[inline(always)]
            fn cast(self) -> $to {
                let $number = self;
                $cast
            }
        })*
    };
}

macro_rules! floats {
    ($($from:ty: $widen:expr),*) => {
        $(
            casts!($from, |number| low32($widen(number)) as _; i8 i16 i32 u8 u16);
            casts!($from, |number| low64($widen(number)) as _; i64 u32);
            casts!($from, |number| unsigned($widen(number)); u64);
            casts!($from, |number| $widen(number) != 0.0; bool);
            casts!($from, |number| $widen(number); f64);
        )*
    };
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);
casts!(bool, |value| u8::from(value).cast(); i8 i16 i32 i64 u8 u16 u32 u64 f16 f32 f64);
casts!(bool, |value| value; bool);
floats!(f16: f64::from, f32: f64::from, f64: std::convert::identity);
casts!(f16, |number| number; f16);
casts!(f16, |number| number.to_f32(); f32);
casts!(f32, |number| f16::from_f32(number); f16);
casts!(f32, |number| number; f32);
casts!(f64, |number| f16::from_f32(number as f32); f16);
casts!(f64, |number| number as f32; f32);

/// Towards zero; the least number where it does not fit.
#[inline(always)]
fn low32(number: f64) -> i32 {
    if number > -2_147_483_649.0 && number < 2_147_483_648.0 {
        number as i32
    } else {
        i32::MIN
    }
}

/// As [`low32`], with 64 bits.
#[inline(always)]
fn low64(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// As [`low64`], in two halves.
#[inline(always)]
fn unsigned(number: f64) -> u64 {
    const HALF: f64 = 9_223_372_036_854_775_808.0;
    if number >= HALF {
        low64(number - HALF).cast_unsigned() ^ (1 << 63)
    } else {
        low64(number).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_the_least_number_cut_off() {
        let cast = |number: f32| -> (u8, i32, u32, i64, u64) {
            (
                number.cast(),
                number.cast(),
                number.cast(),
                number.cast(),
                number.cast(),
            )
        };
        assert_eq!(
            cast(-1.0),
            (255, -1, u32::MAX, -1, u64::MAX),
            "negative numbers wrap"
        );
        assert_eq!(cast(f32::NAN), (0, i32::MIN, 0, i64::MIN, 1 << 63));
        assert_eq!(cast(f32::INFINITY), (0, i32::MIN, 0, i64::MIN, 0));
        assert_eq!(cast(255.7), (255, 255, 255, 255, 255));
    }
}
