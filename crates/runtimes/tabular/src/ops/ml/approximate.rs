//! Functions of 32-bit floats in the approximations that ONNX Runtime 1.32 has of them for many
//! numbers at once: the same polynomials with the same roundings. As good ones of another kind
//! differ in more than the last places where these are coarse, a logistic far below zero say.
//!
//! Coefficients: MLAS of ONNX Runtime 1.32, its kernels for processors with FMA.

use super::wide::{Work, wide};

/// Replaces each of `numbers` by `1 / (1 + exp(-x))`.
pub(super) fn logistic(numbers: &mut [f32]) {
    wide(Each(numbers, |x: f32| {
        const ABOVE: [f32; 5] = [
            4.370_31e-11,
            1.156_273_2e-7,
            6.085_749e-5,
            8.513_771e-3,
            2.482_879_5e-1,
        ];
        const BELOW: [f32; 6] = [
            6.102_473_7e-13,
            5.761_021_4e-9,
            6.291_068e-6,
            1.701_988_2e-3,
            1.168_176_5e-1,
            9.931_519e-1,
        ];
        let x = between(x, -18.0, 18.0);
        let square = x * x;
        let value = x * polynomial(square, &ABOVE) / polynomial(square, &BELOW) + 0.5;
        if value < 0.0 { 0.0 } else { value }
    }));
}

/// Replaces each of `numbers` by its hyperbolic tangent.
pub(super) fn tanh(numbers: &mut [f32]) {
    wide(Each(numbers, |x: f32| {
        const ABOVE: [f32; 7] = [
            -2.760_768_4e-16,
            2.000_188e-13,
            -8.604_672e-11,
            5.122_297_3e-8,
            1.485_722_35e-5,
            6.372_619_5e-4,
            4.893_524_6e-3,
        ];
        const BELOW: [f32; 4] = [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_7e-3, 4.893_525e-3];
        let x = between(x, -9.0, 9.0);
        let square = x * x;
        x * polynomial(square, &ABOVE) / polynomial(square, &BELOW)
    }));
}

/// Replaces the numbers of `row` by the shares of their exponentials.
pub(super) fn softmax(row: &mut [f32]) {
    let larger = |one, two: &f32| if *two > one { *two } else { one };
    let highest = row.iter().fold(f32::MIN, larger);
    wide(Each(row, move |x: f32| exp_below(x - highest)));
    // Eight sums side by side, as wide as a register.
    let mut lanes = [0.0_f32; 8];
    for shares in row.chunks(8) {
        for (lane, share) in lanes.iter_mut().zip(shares) {
            *lane += share;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let scale = 1.0 / (((a + b) + (c + d)) + ((e + f) + (g + h)));
    for share in row {
        *share *= scale;
    }
}

/// The exponential function of a number that is not above zero.
#[inline(always)]
fn exp_below(x: f32) -> f32 {
    /// Adding it rounds to a whole number, which is then in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// The logarithm of 2 in two parts, so that multiples of it lose nothing.
    const LN_2: [f32; 2] = [-6.931_457_5e-1, -1.428_606_8e-6];
    const NEAR_ZERO: [f32; 7] = [
        f32::from_bits(0x3AB4_A000),
        f32::from_bits(0x3C09_2F6E),
        f32::from_bits(0x3D2A_ADAD),
        f32::from_bits(0x3E2A_AA28),
        f32::from_bits(0x3EFF_FFFB),
        1.0,
        1.0,
    ];
    let x = if x < -88.376_26 { -88.376_26 } else { x };
    let biased = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let multiple = biased - ROUND;
    let rest = multiple.mul_add(LN_2[0], x);
    let rest = multiple.mul_add(LN_2[1], rest);
    let power = (biased.to_bits() << 23).wrapping_add(127 << 23);
    polynomial(rest, &NEAR_ZERO) * f32::from_bits(power)
}

/// A function of every number.
struct Each<'a, F>(&'a mut [f32], F);

impl<F: Fn(f32) -> f32> Work for Each<'_, F> {
    #[inline(always)]
    fn run(self) {
        for number in self.0 {
            *number = (self.1)(*number);
        }
    }
}

/// `coefficients` at `x`, the highest power first.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: &[f32; N]) -> f32 {
    let mut value = 0.0;
    for (place, coefficient) in coefficients.iter().enumerate() {
        value = if place == 0 {
            *coefficient
        } else {
            f32::mul_add(value, x, *coefficient)
        };
    }
    value
}

/// `x` within bounds; what is not a number stays so.
#[inline(always)]
fn between(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}
