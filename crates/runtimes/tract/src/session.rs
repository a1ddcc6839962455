//! One run.

use crate::convert::{failed, from_engine, to_engine};
use crate::fence::fenced;
use crate::model::Shared;
use crate::ops::Refused;
use flowgate_core::{DataType, Frame, NamedTensor, Port, PortKind, RuntimeError, Session};
use flowgate_onnx::zipmap::MapColumns;
use std::sync::Arc;
use tract_onnx::prelude::{TValue, TVec, TractError};

/// A runner. It keeps nothing from run to run: a state of the engine that has seen an error is
/// of no more use, and a new one costs a fraction of a microsecond.
pub(crate) struct TractSession {
    shared: Arc<Shared>,
}

impl TractSession {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn run_checked(&self, inputs: &Frame) -> Result<Frame, RuntimeError> {
        let Shared {
            signature,
            maps,
            plans,
        } = &*self.shared;
        let mut values: TVec<TValue> = TVec::new();
        let mut shapes = Vec::with_capacity(signature.inputs.len());
        for port in &signature.inputs {
            let named = inputs.get(&port.name).ok_or_else(|| missing(port))?;
            shapes.push(named.tensor.shape().to_vec());
            values.push(to_engine(&port.name, &named.tensor)?.into());
        }
        let plan = plans.get(shapes.clone())?;
        let outputs = match plan.run(values.clone()) {
            Ok(outputs) => outputs,
            Err(error) if error.downcast_ref::<Refused>().is_some() => return Err(told(&error)),
            Err(error) if !plans.rows_agree(&shapes) => {
                tracing::debug!(reason = %told(&error), "a run of unlike rows");
                return Err(RuntimeError::InvalidInput {
                    message: "the model does not take inputs of unlike rows".to_owned(),
                });
            }
            Err(error) => match plans.second(shapes) {
                Some(plan) => plan?.run(values).map_err(|error| told(&error))?,
                None => return Err(told(&error)),
            },
        };
        if outputs.len() != signature.outputs.len() {
            return Err(RuntimeError::Failed {
                reason: format!(
                    "the engine gave {} outputs, the model has {}",
                    outputs.len(),
                    signature.outputs.len()
                ),
            });
        }
        let ports = signature.outputs.iter().zip(maps);
        let named = ports
            .zip(&outputs)
            .map(|((port, map), value)| output(port, map.as_ref(), value));
        named.collect()
    }
}

impl Session for TractSession {
    fn run(&mut self, inputs: Frame) -> Result<Frame, RuntimeError> {
        self.shared.signature.check(&inputs)?;
        fenced("a run", || self.run_checked(&inputs))
    }
}

/// What an error of the engine means. The words of a refusal are our own and hold no data.
fn told(error: &TractError) -> RuntimeError {
    match error.downcast_ref::<Refused>() {
        Some(refused) => RuntimeError::InvalidInput {
            message: format!("the model does not take these values: {refused}"),
        },
        None => failed(error),
    }
}

fn missing(port: &Port) -> RuntimeError {
    RuntimeError::InvalidInput {
        message: format!("input `{}` is missing", port.name),
    }
}

fn output(
    port: &Port,
    map: Option<&MapColumns>,
    value: &TValue,
) -> Result<NamedTensor, RuntimeError> {
    if let Some(map) = map {
        return Ok(NamedTensor {
            name: port.name.clone(),
            tensor: map.sort(from_engine(value, DataType::F32)?)?,
            labels: Some(map.labels().clone()),
        });
    }
    let PortKind::Tensor(datatype) = port.kind else {
        return Err(RuntimeError::Failed {
            reason: format!("output `{}` is not a tensor", port.name),
        });
    };
    let tensor = from_engine(value, datatype)?;
    Ok(NamedTensor::new(port.name.clone(), tensor))
}
