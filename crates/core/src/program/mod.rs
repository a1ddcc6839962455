//! Programs: what a native flavor makes of its model file, for the runtime of tables.
//!
//! A program is data: steps on tables, each with one exact meaning, in an order in which every
//! step comes after those that it reads. It says nothing of the library that the model came from:
//! where libraries differ (in which type is summed, what a missing value does), the step says
//! which way.

mod check;
mod trees;

pub use check::ProgramError;
pub use trees::{
    BelowZero, CategorySet, Ensemble, Leaf, LinearLeaf, Missing, Side, Split, Test, TreeNode,
    Weight,
};

use crate::{DataType, Port, Tensor};
use std::sync::Arc;

/// Steps from the inputs of a model to its outputs. There is none that cannot be followed: a
/// [`ProgramBuilder`] gives only what was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    inputs: Vec<Port>,
    steps: Vec<Step>,
    outputs: Vec<Output>,
    /// The type of every value.
    types: Vec<DataType>,
}

impl Program {
    /// What it takes; these are the first values.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// What is done, in order; each step makes one value.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What it gives.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The type of every value: the inputs', then the steps'.
    pub fn types(&self) -> &[DataType] {
        &self.types
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is done.
    pub op: Op,
    /// The values it reads.
    pub inputs: Vec<Value>,
}

/// A value of a program: the inputs in order, then what each step makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(pub usize);

/// A value that is given back.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// What it is called.
    pub name: Arc<str>,
    /// Which it is.
    pub value: Value,
}

/// The floats that cells are compared in, or sums are made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32 bits.
    F32,
    /// 64 bits.
    F64,
}

/// What a step does. Shapes are `[rows]` or `[rows, columns]`; "floats" are `f32` or `f64`, and
/// what is made of floats has their type where nothing else is said.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Numbers or booleans of any type to floats of this one, rounded to the nearest (ties to
    /// even), as numpy's `astype` does; `true` is 1. Any shape, kept.
    Convert(Precision),
    /// Several values of one type, `[rows]` or `[rows, columns]` each, side by side.
    Columns,
    /// Names of categories, `[rows]` of texts or of `i64`, to their codes as floats; a text that
    /// is missing to NaN.
    Categories(Categories),
    /// Refuses rows that hold an infinite number; else what it reads.
    Finite,
    /// The sums of trees: floats `[rows, features]` to `[rows, outputs]` in the type of the sums.
    Trees(Arc<Ensemble>),
    /// Sums of products: floats `[rows, features]` to `[rows, outputs]`.
    Linear(Linear),
    /// Every number divided by this one, in its own type.
    Divide(f64),
    /// A function of every number, or of every row.
    Link(Link),
    /// `[rows, 1]` of `p` to `[rows, 2]` of `1 - p` and `p`.
    Complement,
    /// `[rows, columns]` to `[rows]` of `i64`: the place of the largest number, the first of
    /// equal ones; NaN counts as the largest.
    ArgMax,
    /// `[rows, 1]` to `[rows]` of `i64`: 1 where the number is larger than this one, else 0.
    Above(f64),
    /// `[rows]` of `i64` to `[rows]` of these labels, by their place.
    Labels(Tensor),
    /// `[rows, 1]` to `[rows]`.
    Squeeze,
}

/// Names of categories and their codes: the code is the place in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Categories {
    /// Texts or `i64`, `[categories]`, all unlike.
    pub names: Tensor,
    /// What a name that is not in the list becomes.
    pub unknown: Unknown,
    /// The type of the codes.
    pub codes: Precision,
}

/// What becomes of a name that the model has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// The row is refused.
    Refuse,
    /// It is a missing value.
    Missing,
}

/// Sums of products of a row: `start[k]`, then for each feature in order `cell * weight` is
/// rounded and added, all in one type.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Columns of a row.
    pub features: usize,
    /// Sums.
    pub outputs: usize,
    /// `features * outputs` of them: those of the first feature first.
    pub weights: Vec<f64>,
    /// What each sum begins with.
    pub start: Vec<f64>,
    /// The type that is computed in; that of the row.
    pub precision: Precision,
    /// Whether features that are NaN are left out; else the sum is NaN.
    pub skips_missing: bool,
}

/// A function of every number, or of the numbers of a row, computed in their type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    /// `1 / (1 + exp(min(-scale * x, limit)) + epsilon)`.
    Logistic {
        /// The factor, 1 mostly.
        scale: f64,
        /// The largest exponent; infinite where there is none.
        limit: f64,
        /// What is added to the divisor, in the type of the numbers.
        epsilon: f64,
    },
    /// `exp(x - largest)` of each number of a row, divided by their sum, which is made in `f64`
    /// in order and rounded to the type of the numbers.
    Softmax,
    /// `exp(x)`.
    Exp,
    /// `ln(1 + exp(x))`, by a logarithm that is exact near 1 (`log1p`).
    Softplus,
    /// `x * x` with the sign of `x`.
    SignedSquare,
    /// 1 where `x > 0`, else 0.
    Step,
}

/// Puts a program together; every method gives the value that the new step makes.
#[derive(Debug, Clone)]
pub struct ProgramBuilder {
    inputs: Vec<Port>,
    steps: Vec<Step>,
    outputs: Vec<Output>,
}

impl ProgramBuilder {
    /// A program that takes `inputs`, with their values.
    pub fn new(inputs: Vec<Port>) -> (Self, Vec<Value>) {
        let values = (0..inputs.len()).map(Value).collect();
        let builder = Self {
            inputs,
            steps: Vec::new(),
            outputs: Vec::new(),
        };
        (builder, values)
    }

    /// A further step.
    pub fn step(&mut self, op: Op, inputs: &[Value]) -> Value {
        let inputs = inputs.to_vec();
        self.steps.push(Step { op, inputs });
        Value(self.inputs.len() + self.steps.len() - 1)
    }

    /// Gives `value` back under `name`.
    pub fn output(&mut self, name: impl Into<Arc<str>>, value: Value) {
        let name = name.into();
        self.outputs.push(Output { name, value });
    }

    /// The program, in which every step reads what is there, in types that it takes, and
    /// ensembles are trees.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn finish(self) -> Result<Program, ProgramError> {
        let types = check::types(&self.inputs, &self.steps, &self.outputs)?;
        Ok(Program {
            inputs: self.inputs,
            steps: self.steps,
            outputs: self.outputs,
            types,
        })
    }
}
