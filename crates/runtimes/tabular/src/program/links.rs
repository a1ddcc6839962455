//! Functions of sums.

use super::columns::by_floats;
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::program::Link;

/// Every number divided by one.
pub(super) struct Divide(pub(super) f64);

impl Operator for Divide {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "computed in the type of the numbers"
    )]
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let divisor = self.0;
        by_floats(
            read,
            |cells| Ok(cells.iter().map(|cell| cell / divisor as f32).collect()),
            |cells| Ok(cells.iter().map(|cell| cell / divisor).collect()),
            read.shape(),
        )
    }
}

/// A function of every number, or of every row.
pub(super) struct Function(pub(super) Link);

impl Operator for Function {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let width = read.shape().get(1).copied().unwrap_or(1);
        by_floats(
            read,
            |cells| Ok(in_f32(self.0, cells, width)),
            |cells| Ok(in_f64(self.0, cells, width)),
            read.shape(),
        )
    }
}

macro_rules! link {
    ($name:ident, $float:ty) => {
        fn $name(link: Link, cells: &[$float], width: usize) -> Vec<$float> {
            let each = |function: &dyn Fn($float) -> $float| {
                cells.iter().map(|cell| function(*cell)).collect()
            };
            match link {
                Link::Logistic {
                    scale,
                    limit,
                    epsilon,
                } => {
                    let (scale, limit) = (scale as $float, limit as $float);
                    let epsilon = epsilon as $float;
                    each(&|x| 1.0 / (1.0 + smaller(-scale * x, limit).exp() + epsilon))
                }
                Link::Softmax => {
                    let mut made = cells.to_vec();
                    for row in made.chunks_exact_mut(width.max(1)) {
                        let largest = row
                            .iter()
                            .copied()
                            .fold(<$float>::NEG_INFINITY, <$float>::max);
                        let mut sum = 0.0_f64;
                        for cell in row.iter_mut() {
                            *cell = (*cell - largest).exp();
                            sum += *cell as f64;
                        }
                        for cell in row {
                            *cell /= sum as $float;
                        }
                    }
                    made
                }
                Link::Exp => each(&|x| x.exp()),
                Link::Softplus => each(&|x| x.exp().ln_1p()),
                Link::SignedSquare => each(&|x| if x < 0.0 { -(x * x) } else { x * x }),
                Link::Step => each(&|x| if x > 0.0 { 1.0 } else { 0.0 }),
            }
        }
    };
}

link!(in_f32, f32);
link!(in_f64, f64);

/// The smaller of two; NaN stays NaN, unlike with `f32::min`.
fn smaller<T: PartialOrd>(one: T, limit: T) -> T {
    if one > limit { limit } else { one }
}
