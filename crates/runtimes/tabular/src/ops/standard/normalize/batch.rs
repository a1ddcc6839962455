//! Features brought to the mean and the variance that they had in training, and what does nothing
//! outside of training.

use super::super::elementwise::arithmetic::Arithmetic;
use super::super::half::widened;
use super::super::{shape, standard};
use crate::data::{elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard(
        "BatchNormalization",
        7,
        |node| widened(node, batch),
        "training",
    ),
    standard("Dropout", 7, dropout, "training"),
];

/// Scales the numbers of each place along the second dimension.
struct Batch<T> {
    epsilon: T,
    /// The factor and the summand, of scale, bias, mean and variance.
    line: fn([T; 4], T) -> (T, T),
}

/// Leaves values as they are.
struct Dropout {
    /// What the second output holds everywhere, where it is wanted.
    mask: Option<bool>,
}

fn batch(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.int("training_mode", 0)? != 0 || node.int("spatial", 1)? != 1 {
        return node.refuse("it is for training, or not of features");
    }
    if node
        .node
        .outputs()
        .iter()
        .skip(1)
        .any(|name| !name.is_empty())
    {
        return node.refuse("its means and variances are wanted");
    }
    let epsilon = node.node.float("epsilon")?.unwrap_or(1e-5);
    match node.same_type()? {
        DataType::F32 => Ok(of(epsilon, line_32)),
        DataType::F64 => Ok(of(f64::from(epsilon), line_64)),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn of<T: Arithmetic>(epsilon: T, line: fn([T; 4], T) -> (T, T)) -> Lowered
where
    Data: From<Buffer<T>>,
{
    Lowered::one(Batch { epsilon, line }, T::TYPE)
}

fn line_32([scale, bias, mean, variance]: [f32; 4], epsilon: f32) -> (f32, f32) {
    let factor = 1.0 / (variance + epsilon).sqrt() * scale;
    (factor, bias - mean * factor)
}

fn line_64([scale, bias, mean, variance]: [f64; 4], epsilon: f64) -> (f64, f64) {
    let factor = 1.0 / (variance + epsilon).sqrt() * scale;
    (factor, bias - mean * factor)
}

fn dropout(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.datatype(0)?;
    if !datatype.is_float() {
        return node.refuse(format!("elements of `{datatype}` are not taken"));
    }
    if node.has(2) {
        let training = node.constant(2).map(Tensor::data);
        if !matches!(training, Some(Data::Bool(training)) if training.first() == Some(&false)) {
            return node.refuse("it may be for training");
        }
    }
    let wanted = node.node.outputs().len() > 1;
    if wanted && node.opset < 10 {
        return node.refuse("its mask is of floats");
    }
    // As ONNX Runtime has it: all are kept, which was told otherwise before version 12.
    let mask = wanted.then_some(node.opset >= 12);
    Ok(Lowered {
        op: Box::new(Dropout { mask }),
        outputs: if wanted {
            vec![datatype, DataType::Bool]
        } else {
            vec![datatype]
        },
    })
}

impl<T: Arithmetic> Operator for Batch<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let (_, features, inner) = shape::around(input.shape(), 1);
        let mut lines = Vec::with_capacity(features.min(1 << 16));
        let of = |place: usize| elements::<T>(inputs.get(place)?);
        let (scale, bias, mean, variance) = (of(1)?, of(2)?, of(3)?, of(4)?);
        let sizes = [scale.len(), bias.len(), mean.len(), variance.len()];
        if sizes != [features; 4] {
            return Err(Fault::refused(format!(
                "found {features} features, expected {}",
                scale.len()
            )));
        }
        let pairs = scale.iter().zip(bias).zip(mean.iter().zip(variance));
        for ((scale, bias), (mean, variance)) in pairs {
            lines.push((self.line)([*scale, *bias, *mean, *variance], self.epsilon));
        }
        let numbers: &[T] = elements(input)?;
        let mut made = Vec::with_capacity(numbers.len());
        if !numbers.is_empty() {
            let runs = numbers.chunks_exact(inner).zip(lines.iter().cycle());
            for (run, (factor, summand)) in runs {
                made.extend(run.iter().map(|number| number.mul(*factor).add(*summand)));
            }
        }
        Ok(one(tensor(input.shape(), made)?))
    }
}

impl Operator for Dropout {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let mut made = one(input.clone());
        if let Some(mask) = self.mask {
            made.push(tensor(input.shape(), vec![mask; input.data().len()])?);
        }
        Ok(made)
    }
}
