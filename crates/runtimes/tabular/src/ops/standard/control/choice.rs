//! One of two graphs.

use super::super::standard;
use crate::data::elements;
use crate::graph::Graph;
use crate::onnx::{Entry, LowerError, Lowered, Lowering, subgraph};
use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::DataType;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[standard(
    "If",
    1,
    choice,
    "branches that read what is made outside of them",
)];

/// What the first graph gives where it is true, else what the second gives.
struct Choice {
    yes: Graph,
    no: Graph,
}

fn choice(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    if node.datatype(0)? != DataType::Bool {
        return node.refuse("its condition is not true or false");
    }
    let yes = subgraph(node, node.graph("then_branch")?, &[])?;
    let no = subgraph(node, node.graph("else_branch")?, &[])?;
    if yes.outputs != no.outputs {
        return node.refuse("its branches give values of unlike types");
    }
    Ok(Lowered {
        outputs: yes.outputs,
        op: Box::new(Choice {
            yes: yes.graph,
            no: no.graph,
        }),
    })
}

impl Operator for Choice {
    fn run(&self, inputs: Inputs<'_>, context: &mut Context) -> Result<Outputs, Fault> {
        let branch = match *elements::<bool>(inputs.get(0)?)? {
            [true] => &self.yes,
            [false] => &self.no,
            _ => return Err(Fault::refused("a condition is not one element")),
        };
        Ok(branch.run([], context)?.into())
    }
}
