//! What is done to scores at the end: `post_transform`.

use crate::onnx::{LowerError, Lowering};
use crate::ops::approximations::{self, Logistic, map_in_place};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A function of a row of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    None,
    Logistic,
    Softmax,
    SoftmaxZero,
    Probit,
}

impl Transform {
    /// The attribute `post_transform`.
    ///
    /// # Errors
    /// For a word that is none of its values.
    pub(super) fn read(node: &Lowering<'_>) -> Result<Self, LowerError> {
        Ok(match node.node.string("post_transform")? {
            None | Some("NONE") => Self::None,
            Some("LOGISTIC") => Self::Logistic,
            Some("SOFTMAX") => Self::Softmax,
            Some("SOFTMAX_ZERO") => Self::SoftmaxZero,
            Some("PROBIT") => Self::Probit,
            Some(_) => return node.refuse("`post_transform` has an unknown value"),
        })
    }

    /// Applied to a row of two and more scores, which are computed with 32 bits whatever their
    /// own precision is, but for the last division of `SOFTMAX_ZERO`.
    pub(super) fn apply<T: Real>(self, scores: &mut [T]) {
        match self {
            Self::None => {}
            Self::Logistic => each(scores, logistic),
            Self::Probit => each(scores, probit),
            Self::Softmax => softmax(scores),
            Self::SoftmaxZero => softmax_zero(scores),
        }
    }
}

impl Transform {
    /// Applied to rows of `width` scores as linear models and support vectors have it: a score
    /// alone is left as it is but by `PROBIT`.
    pub(super) fn apply_rows(self, scores: &mut [f32], width: usize) {
        match (self, width) {
            (Self::None, _) => {}
            (Self::Probit, _) => each(scores, probit),
            (_, 0 | 1) => {}
            (Self::Logistic, _) => map_in_place(Logistic, scores),
            // Few scores are computed one by one, more with the approximation of many.
            (Self::Softmax, 5..) => {
                let read = scores.to_vec();
                let rows = read.chunks_exact(width);
                for (row, made) in rows.zip(scores.chunks_exact_mut(width)) {
                    approximations::softmax(row, made);
                }
            }
            (Self::Softmax | Self::SoftmaxZero, _) => {
                scores
                    .chunks_exact_mut(width)
                    .for_each(|row| self.apply(row));
            }
        }
    }

    /// The scores of two classes of which only one is summed.
    pub(super) fn of_two<T: Real>(self, score: T, other: Other) -> [T; 2] {
        let logistic = |score: T| T::of(f64::from(logistic(score.narrow())));
        match (self, other) {
            (Self::Logistic, _) => [logistic(-score), logistic(score)],
            (_, Other::Rest) => [T::ONE - score, score],
            (_, Other::Opposite) => [-score, score],
        }
    }
}

/// What the score of a class that is not summed is, without `LOGISTIC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// What is left of 1.
    Rest,
    /// The negative of the other.
    Opposite,
}

/// `f32` and `f64`.
pub(super) trait Real:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;

    /// Rounded to the nearest.
    fn of(number: f64) -> Self;

    /// Exactly.
    fn wide(self) -> f64;

    /// Rounded to the nearest.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounding is what is asked for"
    )]
    fn narrow(self) -> f32 {
        self.wide() as f32
    }
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounding is what is asked for"
    )]
    fn of(number: f64) -> Self {
        number as f32
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn narrow(self) -> f32 {
        self
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn of(number: f64) -> Self {
        number
    }

    fn wide(self) -> f64 {
        self
    }
}

fn each<T: Real>(scores: &mut [T], function: fn(f32) -> f32) {
    for score in scores {
        *score = T::of(f64::from(function(score.narrow())));
    }
}

/// The logistic function by way of its upper half, whose complement loses digits far below zero.
pub(super) fn logistic(x: f32) -> f32 {
    let upper = 1.0 / (1.0 + (-x.abs()).exp());
    if x < 0.0 { 1.0 - upper } else { upper }
}

/// The quantile function of the normal distribution, in S. Winitzki's approximation (2008).
pub(super) fn probit(x: f32) -> f32 {
    const A: f32 = 0.147;
    let x = 2.0 * x - 1.0;
    let sign = if x < 0.0 { -1.0 } else { 1.0 };
    let log = ((1.0 - x) * (1.0 + x)).ln();
    let middle = 2.0 / (std::f32::consts::PI * A) + 0.5 * log;
    let inner = -middle + (middle * middle - 1.0 / A * log).sqrt();
    std::f32::consts::SQRT_2 * (sign * inner.sqrt())
}

/// The shares of the exponentials.
fn softmax<T: Real>(scores: &mut [T]) {
    let highest = highest(scores);
    let mut sum = 0.0_f32;
    for score in &mut *scores {
        let share = (score.narrow() - highest).exp();
        sum += share;
        *score = T::of(f64::from(share));
    }
    for score in scores {
        *score = T::of(f64::from(score.narrow() / sum));
    }
}

/// The shares of the exponentials, where scores of next to zero have no share.
fn softmax_zero<T: Real>(scores: &mut [T]) {
    const NEAR: f32 = 0.000_000_1;
    let highest = highest(scores);
    let of_zero = T::of(f64::from((-highest).exp()));
    let mut sum = 0.0_f32;
    for score in &mut *scores {
        let narrow = score.narrow();
        if narrow.abs() > NEAR {
            let share = (narrow - highest).exp();
            sum += share;
            *score = T::of(f64::from(share));
        } else {
            *score = *score * of_zero;
        }
    }
    for score in scores {
        *score = *score / T::of(f64::from(sum));
    }
}

/// The highest of `scores`; the lowest number there is where none is a number.
fn highest<T: Real>(scores: &[T]) -> f32 {
    let higher = |highest: f32, score: &T| {
        if score.narrow() > highest {
            score.narrow()
        } else {
            highest
        }
    };
    scores.iter().fold(f32::MIN, higher)
}
