//! Graphs: operators in order, with the values between them.

use crate::op::{Context, Fault, Inputs, Operator};
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
        let mut values: Vec<Option<Tensor>> = Vec::with_capacity(self.slots);
        values.extend(inputs.into_iter().map(Some));
        values.resize(self.slots, None);
        for (slot, constant) in &self.constants {
            values[*slot] = Some(constant.clone());
        }
        for step in &self.steps {
            let read: SmallVec<[Option<&Tensor>; 4]> = step
                .inputs
                .iter()
                .map(|slot| slot.and_then(|slot| values[slot].as_ref()))
                .collect();
            let made = step.op.run(Inputs(&read), context).map_err(|fault| {
                if let Fault::Failed(reason) = fault {
                    return Fault::Failed(format!("`{}`: {reason}", step.label));
                }
                fault
            })?;
            drop(read);
            if made.len() < step.outputs.len() {
                let label = &step.label;
                return Err(Fault::failed(format!("`{label}` made too few values")));
            }
            for (slot, tensor) in step.outputs.iter().zip(made) {
                values[*slot] = Some(tensor);
            }
            for slot in &step.done {
                values[*slot] = None;
            }
        }
        let output = |slot: &Slot| {
            let value = values.get(*slot).and_then(Option::as_ref);
            value
                .cloned()
                .ok_or_else(|| Fault::failed("an output is not made"))
        };
        self.outputs.iter().map(output).collect()
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
