//! The functions that ONNX Runtime takes from its library for linear algebra: four numbers at a
//! time with a polynomial, multiplications and additions rounded one by one; what is left at the
//! end with the functions of the C library.
//!
//! Coefficients: the generic packet functions of Eigen, as ONNX Runtime 1.32 is built with it.

use super::map::{Function, map_to};

/// A function that is computed another way for the last numbers, those that are no group of four.
pub(in crate::ops) trait Packet: Function {
    /// Its value at `x` outside of a group.
    fn alone(self, x: f32) -> f32;
}

/// The exponential function.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct ExpOfFour;

/// The natural logarithm.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Log;

/// The natural logarithm of one more.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Log1p;

/// The angle with this sine.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Asin;

/// The angle with this cosine.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Acos;

/// The angle with this tangent.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Atan;

/// `function` of every one of `numbers`.
pub(in crate::ops) fn map_packets<F: Packet>(function: F, numbers: &[f32]) -> Vec<f32> {
    let (groups, rest) = numbers.split_at(numbers.len() / 4 * 4);
    let mut made = vec![0.0; groups.len()];
    map_to(function, groups, &mut made);
    made.extend(rest.iter().map(|number| function.alone(*number)));
    made
}

impl Function for ExpOfFour {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let bounded = if x > 88.723 { 88.723 } else { x };
        let multiple = (bounded * std::f32::consts::LOG2_E + 0.5).floor();
        let rest = multiple * -0.693_359_4 + bounded;
        let rest = multiple * 2.121_944_4e-4 + rest;
        let square = rest * rest;
        let even = square * 1.374_496_4e-3 + 4.166_965e-2;
        let odd = square * 8.368_945e-3 + 1.666_651_8e-1;
        let even = square * even + 4.999_998_8e-1;
        let value = square * (rest * odd + even) + (rest + 1.0);
        // In two steps, so that neither scale is out of range.
        let exponent = multiple as i32;
        let half = exponent >> 1;
        let value = value * power_of_two(half) * power_of_two(exponent - half);
        if x < -104.0 { 0.0 } else { value }
    }
}

impl Packet for ExpOfFour {
    fn alone(self, x: f32) -> f32 {
        x.exp()
    }
}

impl Function for Log {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        const SUBNORMAL: f32 = 16_777_216.0;
        let small = x < f32::MIN_POSITIVE;
        let scaled = if small { x * SUBNORMAL } else { x };
        let bits = scaled.to_bits();
        let exponent = (bits >> 23).cast_signed() - 126 - if small { 24 } else { 0 };
        // Between one half and one.
        let part = f32::from_bits(bits & 0x007F_FFFF | 0x3F00_0000);
        let below = part < std::f32::consts::FRAC_1_SQRT_2;
        let exponent = exponent as f32 - if below { 1.0 } else { 0.0 };
        let part = part - 1.0 + if below { part } else { 0.0 };
        let above = part * (part * (part * 0.182_562_96 + 1.0) + 1.0);
        let under = part * (part * (part * 0.049_616_247 + 0.599_232_5) + 1.5) + 1.0;
        let value = exponent * std::f32::consts::LN_2 + above / under;
        let value = if x == f32::INFINITY { x } else { value };
        let value = if x == 0.0 { f32::NEG_INFINITY } else { value };
        if x >= 0.0 { value } else { f32::NAN }
    }
}

impl Packet for Log {
    fn alone(self, x: f32) -> f32 {
        x.ln()
    }
}

impl Function for Log1p {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let more = x + 1.0;
        let log = Log.at(more);
        let value = x * (log / (more - 1.0));
        if more == 1.0 || more == log { x } else { value }
    }
}

impl Packet for Log1p {
    fn alone(self, x: f32) -> f32 {
        x.ln_1p()
    }
}

impl Function for Asin {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let size = x.abs();
        let large = size > 0.5;
        // The angle to the other side is computed where that is the smaller one.
        let part = if large {
            (0.5 - 0.5 * size).sqrt()
        } else {
            size
        };
        let square = part * part;
        let value = 5.088_388_5e-2 * square + 3.951_398_7e-2;
        let value = value * square + 7.550_22e-2;
        let value = value * square + 1.666_491_8e-1;
        let value = (value * square + 1.000_000_1) * part;
        let value = if large {
            std::f32::consts::FRAC_PI_2 - 2.0 * value
        } else {
            value
        };
        let value = if size > 1.0 { f32::NAN } else { value };
        f32::from_bits(value.to_bits() ^ (x.to_bits() & (1 << 31)))
    }
}

impl Packet for Asin {
    fn alone(self, x: f32) -> f32 {
        f64::from(x).asin() as f32
    }
}

impl Function for Acos {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let size = x.abs();
        let square = x * x;
        let even = 2.364_232e-3 * square + 2.717_843_5e-2;
        let odd = -1.136_864_4e-2 * square - 4.896_954_4e-2;
        let even = even * square + 8.880_409e-2;
        let odd = odd * square - 2.145_912e-1;
        let even = even * square + 1.570_796_4;
        let value = (1.0 - size).sqrt() * (odd * size + even);
        if x.is_sign_negative() {
            std::f32::consts::PI - value
        } else {
            value
        }
    }
}

impl Packet for Acos {
    fn alone(self, x: f32) -> f32 {
        f64::from(x).acos() as f32
    }
}

impl Function for Atan {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let size = x.abs();
        let large = size > 1.0;
        // The angle to the other side is computed where that is the smaller one.
        let part = if large { 1.0 / size } else { size };
        let square = part * part;
        let above = (1.120_269_8e-1 * square + 7.296_696e-1) * square + 8.109_951e-1;
        let under = (1.009_171_1e-2 * square + 2.831_856e-1) * square + 1.0;
        let value = part * (above / (under * square + 8.109_951e-1));
        let value = if large {
            std::f32::consts::FRAC_PI_2 - value
        } else {
            value
        };
        f32::from_bits(value.to_bits() ^ (x.to_bits() & (1 << 31)))
    }
}

impl Packet for Atan {
    fn alone(self, x: f32) -> f32 {
        f64::from(x).atan() as f32
    }
}

/// `2^exponent` for an exponent that a normal number has.
#[inline(always)]
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits((exponent.wrapping_add(127).cast_unsigned() & 0xFF) << 23)
}
