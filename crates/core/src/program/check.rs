//! Whether a program can be followed: everything it names is there, and no way goes round.

use super::{Ensemble, Op, Output, Precision, Split, Step, Test, TreeNode, Value};
use crate::{Data, DataType, Port, PortKind};
use std::collections::HashSet;

/// The most sums of a row, cells of a row, or steps of a program.
const MOST: usize = 1 << 20;

/// Why a program cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// A step that reads what is not made yet, or too many or too few values.
    #[error("step {step} of the model reads {reason}")]
    Reads {
        /// Its place.
        step: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A step on values of a type that it does not take.
    #[error("step {step} of the model does not take values of the type `{datatype}`")]
    Type {
        /// Its place.
        step: usize,
        /// The type.
        datatype: DataType,
    },
    /// A step that contradicts itself.
    #[error("step {step} of the model: {reason}")]
    Step {
        /// Its place.
        step: usize,
        /// Why.
        reason: String,
    },
    /// An input or output that is wrong.
    #[error("{0}")]
    Ports(String),
    /// A tree that is none.
    #[error("tree {tree}, node {node}: {reason}")]
    Tree {
        /// The tree's place.
        tree: usize,
        /// The node's place in the tree.
        node: usize,
        /// Why.
        reason: &'static str,
    },
}

/// The type of every value of a program: the inputs', then the steps'.
///
/// # Errors
/// The first thing that keeps it from being followed.
pub(super) fn types(
    inputs: &[Port],
    steps: &[Step],
    outputs: &[Output],
) -> Result<Vec<DataType>, ProgramError> {
    let mut types = Vec::with_capacity(inputs.len() + steps.len());
    for port in inputs {
        match port.kind {
            PortKind::Tensor(datatype) => types.push(datatype),
            _ => {
                let name = &port.name;
                return Err(ProgramError::Ports(format!("input `{name}` is no tensor")));
            }
        }
    }
    if steps.len() > MOST {
        return Err(ProgramError::Ports("too many steps".to_owned()));
    }
    for (step, made) in steps.iter().enumerate() {
        let reads = |reason| ProgramError::Reads { step, reason };
        let mut read = Vec::with_capacity(made.inputs.len());
        for &Value(at) in &made.inputs {
            read.push(*types.get(at).ok_or_else(|| reads("what is not made yet"))?);
        }
        let one = match made.op {
            Op::Columns => !read.is_empty(),
            _ => read.len() == 1,
        };
        if !one {
            return Err(reads("another number of values than it takes"));
        }
        types.push(made.op.gives(step, &read)?);
    }
    let mut names = HashSet::new();
    for output in outputs {
        let name = &output.name;
        if output.value.0 >= types.len() {
            return Err(ProgramError::Ports(format!("output `{name}` is not made")));
        }
        if !names.insert(name) {
            return Err(ProgramError::Ports(format!(
                "output `{name}` is there twice"
            )));
        }
    }
    if outputs.is_empty() {
        return Err(ProgramError::Ports("the model gives nothing".to_owned()));
    }
    Ok(types)
}

impl Op {
    /// The type of what is made of values of the types `read`.
    fn gives(&self, step: usize, read: &[DataType]) -> Result<DataType, ProgramError> {
        let first = read[0];
        let wrong = |datatype| Err(ProgramError::Type { step, datatype });
        let bad = |reason: &str| {
            let reason = reason.to_owned();
            Err(ProgramError::Step { step, reason })
        };
        let is_float = matches!(first, DataType::F32 | DataType::F64);
        match self {
            Self::Convert(precision) => match first {
                DataType::Str | DataType::Bytes => wrong(first),
                _ => Ok(precision.datatype()),
            },
            Self::Columns => match read.iter().find(|datatype| **datatype != first) {
                Some(other) => wrong(*other),
                None => Ok(first),
            },
            Self::Categories(categories) => {
                if categories.names.datatype() != first {
                    return wrong(first);
                }
                let unlike = match categories.names.data() {
                    Data::Str(names) => {
                        let mut seen = HashSet::new();
                        names.iter().all(|name| seen.insert(name))
                    }
                    Data::I64(names) => {
                        let mut seen = HashSet::new();
                        names.iter().all(|name| seen.insert(name))
                    }
                    _ => return wrong(first),
                };
                if !unlike {
                    return bad("a category is named twice");
                }
                Ok(categories.codes.datatype())
            }
            Self::Trees(ensemble) => {
                if first != ensemble.cells.datatype() {
                    return wrong(first);
                }
                ensemble.check(step)?;
                Ok(ensemble.sums.datatype())
            }
            Self::Linear(linear) => {
                if first != linear.precision.datatype() {
                    return wrong(first);
                }
                let weights = linear.features.checked_mul(linear.outputs);
                if weights != Some(linear.weights.len()) || linear.start.len() != linear.outputs {
                    return bad("there is not a weight for every feature and output");
                }
                Ok(first)
            }
            Self::Finite | Self::Divide(_) | Self::Link(_) | Self::Complement if is_float => {
                Ok(first)
            }
            Self::ArgMax | Self::Above(_) if is_float => Ok(DataType::I64),
            Self::Labels(labels) if first == DataType::I64 => Ok(labels.datatype()),
            Self::Squeeze => Ok(first),
            _ => wrong(first),
        }
    }
}

impl Precision {
    /// The type of a tensor of such floats.
    pub fn datatype(self) -> DataType {
        match self {
            Self::F32 => DataType::F32,
            Self::F64 => DataType::F64,
        }
    }

    /// Whether `value` is one of these floats; NaN is.
    fn holds(self, value: f64) -> bool {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "that is the question")]
            Self::F32 => value.is_nan() || f64::from(value as f32) == value,
            Self::F64 => true,
        }
    }
}

impl Ensemble {
    /// Whether every tree is one: each node but the root has one parent, before it and in the
    /// same tree, and all numbers are what their types say. As long as that holds, following a
    /// tree ends.
    fn check(&self, step: usize) -> Result<(), ProgramError> {
        let bad = |reason: &str| {
            let reason = reason.to_owned();
            Err(ProgramError::Step { step, reason })
        };
        if self.features > MOST || self.outputs > MOST {
            return bad("more features or outputs than can be");
        }
        if self.start.len() != self.outputs {
            return bad("there is not a start for every sum");
        }
        if u32::try_from(self.nodes.len()).is_err() {
            return bad("more nodes than can be numbered");
        }
        if !self.start.iter().all(|start| self.sums.holds(*start)) {
            return bad("a start is not of the type of the sums");
        }
        for weight in &self.weights {
            if weight.output as usize >= self.outputs || !self.sums.holds(weight.value) {
                return bad("a leaf adds to a sum that is not there, or another type");
            }
        }
        let unordered = |members: &[u32]| members.windows(2).any(|pair| pair[0] >= pair[1]);
        if self.sets.iter().any(|set| unordered(&set.members)) {
            return bad("the categories of a set are not in order");
        }
        for linear in &self.linear {
            let out = |(feature, _): &(u32, f64)| *feature as usize >= self.features;
            if linear.output as usize >= self.outputs || linear.terms.iter().any(out) {
                return bad("a leaf's function names what is not there");
            }
        }
        if self.roots.first().is_some_and(|first| *first != 0)
            || self.roots.is_empty() != self.nodes.is_empty()
        {
            return bad("the first tree is not the first");
        }
        let ends = self.roots.iter().skip(1).map(|root| *root as usize);
        let ends = ends.chain([self.nodes.len()]);
        for (tree, (&root, end)) in self.roots.iter().zip(ends).enumerate() {
            let root = root as usize;
            let Some(nodes) = self.nodes.get(root..end).filter(|nodes| !nodes.is_empty()) else {
                return bad("a tree has no nodes");
            };
            self.check_tree(tree, root, nodes)?;
        }
        Ok(())
    }

    fn check_tree(&self, tree: usize, root: usize, nodes: &[TreeNode]) -> Result<(), ProgramError> {
        let mut reached = vec![false; nodes.len()];
        reached[0] = true;
        for (node, found) in nodes.iter().enumerate() {
            let bad = |reason| Err(ProgramError::Tree { tree, node, reason });
            if !reached[node] {
                return bad("no node leads here");
            }
            match found {
                TreeNode::Leaf(leaf) => {
                    let end = leaf.first as usize + leaf.count as usize;
                    let linear = leaf.linear.map_or(0, |at| at as usize + 1);
                    if end > self.weights.len() || linear > self.linear.len() {
                        return bad("it adds what is not there");
                    }
                }
                TreeNode::Split(split) => {
                    if let Some(reason) = self.split_fault(split) {
                        return bad(reason);
                    }
                    for child in [split.yes, split.no] {
                        let place = (child as usize).checked_sub(root).filter(|at| *at > node);
                        match place.and_then(|at| reached.get_mut(at)) {
                            Some(reached) if !*reached => *reached = true,
                            Some(_) => return bad("it leads to a node that another leads to"),
                            None => return bad("it leads out of its tree or back"),
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn split_fault(&self, split: &Split) -> Option<&'static str> {
        if split.feature as usize >= self.features {
            return Some("it reads a feature that is not there");
        }
        match split.test {
            Test::Less(value) | Test::LessOrEqual(value) | Test::Equal(value) => {
                if value.is_nan() {
                    return Some("its threshold is not a number");
                }
                (!self.cells.holds(value)).then_some("its threshold is of another type")
            }
            Test::InSet(set) => {
                (set as usize >= self.sets.len()).then_some("its set of categories is not there")
            }
        }
    }
}
