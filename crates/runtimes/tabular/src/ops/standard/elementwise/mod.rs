//! Operators that make an element of the elements at its place, without a look at others.

pub(super) mod activation;
pub(super) mod arithmetic;
pub(super) mod comparison;
pub(super) mod power;
pub(super) mod round;
pub(super) mod select;
pub(super) mod transcendental;
pub(super) mod variadic;

use super::broadcast::Broadcast;
use crate::data::{Element, elements, tensor};
use crate::onnx::{LowerError, Lowered};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType};
use std::marker::PhantomData;

/// Makes a value of one value, all elements at once.
struct Unary<A, T, F> {
    function: F,
    types: PhantomData<fn(A) -> T>,
}

/// Makes an element of two.
struct Binary<A, B, T, F> {
    function: F,
    /// Whether the second value has only elements that the function takes.
    check: fn(&[B]) -> Result<(), Fault>,
    types: PhantomData<fn(A, B) -> T>,
}

/// `function` of every element.
pub(super) fn each<A, T>(function: impl Fn(A) -> T + Send + Sync + 'static) -> Lowered
where
    A: Element,
    T: Element,
    Data: From<Buffer<T>>,
{
    all(move |values: &[A]| values.iter().map(|value| function(*value)).collect())
}

/// `function` of all elements, of which it makes as many.
pub(super) fn all<A, T>(function: impl Fn(&[A]) -> Vec<T> + Send + Sync + 'static) -> Lowered
where
    A: Element,
    T: Element,
    Data: From<Buffer<T>>,
{
    let unary = Unary {
        function,
        types: PhantomData,
    };
    Lowered::one(unary, T::TYPE)
}

/// `function` of the elements of two values that are spread to a common shape.
pub(super) fn pairs<A, B, T>(function: impl Fn(A, B) -> T + Send + Sync + 'static) -> Lowered
where
    A: Element,
    B: Element,
    T: Element,
    Data: From<Buffer<T>>,
{
    checked_pairs(function, |_| Ok(()))
}

/// As [`pairs`], after `check` has seen the elements of the second value.
fn checked_pairs<A, B, T>(
    function: impl Fn(A, B) -> T + Send + Sync + 'static,
    check: fn(&[B]) -> Result<(), Fault>,
) -> Lowered
where
    A: Element,
    B: Element,
    T: Element,
    Data: From<Buffer<T>>,
{
    let binary = Binary {
        function,
        check,
        types: PhantomData,
    };
    Lowered::one(binary, T::TYPE)
}

/// That elements of `datatype` are not taken.
///
/// # Errors
/// Always.
pub(super) fn refuse_type<T>(datatype: DataType) -> Result<T, LowerError> {
    Err(LowerError(format!(
        "elements of `{datatype}` are not taken"
    )))
}

impl<A, T, F> Operator for Unary<A, T, F>
where
    A: Element,
    T: Element,
    F: Fn(&[A]) -> Vec<T> + Send + Sync,
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let made = (self.function)(elements(input)?);
        Ok(one(tensor(input.shape(), made)?))
    }
}

impl<A, B, T, F> Operator for Binary<A, B, T, F>
where
    A: Element,
    B: Element,
    T: Element,
    F: Fn(A, B) -> T + Send + Sync,
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (left, right) = (inputs.get(0)?, inputs.get(1)?);
        let broadcast = Broadcast::new([left.shape(), right.shape()])?;
        let (left, right) = (elements(left)?, elements(right)?);
        (self.check)(right)?;
        let made = broadcast.zip(left, right, &self.function)?;
        Ok(one(tensor(broadcast.shape(), made)?))
    }
}
