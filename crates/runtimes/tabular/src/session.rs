//! One run.

use crate::model::{Output, Shared};
use crate::op::{Context, Fault};
use crate::trees::Path;
use flowgate_core::{Frame, NamedTensor, PortKind, RuntimeError, Session};
use std::sync::Arc;

/// A runner: what it keeps from run to run is memory.
pub(crate) struct TabularSession {
    shared: Arc<Shared>,
    context: Context,
}

impl TabularSession {
    pub(crate) fn new(shared: Arc<Shared>, threads: usize, path: Path) -> Self {
        let context = Context {
            threads,
            path,
            ..Context::default()
        };
        Self { shared, context }
    }
}

impl Session for TabularSession {
    fn run(&mut self, inputs: Frame) -> Result<Frame, RuntimeError> {
        let Shared {
            signature,
            graph,
            outputs,
            ..
        } = &*self.shared;
        signature.check(&inputs)?;
        let named = |(place, port): (usize, &flowgate_core::Port)| {
            inputs
                .find(&port.name, place)
                .map(|named| named.tensor.clone())
        };
        let tensors = signature.inputs.iter().enumerate().filter_map(named);
        let made = graph
            .run(tensors, &mut self.context)
            .map_err(|fault| match fault {
                Fault::Refused(reason) => RuntimeError::InvalidInput {
                    message: format!("the model does not take these values: {reason}"),
                },
                Fault::Failed(reason) => RuntimeError::Failed { reason },
            })?;
        let ports = signature.outputs.iter().zip(outputs);
        let mut given = Vec::with_capacity(made.len());
        for ((port, output), tensor) in ports.zip(made) {
            if let PortKind::Tensor(wanted) = port.kind
                && wanted != tensor.datatype()
            {
                let (name, found) = (&port.name, tensor.datatype());
                return Err(RuntimeError::Failed {
                    reason: format!("output `{name}` is of `{found}`, expected `{wanted}`"),
                });
            }
            given.push(match output {
                Output::Tensor => NamedTensor::new(port.name.clone(), tensor),
                Output::Map(map) => NamedTensor {
                    name: port.name.clone(),
                    tensor: map.sort(tensor)?,
                    labels: Some(map.labels().clone()),
                },
            });
        }
        Ok(Frame::new(given))
    }
}
