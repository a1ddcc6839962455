//! Rows through trees.

use super::super::rows::{Rows, floats, no_numbers, product};
use super::super::scores::Real;
use super::aggregate::{Extreme, extremes};
use super::ensemble::{Prepared, prepare};
use super::membership::Membership;
use super::scored::Scored;
use crate::data::elements;
use crate::op::{Context, Fault};
use crate::program::ensemble::how;
use crate::trees::{Cells, Sums, Trees};
use flowgate_core::program::{Ensemble, Precision};
use flowgate_core::{Data, Tensor};
use flowgate_onnx::trees::{Aggregate, Forest};
use std::borrow::Cow;

/// The trees of a node, ready to run.
pub(super) struct Scorer {
    precision: Precision,
    membership: Membership,
    scored: Vec<Scored>,
    /// Scores of a row, and what is counted after them.
    width: usize,
    way: Way,
}

/// How weights become scores.
enum Way {
    Sum(Trees),
    /// Sums that are divided by the number of trees.
    Average(Trees, f64),
    /// One weight of all, for which every leaf is looked at.
    Extreme(Extreme, Ensemble),
}

/// Scores, `[rows, outputs]` and what is counted after the outputs of a row.
pub(super) struct Scores<T> {
    pub(super) cells: Vec<T>,
    /// Cells of a row.
    pub(super) width: usize,
}

impl Scorer {
    /// The trees of `forest` on cells and sums of the type `precision`.
    ///
    /// # Errors
    /// In words, for trees that are not taken.
    pub(super) fn new(forest: &Forest, precision: Precision) -> Result<Self, String> {
        let Prepared {
            ensemble,
            membership,
            scored,
        } = prepare(forest, precision)?;
        let compile = || Trees::compile(&ensemble).map_err(|error| error.to_string());
        let width = ensemble.outputs;
        let way = match forest.aggregate {
            Aggregate::Sum => Way::Sum(compile()?),
            #[expect(clippy::cast_precision_loss, reason = "as ONNX Runtime divides")]
            Aggregate::Average => Way::Average(compile()?, forest.roots.len() as f64),
            Aggregate::Min => Way::Extreme(Extreme::Lowest, ensemble),
            Aggregate::Max => Way::Extreme(Extreme::Highest, ensemble),
        };
        Ok(Self {
            precision,
            membership,
            scored,
            width,
            way,
        })
    }

    /// The type of cells and scores.
    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    /// The number of outputs.
    pub(super) fn outputs(&self) -> usize {
        self.scored.len()
    }

    /// Whether `row` has a score for `output`.
    pub(super) fn has_score<T: Real>(&self, row: &[T], output: usize) -> bool {
        match self.scored.get(output) {
            Some(Scored::Always) => true,
            Some(Scored::Never) | None => false,
            Some(Scored::Counted(counter)) => {
                row.get(*counter).is_some_and(|count| *count > T::ZERO)
            }
        }
    }

    /// Whether every row has a score for `output`.
    pub(super) fn always_has_score(&self, output: usize) -> bool {
        self.scored.get(output) == Some(&Scored::Always)
    }

    /// The scores of the rows of `read`, and how many rows those are.
    ///
    /// # Errors
    /// [`Fault::Refused`] for what are no rows, or have too few cells.
    pub(super) fn scores<T: Cell>(
        &self,
        read: &Tensor,
        context: &mut Context,
    ) -> Result<(usize, Scores<T>), Fault> {
        let rows = Rows::of(read)?;
        let least = self.membership.features();
        if rows.width < least {
            return Err(Fault::refused(format!(
                "expected {least} features at least, got {}",
                rows.width
            )));
        }
        let cells = self.cells(T::of_tensor(read)?, rows)?;
        let mut made = vec![T::ZERO; product(rows.rows, self.width)?];
        match &self.way {
            Way::Sum(trees) | Way::Average(trees, _) => {
                let how = how(trees, context)?;
                let (cells, made) = (T::cells(&cells), T::sums(&mut made));
                trees.run(cells, made, &how, &mut context.trees);
            }
            Way::Extreme(extreme, ensemble) => {
                extremes(
                    *extreme,
                    ensemble,
                    T::cells(&cells),
                    &mut made,
                    self.outputs(),
                );
            }
        }
        if let Way::Average(_, trees) = self.way {
            for row in made.chunks_exact_mut(self.width.max(1)) {
                for score in row.iter_mut().take(self.scored.len()) {
                    *score = *score / T::of(trees);
                }
            }
        }
        let width = self.width;
        Ok((rows.rows, Scores { cells: made, width }))
    }

    /// As many columns as the trees read, with those that are added.
    fn cells<'a, T: Cell>(&self, cells: Cow<'a, [T]>, rows: Rows) -> Result<Cow<'a, [T]>, Fault> {
        let width = self.membership.width();
        if rows.width == width && width == self.membership.features() {
            return Ok(cells);
        }
        let mut made = Vec::with_capacity(product(rows.rows, width)?);
        for row in cells.chunks_exact(rows.width.max(1)) {
            self.membership.extend(row, &mut made);
        }
        Ok(Cow::Owned(made))
    }
}

/// A type of the cells of trees.
pub(super) trait Cell: Real + Default + 'static {
    /// The numbers of a value, converted where they are of another type.
    fn of_tensor(read: &Tensor) -> Result<Cow<'_, [Self]>, Fault>;
    fn cells(cells: &[Self]) -> Cells<'_>;
    fn sums(sums: &mut [Self]) -> Sums<'_>;
}

impl Cell for f32 {
    fn of_tensor(read: &Tensor) -> Result<Cow<'_, [Self]>, Fault> {
        floats(read)
    }

    fn cells(cells: &[Self]) -> Cells<'_> {
        Cells::F32(cells)
    }

    fn sums(sums: &mut [Self]) -> Sums<'_> {
        Sums::F32(sums)
    }
}

impl Cell for f64 {
    fn of_tensor(read: &Tensor) -> Result<Cow<'_, [Self]>, Fault> {
        match read.data() {
            Data::F64(_) => Ok(Cow::Borrowed(elements(read)?)),
            other => Err(no_numbers(other)),
        }
    }

    fn cells(cells: &[Self]) -> Cells<'_> {
        Cells::F64(cells)
    }

    fn sums(sums: &mut [Self]) -> Sums<'_> {
        Sums::F64(sums)
    }
}
