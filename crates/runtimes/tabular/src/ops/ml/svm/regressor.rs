//! `SVMRegressor`, which knows outliers as well (`one_class`).

use super::super::linear::{Bias, Products};
use super::super::rows::{Rows, expect_type, floats, product};
use super::kernel::{Kernel, Part, Vectors};
use crate::data::tensor;
use crate::onnx::{LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::DataType;

/// Rows whose kernels are held at once.
const BLOCK: usize = 64;

struct SvmRegressor {
    kernel: Kernel,
    /// Support vectors; the coefficients alone where there are none.
    vectors: Vectors,
    /// One a support vector.
    coefficients: Option<Vec<f32>>,
    rho: f32,
    /// Whether rows are told to be inside (1) or outside (-1).
    one_class: bool,
}

pub(super) fn svm_regressor(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    expect_type(node, 0, &[DataType::F32])?;
    let coefficients = node.floats("coefficients")?;
    let coefficients_count = coefficients.len();
    let Some(rho) = node.floats("rho")?.first().copied() else {
        return node.refuse("its attribute `rho` is missing");
    };
    let numbers = node.floats("support_vectors")?;
    let count = usize::try_from(node.int("n_supports", 0)?).unwrap_or_default();
    let kernel = Kernel::read(node)?;
    let (kernel, vectors, coefficients) = if count > 0 {
        let vectors = Vectors::new(numbers, count, kernel);
        (kernel, vectors, Some(coefficients.to_vec()))
    } else {
        let vectors = Vectors::new(coefficients, 1, Kernel::Linear);
        (Kernel::Linear, vectors, None)
    };
    let Some(vectors) = vectors.filter(|_| count == 0 || coefficients_count == count) else {
        let numbers = numbers.len();
        return node.refuse(format!(
            "it has {coefficients_count} coefficients and {numbers} numbers for {count} support \
             vectors"
        ));
    };
    let op = SvmRegressor {
        kernel,
        vectors,
        coefficients,
        rho,
        one_class: node.int("one_class", 0)? != 0,
    };
    Ok(Lowered::one(op, DataType::F32))
}

impl Operator for SvmRegressor {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let features = self.vectors.features;
        let rows = Rows::of(read)?.expect_width(features)?.rows;
        let cells = floats(read)?;
        let mut made = vec![0.0; product(rows, 1)?];
        match &self.coefficients {
            None => {
                let part = Part {
                    first: 0,
                    all: rows,
                };
                self.kernel
                    .write(&cells, part, &self.vectors, self.rho, &mut made);
            }
            Some(coefficients) => {
                let sums = Products {
                    weights: coefficients,
                    features: self.vectors.count,
                    sums: 1,
                    alpha: 1.0,
                    alone: rows == 1,
                    bias: Bias::One(self.rho),
                };
                let mut kernels = vec![0.0; product(rows.min(BLOCK), self.vectors.count)?];
                let blocks = cells.chunks(BLOCK * features.max(1));
                for (block, (made, cells)) in made.chunks_mut(BLOCK).zip(blocks).enumerate() {
                    let part = Part {
                        first: block * BLOCK,
                        all: rows,
                    };
                    let kernels = kernels.get_mut(..made.len() * self.vectors.count);
                    let kernels = kernels.unwrap_or_default();
                    self.kernel.write(cells, part, &self.vectors, 0.0, kernels);
                    sums.write(kernels, made);
                }
            }
        }
        if self.one_class {
            for sum in &mut made {
                *sum = if *sum > 0.0 { 1.0 } else { -1.0 };
            }
        }
        Ok(one(tensor(&[rows, 1], made)?))
    }
}
