//! The functions that ONNX Runtime has kernels of its own for: every step is a multiplication and
//! an addition with one rounding.
//!
//! Coefficients: the MLAS library of ONNX Runtime 1.32, its kernels for processors with FMA.

use super::map::Function;

/// The exponential function.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Exp;

/// The exponential function of what is not above zero: as a softmax has it, with a shift before.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct ExpBelow {
    /// Added to every number first.
    pub(in crate::ops) shift: f32,
}

/// `1 / (1 + exp(-x))`.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Logistic;

/// The hyperbolic tangent.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Tanh;

/// The error function.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Erf;

/// Adding it rounds to a whole number, which is then in the lowest bits.
const ROUND: f32 = 12_582_912.0;
const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// The logarithm of 2 in two parts, so that multiples of it lose nothing.
const LN_2: [f32; 2] = [-6.931_457_5e-1, -1.428_606_8e-6];
/// The polynomial of `exp` near zero, but for its last two terms, which are one.
const EXP: [f32; 5] = [
    f32::from_bits(0x3AB4_A000),
    f32::from_bits(0x3C09_2F6E),
    f32::from_bits(0x3D2A_ADAD),
    f32::from_bits(0x3E2A_AA28),
    f32::from_bits(0x3EFF_FFFB),
];
/// The exponent of 1 in its place.
const ONE: i32 = 127 << 23;
/// The exponents that a normal number has, in their place, less that of 1.
const NORMAL: [i32; 2] = [-126 << 23, 127 << 23];

impl Function for Exp {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let x = clamp(x, -103.972_084, 88.776_26);
        let (x, biased) = reduce(x);
        // The scale is applied in two parts, one of which is a normal number: results may be
        // subnormal, or too large.
        let scale = (biased.to_bits() << 23).cast_signed();
        let normal = scale.min(NORMAL[1]).max(NORMAL[0]);
        let rest = f32::from_bits(scale.wrapping_sub(normal).wrapping_add(ONE).cast_unsigned());
        let normal = f32::from_bits(normal.wrapping_add(ONE).cast_unsigned());
        let p = polynomial(x, &EXP).mul_add(x, 1.0);
        p.mul_add(x * rest, rest) * normal
    }
}

impl Function for ExpBelow {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let x = x + self.shift;
        let x = if x < -88.376_26 { -88.376_26 } else { x };
        let (x, biased) = reduce(x);
        let scale = (biased.to_bits() << 23).wrapping_add(ONE.cast_unsigned());
        let p = polynomial(x, &EXP).mul_add(x, 1.0).mul_add(x, 1.0);
        p * f32::from_bits(scale)
    }
}

impl Function for Logistic {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let x = clamp(x, -18.0, 18.0);
        let square = x * x;
        let above = polynomial(
            square,
            &[
                4.370_31e-11,
                1.156_273_2e-7,
                6.085_749e-5,
                8.513_771e-3,
                2.482_879_5e-1,
            ],
        );
        let below = polynomial(
            square,
            &[
                6.102_473_7e-13,
                5.761_021_4e-9,
                6.291_068e-6,
                1.701_988_2e-3,
                1.168_176_5e-1,
                9.931_519e-1,
            ],
        );
        let value = (x * above) / below + 0.5;
        if value < 0.0 { 0.0 } else { value }
    }
}

impl Function for Tanh {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let x = clamp(x, -9.0, 9.0);
        let square = x * x;
        let above = polynomial(
            square,
            &[
                -2.760_768_4e-16,
                2.000_188e-13,
                -8.604_672e-11,
                5.122_297_3e-8,
                1.485_722_35e-5,
                6.372_619_5e-4,
                4.893_524_6e-3,
            ],
        );
        let below = polynomial(
            square,
            &[1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_7e-3, 4.893_525e-3],
        );
        (x * above) / below
    }
}

impl Function for Erf {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let size = x.abs();
        let size = if size > 3.925 { 3.925 } else { size };
        let near = polynomial(
            size * size,
            &[
                -5.991_049_7e-4,
                4.993_396e-3,
                -2.676_673_4e-2,
                1.128_180_25e-1,
                -3.761_248_6e-1,
                1.283_791_5e-1,
            ],
        );
        let near = near.mul_add(size, size);
        let far = polynomial(
            size,
            &[
                1.729_489_3e-5,
                -3.832_086_8e-4,
                3.883_934_4e-3,
                -2.425_456e-2,
                1.067_778_5e-1,
                6.348_467e-1,
                1.287_175_1e-1,
            ],
        );
        let far = -far.mul_add(size, size);
        let far = if far < -88.376_26 { -88.376_26 } else { far };
        let (far, biased) = reduce(far);
        let scale = (biased.to_bits() << 23).wrapping_add(ONE.cast_unsigned());
        let far = polynomial(
            far,
            &[
                1.383_198_1e-3,
                8.375_5e-3,
                4.166_895e-2,
                1.666_644_7e-1,
                4.999_998_5e-1,
                1.0,
                1.0,
            ],
        );
        let far = 1.0 - far * f32::from_bits(scale);
        let value = if size > 0.921_875 { far } else { near };
        f32::from_bits(value.to_bits() | (x.to_bits() & (1 << 31)))
    }
}

/// `coefficients` at `x`, the highest power first.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: &[f32; N]) -> f32 {
    let mut value = coefficients[0];
    let mut place = 1;
    while place < N {
        value = value.mul_add(x, coefficients[place]);
        place += 1;
    }
    value
}

/// `x` less the multiple of the logarithm of 2 that is nearest, and that multiple plus [`ROUND`].
#[inline(always)]
fn reduce(x: f32) -> (f32, f32) {
    let biased = x.mul_add(LOG2_E, ROUND);
    let multiple = biased - ROUND;
    let x = multiple.mul_add(LN_2[0], x);
    (multiple.mul_add(LN_2[1], x), biased)
}

/// `x` within bounds; NaN as it is.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}
