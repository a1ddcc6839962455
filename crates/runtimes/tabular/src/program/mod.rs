//! The door of native flavors: a checked program becomes a graph, step by step.

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
use flowgate_core::program::{Op, ProgramError};
use flowgate_core::{DataType, ModelSignature, Port, PortKind, Program};

/// Why a program has no graph.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompileProgramError {
    /// It contradicts itself.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Its trees are more than the kernels take.
    #[error(transparent)]
    Trees(#[from] CompileError),
}

/// The graph of `program`, with what a model needs to know.
pub(crate) fn compile(program: &Program) -> Result<Shared, CompileProgramError> {
    let types = program.types()?;
    let mut size = 0;
    let mut builder = GraphBuilder::new(program.inputs.len());
    let mut slots: Vec<Slot> = (0..program.inputs.len()).collect();
    for step in &program.steps {
        let read = step
            .inputs
            .iter()
            .filter_map(|value| slots.get(value.0).copied());
        let read: Vec<Slot> = read.collect();
        let (label, op) = operator(&step.op, &mut size)?;
        let made = builder.step(label, op, read.into_iter().map(Some), 1);
        slots.extend(made);
    }
    let place = |value: usize| slots.get(value).copied();
    let outputs = program
        .outputs
        .iter()
        .filter_map(|output| place(output.value.0));
    let graph: Graph = builder.finish(outputs.collect());
    let ports = program.outputs.iter().map(|output| Port {
        name: output.name.clone(),
        kind: PortKind::Tensor(types.get(output.value.0).copied().unwrap_or(DataType::F64)),
        shape: None,
    });
    Ok(Shared {
        signature: ModelSignature {
            inputs: program.inputs.clone(),
            outputs: ports.collect(),
        },
        size: (graph.constants_size() + size) as u64,
        graph,
        outputs: program.outputs.iter().map(|_| Output::Tensor).collect(),
    })
}

type Made = (&'static str, Box<dyn Operator>);

/// The operator of a step; what it takes in octets is added to `size`.
fn operator(op: &Op, size: &mut usize) -> Result<Made, CompileProgramError> {
    Ok(match op {
        Op::Convert(precision) => ("convert", Box::new(columns::Convert(*precision))),
        Op::Columns => ("columns", Box::new(columns::Columns)),
        Op::Finite => ("finite", Box::new(columns::Finite)),
        Op::Squeeze => ("squeeze", Box::new(columns::Squeeze)),
        Op::Categories(names) => ("categories", Box::new(categories::Codes::new(names))),
        Op::Trees(ensemble) => {
            let trees = Trees::compile(ensemble)?;
            *size += trees.footprint();
            ("trees", Box::new(ensemble::Sums(trees)))
        }
        Op::Linear(linear) => ("linear", Box::new(linear::Products::new(linear))),
        Op::Divide(divisor) => ("divide", Box::new(links::Divide(*divisor))),
        Op::Link(link) => ("link", Box::new(links::Function(*link))),
        Op::Complement => ("complement", Box::new(labels::Complement)),
        Op::ArgMax => ("argmax", Box::new(labels::ArgMax)),
        Op::Above(threshold) => ("above", Box::new(labels::Above(*threshold))),
        Op::Labels(labels) => ("labels", Box::new(labels::Lookup(labels.clone()))),
    })
}
