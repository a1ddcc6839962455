//! Ensembles of trees, compiled and evaluated exactly.
//!
//! Responsible for the sums of [`Ensemble`]: whichever way they are made, they are bit for bit
//! those of following each tree node by node and adding its leaves in order. There are two ways,
//! the walk ([`walk`]) and the sweep ([`sweep`]), and [`rule`] chooses between them for every
//! call. Vectors run over rows, never over trees, so that no sum is made in another order.
//!
//! What a model file says, and what is done with the sums, belongs elsewhere.

mod codes;
mod columns;
mod follow;
mod lanes;
mod leaves;
mod model;
mod order;
mod rule;
mod simd;
mod sum;
mod sweep;
mod tables;
#[cfg(test)]
mod tests;
mod tree;
mod walk;

pub(crate) use follow::leaves;
pub(crate) use simd::Level;

use flowgate_core::program::{Ensemble, Precision};
use model::Model;
use simd::Simd;

/// An ensemble, ready to be evaluated; it does not change.
#[derive(Debug)]
pub(crate) struct Trees {
    features: usize,
    outputs: usize,
    model: Compiled,
}

/// The types of the cells and of the sums.
#[derive(Debug)]
enum Compiled {
    F32F32(Model<f32, f32>),
    F32F64(Model<f32, f64>),
    F64F32(Model<f64, f32>),
    F64F64(Model<f64, f64>),
}

/// Cells of rows, row after row, in the type of the ensemble's.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cells<'a> {
    /// Of 32 bits.
    F32(&'a [f32]),
    /// Of 64 bits.
    F64(&'a [f64]),
}

/// Room for the sums of rows, row after row, in the type of the ensemble's. What is there is
/// overwritten.
#[derive(Debug)]
pub(crate) enum Sums<'a> {
    /// Of 32 bits.
    F32(&'a mut [f32]),
    /// Of 64 bits.
    F64(&'a mut [f64]),
}

/// How rows are evaluated. It changes the time that it takes and nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// The way.
    pub(crate) path: Path,
    /// The most threads that large batches are divided among; the calling one is one of them.
    pub(crate) threads: usize,
}

/// A way to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Path {
    /// The fastest for the number of rows.
    #[default]
    Auto,
    /// The walk, one row after the other.
    One,
    /// The walk of eight rows.
    Eight,
    /// The walk of sixteen rows.
    Sixteen,
    /// The sweep with these instructions.
    Sweep(Level),
}

/// What is kept between runs, so that they allocate nothing once the largest has been.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    walk: walk::Room,
    sweep: simd::Vectors,
    /// Those of further threads.
    others: Vec<Scratch>,
}

/// Why an ensemble cannot be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CompileError {
    /// Places of nodes have 32 bits.
    #[error("the trees have more nodes than can be numbered")]
    Nodes,
    /// So have places of leaves.
    #[error("the leaves add more numbers than can be numbered")]
    Leaves,
    /// So have places of categories.
    #[error("the splits name more categories than can be numbered")]
    Categories,
}

impl Trees {
    /// Compiles an ensemble that has been checked, in time and memory in proportion to it.
    ///
    /// # Errors
    /// When something is more than 32 bits number.
    pub(crate) fn compile(ensemble: &Ensemble) -> Result<Self, CompileError> {
        Self::compile_for(ensemble, Simd::best())
    }

    /// The same for some instructions of the CPU.
    fn compile_for(ensemble: &Ensemble, simd: Simd) -> Result<Self, CompileError> {
        use Precision::{F32, F64};
        let model = match (ensemble.cells, ensemble.sums) {
            (F32, F32) => Compiled::F32F32(Model::new(ensemble, simd)?),
            (F32, F64) => Compiled::F32F64(Model::new(ensemble, simd)?),
            (F64, F32) => Compiled::F64F32(Model::new(ensemble, simd)?),
            (F64, F64) => Compiled::F64F64(Model::new(ensemble, simd)?),
        };
        Ok(Self {
            features: ensemble.features,
            outputs: ensemble.outputs,
            model,
        })
    }

    /// Cells of a row.
    pub(crate) fn features(&self) -> usize {
        self.features
    }

    /// Sums of a row.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// The type of the sums.
    pub(crate) fn precision(&self) -> Precision {
        match self.model {
            Compiled::F32F32(_) | Compiled::F64F32(_) => Precision::F32,
            Compiled::F32F64(_) | Compiled::F64F64(_) => Precision::F64,
        }
    }

    /// Octets that it takes in memory, about.
    pub(crate) fn footprint(&self) -> usize {
        match &self.model {
            Compiled::F32F32(model) => model.footprint(),
            Compiled::F32F64(model) => model.footprint(),
            Compiled::F64F32(model) => model.footprint(),
            Compiled::F64F64(model) => model.footprint(),
        }
    }

    /// Whether this way is there: the CPU has the instructions, the trees are small enough for
    /// the sweep.
    pub(crate) fn offers(&self, path: Path) -> bool {
        match &self.model {
            Compiled::F32F32(model) => model.offers(path),
            Compiled::F32F64(model) => model.offers(path),
            Compiled::F64F32(model) => model.offers(path),
            Compiled::F64F64(model) => model.offers(path),
        }
    }

    /// The sums of rows: each begins with the ensemble's start, then the leaves that the row
    /// reaches are added in the order of the trees. A way that is not [offered](Self::offers) is
    /// [`Path::Auto`].
    ///
    /// # Panics
    /// When cells or sums are of another type than the ensemble's, or are not as many as some
    /// number of rows has.
    pub(crate) fn run(&self, cells: Cells<'_>, sums: Sums<'_>, how: &How, scratch: &mut Scratch) {
        match (&self.model, cells, sums) {
            (Compiled::F32F32(model), Cells::F32(cells), Sums::F32(sums)) => {
                model.run(cells, sums, how, scratch);
            }
            (Compiled::F32F64(model), Cells::F32(cells), Sums::F64(sums)) => {
                model.run(cells, sums, how, scratch);
            }
            (Compiled::F64F32(model), Cells::F64(cells), Sums::F32(sums)) => {
                model.run(cells, sums, how, scratch);
            }
            (Compiled::F64F64(model), Cells::F64(cells), Sums::F64(sums)) => {
                model.run(cells, sums, how, scratch);
            }
            _ => panic!("cells or sums of another type than the ensemble's"),
        }
    }
}
