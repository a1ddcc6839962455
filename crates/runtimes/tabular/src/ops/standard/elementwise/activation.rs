//! What networks put between their layers.

use super::super::half::widened;
use super::super::standard;
use super::{all, each, refuse_type};
use crate::data::Number;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::ops::approximations::{
    ExpOfFour, Function, Log1p, Logistic, Packet, Tanh, map, map_packets,
};
use flowgate_core::DataType;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Relu", 6, |node| widened(node, relu), ""),
    standard("LeakyRelu", 6, |node| widened(node, leaky_relu), ""),
    standard(
        "ThresholdedRelu",
        10,
        |node| widened(node, thresholded_relu),
        "",
    ),
    standard("Elu", 6, |node| widened(node, elu), ""),
    standard("Celu", 12, |node| widened(node, celu), ""),
    standard("Selu", 6, |node| widened(node, selu), ""),
    standard("Softplus", 1, |node| widened(node, softplus), ""),
    standard("Softsign", 1, |node| widened(node, softsign), ""),
    standard("HardSigmoid", 6, |node| widened(node, hard_sigmoid), ""),
    standard("Sigmoid", 6, |node| widened(node, sigmoid), ""),
    standard("Tanh", 6, |node| widened(node, tanh), ""),
];

fn relu(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(positive::<f32>)),
        DataType::F64 => Ok(each(positive::<f64>)),
        DataType::I32 => Ok(each(positive::<i32>)),
        DataType::I8 => Ok(each(positive::<i8>)),
        other => refuse_type(other),
    }
}

/// NaN and both zeros are as they were.
fn positive<T: Number>(number: T) -> T {
    if number < T::ZERO { T::ZERO } else { number }
}

fn leaky_relu(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let alpha = node.node.float("alpha")?.unwrap_or(0.01);
    floats(node, move |x| if x >= 0.0 { x } else { alpha * x })
}

fn thresholded_relu(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let alpha = node.node.float("alpha")?.unwrap_or(1.0);
    floats(node, move |x| if x > alpha { x } else { 0.0 })
}

/// Above zero the number itself, below it a multiple of one less than the exponential function.
#[derive(Debug, Clone, Copy)]
struct Exponential {
    /// What numbers are multiplied with before.
    alpha: f32,
    /// What they are divided by in the exponent.
    divisor: f32,
    /// What numbers above zero are multiplied with.
    gamma: f32,
    /// What they are added to: zero takes the sign of zeros.
    zero: f32,
}

impl Exponential {
    #[inline(always)]
    fn of(self, x: f32, exp: f32) -> f32 {
        let below = self.alpha * (exp - 1.0);
        let value = if x >= 0.0 {
            self.gamma * (x + self.zero)
        } else {
            below
        };
        if x.is_nan() { x } else { value }
    }
}

impl Function for Exponential {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        self.of(x, ExpOfFour.at(x / self.divisor))
    }
}

impl Packet for Exponential {
    fn alone(self, x: f32) -> f32 {
        self.of(x, ExpOfFour.alone(x / self.divisor))
    }
}

fn elu(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let alpha = node.node.float("alpha")?.unwrap_or(1.0);
    packets(
        node,
        Exponential {
            alpha,
            divisor: 1.0,
            gamma: 1.0,
            zero: -0.0,
        },
    )
}

fn celu(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let alpha = node.node.float("alpha")?.unwrap_or(1.0);
    packets(
        node,
        Exponential {
            alpha,
            divisor: alpha,
            gamma: 1.0,
            zero: 0.0,
        },
    )
}

fn selu(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let alpha = node.node.float("alpha")?.unwrap_or(1.673_263_2);
    let gamma = node.node.float("gamma")?.unwrap_or(1.050_701);
    packets(
        node,
        Exponential {
            alpha: gamma * alpha,
            divisor: 1.0,
            gamma,
            zero: 0.0,
        },
    )
}

/// The logarithm of one more than the exponential function.
#[derive(Debug, Clone, Copy)]
struct Softplus;

impl Function for Softplus {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        let log = Log1p.at(ExpOfFour.at(-x.abs()));
        if x > 0.0 { x + log } else { log }
    }
}

impl Packet for Softplus {
    fn alone(self, x: f32) -> f32 {
        let log = Log1p.alone(ExpOfFour.alone(-x.abs()));
        if x > 0.0 { x + log } else { log }
    }
}

fn softplus(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    packets(node, Softplus)
}

fn softsign(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    floats(node, |x| (1.0 / (1.0 + x.abs())) * x)
}

fn hard_sigmoid(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let alpha = node.node.float("alpha")?.unwrap_or(0.2);
    let beta = node.node.float("beta")?.unwrap_or(0.5);
    floats(node, move |x| {
        let line = alpha * x + beta;
        let line = if line > 1.0 { 1.0 } else { line };
        positive(line)
    })
}

fn sigmoid(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map(Logistic, numbers))),
        DataType::F64 => Ok(each(|x: f64| {
            let half = 1.0 / (1.0 + (-x.abs()).exp());
            if x >= 0.0 { half } else { 1.0 - half }
        })),
        other => refuse_type(other),
    }
}

fn tanh(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(|numbers| map(Tanh, numbers))),
        DataType::F64 => Ok(each(f64::tanh)),
        other => refuse_type(other),
    }
}

fn floats(
    node: &Lowering<'_>,
    function: impl Fn(f32) -> f32 + Send + Sync + 'static,
) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(function)),
        other => refuse_type(other),
    }
}

fn packets(
    node: &Lowering<'_>,
    function: impl Packet + Send + Sync + 'static,
) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(all(move |numbers| map_packets(function, numbers))),
        other => refuse_type(other),
    }
}
