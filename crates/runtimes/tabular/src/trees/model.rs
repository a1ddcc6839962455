//! An ensemble in the types of its cells and sums: its two ways, and which rows go which.

use super::columns::Columns;
use super::leaves::{Batch, Common, Leaves, Rows};
use super::order::Cell;
use super::rule::{Rule, Step};
use super::simd::Simd;
use super::sum::Sum;
use super::sweep::{self, Sweep};
use super::walk::{Walk, Width};
use super::{CompileError, How, Path, Scratch};
use flowgate_core::program::Ensemble;

/// An ensemble with cells of the type `C` and sums of the type `S`.
#[derive(Debug)]
pub(super) struct Model<C: Cell, S> {
    features: usize,
    common: Common<S>,
    walk: Walk<C>,
    sweep: Option<Sweep<C, S>>,
    simd: Simd,
    rule: Rule,
}

/// Nodes from which on what can be made at once is: each takes some milliseconds then.
const MANY: usize = 20_000;

/// What both give, each made by a thread of its own where the machine has one to give.
fn at_once<T: Send, U>(one: impl Fn() -> T + Sync, other: impl FnOnce() -> U) -> (T, U) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, &one);
        let other = other();
        let one = match thread {
            Ok(thread) => thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => one(),
        };
        (one, other)
    })
}

/// The way of a run.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// What the rule says.
    Rule,
    Walk(Width),
    Sweep(Simd),
}

impl<C: Cell, S: Sum> Model<C, S> {
    /// Compiles an ensemble for these instructions.
    pub(super) fn new(ensemble: &Ensemble, simd: Simd) -> Result<Self, CompileError> {
        let small = sweep::takes(ensemble);
        // Ranks are needed for the octets of the sweep, and in place of words of 64 bits.
        let ranks = small || !C::WHOLE;
        let many = ensemble.nodes.len() >= MANY;
        let columns = || Columns::read(ensemble, ranks);
        let leaves = || Leaves::read(ensemble);
        let (columns, leaves) = match many {
            true => at_once(columns, leaves),
            false => (columns(), leaves()),
        };
        let (columns, (leaves, payloads)) = (columns?, leaves?);
        let walk = || Walk::new(ensemble, &columns, &payloads, (ranks, simd));
        let sweep = || small.then(|| Sweep::new(ensemble, &columns, &leaves, &payloads))?;
        let (walk, sweep) = match many && small {
            true => at_once(walk, sweep),
            false => (walk(), sweep()),
        };
        let walk = walk?;
        let rule = Rule::new(
            simd.level(),
            simd.rows(),
            ensemble.roots.len(),
            (walk.steps, walk.size),
            sweep.as_ref().map(|sweep| sweep.steps),
        );
        Ok(Self {
            features: ensemble.features,
            common: Common {
                leaves,
                codes: columns.codes,
            },
            walk,
            sweep,
            simd,
            rule,
        })
    }

    /// Has any number of rows divided among threads.
    #[cfg(test)]
    pub(super) fn divide_always(&mut self) {
        self.rule.divide_always();
    }

    pub(super) fn footprint(&self) -> usize {
        let sweep = self.sweep.as_ref().map_or(0, Sweep::footprint);
        self.common.leaves.footprint()
            + self.common.codes.footprint()
            + self.walk.footprint()
            + sweep
    }

    pub(super) fn offers(&self, path: Path) -> bool {
        match path {
            Path::Auto | Path::One | Path::Eight | Path::Sixteen => true,
            Path::Sweep(level) => self.sweep.is_some() && Simd::get(level).is_some(),
        }
    }

    pub(super) fn run(&self, cells: &[C], sums: &mut [S], how: &How, scratch: &mut Scratch) {
        let outputs = self.common.leaves.outputs;
        if outputs == 0 || sums.is_empty() {
            return;
        }
        let rows = sums.len() / outputs;
        assert!(
            sums.len() == rows * outputs && cells.len() == rows * self.features,
            "{} sums and {} cells are not those of some rows",
            sums.len(),
            cells.len()
        );
        for sums in sums.chunks_exact_mut(outputs) {
            sums.copy_from_slice(&self.common.leaves.start);
        }
        let way = match how.path {
            Path::One => Way::Walk(Width::One),
            Path::Eight => Way::Walk(Width::Eight),
            Path::Sixteen => Way::Walk(Width::Sixteen),
            Path::Sweep(level) if self.sweep.is_some() => {
                Simd::get(level).map_or(Way::Rule, Way::Sweep)
            }
            Path::Auto | Path::Sweep(_) => Way::Rule,
        };
        let features = self.features;
        let (parts, part) = self.rule.parts(rows, how.threads);
        if parts == 1 {
            let rows = Rows { cells, features };
            self.part(Batch { rows, sums }, way, scratch);
            return;
        }
        let others = parts.max(scratch.others.len() + 1) - 1;
        scratch.others.resize_with(others, Scratch::default);
        let mut others = std::mem::take(&mut scratch.others);
        std::thread::scope(|scope| {
            let mut parts = sums
                .chunks_mut(part * outputs)
                .enumerate()
                .map(|(at, sums)| {
                    let start = at * part * features;
                    let cells = &cells[start..start + sums.len() / outputs * features];
                    Batch {
                        rows: Rows { cells, features },
                        sums,
                    }
                });
            let first = parts.next();
            for (batch, scratch) in parts.zip(&mut others) {
                scope.spawn(move || self.part(batch, way, scratch));
            }
            if let Some(batch) = first {
                self.part(batch, way, scratch);
            }
        });
        scratch.others = others;
    }

    /// Adds the leaves of some rows to their sums, in this thread.
    fn part(&self, batch: Batch<'_, C, S>, way: Way, scratch: &mut Scratch) {
        let outputs = self.common.leaves.outputs;
        let Batch { rows, mut sums } = batch;
        let mut done = 0;
        while !sums.is_empty() {
            let (step, simd, taken) = self.next(way, sums.len() / outputs);
            let (now, later) = sums.split_at_mut(taken * outputs);
            let batch = Batch {
                rows: rows.part(done..done + taken),
                sums: now,
            };
            match (step, &self.sweep) {
                (Step::Sweep(vectors), Some(sweep)) => {
                    sweep.run(&self.common, batch, (simd, vectors), &mut scratch.sweep);
                }
                (Step::Walk(width), _) => {
                    self.walk.run(&self.common, batch, width, &mut scratch.walk);
                }
                (Step::Sweep(_), None) => {
                    self.walk
                        .run(&self.common, batch, Width::Eight, &mut scratch.walk);
                }
            }
            done += taken;
            sums = later;
        }
    }

    /// What to do first with the rows that are left, and with how many of them.
    fn next(&self, way: Way, left: usize) -> (Step, Simd, usize) {
        match way {
            Way::Rule => {
                let (step, taken) = self.rule.next(left);
                (step, self.simd, taken)
            }
            Way::Walk(width) => (Step::Walk(width), self.simd, left),
            Way::Sweep(simd) => {
                let taken = left.min(4 * simd.rows());
                let vectors = match taken.div_ceil(simd.rows()) {
                    vectors @ (1 | 2) => vectors,
                    _ => 4,
                };
                (Step::Sweep(vectors), simd, taken)
            }
        }
    }
}
