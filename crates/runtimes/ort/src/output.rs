//! From the engine's values to our tensors.

use crate::NAME;
use crate::signature::datatype;
use flowgate_core::{
    Data, DataType, Frame, Labels, NamedTensor, Port, RuntimeError, Shape, Strings, Tensor,
    Unsupported,
};
use ort::session::SessionOutputs;
use ort::value::{DynMapValueType, DynValue, TensorElementType, ValueType};

/// The outputs in the model's order, each copied once.
pub(crate) fn frame(ports: &[Port], outputs: &SessionOutputs<'_>) -> Result<Frame, RuntimeError> {
    if outputs.len() != ports.len() {
        return Err(failed(format!(
            "the engine gave {} outputs, the model has {}",
            outputs.len(),
            ports.len()
        )));
    }
    ports
        .iter()
        .zip(outputs.values())
        .map(|(port, value)| named(port, &value))
        .collect()
}

fn named(port: &Port, value: &DynValue) -> Result<NamedTensor, RuntimeError> {
    let unsupported = || {
        let reason = format!(
            "output `{}` is a `{}`, which no frame can hold",
            port.name,
            value.dtype()
        );
        let reason = Unsupported {
            operators: Vec::new(),
            reasons: vec![reason],
        };
        RuntimeError::Unsupported {
            runtime: NAME,
            reason,
        }
    };
    match value.dtype() {
        ValueType::Tensor { ty, .. } => {
            let datatype = datatype(*ty).ok_or_else(unsupported)?;
            Ok(NamedTensor::new(
                port.name.clone(),
                tensor(value, datatype)?,
            ))
        }
        ValueType::Sequence(element) => match **element {
            ValueType::Map {
                key: TensorElementType::Int64,
                value: TensorElementType::Float32,
            } => {
                let (tensor, labels) = maps(rows::<i64>(value)?)?;
                let labels = Some(Labels::Ints(labels.into()));
                Ok(NamedTensor {
                    name: port.name.clone(),
                    tensor,
                    labels,
                })
            }
            ValueType::Map {
                key: TensorElementType::String,
                value: TensorElementType::Float32,
            } => {
                let (tensor, labels) = maps(rows::<String>(value)?)?;
                let labels = Some(Labels::Strs(labels.into()));
                Ok(NamedTensor {
                    name: port.name.clone(),
                    tensor,
                    labels,
                })
            }
            _ => Err(unsupported()),
        },
        ValueType::Map { .. } | ValueType::Optional(_) => Err(unsupported()),
    }
}

fn tensor(value: &DynValue, datatype: DataType) -> Result<Tensor, RuntimeError> {
    match datatype {
        DataType::Bool => copy::<bool>(value),
        DataType::I8 => copy::<i8>(value),
        DataType::I16 => copy::<i16>(value),
        DataType::I32 => copy::<i32>(value),
        DataType::I64 => copy::<i64>(value),
        DataType::U8 => copy::<u8>(value),
        DataType::U16 => copy::<u16>(value),
        DataType::U32 => copy::<u32>(value),
        DataType::U64 => copy::<u64>(value),
        DataType::F16 => copy::<half::f16>(value),
        DataType::F32 => copy::<f32>(value),
        DataType::F64 => copy::<f64>(value),
        DataType::Str => {
            let (shape, texts) = value.try_extract_strings().map_err(engine)?;
            let texts: Strings = texts.into_iter().collect();
            whole(shape, texts)
        }
        DataType::Bytes | DataType::DateTime | DataType::Json => {
            Err(failed(format!("the engine gave elements of `{datatype}`")))
        }
    }
}

fn copy<T>(value: &DynValue) -> Result<Tensor, RuntimeError>
where
    T: ort::value::PrimitiveTensorElementType + Clone,
    Data: From<Vec<T>>,
{
    let (shape, elements) = value.try_extract_tensor::<T>().map_err(engine)?;
    whole(shape, elements.to_vec())
}

fn whole(shape: &[i64], data: impl Into<Data>) -> Result<Tensor, RuntimeError> {
    let shape: Option<Shape> = shape
        .iter()
        .map(|&size| usize::try_from(size).ok())
        .collect();
    let shape = shape.ok_or_else(|| failed("the engine gave a negative size".to_owned()))?;
    Tensor::new(shape, data).map_err(|error| failed(error.to_string()))
}

/// A map a row, its entries in the order of the engine, which sorts them by key.
fn rows<K>(value: &DynValue) -> Result<Vec<Vec<(K, f32)>>, RuntimeError>
where
    K: ort::value::IntoTensorElementType + std::fmt::Debug + Clone + std::hash::Hash + Eq,
{
    let sequence = value
        .view()
        .downcast::<ort::value::DynSequenceValueType>()
        .map_err(engine)?;
    let maps = sequence
        .try_extract_sequence::<DynMapValueType>()
        .map_err(engine)?;
    maps.iter()
        .map(|map| map.try_extract_key_values::<K, f32>().map_err(engine))
        .collect()
}

/// Rows of equal keys as a tensor `[rows, keys]` and the keys.
fn maps<K: Clone + PartialEq>(rows: Vec<Vec<(K, f32)>>) -> Result<(Tensor, Vec<K>), RuntimeError> {
    let labels: Vec<K> = rows
        .first()
        .map(|row| row.iter().map(|(key, _)| key.clone()).collect())
        .unwrap_or_default();
    let shape = Shape::from_slice(&[rows.len(), labels.len()]);
    if !rows
        .iter()
        .all(|row| row.iter().map(|(key, _)| key).eq(&labels))
    {
        return Err(failed("the rows of a map have unlike keys".to_owned()));
    }
    let numbers: Vec<f32> = rows
        .into_iter()
        .flatten()
        .map(|(_, number)| number)
        .collect();
    let tensor = Tensor::new(shape, numbers).map_err(|error| failed(error.to_string()))?;
    Ok((tensor, labels))
}

fn engine(error: ort::Error) -> RuntimeError {
    failed(error.message().to_owned())
}

fn failed(reason: String) -> RuntimeError {
    RuntimeError::Failed { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_unlike_keys_are_not_put_into_one_tensor() {
        let like = vec![vec![(1_i64, 0.5), (2, 0.25)], vec![(1, 1.0), (2, 2.0)]];
        let (tensor, labels) = maps(like).expect("equal keys");
        assert_eq!((tensor.shape(), labels), ([2, 2].as_slice(), vec![1, 2]));
        for unlike in [
            vec![vec![(1_i64, 0.5)], vec![(2, 0.5)]],
            vec![vec![(1, 0.5), (2, 0.5)], vec![(1, 0.5)]],
            vec![vec![(1, 0.5), (2, 0.5)], vec![(2, 0.5), (1, 0.5)]],
        ] {
            assert!(matches!(maps(unlike), Err(RuntimeError::Failed { .. })));
        }
        let (none, labels) = maps(Vec::<Vec<(String, f32)>>::new()).expect("no rows");
        assert_eq!((none.shape(), labels.len()), ([0, 0].as_slice(), 0));
    }
}
