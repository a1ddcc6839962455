//! How far apart two tensors are.

use flowgate_core::{Data, Tensor};

/// How far 64-bit floats may be apart, whatever their size: ONNX Runtime's own sines, sums and
/// logarithms of them are off by some places, most of all where they are near zero.
const NEAR: f64 = 4e-15;

/// The most places that a float of `found` is off from that of `expected`; 0 where all are equal,
/// or nearer than [`NEAR`] with 64 bits. All NaN are alike, zeros are told apart by sign, and
/// infinities are not near any number.
///
/// # Errors
/// In words, when types or shapes differ, or elements that are no floats.
pub(crate) fn places_off(found: &Tensor, expected: &Tensor) -> Result<u64, String> {
    if (found.datatype(), found.shape()) != (expected.datatype(), expected.shape()) {
        return Err(format!(
            "found {} {:?}, expected {} {:?}",
            found.datatype(),
            found.shape(),
            expected.datatype(),
            expected.shape()
        ));
    }
    let pairs: Vec<(u64, [f64; 2])> = match (found.data(), expected.data()) {
        (Data::F32(found), Data::F32(expected)) => {
            let pairs = found.iter().zip(expected.iter());
            let place = |number: f32| i64::from(ordered_32(number.to_bits().cast_signed()));
            pairs
                .map(|(one, two)| {
                    let apart = place(*one).abs_diff(place(*two));
                    (apart, [f64::from(*one), f64::from(*two)])
                })
                .collect()
        }
        (Data::F64(found), Data::F64(expected)) => {
            let pairs = found.iter().zip(expected.iter());
            let place = |number: f64| ordered_64(number.to_bits().cast_signed());
            pairs
                .map(|(one, two)| {
                    let apart = place(*one).abs_diff(place(*two));
                    let near = (one - two).abs() <= NEAR * two.abs().max(1.0) && *two != 0.0;
                    (if near { 0 } else { apart }, [*one, *two])
                })
                .collect()
        }
        (Data::F16(found), Data::F16(expected)) => {
            let pairs = found.iter().zip(expected.iter());
            pairs
                .map(|(one, two)| {
                    let pair = [one.to_f64(), two.to_f64()];
                    (u64::from(one.to_bits().abs_diff(two.to_bits())), pair)
                })
                .collect()
        }
        (found, expected) if found == expected => return Ok(0),
        (found, expected) => {
            return Err(format!("found {found:?}, expected {expected:?}")
                .chars()
                .take(600)
                .collect());
        }
    };
    let mut worst = 0;
    for (apart, [found, expected]) in pairs {
        if found.is_nan() && expected.is_nan() {
            continue;
        }
        let zeros = found == 0.0 && expected == 0.0 && apart != 0;
        let infinite = found.is_infinite() != expected.is_infinite();
        if found.is_nan() || expected.is_nan() || zeros || infinite {
            return Err(format!("found {found:?}, expected {expected:?}"));
        }
        worst = worst.max(apart);
    }
    Ok(worst)
}

/// Neighbouring floats have neighbouring numbers; -0 and 0 have -1 and 0.
fn ordered_32(bits: i32) -> i32 {
    if bits < 0 { i32::MIN - bits - 1 } else { bits }
}

fn ordered_64(bits: i64) -> i64 {
    if bits < 0 { i64::MIN - bits - 1 } else { bits }
}
