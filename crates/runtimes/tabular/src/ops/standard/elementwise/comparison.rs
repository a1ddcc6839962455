//! What is true of two elements, or of one.

use super::super::broadcast::Broadcast;
use super::super::standard;
use super::{each, pairs, refuse_type};
use crate::data::{tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType};
use half::f16;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[
    standard("Equal", 7, equal, ""),
    standard("Less", 7, less, ""),
    standard("LessOrEqual", 12, less_or_equal, ""),
    standard("Greater", 7, greater, ""),
    standard("GreaterOrEqual", 12, greater_or_equal, ""),
    standard("And", 7, and, ""),
    standard("Or", 7, or, ""),
    standard("Xor", 7, xor, ""),
    standard("Not", 1, not, ""),
    standard("IsNaN", 9, is_nan, ""),
    standard("IsInf", 10, is_inf, ""),
];

/// Whether two texts are equal.
struct EqualTexts;

/// Runs `$body` with `$t` for the type of ordered elements `$datatype`.
macro_rules! ordered {
    ($datatype:expr, $t:ident => $body:expr) => {{
        let datatype = $datatype;
        with_type!(datatype, $t in [
            F32 = f32, F64 = f64, F16 = f16, I64 = i64, I32 = i32, I16 = i16, I8 = i8, U64 = u64,
            U32 = u32, U16 = u16, U8 = u8,
        ] => Ok($body), else refuse_type(datatype))
    }};
}

fn equal(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.same_type()? {
        DataType::Str => Ok(Lowered::one(EqualTexts, DataType::Bool)),
        DataType::Bool => Ok(pairs(|one: bool, two: bool| one == two)),
        datatype => ordered!(datatype, T => pairs(|one: T, two: T| one == two)),
    }
}

fn less(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    ordered!(node.same_type()?, T => pairs(|one: T, two: T| one < two))
}

fn less_or_equal(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    ordered!(node.same_type()?, T => pairs(|one: T, two: T| one <= two))
}

fn greater(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    ordered!(node.same_type()?, T => pairs(|one: T, two: T| one > two))
}

fn greater_or_equal(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    ordered!(node.same_type()?, T => pairs(|one: T, two: T| one >= two))
}

fn and(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    logical(node, |one, two| one & two)
}

fn or(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    logical(node, |one, two| one | two)
}

fn xor(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    logical(node, |one, two| one ^ two)
}

fn logical(
    node: &Lowering<'_>,
    function: impl Fn(bool, bool) -> bool + Send + Sync + 'static,
) -> Result<Lowered, LowerError> {
    match node.same_type()? {
        DataType::Bool => Ok(pairs(function)),
        other => refuse_type(other),
    }
}

fn not(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::Bool => Ok(each(|value: bool| !value)),
        other => refuse_type(other),
    }
}

fn is_nan(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::F32 => Ok(each(f32::is_nan)),
        DataType::F64 => Ok(each(f64::is_nan)),
        DataType::F16 => Ok(each(f16::is_nan)),
        other => refuse_type(other),
    }
}

fn is_inf(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let above = node.int("detect_positive", 1)? != 0;
    let below = node.int("detect_negative", 1)? != 0;
    let is = move |infinite: bool, negative: bool| infinite && if negative { below } else { above };
    match node.datatype(0)? {
        DataType::F32 => Ok(each(move |x: f32| is(x.is_infinite(), x < 0.0))),
        DataType::F64 => Ok(each(move |x: f64| is(x.is_infinite(), x < 0.0))),
        DataType::F16 => Ok(each(move |x: f16| is(x.is_infinite(), x < f16::ZERO))),
        other => refuse_type(other),
    }
}

impl Operator for EqualTexts {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (left, right) = (inputs.get(0)?, inputs.get(1)?);
        let (Data::Str(one_text), Data::Str(two_text)) = (left.data(), right.data()) else {
            return Err(Fault::failed("expected texts"));
        };
        let broadcast = Broadcast::new([left.shape(), right.shape()])?;
        let (len, [step, other]) = broadcast.run();
        let mut made = Vec::with_capacity(broadcast.count());
        broadcast.each(|[from, and]| {
            for place in 0..len {
                let (one, two) = (from + place * step, and + place * other);
                made.push(one_text.get(one)? == two_text.get(two)?);
            }
            Some(())
        })?;
        Ok(one(tensor(broadcast.shape(), made)?))
    }
}
