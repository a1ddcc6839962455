//! The door of native flavors: a program becomes a graph, step by step, but what is done to the
//! sums of trees and to nothing else is done in one go.

mod categories;
mod columns;
pub(crate) mod ensemble;
mod labels;
mod linear;
mod links;

use crate::graph::{Graph, GraphBuilder, Slot};
use crate::model::{Output, Shared};
use crate::op::Operator;
use crate::trees::{CompileError, Trees};
use flowgate_core::program::{Op, Step, Value};
use flowgate_core::{DataType, ModelSignature, Port, PortKind, Program};
use links::{Change, Changes};
use std::iter::Peekable;

/// The graph of `program`, with what a model needs to know.
///
/// # Errors
/// When its trees are more than the kernels take.
pub(crate) fn compile(program: &Program) -> Result<Shared, CompileError> {
    let mut compiler = Compiler {
        builder: GraphBuilder::new(program.inputs().len()),
        slots: (0..program.inputs().len()).collect(),
        readers: readers(program),
        size: 0,
    };
    let mut steps = program.steps().iter().peekable();
    while let Some(step) = steps.next() {
        compiler.step(step, &mut steps)?;
    }
    let Compiler {
        builder,
        slots,
        size,
        ..
    } = compiler;
    let outputs = program.outputs().iter();
    let graph: Graph = builder.finish(
        outputs
            .filter_map(|output| slots.get(output.value.0).copied())
            .collect(),
    );
    let ports = program.outputs().iter().map(|output| Port {
        name: output.name.clone(),
        kind: PortKind::Tensor(
            program
                .types()
                .get(output.value.0)
                .copied()
                .unwrap_or(DataType::F64),
        ),
        shape: None,
    });
    Ok(Shared {
        signature: ModelSignature {
            inputs: program.inputs().to_vec(),
            outputs: ports.collect(),
        },
        size: (graph.constants_size() + size) as u64,
        graph,
        outputs: program.outputs().iter().map(|_| Output::Tensor).collect(),
    })
}

/// How many read each value of `program`, its outputs among them.
fn readers(program: &Program) -> Vec<usize> {
    let mut readers = vec![0; program.types().len()];
    let steps = program.steps().iter().flat_map(|step| &step.inputs);
    let read = steps.chain(program.outputs().iter().map(|output| &output.value));
    for value in read {
        readers[value.0] += 1;
    }
    readers
}

/// What is there of a graph.
struct Compiler {
    builder: GraphBuilder,
    /// Where each value lies that was made so far. Those that are never laid down, inside of what
    /// is done in one go, have the place of what comes of them.
    slots: Vec<Slot>,
    readers: Vec<usize>,
    /// What operators take in octets.
    size: usize,
}

impl Compiler {
    /// Adds `step` with as many of those `after` it as are done in one go.
    fn step<'a>(
        &mut self,
        step: &'a Step,
        after: &mut Peekable<impl Iterator<Item = &'a Step>>,
    ) -> Result<(), CompileError> {
        let inputs = step.inputs.iter();
        let inputs: Vec<Slot> = inputs
            .filter_map(|value| self.slots.get(value.0).copied())
            .collect();
        let mut made = 1;
        let mut op = &step.op;
        let finite = matches!(op, Op::Finite)
            && self
                .next(&mut made, after, |op| match op {
                    Op::Trees(_) => Some(op),
                    _ => None,
                })
                .map(|trees| op = trees)
                .is_some();
        let (label, operator): (&str, Box<dyn Operator>) = match op {
            Op::Convert(precision) => ("convert", Box::new(columns::Convert(*precision))),
            Op::Columns => ("columns", Box::new(columns::Columns)),
            Op::Finite => ("finite", Box::new(columns::Finite)),
            Op::Squeeze => ("squeeze", Box::new(columns::Squeeze)),
            Op::Categories(names) => ("categories", Box::new(categories::Codes::new(names))),
            Op::Trees(ensemble) => {
                let trees = Trees::compile(ensemble)?;
                self.size += trees.footprint();
                let changes = self.changes(None, &mut made, after);
                let one = trees.outputs() == 1;
                let squeeze = |op: &Op| (one && matches!(op, Op::Squeeze)).then_some(());
                let squeeze = self.next(&mut made, after, squeeze).is_some();
                let scores = ensemble::Scores {
                    finite,
                    trees,
                    changes,
                    squeeze,
                };
                ("trees", Box::new(scores))
            }
            Op::Linear(linear) => ("linear", Box::new(linear::Products::new(linear))),
            Op::Divide(_) | Op::Link(_) => {
                let changes = self.changes(Change::of(op), &mut made, after);
                ("link", Box::new(changes))
            }
            Op::Complement => ("complement", Box::new(labels::Complement)),
            Op::ArgMax => ("argmax", Box::new(labels::ArgMax)),
            Op::Above(threshold) => ("above", Box::new(labels::Above(*threshold))),
            Op::Labels(labels) => ("labels", Box::new(labels::Lookup(labels.clone()))),
        };
        let slots = self
            .builder
            .step(label, operator, inputs.into_iter().map(Some), 1);
        let slots = slots.into_iter().cycle().take(made);
        self.slots.extend(slots);
        Ok(())
    }

    /// The changes that follow `first`, with it.
    fn changes<'a>(
        &self,
        first: Option<Change>,
        made: &mut usize,
        after: &mut Peekable<impl Iterator<Item = &'a Step>>,
    ) -> Changes {
        let more = std::iter::from_fn(|| self.next(made, after, Change::of));
        Changes(first.into_iter().chain(more).collect())
    }

    /// What `wanted` makes of the next step's operator, where that step alone reads the last of the
    /// `made` values that have no place yet; the step is taken then.
    fn next<'a, T>(
        &self,
        made: &mut usize,
        after: &mut Peekable<impl Iterator<Item = &'a Step>>,
        wanted: impl FnOnce(&'a Op) -> Option<T>,
    ) -> Option<T> {
        let step = after.peek()?;
        let last = self.slots.len() + *made - 1;
        let alone = step.inputs == [Value(last)] && self.readers.get(last) == Some(&1);
        let found = wanted(&step.op).filter(|_| alone)?;
        after.next();
        *made += 1;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Context;
    use flowgate_core::program::{
        Ensemble, Leaf, Link, Precision, ProgramBuilder, TreeNode, Weight,
    };
    use flowgate_core::{Data, Tensor};
    use std::sync::Arc;

    /// One tree of one leaf.
    fn leaf(value: f64) -> Op {
        Op::Trees(Arc::new(Ensemble {
            features: 1,
            cells: Precision::F64,
            sums: Precision::F64,
            outputs: 1,
            start: vec![0.0],
            nodes: vec![TreeNode::Leaf(Leaf {
                first: 0,
                count: 1,
                linear: None,
            })],
            roots: vec![0],
            weights: vec![Weight { output: 0, value }],
            sets: Vec::new(),
            linear: Vec::new(),
        }))
    }

    /// What `steps`, one after the other, make of `cell`: each of the values at `given`, and the
    /// steps of the graph.
    fn run(steps: &[Op], given: &[usize], cell: f64) -> (Result<Vec<Tensor>, String>, usize) {
        let (mut builder, inputs) = ProgramBuilder::new(vec![Port {
            name: "x".into(),
            kind: PortKind::Tensor(DataType::F64),
            shape: None,
        }]);
        let mut values = inputs;
        for step in steps {
            let last = *values.last().expect("the input");
            values.push(builder.step(step.clone(), &[last]));
        }
        for at in given {
            builder.output(at.to_string(), values[*at]);
        }
        let program = builder.finish().expect("a program");
        let shared = compile(&program).expect("a graph");
        let row = Tensor::new([1, 1].as_slice(), vec![cell]).expect("a row");
        let made = shared.graph.run([row], &mut Context::default());
        (made.map_err(|fault| fault.to_string()), shared.graph.len())
    }

    #[test]
    fn what_is_done_to_sums_alone_is_done_in_one_go() {
        let steps = [
            Op::Finite,
            leaf(6.0),
            Op::Divide(3.0),
            Op::Link(Link::SignedSquare),
            Op::Squeeze,
        ];
        let (made, count) = run(&steps, &[5], 0.5);
        let made = made.expect("an answer");
        assert_eq!(
            (made[0].shape(), made[0].data()),
            (&[1][..], &Data::from(vec![4.0]))
        );
        assert_eq!(count, 1);
        let (refused, _) = run(&steps, &[5], f64::INFINITY);
        assert!(
            refused
                .expect_err("refused")
                .starts_with("row 0, column 0: expected a finite")
        );
    }

    #[test]
    fn what_others_read_too_is_there_for_them() {
        let steps = [Op::Finite, leaf(6.0), Op::Divide(3.0), Op::Divide(2.0)];
        for (given, expected, count) in [
            (&[2, 4][..], &[6.0, 1.0][..], 2),
            (&[3, 4], &[2.0, 1.0], 2),
            (&[1, 4], &[0.5, 1.0], 2),
            (&[1, 2, 3, 4], &[0.5, 6.0, 2.0, 1.0], 4),
        ] {
            let (made, found) = run(&steps, given, 0.5);
            let made = made.expect("an answer");
            let expected: Vec<Data> = expected.iter().map(|value| vec![*value].into()).collect();
            let made: Vec<Data> = made.into_iter().map(Tensor::into_data).collect();
            assert_eq!((made, found), (expected, count), "{given:?}");
        }
    }
}
