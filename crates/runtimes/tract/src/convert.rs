//! Between our tensors and the engine's: every element is copied once.

use flowgate_core::{Data, DataType, RuntimeError, Shape, Strings, Tensor};
use half::f16;
use tract_onnx::prelude::{Datum, DatumType, TDim, Tensor as Engine, TractResult, tensor1};

/// The engine's name for a type; `None` where ONNX does not have it.
pub(crate) fn datum_type(datatype: DataType) -> Option<DatumType> {
    Some(match datatype {
        DataType::Bool => DatumType::Bool,
        DataType::I8 => DatumType::I8,
        DataType::I16 => DatumType::I16,
        DataType::I32 => DatumType::I32,
        DataType::I64 => DatumType::I64,
        DataType::U8 => DatumType::U8,
        DataType::U16 => DatumType::U16,
        DataType::U32 => DatumType::U32,
        DataType::U64 => DatumType::U64,
        DataType::F16 => DatumType::F16,
        DataType::F32 => DatumType::F32,
        DataType::F64 => DatumType::F64,
        DataType::Str => DatumType::String,
        DataType::Bytes | DataType::DateTime | DataType::Json => return None,
    })
}

/// The tensor as the engine takes it.
pub(crate) fn to_engine(name: &str, tensor: &Tensor) -> Result<Engine, RuntimeError> {
    let shape = tensor.shape();
    let made = match tensor.data() {
        Data::Bool(elements) => Engine::from_shape(shape, elements),
        Data::I8(elements) => Engine::from_shape(shape, elements),
        Data::I16(elements) => Engine::from_shape(shape, elements),
        Data::I32(elements) => Engine::from_shape(shape, elements),
        Data::I64(elements) => Engine::from_shape(shape, elements),
        Data::U8(elements) => Engine::from_shape(shape, elements),
        Data::U16(elements) => Engine::from_shape(shape, elements),
        Data::U32(elements) => Engine::from_shape(shape, elements),
        Data::U64(elements) => Engine::from_shape(shape, elements),
        Data::F16(elements) => Engine::from_shape(shape, elements),
        Data::F32(elements) => Engine::from_shape(shape, elements),
        Data::F64(elements) => Engine::from_shape(shape, elements),
        Data::Str(texts) => texts_to_engine(shape, texts),
        Data::Bytes(_) | Data::DateTime(_) | Data::Json(_) => {
            return Err(RuntimeError::InvalidInput {
                message: format!(
                    "input `{name}` has datatype `{}`, which ONNX does not have",
                    tensor.datatype()
                ),
            });
        }
    };
    made.map_err(|error| failed(&error))
}

fn texts_to_engine(shape: &[usize], texts: &Strings) -> TractResult<Engine> {
    let texts: Vec<String> = texts.iter().map(str::to_owned).collect();
    tensor1(&texts).into_shape(shape)
}

/// The engine's tensor as one of `datatype`.
pub(crate) fn from_engine(tensor: &Engine, datatype: DataType) -> Result<Tensor, RuntimeError> {
    let wide;
    // Sizes that the engine computes with are expressions; a run leaves none of them open.
    let tensor = if tensor.datum_type() == TDim::datum_type() {
        wide = tensor.cast_to::<i64>().map_err(|error| failed(&error))?;
        &*wide
    } else {
        tensor
    };
    if Some(tensor.datum_type()) != datum_type(datatype) {
        return Err(RuntimeError::Failed {
            reason: format!(
                "the engine gave elements of `{:?}` in place of `{datatype}`",
                tensor.datum_type()
            ),
        });
    }
    match datatype {
        DataType::Bool => copy::<bool>(tensor),
        DataType::I8 => copy::<i8>(tensor),
        DataType::I16 => copy::<i16>(tensor),
        DataType::I32 => copy::<i32>(tensor),
        DataType::I64 => copy::<i64>(tensor),
        DataType::U8 => copy::<u8>(tensor),
        DataType::U16 => copy::<u16>(tensor),
        DataType::U32 => copy::<u32>(tensor),
        DataType::U64 => copy::<u64>(tensor),
        DataType::F16 => copy::<f16>(tensor),
        DataType::F32 => copy::<f32>(tensor),
        DataType::F64 => copy::<f64>(tensor),
        DataType::Str => {
            let texts: Strings = elements::<String>(tensor)?.iter().collect();
            whole(tensor.shape(), texts)
        }
        DataType::Bytes | DataType::DateTime | DataType::Json => Err(RuntimeError::Failed {
            reason: format!("the engine gave elements of `{datatype}`"),
        }),
    }
}

fn copy<T: Datum>(tensor: &Engine) -> Result<Tensor, RuntimeError>
where
    Data: From<Vec<T>>,
{
    whole(tensor.shape(), elements::<T>(tensor)?)
}

fn elements<T: Datum>(tensor: &Engine) -> Result<Vec<T>, RuntimeError> {
    let plain = tensor.try_as_plain_ram().map_err(|error| failed(&error))?;
    let elements = plain.as_slice::<T>().map_err(|error| failed(&error))?;
    Ok(elements.to_vec())
}

fn whole(shape: &[usize], data: impl Into<Data>) -> Result<Tensor, RuntimeError> {
    Tensor::new(Shape::from_slice(shape), data).map_err(|error| RuntimeError::Failed {
        reason: error.to_string(),
    })
}

/// An error of the engine; for the log, since its words may repeat data.
pub(crate) fn failed(error: &tract_onnx::prelude::TractError) -> RuntimeError {
    RuntimeError::Failed {
        reason: format!("{error:#}"),
    }
}
