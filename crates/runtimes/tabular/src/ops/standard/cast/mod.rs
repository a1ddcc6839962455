//! Elements of one type as elements of another.

mod numbers;
mod text;

use super::standard;
use crate::data::{Element, elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType, Shape, Strings, StringsBuilder, Tensor};
use flowgate_onnx::{ElemType, datatype};
use half::f16;
pub(super) use numbers::CastTo;
use std::marker::PhantomData;

/// The operators of this file.
pub(super) const LIST: &[Entry] = &[
    standard(
        "Cast",
        6,
        cast,
        "floats of 8 bits, integers of 4 bits and less, and `bfloat16`",
    ),
    standard(
        "CastLike",
        15,
        cast_like,
        "floats of 8 bits, integers of 4 bits and less, and `bfloat16`",
    ),
];

/// Numbers as numbers.
struct Numbers<A, T>(PhantomData<fn(A) -> T>);

/// Numbers as texts.
struct Print<A>(PhantomData<fn(A)>);

/// Texts as numbers: how each is read, and what becomes of it.
struct Parse<P, T> {
    read: fn(&str) -> Option<P>,
    types: PhantomData<fn(P) -> T>,
}

/// What is of the type already.
struct Same;

fn cast(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let number = node.int("to", 0)?;
    let elem = i32::try_from(number).ok().and_then(ElemType::from_number);
    match elem.and_then(datatype) {
        Some(to) => between(node, to),
        None => node.refuse(format!("it makes elements of type number {number}")),
    }
}

fn cast_like(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    between(node, node.datatype(1)?)
}

/// From the type of the first input to `to`.
fn between(node: &Lowering<'_>, to: DataType) -> Result<Lowered, LowerError> {
    let from = node.datatype(0)?;
    let refuse = || node.refuse(format!("it makes `{to}` of `{from}`"));
    if from == to {
        return Ok(Lowered::one(Same, to));
    }
    match (from, to) {
        (DataType::Str, _) => parse(to).map_or_else(refuse, Ok),
        (_, DataType::Str) => print(from).map_or_else(refuse, Ok),
        _ => with_type!(from, A in [
            Bool = bool, I8 = i8, I16 = i16, I32 = i32, I64 = i64, U8 = u8, U16 = u16, U32 = u32,
            U64 = u64, F16 = f16, F32 = f32, F64 = f64,
        ] => numbers::<A>(to).map_or_else(refuse, Ok), else refuse()),
    }
}

fn numbers<A>(to: DataType) -> Option<Lowered>
where
    A: Element
        + CastTo<bool>
        + CastTo<i8>
        + CastTo<i16>
        + CastTo<i32>
        + CastTo<i64>
        + CastTo<u8>
        + CastTo<u16>
        + CastTo<u32>
        + CastTo<u64>
        + CastTo<f16>
        + CastTo<f32>
        + CastTo<f64>,
{
    with_type!(to, T in [
        Bool = bool, I8 = i8, I16 = i16, I32 = i32, I64 = i64, U8 = u8, U16 = u16, U32 = u32,
        U64 = u64, F16 = f16, F32 = f32, F64 = f64,
    ] => Some(Lowered::one(Numbers::<A, T>(PhantomData), to)), else None)
}

fn print(from: DataType) -> Option<Lowered> {
    with_type!(from, A in [
        Bool = bool, I8 = i8, I16 = i16, I32 = i32, I64 = i64, U8 = u8, U16 = u16, U32 = u32,
        U64 = u64, F16 = f16, F32 = f32, F64 = f64,
    ] => Some(Lowered::one(Print::<A>(PhantomData), DataType::Str)), else None)
}

fn parse(to: DataType) -> Option<Lowered> {
    macro_rules! by {
        ($read:expr, $through:ty => $to:ty) => {{
            let parse = Parse::<$through, $to> {
                read: $read,
                types: PhantomData,
            };
            Some(Lowered::one(parse, to))
        }};
    }
    match to {
        DataType::F16 => by!(text::float, f64 => f16),
        DataType::F32 => by!(text::float, f64 => f32),
        DataType::F64 => by!(text::float, f64 => f64),
        DataType::I8 => by!(text::signed_integer, i64 => i8),
        DataType::I16 => by!(text::signed_integer, i64 => i16),
        DataType::I32 => by!(text::signed_integer, i64 => i32),
        DataType::I64 => by!(text::signed_integer, i64 => i64),
        DataType::U8 => by!(text::unsigned_integer, u64 => u8),
        DataType::U16 => by!(text::unsigned_integer, u64 => u16),
        DataType::U32 => by!(text::unsigned_integer, u64 => u32),
        DataType::U64 => by!(text::unsigned_integer, u64 => u64),
        DataType::Bool => by!(text::unsigned_integer, u64 => bool),
        _ => None,
    }
}

impl<A, T> Operator for Numbers<A, T>
where
    A: Element + CastTo<T>,
    T: Element,
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let numbers = elements::<A>(input)?.iter();
        let made = numbers.map(|number| number.cast()).collect();
        Ok(one(tensor::<T>(input.shape(), made)?))
    }
}

/// How a number is printed.
trait Printed: Element {
    fn push(self, texts: &mut StringsBuilder, buffer: &mut String);
}

macro_rules! printed {
    ($($number:ty: |$value:ident, $texts:ident, $buffer:ident| $push:expr);* $(;)?) => {
        $(impl Printed for $number {
            fn push(self, $texts: &mut StringsBuilder, $buffer: &mut String) {
                let $value = self;
                $push
            }
        })*
    };
}

printed!(
    i8: |number, texts, buffer| text::push_integer(texts, number, buffer);
    i16: |number, texts, buffer| text::push_integer(texts, number, buffer);
    i32: |number, texts, buffer| text::push_integer(texts, number, buffer);
    i64: |number, texts, buffer| text::push_integer(texts, number, buffer);
    u8: |number, texts, buffer| text::push_integer(texts, number, buffer);
    u16: |number, texts, buffer| text::push_integer(texts, number, buffer);
    u32: |number, texts, buffer| text::push_integer(texts, number, buffer);
    u64: |number, texts, buffer| text::push_integer(texts, number, buffer);
    bool: |value, texts, buffer| text::push_integer(texts, u8::from(value), buffer);
    f16: |number, texts, buffer| text::push_float(texts, number.into(), buffer);
    f32: |number, texts, buffer| text::push_float(texts, number.into(), buffer);
    f64: |number, texts, buffer| text::push_float(texts, number, buffer);
);

impl<A: Printed> Operator for Print<A> {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let (mut texts, mut buffer) = (StringsBuilder::new(), String::new());
        for number in elements::<A>(input)? {
            number.push(&mut texts, &mut buffer);
        }
        let shape = Shape::from_slice(input.shape());
        Ok(one(Tensor::new(shape, texts.finish())?))
    }
}

impl<P, T> Operator for Parse<P, T>
where
    P: CastTo<T>,
    T: Element,
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let number = |text: &str| {
            let number = (self.read)(text).map(CastTo::cast);
            number.ok_or_else(|| Fault::refused(format!("a text is no number of `{}`", T::TYPE)))
        };
        let made = texts(input)?.iter().map(number).collect::<Result<_, _>>()?;
        Ok(one(tensor::<T>(input.shape(), made)?))
    }
}

impl Operator for Same {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        Ok(one(inputs.get(0)?.clone()))
    }
}

/// The elements of `tensor`, which are texts.
///
/// # Errors
/// [`Fault::Failed`] when they are not.
pub(super) fn texts(tensor: &Tensor) -> Result<&Strings, Fault> {
    match tensor.data() {
        Data::Str(texts) => Ok(texts),
        other => Err(Fault::failed(format!(
            "found a tensor of `{}`, expected texts",
            other.datatype()
        ))),
    }
}
