//! Graphs: operators in order, with the values between them.

use crate::op::{Context, Fault, Inputs, Operator, Outputs};
use flowgate_core::Tensor;
use smallvec::SmallVec;

/// Where a value lies while a graph runs.
pub(crate) type Slot = usize;

/// Operators in an order in which every value is made before it is read. Shared and only read.
pub(crate) struct Graph {
    /// Values that are the same in every run.
    constants: Vec<(Slot, Tensor)>,
    steps: Vec<Step>,
    outputs: Vec<Slot>,
    /// Slots in all; the inputs are the first of them.
    slots: usize,
}

struct Step {
    /// What to call it in a message.
    label: String,
    op: Box<dyn Operator>,
    inputs: SmallVec<[Option<Slot>; 4]>,
    outputs: SmallVec<[Slot; 2]>,
    /// Values that nobody reads after this step.
    done: SmallVec<[Slot; 2]>,
}

impl Step {
    fn run(&self, values: &[Option<Tensor>], context: &mut Context) -> Result<Outputs, Fault> {
        let value = |slot: &Option<Slot>| slot.and_then(|slot| values[slot].as_ref());
        let mut few = [None; FEW];
        let made = if let Some(read) = few.get_mut(..self.inputs.len()) {
            for (read, slot) in read.iter_mut().zip(&self.inputs) {
                *read = value(slot);
            }
            self.op.run(Inputs(read), context)
        } else {
            let read: Vec<_> = self.inputs.iter().map(value).collect();
            self.op.run(Inputs(&read), context)
        };
        made.map_err(|fault| match fault {
            Fault::Failed(reason) => Fault::Failed(format!("`{}`: {reason}", self.label)),
            refused => refused,
        })
    }
}

/// As many values as nearly all operators read.
const FEW: usize = 4;

impl Graph {
    /// The outputs for `inputs`, in order.
    ///
    /// # Errors
    /// What the first operator that fails says.
    pub(crate) fn run(
        &self,
        inputs: impl IntoIterator<Item = Tensor>,
        context: &mut Context,
    ) -> Result<Vec<Tensor>, Fault> {
        let mut values = std::mem::take(&mut context.values);
        values.clear();
        values.extend(inputs.into_iter().map(Some));
        values.resize(self.slots, None);
        let made = self.follow(&mut values, context);
        // Whatever is in there is of no use to the next run, but for the room.
        values.clear();
        context.values = values;
        made
    }

    /// Runs all steps on `values`, a place for each slot.
    fn follow(
        &self,
        values: &mut [Option<Tensor>],
        context: &mut Context,
    ) -> Result<Vec<Tensor>, Fault> {
        for (slot, constant) in &self.constants {
            values[*slot] = Some(constant.clone());
        }
        for step in &self.steps {
            let mut made = step.run(values, context)?;
            if made.len() < step.outputs.len() {
                let label = &step.label;
                return Err(Fault::failed(format!("`{label}` made too few values")));
            }
            made.truncate(step.outputs.len());
            // From the last: a vector gives that one away as it is.
            for slot in step.outputs.iter().rev() {
                values[*slot] = made.pop();
            }
            for slot in &step.done {
                values[*slot] = None;
            }
        }
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for (place, slot) in self.outputs.iter().enumerate() {
            let value = match values.get_mut(*slot) {
                // Wanted again.
                Some(value) if self.outputs[place + 1..].contains(slot) => value.clone(),
                Some(value) => value.take(),
                None => None,
            };
            outputs.push(value.ok_or_else(|| Fault::failed("an output is not made"))?);
        }
        Ok(outputs)
    }

    /// How many steps there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// About how many octets the constants take; what operators hold is for them to tell.
    pub(crate) fn constants_size(&self) -> usize {
        let sizes = self
            .constants
            .iter()
            .map(|(_, tensor)| tensor.data().size());
        sizes.sum()
    }
}

/// Puts a graph together.
pub(crate) struct GraphBuilder {
    constants: Vec<(Slot, Tensor)>,
    steps: Vec<Step>,
    slots: usize,
}

impl GraphBuilder {
    /// A graph that takes `inputs` values: they lie in the first slots.
    pub(crate) fn new(inputs: usize) -> Self {
        Self {
            constants: Vec::new(),
            steps: Vec::new(),
            slots: inputs,
        }
    }

    /// A further input. Inputs lie in the first slots: there is nothing else yet.
    pub(crate) fn add_input(&mut self) {
        debug_assert!(self.steps.is_empty() && self.constants.is_empty());
        self.slots += 1;
    }

    /// A value that is the same in every run.
    pub(crate) fn constant(&mut self, tensor: Tensor) -> Slot {
        let slot = self.slot();
        self.constants.push((slot, tensor));
        slot
    }

    /// A further step called `label`, which makes `outputs` values; the slots of those.
    pub(crate) fn step(
        &mut self,
        label: impl Into<String>,
        op: Box<dyn Operator>,
        inputs: impl IntoIterator<Item = Option<Slot>>,
        outputs: usize,
    ) -> SmallVec<[Slot; 2]> {
        let outputs: SmallVec<[Slot; 2]> = (0..outputs).map(|_| self.slot()).collect();
        self.steps.push(Step {
            label: label.into(),
            op,
            inputs: inputs.into_iter().collect(),
            outputs: outputs.clone(),
            done: SmallVec::new(),
        });
        outputs
    }

    /// The graph that gives `outputs`. Constants that nobody reads are dropped, and every other
    /// value is as soon as the last of its readers has run.
    pub(crate) fn finish(mut self, outputs: Vec<Slot>) -> Graph {
        let mut last = vec![None; self.slots];
        for (place, step) in self.steps.iter().enumerate() {
            let made_or_read = step
                .outputs
                .iter()
                .copied()
                .chain(step.inputs.iter().flatten().copied());
            for slot in made_or_read {
                last[slot] = Some(place);
            }
        }
        let wanted = |slot: Slot| outputs.contains(&slot);
        self.constants
            .retain(|(slot, _)| last[*slot].is_some() || wanted(*slot));
        for (slot, last) in last.iter().enumerate() {
            if let Some(place) = last
                && !wanted(slot)
            {
                self.steps[*place].done.push(slot);
            }
        }
        Graph {
            constants: self.constants,
            steps: self.steps,
            outputs,
            slots: self.slots,
        }
    }

    fn slot(&mut self) -> Slot {
        self.slots += 1;
        self.slots - 1
    }
}
