//! Models of numbers: every number rounded once to the floats of the model, as numpy's `astype`
//! does.

use super::{AdaptError, nothing};
use flowgate_core::{Data, DataType, Dim, Frame, NamedTensor, Port, PortKind, Shape, Tensor};

/// All columns side by side, in the floats of `port`.
pub(super) fn numbers(port: &Port, frame: &Frame) -> Result<Frame, AdaptError> {
    let columns = frame.tensors();
    if columns.is_empty() {
        return nothing(port);
    }
    if let Some([_, Dim::Fixed(expected)]) = port.shape.as_deref()
        && *expected != columns.len()
    {
        return Err(AdaptError::Width {
            expected: *expected,
            found: columns.len(),
        });
    }
    let rows = frame.rows().ok_or(AdaptError::NoColumns)?;
    let data = if port.kind == PortKind::Tensor(DataType::F32) {
        Data::from(converted_columns::<f32>(rows, columns)?)
    } else {
        Data::from(converted_columns::<f64>(rows, columns)?)
    };
    let shape = Shape::from_slice(&[rows, columns.len()]);
    let tensor = Tensor::new(shape, data).map_err(|_| AdaptError::NoColumns)?;
    let named = NamedTensor::new(port.name.clone(), tensor);
    Ok(Frame::new(vec![named]))
}

fn converted_columns<T: Float>(rows: usize, columns: &[NamedTensor]) -> Result<Vec<T>, AdaptError> {
    let width = columns.len();
    let mut matrix = vec![T::default(); rows * width];
    for (index, column) in columns.iter().enumerate() {
        let cells = matrix.iter_mut().skip(index).step_by(width);
        T::convert(column.tensor.data(), cells).ok_or_else(|| not_numbers(column))?;
    }
    Ok(matrix)
}

/// `sent` in the floats of `port`.
pub(super) fn converted(port: &Port, sent: NamedTensor) -> Result<NamedTensor, AdaptError> {
    let wanted = match port.kind {
        PortKind::Tensor(wanted) => wanted,
        _ => return Err(not_numbers(&sent)),
    };
    let shape = Shape::from_slice(sent.tensor.shape());
    let data = sent.tensor.data();
    let elements = data.len();
    let data = match wanted {
        wanted if wanted == data.datatype() => data.clone(),
        DataType::F32 => {
            let mut numbers = vec![0_f32; elements];
            f32::convert(data, numbers.iter_mut()).ok_or_else(|| not_numbers(&sent))?;
            numbers.into()
        }
        _ => {
            let mut numbers = vec![0_f64; elements];
            f64::convert(data, numbers.iter_mut()).ok_or_else(|| not_numbers(&sent))?;
            numbers.into()
        }
    };
    let tensor = Tensor::new(shape, data).map_err(|_| AdaptError::NoColumns)?;
    Ok(NamedTensor::new(port.name.clone(), tensor))
}

fn not_numbers(column: &NamedTensor) -> AdaptError {
    AdaptError::NotNumbers {
        name: column.name.to_string(),
        datatype: column.tensor.datatype(),
    }
}

/// Floats that numbers of every type are rounded to, once.
trait Float: Copy + Default + 'static {
    /// Puts `data` into `cells`; `None` where it is no numbers.
    fn convert<'a>(data: &Data, cells: impl Iterator<Item = &'a mut Self>) -> Option<()>;
}

macro_rules! float {
    ($float:ty) => {
        impl Float for $float {
            fn convert<'a>(data: &Data, cells: impl Iterator<Item = &'a mut Self>) -> Option<()> {
                macro_rules! each {
                    ($elements:expr) => {
                        for (cell, value) in cells.zip($elements.iter()) {
                            *cell = *value as $float;
                        }
                    };
                }
                match data {
                    Data::I8(elements) => each!(elements),
                    Data::I16(elements) => each!(elements),
                    Data::I32(elements) => each!(elements),
                    Data::I64(elements) => each!(elements),
                    Data::U8(elements) => each!(elements),
                    Data::U16(elements) => each!(elements),
                    Data::U32(elements) => each!(elements),
                    Data::U64(elements) => each!(elements),
                    Data::F32(elements) => each!(elements),
                    Data::F64(elements) => each!(elements),
                    Data::F16(elements) => {
                        for (cell, value) in cells.zip(elements.iter()) {
                            *cell = <$float>::from(*value);
                        }
                    }
                    Data::Bool(elements) => {
                        for (cell, value) in cells.zip(elements.iter()) {
                            *cell = <$float>::from(u8::from(*value));
                        }
                    }
                    Data::Str(_) | Data::Bytes(_) | Data::DateTime(_) | Data::Json(_) => {
                        return None;
                    }
                }
                Some(())
            }
        }
    };
}

float!(f32);
float!(f64);
