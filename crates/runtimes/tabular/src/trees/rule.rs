//! Which way is the fastest for so many rows: the one place that knows what ways cost.
//!
//! The costs are nanoseconds of one thread. Only their ratios matter, so one table for each set of
//! instructions is enough. What was measured where stands beside them; what was not measured is
//! reasoned from what was, and says so.

use super::simd::Level;
use super::sweep::Steps;
use super::walk::Width;

/// What an ensemble asks of each way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    costs: &'static Costs,
    /// Rows of a vector.
    vector: usize,
    trees: f64,
    walk: Walk,
    sweep: Option<Steps>,
    /// A thread is worth starting for this many nanoseconds.
    thread: f64,
}

/// What the walk does for a row.
#[derive(Debug, Clone, Copy)]
struct Walk {
    steps: f64,
    size: usize,
}

/// What some rows do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Walk.
    Walk(Width),
    /// Sweep this many vectors, 1, 2 or 4.
    Sweep(usize),
}

/// Costs in nanoseconds.
#[derive(Debug)]
struct Costs {
    /// A node alone, for 1, 2 and 4 vectors of rows.
    single: [f64; 3],
    /// A triple.
    triple: [f64; 3],
    /// A set.
    set: [f64; 3],
    /// A column of the sweep, for a row.
    column: f64,
    /// Adding a tree's leaf to a row's sum.
    add: f64,
    /// A step of the walk of one row, with the nodes in the second cache.
    one: f64,
    /// A step of eight rows, for each.
    eight: f64,
}

/// Measured on Zen 3 (EPYC 7003 at about 3.1 GHz, in a virtual machine that others shared).
const AVX2: Costs = Costs {
    single: [0.95, 1.15, 1.55],
    triple: [2.1, 2.6, 3.75],
    set: [2.0, 3.0, 4.5],
    column: 3.0,
    add: 0.45,
    one: 1.0,
    eight: 0.85,
};

/// Reasoned: a step is three instructions on vectors in place of four, and as many loads, so as
/// long as with AVX2 for twice the rows. The walk is that of Zen 5, measured.
const AVX512: Costs = Costs {
    single: [0.7, 0.9, 1.3],
    triple: [1.6, 2.1, 3.1],
    set: [1.6, 2.4, 3.6],
    column: 2.0,
    add: 0.35,
    one: 0.7,
    eight: 0.45,
};

/// Measured with SSE2 on the same Zen 3, where the compiler makes two vectors of each.
const PORTABLE: Costs = Costs {
    single: [2.3, 4.0, 7.5],
    triple: [6.0, 10.0, 19.0],
    set: [60.0, 120.0, 240.0],
    column: 6.0,
    add: 0.45,
    one: 1.0,
    eight: 0.85,
};

/// Octets of nodes that the second cache holds; beyond them a step costs more.
const CACHE: usize = 512 << 10;

/// How many times as much the walks of one row and of eight cost where the nodes are in the third
/// cache. Measured with few rows; with many the lines of a tree are there for the next.
const FAR: [f64; 2] = [1.6, 1.5];

/// A thread is worth starting for this many nanoseconds.
const THREAD: f64 = 200_000.0;

/// Rows that parts for threads are multiples of: the largest block of the sweep.
const PART: usize = 256;

impl Rule {
    /// The rule for an ensemble on a CPU with these instructions. `steps` are those of a row in
    /// all trees, `size` the octets of their nodes.
    pub(super) fn new(
        level: Level,
        vector: usize,
        trees: usize,
        (steps, size): (f64, usize),
        sweep: Option<Steps>,
    ) -> Self {
        let costs = match level {
            Level::Portable => &PORTABLE,
            Level::Avx2 => &AVX2,
            Level::Avx512 => &AVX512,
        };
        Self {
            costs,
            vector,
            trees: trees as f64,
            walk: Walk { steps, size },
            sweep,
            thread: THREAD,
        }
    }

    /// What to do first with `rows`, and with how many of them.
    pub(super) fn next(&self, rows: usize) -> (Step, usize) {
        let full = 4 * self.vector;
        let walk = self.walk(rows);
        if rows >= full {
            return match self.sweep(4, full) {
                Some(cost) if cost / (full as f64) < walk.1 / (rows as f64) => {
                    (Step::Sweep(4), full)
                }
                _ => (Step::Walk(walk.0), rows),
            };
        }
        let (step, rows, _) = self.rest(rows);
        (step, rows)
    }

    /// Has any number of rows divided among threads.
    #[cfg(test)]
    pub(super) fn divide_always(&mut self) {
        self.thread = 0.0;
    }

    /// Into how many parts rows are divided among threads, and how many rows a part has.
    pub(super) fn parts(&self, rows: usize, threads: usize) -> (usize, usize) {
        if threads <= 1 {
            return (1, rows);
        }
        let cost = match self.next(rows) {
            (Step::Walk(_), _) => self.walk(rows).1,
            (Step::Sweep(vectors), first) => {
                let block = self.sweep(vectors, first).unwrap_or_default();
                block * rows as f64 / first.max(1) as f64
            }
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is small and positive, or more than all threads"
        )]
        let parts = ((cost / self.thread) as usize).clamp(1, threads.max(1));
        let part = rows.div_ceil(parts).next_multiple_of(PART);
        (rows.div_ceil(part).max(1), part)
    }

    /// The cheapest way for fewer rows than the largest block.
    fn rest(&self, rows: usize) -> (Step, usize, f64) {
        let (width, cost) = self.walk(rows);
        let mut best = (Step::Walk(width), rows, cost);
        for vectors in [1, 2, 4] {
            let block = vectors * self.vector;
            let taken = rows.min(block);
            let Some(mut cost) = self.sweep(vectors, taken) else {
                break;
            };
            if taken < rows {
                cost += self.rest(rows - taken).2;
            }
            if cost < best.2 {
                best = (Step::Sweep(vectors), taken, cost);
            }
            if taken == rows {
                break;
            }
        }
        best
    }

    /// The cheaper walk, and what it costs.
    fn walk(&self, rows: usize) -> (Width, f64) {
        let is_far = self.walk.size > CACHE;
        let [far_one, far_eight] = if is_far { FAR } else { [1.0; 2] };
        let one = self.costs.one * far_one * self.walk.steps * rows as f64;
        let eight = self.costs.eight * far_eight * self.walk.steps;
        let eight = eight * rows.next_multiple_of(8) as f64;
        if one < eight {
            (Width::One, one)
        } else {
            (Width::Eight, eight)
        }
    }

    fn sweep(&self, vectors: usize, rows: usize) -> Option<f64> {
        let steps = self.sweep?;
        let at = vectors.ilog2() as usize;
        let each = [
            (steps.singles, self.costs.single[at]),
            (steps.triples, self.costs.triple[at]),
            (steps.sets, self.costs.set[at]),
        ];
        let all: f64 = each.iter().map(|&(steps, cost)| steps as f64 * cost).sum();
        let row = self.costs.column * steps.columns as f64 + self.costs.add * self.trees;
        Some(all + row * rows as f64)
    }
}
