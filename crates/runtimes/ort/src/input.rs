//! From our tensors to the engine's: numbers are lent, texts are copied.

use crate::failure::failed;
use flowgate_core::{Data, RuntimeError, Strings, Tensor};
use ort::session::SessionInputValue;
use ort::value::{Tensor as OrtTensor, TensorRef};

/// Lends the elements of the input called `name` to the engine.
macro_rules! lend {
    ($shape:expr, $elements:expr) => {
        TensorRef::from_array_view(($shape, &$elements[..]))
            .map(SessionInputValue::from)
            .map_err(|error| failed(&error))
    };
}

/// The input called `name` as the engine takes it, for as long as `tensor` lives.
pub(crate) fn value<'a>(
    name: &str,
    tensor: &'a Tensor,
) -> Result<SessionInputValue<'a>, RuntimeError> {
    let shape = tensor.shape();
    match tensor.data() {
        Data::Bool(elements) => lend!(shape, elements),
        Data::I8(elements) => lend!(shape, elements),
        Data::I16(elements) => lend!(shape, elements),
        Data::I32(elements) => lend!(shape, elements),
        Data::I64(elements) => lend!(shape, elements),
        Data::U8(elements) => lend!(shape, elements),
        Data::U16(elements) => lend!(shape, elements),
        Data::U32(elements) => lend!(shape, elements),
        Data::U64(elements) => lend!(shape, elements),
        Data::F16(elements) => lend!(shape, elements),
        Data::F32(elements) => lend!(shape, elements),
        Data::F64(elements) => lend!(shape, elements),
        Data::Str(texts) => copy_texts(name, shape, texts),
        Data::Bytes(_) | Data::DateTime(_) | Data::Json(_) => Err(RuntimeError::InvalidInput {
            message: format!(
                "input `{name}` has datatype `{}`, which ONNX does not have",
                tensor.datatype()
            ),
        }),
    }
}

/// The engine takes texts that end with a NUL, so one inside would cut the text short.
fn copy_texts<'a>(
    name: &str,
    shape: &[usize],
    texts: &Strings,
) -> Result<SessionInputValue<'a>, RuntimeError> {
    if texts.iter().any(|text| text.contains('\0')) {
        return Err(RuntimeError::InvalidInput {
            message: format!("input `{name}` has a text with a NUL, which the engine cannot take"),
        });
    }
    let texts: Vec<String> = texts.iter().map(str::to_owned).collect();
    OrtTensor::from_string_array((shape, &*texts))
        .map(SessionInputValue::from)
        .map_err(|error| failed(&error))
}
