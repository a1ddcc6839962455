//! Constant tensors: their type, their extents, and their elements.
//!
//! Where each element type is stored is told in `TensorProto` of `onnx.proto` (`onnx` 1.23.2):
//! little endian in `raw_data`, or one by one in a typed field.

use std::borrow::Cow;

use crate::elem::ElemType;
use crate::error::{OnnxError, shown};
use crate::external::ExternalData;
use crate::proto::TensorProto;

/// A constant tensor of a file.
#[derive(Clone, Copy, Debug)]
pub struct TensorRef<'a> {
    proto: &'a TensorProto,
}

/// Elements in row-major order.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum TensorData {
    F32(Vec<f32>),
    F64(Vec<f64>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    Bool(Vec<bool>),
    /// The bits of `float16`.
    F16(Vec<u16>),
    /// The bits of `bfloat16`.
    Bf16(Vec<u16>),
    Strings(Vec<String>),
}

/// The elements of a tensor, or where they are.
#[derive(Clone, Debug, PartialEq)]
pub enum TensorContents {
    /// In the file.
    Inline(TensorData),
    /// In another file; [`TensorData::from_le_bytes`] reads its bytes.
    External(ExternalData),
}

impl<'a> TensorRef<'a> {
    /// A view of a message.
    pub fn new(proto: &'a TensorProto) -> Self {
        Self { proto }
    }

    /// The message itself.
    pub fn proto(self) -> &'a TensorProto {
        self.proto
    }

    /// Its name; empty for most tensors in attributes.
    pub fn name(self) -> &'a str {
        self.proto.name()
    }

    /// The type of its elements.
    ///
    /// # Errors
    ///
    /// [`OnnxError::TensorType`].
    pub fn elem(self) -> Result<ElemType, OnnxError> {
        let number = self.proto.data_type();
        ElemType::from_number(number).ok_or_else(|| OnnxError::TensorType {
            tensor: shown(self.name()),
            number,
        })
    }

    /// Its extents; none for a scalar.
    ///
    /// # Errors
    ///
    /// [`OnnxError::TensorDims`] when one is negative.
    pub fn dims(self) -> Result<Vec<u64>, OnnxError> {
        self.proto
            .dims
            .iter()
            .map(|dim| u64::try_from(*dim).map_err(|_| self.dims_fault("a negative extent")))
            .collect()
    }

    /// The number of its elements, the product of its extents.
    ///
    /// # Errors
    ///
    /// [`OnnxError::TensorDims`].
    pub fn count(self) -> Result<u64, OnnxError> {
        let mut product = 1_u64;
        for dim in self.dims()? {
            product = product
                .checked_mul(dim)
                .ok_or_else(|| self.dims_fault("too many elements"))?;
        }
        Ok(product)
    }

    /// Where its data is, `None` when it is in the file.
    ///
    /// # Errors
    ///
    /// A location that may lead out of the package, numbers that are none.
    pub fn external(self) -> Result<Option<ExternalData>, OnnxError> {
        ExternalData::of(self.proto)
    }

    /// Checks type, extents and the amount of data, without reading the elements. At most
    /// `elements` of them are allowed. [`Model::read`](crate::Model::read) has done this for
    /// every tensor of a file.
    ///
    /// # Errors
    ///
    /// The variants of [`OnnxError`] that begin with `Tensor` and `External`.
    pub fn check(self, elements: u64) -> Result<(), OnnxError> {
        let elem = self.elem()?;
        let count = self.count()?;
        if count > elements {
            return Err(self.dims_fault("too many elements"));
        }
        if let Some(external) = self.external()? {
            let Some(expected) = elem.bytes_of(count) else {
                return Err(self.storage_fault("strings in another file"));
            };
            return match external.length {
                Some(found) if found != expected => {
                    Err(self.length_fault(expected, found, "bytes"))
                }
                _ => Ok(()),
            };
        }
        if self.proto.segment.is_some() {
            return Err(self.storage_fault("it is a segment of a larger tensor"));
        }
        let typed = self.typed_fields();
        let filled = typed.iter().filter(|(_, length)| *length > 0).count();
        match &self.proto.raw_data {
            Some(raw) if !raw.is_empty() || filled == 0 => {
                if filled > 0 {
                    return Err(self.storage_fault("more than one field holds data"));
                }
                let Some(expected) = elem.bytes_of(count) else {
                    return if count == 0 && raw.is_empty() {
                        Ok(())
                    } else {
                        Err(self.storage_fault("strings as raw data"))
                    };
                };
                let found = raw.len() as u64;
                if found != expected {
                    return Err(self.length_fault(expected, found, "bytes"));
                }
            }
            _ => {
                if filled > 1 {
                    return Err(self.storage_fault("more than one field holds data"));
                }
                let (field, per_element) = storage(elem);
                let found = typed
                    .iter()
                    .find(|(name, _)| *name == field)
                    .map_or(0, |(_, length)| *length as u64);
                let expected = match per_element {
                    PerElement::Entries(n) => count.checked_mul(n),
                    PerElement::EntryHolds(n) => Some(count.div_ceil(n)),
                }
                .ok_or_else(|| self.dims_fault("too many elements"))?;
                if found != expected {
                    return Err(self.length_fault(expected, found, "entries"));
                }
            }
        }
        Ok(())
    }

    /// Reads the elements. Takes memory in proportion to the data that is in the file.
    ///
    /// # Errors
    ///
    /// As [`TensorRef::check`], and types without a typed form.
    pub fn contents(self) -> Result<TensorContents, OnnxError> {
        self.check(u64::MAX)?;
        if let Some(external) = self.external()? {
            return Ok(TensorContents::External(external));
        }
        let elem = self.elem()?;
        let data = match &self.proto.raw_data {
            Some(raw) if !raw.is_empty() => TensorData::from_le_bytes(elem, raw)
                .map_err(|fault| fault.of(shown(self.name()), elem))?,
            _ => self.typed_data(elem)?,
        };
        Ok(TensorContents::Inline(data))
    }

    /// Reads the elements of a tensor whose data must be in the file.
    ///
    /// # Errors
    ///
    /// As [`TensorRef::contents`], and [`OnnxError::TensorExternal`].
    pub fn data(self) -> Result<TensorData, OnnxError> {
        match self.contents()? {
            TensorContents::Inline(data) => Ok(data),
            TensorContents::External(_) => Err(OnnxError::TensorExternal {
                tensor: shown(self.name()),
            }),
        }
    }

    fn typed_data(self, elem: ElemType) -> Result<TensorData, OnnxError> {
        let proto = self.proto;
        let element = || OnnxError::TensorElement {
            tensor: shown(self.name()),
            elem,
        };
        let ints = &proto.int32_data;
        Ok(match elem {
            ElemType::Float => TensorData::F32(proto.float_data.clone()),
            ElemType::Double => TensorData::F64(proto.double_data.clone()),
            ElemType::Int64 => TensorData::I64(proto.int64_data.clone()),
            ElemType::Uint64 => TensorData::U64(proto.uint64_data.clone()),
            ElemType::Int32 => TensorData::I32(ints.clone()),
            ElemType::Int8 => TensorData::I8(narrow(ints).ok_or_else(element)?),
            ElemType::Int16 => TensorData::I16(narrow(ints).ok_or_else(element)?),
            ElemType::Uint8 => TensorData::U8(narrow(ints).ok_or_else(element)?),
            ElemType::Uint16 => TensorData::U16(narrow(ints).ok_or_else(element)?),
            ElemType::Float16 => TensorData::F16(narrow(ints).ok_or_else(element)?),
            ElemType::Bfloat16 => TensorData::Bf16(narrow(ints).ok_or_else(element)?),
            ElemType::Uint32 => TensorData::U32(narrow(&proto.uint64_data).ok_or_else(element)?),
            ElemType::Bool => TensorData::Bool(
                ints.iter()
                    .map(|value| match value {
                        0 => Ok(false),
                        1 => Ok(true),
                        _ => Err(element()),
                    })
                    .collect::<Result<_, _>>()?,
            ),
            ElemType::String => TensorData::Strings(
                proto
                    .string_data
                    .iter()
                    .map(|bytes| {
                        std::str::from_utf8(bytes)
                            .map(str::to_owned)
                            .map_err(|_| element())
                    })
                    .collect::<Result<_, _>>()?,
            ),
            _ => {
                return Err(OnnxError::TensorUnreadable {
                    tensor: shown(self.name()),
                    elem,
                });
            }
        })
    }

    fn typed_fields(self) -> [(&'static str, usize); 6] {
        let proto = self.proto;
        [
            ("float_data", proto.float_data.len()),
            ("int32_data", proto.int32_data.len()),
            ("string_data", proto.string_data.len()),
            ("int64_data", proto.int64_data.len()),
            ("double_data", proto.double_data.len()),
            ("uint64_data", proto.uint64_data.len()),
        ]
    }

    fn dims_fault(self, reason: &'static str) -> OnnxError {
        OnnxError::TensorDims {
            tensor: shown(self.name()),
            reason,
        }
    }

    fn storage_fault(self, reason: &'static str) -> OnnxError {
        OnnxError::TensorStorage {
            tensor: shown(self.name()),
            reason,
        }
    }

    fn length_fault(self, expected: u64, found: u64, unit: &'static str) -> OnnxError {
        OnnxError::TensorLength {
            tensor: shown(self.name()),
            expected,
            found,
            unit,
        }
    }
}

impl TensorData {
    /// Reads elements as `raw_data` and external files hold them: little endian, one after the
    /// other, `bool` as bytes of 0 and 1. As many as there are bytes for.
    ///
    /// # Errors
    ///
    /// [`RawFault`].
    pub fn from_le_bytes(elem: ElemType, bytes: &[u8]) -> Result<Self, RawFault> {
        Ok(match elem {
            ElemType::Float => Self::F32(split(bytes, f32::from_le_bytes)?),
            ElemType::Double => Self::F64(split(bytes, f64::from_le_bytes)?),
            ElemType::Int8 => Self::I8(split(bytes, i8::from_le_bytes)?),
            ElemType::Int16 => Self::I16(split(bytes, i16::from_le_bytes)?),
            ElemType::Int32 => Self::I32(split(bytes, i32::from_le_bytes)?),
            ElemType::Int64 => Self::I64(split(bytes, i64::from_le_bytes)?),
            ElemType::Uint8 => Self::U8(bytes.to_vec()),
            ElemType::Uint16 => Self::U16(split(bytes, u16::from_le_bytes)?),
            ElemType::Uint32 => Self::U32(split(bytes, u32::from_le_bytes)?),
            ElemType::Uint64 => Self::U64(split(bytes, u64::from_le_bytes)?),
            ElemType::Float16 => Self::F16(split(bytes, u16::from_le_bytes)?),
            ElemType::Bfloat16 => Self::Bf16(split(bytes, u16::from_le_bytes)?),
            ElemType::Bool => {
                if bytes.iter().any(|byte| *byte > 1) {
                    return Err(RawFault::Element);
                }
                Self::Bool(bytes.iter().map(|byte| *byte == 1).collect())
            }
            _ => return Err(RawFault::Unreadable),
        })
    }

    /// The type of the elements.
    pub fn elem(&self) -> ElemType {
        match self {
            Self::F32(_) => ElemType::Float,
            Self::F64(_) => ElemType::Double,
            Self::I8(_) => ElemType::Int8,
            Self::I16(_) => ElemType::Int16,
            Self::I32(_) => ElemType::Int32,
            Self::I64(_) => ElemType::Int64,
            Self::U8(_) => ElemType::Uint8,
            Self::U16(_) => ElemType::Uint16,
            Self::U32(_) => ElemType::Uint32,
            Self::U64(_) => ElemType::Uint64,
            Self::Bool(_) => ElemType::Bool,
            Self::F16(_) => ElemType::Float16,
            Self::Bf16(_) => ElemType::Bfloat16,
            Self::Strings(_) => ElemType::String,
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(data) => data.len(),
            Self::F64(data) => data.len(),
            Self::I8(data) => data.len(),
            Self::I16(data) => data.len(),
            Self::I32(data) => data.len(),
            Self::I64(data) => data.len(),
            Self::U8(data) => data.len(),
            Self::U16(data) | Self::F16(data) | Self::Bf16(data) => data.len(),
            Self::U32(data) => data.len(),
            Self::U64(data) => data.len(),
            Self::Bool(data) => data.len(),
            Self::Strings(data) => data.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements of a float or double tensor as `f64`, which holds both exactly.
    pub fn as_f64(&self) -> Option<Cow<'_, [f64]>> {
        match self {
            Self::F32(data) => Some(data.iter().map(|value| f64::from(*value)).collect()),
            Self::F64(data) => Some(Cow::Borrowed(data)),
            _ => None,
        }
    }
}

/// Why raw bytes are not elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RawFault {
    /// The bytes do not divide into elements.
    #[error("the data ends inside an element")]
    Length,
    /// A `bool` that is neither 0 nor 1.
    #[error("an element is out of range")]
    Element,
    /// A type that has no typed form here, or `string`.
    #[error("elements of this type cannot be read")]
    Unreadable,
}

impl RawFault {
    fn of(self, tensor: String, elem: ElemType) -> OnnxError {
        match self {
            Self::Length => OnnxError::TensorStorage {
                tensor,
                reason: "the data ends inside an element",
            },
            Self::Element => OnnxError::TensorElement { tensor, elem },
            Self::Unreadable => OnnxError::TensorUnreadable { tensor, elem },
        }
    }
}

enum PerElement {
    Entries(u64),
    EntryHolds(u64),
}

/// The typed field of an element type, and how elements and entries relate.
fn storage(elem: ElemType) -> (&'static str, PerElement) {
    use PerElement::{Entries, EntryHolds};
    match elem {
        ElemType::Float => ("float_data", Entries(1)),
        ElemType::Complex64 => ("float_data", Entries(2)),
        ElemType::Double => ("double_data", Entries(1)),
        ElemType::Complex128 => ("double_data", Entries(2)),
        ElemType::Int64 => ("int64_data", Entries(1)),
        ElemType::Uint32 | ElemType::Uint64 => ("uint64_data", Entries(1)),
        ElemType::String => ("string_data", Entries(1)),
        ElemType::Uint4 | ElemType::Int4 | ElemType::Float4E2M1 => ("int32_data", EntryHolds(2)),
        ElemType::Uint2 | ElemType::Int2 => ("int32_data", EntryHolds(4)),
        _ => ("int32_data", Entries(1)),
    }
}

fn narrow<W: Copy, N: TryFrom<W>>(wide: &[W]) -> Option<Vec<N>> {
    wide.iter().map(|value| N::try_from(*value).ok()).collect()
}

fn split<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Result<Vec<T>, RawFault> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(RawFault::Length);
    }
    Ok(chunks.iter().map(|chunk| read(*chunk)).collect())
}
