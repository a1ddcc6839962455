//! Products of stacks of matrices.

use super::super::broadcast::{Broadcast, common};
use super::super::half::widened;
use super::super::{shape, standard};
use super::kernel::Matrix;
use super::product::{Multiply, Scale};
use crate::data::{elements, tensor, with_type};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] =
    &[standard("MatMul", 1, |node| widened(node, mat_mul), "")];

/// The product of the last two dimensions of each value, for all the others that go together.
struct MatMul<T: Multiply> {
    /// The right matrix, where it is one and the same in every run.
    prepared: Option<T::Prepared>,
}

fn mat_mul(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let datatype = node.same_type()?;
    with_type!(datatype, T in [
        F32 = f32, F64 = f64, I64 = i64, I32 = i32, U64 = u64, U32 = u32,
    ] => of::<T>(node), else node.refuse(format!("elements of `{datatype}` are not taken")))
}

fn of<T: Multiply>(node: &Lowering<'_>) -> Result<Lowered, LowerError>
where
    Data: From<Buffer<T>>,
{
    let mut prepared = None;
    if let Some(constant) = node.constant(1)
        && let [rows, columns] = *constant.shape()
    {
        let numbers = elements(constant).map_err(|fault| LowerError(fault.to_string()))?;
        let matrix = Matrix {
            numbers,
            rows,
            columns,
            turned: false,
        };
        prepared = Some(T::prepare(matrix));
    }
    Ok(Lowered::one(MatMul::<T> { prepared }, T::TYPE))
}

/// The sizes of a stack of products.
struct Sizes {
    /// The stack.
    outer: Shape,
    rows: usize,
    depth: usize,
    columns: usize,
    /// The shape of the result.
    made: Shape,
}

impl Sizes {
    /// Of the shapes of two values: a vector is a row on the left, a column on the right.
    fn of(left: &[usize], right: &[usize]) -> Result<Self, Fault> {
        let unfit = || {
            Fault::refused(format!(
                "values of shapes {left:?} and {right:?} cannot be multiplied"
            ))
        };
        let (rows, depth, above) = match left {
            [] => return Err(unfit()),
            [depth] => (None, *depth, &[] as &[usize]),
            [above @ .., rows, depth] => (Some(*rows), *depth, above),
        };
        let (height, columns, other) = match right {
            [] => return Err(unfit()),
            [height] => (*height, None, &[] as &[usize]),
            [other @ .., height, columns] => (*height, Some(*columns), other),
        };
        if depth != height {
            return Err(unfit());
        }
        let outer = common(&[above, other])?;
        let mut made = outer.clone();
        made.extend(rows);
        made.extend(columns);
        shape::count(&made)?;
        let (mut outer, mut rows) = (outer, rows.unwrap_or(1));
        if right.len() <= 2 {
            // One matrix for all: the stack is one of more rows.
            rows = shape::count(&outer)?.saturating_mul(rows);
            outer = Shape::new();
        }
        Ok(Self {
            outer,
            rows,
            depth,
            columns: columns.unwrap_or(1),
            made,
        })
    }
}

impl<T: Multiply> Operator for MatMul<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let (left, right) = (inputs.get(0)?, inputs.get(1)?);
        let sizes = Sizes::of(left.shape(), right.shape())?;
        let Sizes {
            rows,
            depth,
            columns,
            ..
        } = sizes;
        let mut made = vec![T::ZERO; shape::count(&sizes.made)?];
        if made.is_empty() || depth == 0 {
            return Ok(one(tensor(&sizes.made, made)?));
        }
        let matrix = |numbers, rows, columns| Matrix {
            numbers,
            rows,
            columns,
            turned: false,
        };
        let numbers: &[T] = elements(left)?;
        if let Some(prepared) = &self.prepared {
            T::prepared(
                matrix(numbers, rows, depth),
                prepared,
                &mut made,
                Scale::NONE,
            );
        } else {
            let others: &[T] = elements(right)?;
            let begins = begins(left, right, &sizes)?.into_iter();
            for ((from, and), made) in begins.zip(made.chunks_exact_mut(rows * columns)) {
                let missing = || Fault::failed("a value is shorter than its shape");
                let numbers = numbers.get(from..).ok_or_else(missing)?;
                let others = others.get(and..).ok_or_else(missing)?;
                let left = matrix(
                    numbers.get(..rows * depth).ok_or_else(missing)?,
                    rows,
                    depth,
                );
                let others = others.get(..depth * columns).ok_or_else(missing)?;
                T::product(left, matrix(others, depth, columns), made, Scale::NONE);
            }
        }
        Ok(one(tensor(&sizes.made, made)?))
    }
}

/// Where the matrices of each product begin, product by product.
fn begins(left: &Tensor, right: &Tensor, sizes: &Sizes) -> Result<Vec<(usize, usize)>, Fault> {
    if sizes.outer.is_empty() {
        return Ok(vec![(0, 0)]);
    }
    let above = |shape: &'_ [usize]| {
        let stack = shape.get(..shape.len().saturating_sub(2));
        Shape::from_slice(stack.unwrap_or_default())
    };
    let (above, other) = (above(left.shape()), above(right.shape()));
    let broadcast = Broadcast::new([&above, &other])?;
    let (len, [step, further]) = broadcast.run();
    let (one, two) = (sizes.rows * sizes.depth, sizes.depth * sizes.columns);
    let mut begins = Vec::with_capacity(broadcast.count());
    broadcast.each(|[from, and]| {
        let places = (0..len).map(|nth| (from + nth * step, and + nth * further));
        begins.extend(places.map(|(from, and)| (from * one, and * two)));
        Some(())
    })?;
    Ok(begins)
}
