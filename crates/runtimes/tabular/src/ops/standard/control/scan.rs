//! A graph for each slice of some values, one after the other.

use super::super::blocks::zeros;
use super::super::layout::concat::join;
use super::super::layout::transpose::transposed;
use super::super::shape::{self, Axes};
use super::super::standard;
use crate::graph::Graph;
use crate::onnx::{Entry, LowerError, Lowered, Lowering, subgraph};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::{DataType, Shape, Tensor};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard(
    "Scan",
    9,
    scan,
    "bodies that read what is made outside of them",
)];

/// Runs a graph on slices. It takes states and a slice of each of the values that are scanned; it
/// gives the states for the next run, and slices of the values that are made.
pub(super) struct Scan {
    body: Graph,
    states: usize,
    /// Of each value that is scanned the axis, and whether the last slice comes first.
    scanned: Vec<(i64, bool)>,
    /// The same of each value that is made.
    made: Vec<(i64, bool)>,
}

fn scan(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let (inputs, outputs) = ("scan_input_directions", "scan_output_directions");
    let (scan, types) = Scan::of(node, 0, (inputs, outputs))?;
    Ok(Lowered {
        op: Box::new(scan),
        outputs: types,
    })
}

impl Scan {
    /// The scan of `node` whose states begin at the input `first`, with the attributes that hold
    /// the directions of what is scanned and of what is made; and the types of what it gives.
    pub(super) fn of(
        node: &Lowering<'_>,
        first: usize,
        directions: (&str, &str),
    ) -> Result<(Self, Vec<DataType>), LowerError> {
        let inputs = node.inputs.len().saturating_sub(first);
        let scanned = usize::try_from(node.int("num_scan_inputs", 0)?).ok();
        let Some(scanned) = scanned.filter(|scanned| *scanned > 0 && *scanned <= inputs) else {
            return node.refuse(format!("it scans an unknown number of {inputs} values"));
        };
        let states = inputs - scanned;
        let types: Vec<DataType> = (first..first + inputs)
            .map(|place| node.datatype(place))
            .collect::<Result<_, _>>()?;
        let body = subgraph(node, node.graph("body")?, &types)?;
        let Some(made) = body.outputs.len().checked_sub(states) else {
            return node.refuse("its body gives too few values");
        };
        if body.outputs.get(..states) != types.get(..states) {
            return node.refuse("its states change their types");
        }
        let scan = Self {
            body: body.graph,
            states,
            scanned: ways(node, "scan_input_axes", directions.0, scanned)?,
            made: ways(node, "scan_output_axes", directions.1, made)?,
        };
        Ok((scan, body.outputs))
    }
}

/// An axis and a direction for each of `count` values.
fn ways(
    node: &Lowering<'_>,
    axes: &str,
    directions: &str,
    count: usize,
) -> Result<Vec<(i64, bool)>, LowerError> {
    let (axes, directions) = (node.ints(axes)?, node.ints(directions)?);
    let all = |numbers: &[i64]| numbers.is_empty() || numbers.len() == count;
    if !all(axes) || !all(directions) {
        return node.refuse("its axes and directions are not those of its values");
    }
    let of = |numbers: &[i64], nth: usize| numbers.get(nth).copied().unwrap_or(0);
    let way = |nth| (of(axes, nth), of(directions, nth) != 0);
    Ok((0..count).map(way).collect())
}

/// `tensor` with its dimension `from` moved to `to`.
fn moved(tensor: &Tensor, from: usize, to: usize) -> Result<Tensor, Fault> {
    if from == to {
        return Ok(tensor.clone());
    }
    let mut order: Axes = (0..tensor.shape().len()).collect();
    let dimension = order.remove(from);
    order.insert(to, dimension);
    transposed(tensor, &order)
}

/// The slice `nth` of the first dimension of `tensor`.
pub(super) fn slice(tensor: &Tensor, nth: usize) -> Result<Tensor, Fault> {
    let missing = || Fault::failed("a slice is not there");
    let row = tensor.slice_rows(nth, nth + 1).ok_or_else(missing)?;
    let shape = Shape::from_slice(tensor.shape().get(1..).unwrap_or_default());
    Ok(row.reshape(shape)?)
}

/// `tensor` with a first dimension of one.
pub(super) fn row(tensor: Tensor) -> Result<Tensor, Fault> {
    let mut shape = Shape::from_slice(&[1]);
    shape.extend_from_slice(tensor.shape());
    Ok(tensor.reshape(shape)?)
}

impl Operator for Scan {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        let values = inputs.0.iter().copied().flatten().cloned();
        Ok(self.scan(values.collect(), context)?.into())
    }
}

impl Scan {
    /// How many states there are.
    pub(super) fn states(&self) -> usize {
        self.states
    }

    /// What is made of `states` and, behind them, the values that are scanned.
    pub(super) fn scan(
        &self,
        mut states: Vec<Tensor>,
        context: &mut Context,
    ) -> Result<Vec<Tensor>, Fault> {
        let scanned = states.split_off(self.states.min(states.len()));
        let (values, count) = self.scanned(&scanned)?;
        if count == 0 {
            return self.nothing(states, &values, context);
        }
        let mut made: Vec<Vec<Tensor>> = vec![Vec::with_capacity(count); self.made.len()];
        for nth in 0..count {
            let ways = values.iter().zip(&self.scanned);
            let slices = ways.map(|(value, (_, reverse))| {
                slice(value, if *reverse { count - 1 - nth } else { nth })
            });
            let slices: Vec<Tensor> = slices.collect::<Result<_, _>>()?;
            let mut given = self.body.run(states.into_iter().chain(slices), context)?;
            let rest = given.split_off(self.states.min(given.len()));
            states = given;
            for (made, given) in made.iter_mut().zip(rest) {
                made.push(row(given)?);
            }
        }
        for (slices, way) in made.into_iter().zip(&self.made) {
            states.push(joined(slices, *way)?);
        }
        Ok(states)
    }

    /// The values that are scanned, each with the axis in front, and the number of slices.
    fn scanned(&self, scanned: &[Tensor]) -> Result<(Vec<Tensor>, usize), Fault> {
        let mut values = Vec::with_capacity(scanned.len());
        let mut count = None;
        for (value, (axis, _)) in scanned.iter().zip(&self.scanned) {
            let axis = shape::axis(*axis, value.shape().len())?;
            let value = moved(value, axis, 0)?;
            let size = value.rows().unwrap_or(0);
            if *count.get_or_insert(size) != size {
                return Err(Fault::refused(
                    "values of unlike length are scanned together",
                ));
            }
            shape::worthwhile(size, value.data().len())?;
            values.push(value);
        }
        Ok((values, count.unwrap_or(0)))
    }

    /// What is made of no slices: the states, and nothing of the shape that a slice of zeros would
    /// give.
    fn nothing(
        &self,
        states: Vec<Tensor>,
        values: &[Tensor],
        context: &mut Context,
    ) -> Result<Vec<Tensor>, Fault> {
        let slices = values.iter().map(|value| {
            let shape = Shape::from_slice(value.shape().get(1..).unwrap_or_default());
            zeros(value.datatype(), shape)
        });
        let slices: Vec<Tensor> = slices.collect::<Result<_, _>>()?;
        let given = self
            .body
            .run(states.iter().cloned().chain(slices), context)?;
        let mut made = states;
        for (given, way) in given.into_iter().skip(self.states).zip(&self.made) {
            let none = row(given)?.slice_rows(0, 0);
            let none = none.ok_or_else(|| Fault::failed("a slice is not there"))?;
            let axis = shape::axis(way.0, none.shape().len())?;
            made.push(moved(&none, 0, axis)?);
        }
        Ok(made)
    }
}

/// Slices of a value in the order in which they were made, joined along an axis.
fn joined(mut slices: Vec<Tensor>, (axis, reverse): (i64, bool)) -> Result<Tensor, Fault> {
    if reverse {
        slices.reverse();
    }
    let joined = join(&slices.iter().collect::<Vec<_>>(), 0)?;
    let axis = shape::axis(axis, joined.shape().len())?;
    moved(&joined, 0, axis)
}
