//! Shares of exponential functions.

use super::{ExpBelow, map_to};

/// Writes the exponential functions of `row` less its largest number to `made`, which has as many
/// places; gives that number and their sum.
pub(in crate::ops) fn powers(row: &[f32], made: &mut [f32]) -> (f32, f32) {
    let most = row.iter().fold(f32::MIN, |most, number| {
        // A number behind one that is none takes its place.
        if most > *number { most } else { *number }
    });
    map_to(ExpBelow { shift: -most }, row, made);
    // Eight sums side by side, as wide as a register.
    let mut lanes = [0.0_f32; 8];
    for powers in made.chunks(8) {
        for (lane, power) in lanes.iter_mut().zip(powers) {
            *lane += power;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    (most, ((a + b) + (c + d)) + ((e + f) + (g + h)))
}

/// Writes what each exponential function of `row` is of all of them together to `made`.
pub(in crate::ops) fn softmax(row: &[f32], made: &mut [f32]) {
    let (_, sum) = powers(row, made);
    let scale = 1.0 / sum;
    for part in made {
        *part *= scale;
    }
}
