//! Comparing frames whose numbers are rounded.

use flowgate_core::{Data, Frame, NamedTensor};

/// How far two floating-point numbers may be apart: by `absolute`, or by `relative` times the
/// expected number. All other types must be equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// In the unit of the number.
    pub absolute: f64,
    /// As a part of the expected number.
    pub relative: f64,
}

impl Tolerance {
    /// Equal, but that every NaN is like every other.
    pub const NONE: Self = Self {
        absolute: 0.0,
        relative: 0.0,
    };

    fn takes(self, found: f64, expected: f64) -> bool {
        if found == expected {
            // 0.0 == -0.0; without tolerance they are told apart.
            return self != Self::NONE || found.is_sign_negative() == expected.is_sign_negative();
        }
        if !found.is_finite() || !expected.is_finite() {
            return found.is_nan() && expected.is_nan();
        }
        (found - expected).abs() <= self.absolute + self.relative * expected.abs()
    }
}

/// Asserts that `found` has the names, types, shapes and labels of `expected`, and the same
/// elements within `tolerance`.
///
/// # Panics
/// With the first difference.
#[track_caller]
pub fn assert_close(found: &Frame, expected: &Frame, tolerance: Tolerance) {
    if let Some(difference) = difference(found, expected, tolerance) {
        panic!("{difference}");
    }
}

fn difference(found: &Frame, expected: &Frame, tolerance: Tolerance) -> Option<String> {
    let names = |frame: &Frame| -> Vec<String> {
        frame
            .tensors()
            .iter()
            .map(|named| named.name.to_string())
            .collect()
    };
    if names(found) != names(expected) {
        return Some(format!(
            "tensors {:?}, expected {:?}",
            names(found),
            names(expected)
        ));
    }
    let mut pairs = found.tensors().iter().zip(expected.tensors());
    pairs.find_map(|(found, expected)| {
        tensor_difference(found, expected, tolerance)
            .map(|difference| format!("tensor `{}`: {difference}", expected.name))
    })
}

fn tensor_difference(
    found: &NamedTensor,
    expected: &NamedTensor,
    tolerance: Tolerance,
) -> Option<String> {
    let (one, two) = (&found.tensor, &expected.tensor);
    if one.datatype() != two.datatype() {
        return Some(format!(
            "datatype {}, expected {}",
            one.datatype(),
            two.datatype()
        ));
    }
    if one.shape() != two.shape() {
        return Some(format!(
            "shape {:?}, expected {:?}",
            one.shape(),
            two.shape()
        ));
    }
    if found.labels != expected.labels {
        return Some(format!(
            "labels {:?}, expected {:?}",
            found.labels, expected.labels
        ));
    }
    match (floats(one.data()), floats(two.data())) {
        (Some(one), Some(two)) => {
            let wrong = one
                .iter()
                .zip(&two)
                .position(|(a, b)| !tolerance.takes(*a, *b))?;
            Some(format!(
                "element {wrong} is {:?}, expected {:?}",
                one[wrong], two[wrong]
            ))
        }
        _ if one.data() == two.data() => None,
        _ => Some(format!("{:?}, expected {:?}", one.data(), two.data())),
    }
}

/// The elements as `f64`, which holds each of them exactly; `None` for other types.
fn floats(data: &Data) -> Option<Vec<f64>> {
    match data {
        Data::F16(elements) => Some(elements.iter().map(|element| element.to_f64()).collect()),
        Data::F32(elements) => Some(elements.iter().map(|&element| element.into()).collect()),
        Data::F64(elements) => Some(elements.to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::{Labels, Tensor};

    fn frame(data: impl Into<Data>) -> Frame {
        Frame::new(vec![NamedTensor::new("y", Tensor::column(data))])
    }

    #[test]
    fn numbers_within_the_tolerance_are_close_and_others_are_named() {
        let tolerance = Tolerance {
            absolute: 0.5,
            relative: 0.25,
        };
        for (found, expected, close) in [
            (1.0, 1.0, true),
            (1.75, 1.0, true),
            (1.76, 1.0, false),
            (0.5, 0.0, true),
            (f64::NAN, f64::NAN, true),
            (f64::NAN, 0.0, false),
            (f64::INFINITY, f64::INFINITY, true),
            (f64::NEG_INFINITY, f64::INFINITY, false),
        ] {
            let found = difference(&frame(vec![found]), &frame(vec![expected]), tolerance);
            assert_eq!(found.is_none(), close, "{expected}: {found:?}");
        }
    }

    #[test]
    fn without_tolerance_the_two_zeros_differ() {
        let zeros = (frame(vec![0.0_f64]), frame(vec![-0.0_f64]));
        assert!(difference(&zeros.0, &zeros.1, Tolerance::NONE).is_some());
        let wide = Tolerance {
            absolute: 1e-9,
            relative: 0.0,
        };
        assert_eq!(difference(&zeros.0, &zeros.1, wide), None);
    }

    #[test]
    fn names_types_shapes_and_labels_must_be_the_same() {
        let wide = Tolerance {
            absolute: 1e9,
            relative: 1e9,
        };
        let one = frame(vec![1.0_f32]);
        let renamed: Frame = one
            .tensors()
            .iter()
            .map(|named| NamedTensor::new("z", named.tensor.clone()))
            .collect();
        let mut labelled = one.tensors()[0].clone();
        labelled.labels = Some(Labels::Ints(vec![1].into()));
        for other in [
            renamed,
            frame(vec![1.0_f64]),
            frame(vec![1.0_f32, 1.0]),
            Frame::new(vec![labelled]),
            Frame::default(),
        ] {
            assert!(difference(&one, &other, wide).is_some(), "{other:?}");
        }
        assert!(difference(&frame(vec![1_i64]), &frame(vec![2_i64]), wide).is_some());
    }
}
