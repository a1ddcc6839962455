//! What leaves add, equal ones stored once, and the adding: one sum a row and output, tree after
//! tree.
//!
//! A walk ends with the *payload* of a leaf: the bits of what it adds, or the place where that
//! stands. Where a leaf adds nothing to a sum that others add to, it adds -0.0, which changes no
//! number.

mod read;

use super::CompileError;
use super::codes::Codes;
use super::order::Cell;
use super::sum::Sum;
use flowgate_core::program::Ensemble;
use read::{one_each, read_more, read_one};
use std::ops::Range;

/// The leaves of an ensemble.
#[derive(Debug)]
pub(super) struct Leaves<S> {
    /// Sums of a row.
    pub(super) outputs: usize,
    /// What each sum begins with.
    pub(super) start: Vec<S>,
    /// The one sum that all trees add one number to, where there is one.
    only: Option<usize>,
    /// What they add.
    pub(super) kind: Kind<S>,
}

/// What leaves add, and what their payload is.
#[derive(Debug)]
pub(super) enum Kind<S> {
    /// Each adds one number; all of a tree to the same sum. The payload is the number, or its
    /// place in `values`.
    One {
        /// Those that repeat stand once; empty where payloads hold them.
        values: Vec<S>,
        /// The sum that each tree adds to; none where there is one sum.
        outputs: Option<Vec<u32>>,
    },
    /// Each adds a number to every sum. The payload is the place of the first in `values`.
    Every {
        /// `outputs` of them for each leaf, all of these unlike.
        values: Vec<S>,
    },
    /// Each adds some numbers, or a function of the row. The payload is a place in `runs`.
    Some(Runs<S>),
}

/// Leaves that add some numbers, or a function.
#[derive(Debug)]
pub(super) struct Runs<S> {
    runs: Vec<Run>,
    weights: Vec<(u32, S)>,
    linear: Vec<Function>,
    terms: Vec<(u32, f64)>,
}

#[derive(Debug, Clone)]
struct Run {
    weights: Range<u32>,
    linear: Option<u32>,
}

#[derive(Debug, Clone)]
struct Function {
    output: u32,
    constant: f64,
    terms: Range<u32>,
}

impl<S: Sum> Leaves<S> {
    /// Reads the leaves, and gives the payload of each node; 0 for those that are none.
    ///
    /// # Errors
    /// When what leaves add has no place in 32 bits.
    pub(super) fn read(ensemble: &Ensemble) -> Result<(Self, Vec<u32>), CompileError> {
        let (kind, payloads) = match one_each(ensemble) {
            Some(outputs) => read_one(ensemble, outputs)?,
            None => read_more(ensemble)?,
        };
        let start = ensemble.start.iter().map(|&start| S::of(start)).collect();
        let outputs = ensemble.outputs;
        let only = match &kind {
            Kind::One { outputs: None, .. } => Some(0),
            Kind::One {
                outputs: Some(trees),
                ..
            } => {
                let first = trees.first().copied();
                let alike = first.filter(|first| trees.iter().all(|output| output == first));
                alike.map(|output| output as usize)
            }
            Kind::Every { .. } | Kind::Some(_) => None,
        };
        Ok((
            Self {
                outputs,
                start,
                only,
                kind,
            },
            payloads,
        ))
    }

    /// Adds what some trees give to one row.
    #[inline(always)]
    pub(super) fn add_row<C: Cell>(
        &self,
        first_tree: usize,
        payloads: &[u32],
        row: &[C],
        sums: &mut [S],
    ) {
        match &self.kind {
            Kind::One { values, .. } if let Some(only) = self.only => {
                let sum = &mut sums[only];
                let mut made = *sum;
                for &payload in payloads {
                    made += S::from_payload(payload, values);
                }
                *sum = made;
            }
            Kind::One { outputs: None, .. } => {}
            Kind::One {
                values,
                outputs: Some(outputs),
            } => {
                let outputs = &outputs[first_tree..][..payloads.len()];
                // A sum stays in a register while tree after tree adds to it.
                let Some(mut output) = outputs.first().copied() else {
                    return;
                };
                let mut made = sums[output as usize];
                for (&payload, &next) in payloads.iter().zip(outputs) {
                    if next != output {
                        sums[output as usize] = made;
                        output = next;
                        made = sums[output as usize];
                    }
                    made += S::from_payload(payload, values);
                }
                sums[output as usize] = made;
            }
            Kind::Every { values } => {
                for &payload in payloads {
                    let added = &values[payload as usize..][..sums.len()];
                    sums.iter_mut()
                        .zip(added)
                        .for_each(|(sum, &value)| *sum += value);
                }
            }
            Kind::Some(runs) => {
                for &payload in payloads {
                    runs.add(payload, row, sums);
                }
            }
        }
    }

    /// Adds what one tree gives to some rows.
    #[inline(always)]
    pub(super) fn add_rows<C: Cell>(
        &self,
        tree: usize,
        payloads: impl Iterator<Item = u32>,
        rows: Rows<'_, C>,
        sums: &mut [S],
    ) {
        match &self.kind {
            Kind::One {
                values,
                outputs: None,
            } => {
                for (payload, sum) in payloads.zip(sums) {
                    *sum += S::from_payload(payload, values);
                }
            }
            Kind::One {
                values,
                outputs: Some(outputs),
            } => {
                let output = outputs[tree] as usize;
                for (payload, sums) in payloads.zip(sums.chunks_exact_mut(self.outputs)) {
                    sums[output] += S::from_payload(payload, values);
                }
            }
            Kind::Every { values } => match self.outputs {
                2 => add_every::<S, 2>(values, payloads, sums),
                3 => add_every::<S, 3>(values, payloads, sums),
                4 => add_every::<S, 4>(values, payloads, sums),
                outputs => {
                    for (payload, sums) in payloads.zip(sums.chunks_exact_mut(outputs)) {
                        let added = &values[payload as usize..][..outputs];
                        sums.iter_mut()
                            .zip(added)
                            .for_each(|(sum, &value)| *sum += value);
                    }
                }
            },
            Kind::Some(runs) => {
                let sums = sums.chunks_exact_mut(self.outputs);
                for (row, (payload, sums)) in payloads.zip(sums).enumerate() {
                    runs.add(payload, rows.get(row), sums);
                }
            }
        }
    }

    /// Octets.
    pub(super) fn footprint(&self) -> usize {
        size_of_val(&*self.start)
            + match &self.kind {
                Kind::One { values, outputs } => {
                    size_of_val(&**values) + outputs.as_ref().map_or(0, |all| size_of_val(&**all))
                }
                Kind::Every { values } => size_of_val(&**values),
                Kind::Some(runs) => {
                    size_of_val(&*runs.runs)
                        + size_of_val(&*runs.weights)
                        + size_of_val(&*runs.linear)
                        + size_of_val(&*runs.terms)
                }
            }
    }
}

/// What both ways read.
#[derive(Debug)]
pub(super) struct Common<S> {
    /// What leaves add.
    pub(super) leaves: Leaves<S>,
    /// How cells become codes, and the sets of these.
    pub(super) codes: Codes,
}

/// Rows, and the sums to which what their leaves add is added.
#[derive(Debug)]
pub(super) struct Batch<'a, C, S> {
    /// The rows.
    pub(super) rows: Rows<'a, C>,
    /// As many sums for each row as the ensemble has.
    pub(super) sums: &'a mut [S],
}

/// Rows of cells, `features` each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a, C> {
    /// All cells, row after row.
    pub(super) cells: &'a [C],
    /// Cells of a row.
    pub(super) features: usize,
}

impl<'a, C> Rows<'a, C> {
    /// A row.
    #[inline(always)]
    pub(super) fn get(self, row: usize) -> &'a [C] {
        &self.cells[row * self.features..][..self.features]
    }

    /// Some rows.
    #[inline(always)]
    pub(super) fn part(self, rows: Range<usize>) -> Self {
        Self {
            cells: &self.cells[rows.start * self.features..rows.end * self.features],
            features: self.features,
        }
    }
}

#[inline(always)]
fn add_every<S: Sum, const N: usize>(
    values: &[S],
    payloads: impl Iterator<Item = u32>,
    sums: &mut [S],
) {
    for (payload, sums) in payloads.zip(sums.as_chunks_mut::<N>().0) {
        let Some(added) = values[payload as usize..].first_chunk::<N>() else {
            return;
        };
        for k in 0..N {
            sums[k] += added[k];
        }
    }
}

impl<S: Sum> Runs<S> {
    fn add<C: Cell>(&self, payload: u32, row: &[C], sums: &mut [S]) {
        let run = &self.runs[payload as usize];
        if let Some(linear) = run.linear {
            let function = &self.linear[linear as usize];
            let terms = &self.terms[function.terms.start as usize..function.terms.end as usize];
            if let Some(value) = function.of(terms, row) {
                sums[function.output as usize] += S::of(value);
                return;
            }
        }
        for &(output, value) in &self.weights[run.weights.start as usize..run.weights.end as usize]
        {
            sums[output as usize] += value;
        }
    }
}

impl Function {
    /// None where a cell is NaN.
    fn of<C: Cell>(&self, terms: &[(u32, f64)], row: &[C]) -> Option<f64> {
        let mut sum = self.constant;
        for &(feature, coefficient) in terms {
            let cell = row[feature as usize].number();
            if cell.is_nan() {
                return None;
            }
            sum += coefficient * cell;
        }
        Some(sum)
    }
}
