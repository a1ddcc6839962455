//! Products of matrices with something added.

use super::super::broadcast::Broadcast;
use super::super::half::widened;
use super::super::{shape, standard};
use super::kernel::Matrix;
use super::product::{Multiply, Scale};
use crate::data::{elements, tensor};
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Buffer, Data, DataType, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard("Gemm", 7, |node| widened(node, gemm), "")];

/// `alpha * left * right + beta * added`, the matrices turned or not.
struct Gemm<T: Multiply> {
    alpha: T,
    beta: T,
    turn_left: bool,
    turn_right: bool,
    /// The right matrix, where it is the same in every run.
    prepared: Option<T::Prepared>,
}

fn gemm(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let (alpha, beta) = (
        node.node.float("alpha")?.unwrap_or(1.0),
        node.node.float("beta")?.unwrap_or(1.0),
    );
    match node.same_type()? {
        DataType::F32 => of::<f32>(node, alpha, beta),
        DataType::F64 => of::<f64>(node, alpha.into(), beta.into()),
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

fn of<T: Multiply>(node: &Lowering<'_>, alpha: T, beta: T) -> Result<Lowered, LowerError>
where
    Data: From<Buffer<T>>,
{
    let turn_right = node.int("transB", 0)? != 0;
    let prepared = match node.constant(1) {
        Some(constant) => {
            let matrix = matrix(constant, turn_right);
            Some(T::prepare(
                matrix.map_err(|fault| LowerError(fault.to_string()))?,
            ))
        }
        None => None,
    };
    let gemm = Gemm {
        alpha,
        beta,
        turn_left: node.int("transA", 0)? != 0,
        turn_right,
        prepared,
    };
    Ok(Lowered::one(gemm, T::TYPE))
}

/// `tensor` as a matrix, turned or not.
fn matrix<T: Multiply>(tensor: &Tensor, turned: bool) -> Result<Matrix<'_, T>, Fault> {
    let &[rows, columns] = tensor.shape() else {
        return Err(Fault::refused(format!(
            "found a value of shape {:?}, expected a matrix",
            tensor.shape()
        )));
    };
    let (rows, columns) = if turned {
        (columns, rows)
    } else {
        (rows, columns)
    };
    Ok(Matrix {
        numbers: elements(tensor)?,
        rows,
        columns,
        turned,
    })
}

impl<T: Multiply> Operator for Gemm<T>
where
    Data: From<Buffer<T>>,
{
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let left = matrix::<T>(inputs.get(0)?, self.turn_left)?;
        let right = matrix::<T>(inputs.get(1)?, self.turn_right)?;
        if left.columns != right.rows {
            return Err(Fault::refused(format!(
                "rows of {} elements are multiplied with columns of {}",
                left.columns, right.rows
            )));
        }
        let shape = [left.rows, right.columns];
        let count = shape::count(&shape)?;
        let added = inputs.optional(2).filter(|_| self.beta != T::ZERO);
        let mut made = match added {
            Some(added) => self.spread(added, &shape)?,
            None => vec![T::ZERO; count],
        };
        let scale = Scale {
            alpha: self.alpha,
            add: added.is_some(),
            whole: added.is_none() || self.beta == T::ONE,
        };
        if count > 0 && left.columns > 0 {
            match &self.prepared {
                Some(prepared) => T::prepared(left, prepared, &mut made, scale),
                None => T::product(left, right, &mut made, scale),
            }
        }
        Ok(one(tensor(&shape, made)?))
    }
}

impl<T: Multiply> Gemm<T> {
    /// What is added, in the shape of the product and multiplied with `beta`.
    fn spread(&self, added: &Tensor, shape: &[usize; 2]) -> Result<Vec<T>, Fault> {
        let broadcast = Broadcast::new([shape, added.shape()])?;
        if broadcast.shape() != shape {
            return Err(Fault::refused(format!(
                "a value of shape {:?} cannot be added to one of shape {shape:?}",
                added.shape()
            )));
        }
        let zeros = vec![(); broadcast.count()];
        let beta = self.beta;
        let added: &[T] = elements(added)?;
        if beta == T::ONE {
            return broadcast.zip(&zeros, added, |(), added| added);
        }
        broadcast.zip(&zeros, added, |(), added| added.mul(beta))
    }
}
