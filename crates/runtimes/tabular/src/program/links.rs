//! Functions of sums, done where the sums lie.

use super::columns::by_floats;
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::program::{Link, Op};
use smallvec::SmallVec;

/// What is done to every number, or to every row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    /// Divided by one.
    Divide(f64),
    /// A function.
    Link(Link),
}

/// Changes in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes(pub(super) SmallVec<[Change; 2]>);

impl Change {
    /// The change that `op` is, where it is one.
    pub(super) fn of(op: &Op) -> Option<Self> {
        match op {
            Op::Divide(divisor) => Some(Self::Divide(*divisor)),
            Op::Link(link) => Some(Self::Link(*link)),
            _ => None,
        }
    }
}

impl Operator for Changes {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let read = inputs.get(0)?;
        let width = read.shape().get(1).copied().unwrap_or(1);
        by_floats(
            read,
            |cells| Ok(self.made(cells, width, Self::f32s)),
            |cells| Ok(self.made(cells, width, Self::f64s)),
            read.shape(),
        )
    }
}

impl Changes {
    fn made<T: Copy>(
        &self,
        cells: &[T],
        width: usize,
        change: fn(&Self, &mut [T], usize),
    ) -> Vec<T> {
        let mut made = cells.to_vec();
        change(self, &mut made, width);
        made
    }
}

macro_rules! changes {
    ($name:ident, $float:ty) => {
        impl Changes {
            /// Changes rows of `width` numbers.
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_lossless,
                trivial_numeric_casts,
                reason = "computed in the type of the numbers"
            )]
            pub(super) fn $name(&self, cells: &mut [$float], width: usize) {
                fn each(cells: &mut [$float], function: impl Fn($float) -> $float) {
                    cells.iter_mut().for_each(|cell| *cell = function(*cell));
                }
                for change in &self.0 {
                    let link = match *change {
                        Change::Divide(divisor) => {
                            each(cells, |cell| cell / divisor as $float);
                            continue;
                        }
                        Change::Link(link) => link,
                    };
                    match link {
                        Link::Logistic {
                            scale,
                            limit,
                            epsilon,
                        } => {
                            let (scale, limit) = (scale as $float, limit as $float);
                            let epsilon = epsilon as $float;
                            each(cells, |x| {
                                1.0 / (1.0 + smaller(-scale * x, limit).exp() + epsilon)
                            });
                        }
                        Link::Softmax => {
                            for row in cells.chunks_exact_mut(width.max(1)) {
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
                        }
                        Link::Exp => each(cells, |x| x.exp()),
                        Link::Softplus => each(cells, |x| x.exp().ln_1p()),
                        Link::SignedSquare => {
                            each(cells, |x| if x < 0.0 { -(x * x) } else { x * x });
                        }
                        Link::Step => each(cells, |x| if x > 0.0 { 1.0 } else { 0.0 }),
                    }
                }
            }
        }
    };
}

changes!(f32s, f32);
changes!(f64s, f64);

/// The smaller of two; NaN stays NaN, unlike with `f32::min`.
fn smaller<T: PartialOrd>(one: T, limit: T) -> T {
    if one > limit { limit } else { one }
}
