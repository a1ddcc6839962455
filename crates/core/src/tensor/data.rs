//! The elements of a tensor, typed.

use super::buffer::{Blobs, Buffer, Strings};
use super::datatype::DataType;
use half::f16;
use std::ops::Range;

/// The elements of a tensor in row-major order.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "each variant is the data type of the same name"
)]
pub enum Data {
    Bool(Buffer<bool>),
    I8(Buffer<i8>),
    I16(Buffer<i16>),
    I32(Buffer<i32>),
    I64(Buffer<i64>),
    U8(Buffer<u8>),
    U16(Buffer<u16>),
    U32(Buffer<u32>),
    U64(Buffer<u64>),
    F16(Buffer<f16>),
    F32(Buffer<f32>),
    F64(Buffer<f64>),
    Str(Strings),
    Bytes(Blobs),
    DateTime(Buffer<i64>),
    Json(Strings),
}

/// Runs `$body` with `$elements` bound to the elements, whatever their type.
macro_rules! each {
    ($data:expr, $elements:ident => $body:expr) => {
        match $data {
            Data::Bool($elements) => $body,
            Data::I8($elements) => $body,
            Data::I16($elements) => $body,
            Data::I32($elements) => $body,
            Data::I64($elements) => $body,
            Data::U8($elements) => $body,
            Data::U16($elements) => $body,
            Data::U32($elements) => $body,
            Data::U64($elements) => $body,
            Data::F16($elements) => $body,
            Data::F32($elements) => $body,
            Data::F64($elements) => $body,
            Data::Str($elements) => $body,
            Data::Bytes($elements) => $body,
            Data::DateTime($elements) => $body,
            Data::Json($elements) => $body,
        }
    };
}

/// Applies `$body` to the elements and wraps the result in the same variant.
macro_rules! map {
    ($data:expr, $elements:ident => $body:expr) => {
        match $data {
            Data::Bool($elements) => Data::Bool($body),
            Data::I8($elements) => Data::I8($body),
            Data::I16($elements) => Data::I16($body),
            Data::I32($elements) => Data::I32($body),
            Data::I64($elements) => Data::I64($body),
            Data::U8($elements) => Data::U8($body),
            Data::U16($elements) => Data::U16($body),
            Data::U32($elements) => Data::U32($body),
            Data::U64($elements) => Data::U64($body),
            Data::F16($elements) => Data::F16($body),
            Data::F32($elements) => Data::F32($body),
            Data::F64($elements) => Data::F64($body),
            Data::Str($elements) => Data::Str($body),
            Data::Bytes($elements) => Data::Bytes($body),
            Data::DateTime($elements) => Data::DateTime($body),
            Data::Json($elements) => Data::Json($body),
        }
    };
}

/// Joins `$parts`, all of variant `$variant`, by collecting their elements.
macro_rules! join {
    ($parts:expr; $($buffer:ident)*; $($runs:ident $kind:ident)*) => {
        match $parts.first()? {
            $(Data::$buffer(_) => {
                let mut all = Vec::with_capacity($parts.iter().map(|part| part.len()).sum());
                for part in $parts {
                    let Data::$buffer(elements) = part else { return None };
                    all.extend_from_slice(elements);
                }
                Some(Data::$buffer(all.into()))
            })*
            $(Data::$runs(_) => {
                let mut all = Vec::with_capacity($parts.iter().map(|part| part.len()).sum());
                for part in $parts {
                    let Data::$runs(elements) = part else { return None };
                    all.extend(elements.options());
                }
                Some(Data::$runs($kind::from_options(all)))
            })*
        }
    };
}

/// Lays `$columns`, all of one variant and of `$rows` elements, side by side.
macro_rules! interleave {
    ($columns:expr, $rows:expr; $($buffer:ident)*; $($runs:ident $kind:ident)*) => {
        match $columns.first()? {
            $(Data::$buffer(_) => {
                let elements = |column: &&Data| match column {
                    Data::$buffer(elements) => Some(elements.clone()),
                    _ => None,
                };
                let columns: Vec<_> = $columns.iter().map(elements).collect::<Option<_>>()?;
                let mut all = Vec::with_capacity($rows * columns.len());
                for row in 0..$rows {
                    all.extend(columns.iter().map(|column| column[row]));
                }
                Some(Data::$buffer(all.into()))
            })*
            $(Data::$runs(_) => {
                let elements = |column: &&Data| match column {
                    Data::$runs(elements) => Some(elements.clone()),
                    _ => None,
                };
                let columns: Vec<_> = $columns.iter().map(elements).collect::<Option<_>>()?;
                let row = |row| columns.iter().map(move |column| column.option(row));
                Some(Data::$runs($kind::from_options((0..$rows).flat_map(row))))
            })*
        }
    };
}

impl Data {
    /// The number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        each!(self, elements => elements.len())
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of the elements.
    pub fn datatype(&self) -> DataType {
        match self {
            Self::Bool(_) => DataType::Bool,
            Self::I8(_) => DataType::I8,
            Self::I16(_) => DataType::I16,
            Self::I32(_) => DataType::I32,
            Self::I64(_) => DataType::I64,
            Self::U8(_) => DataType::U8,
            Self::U16(_) => DataType::U16,
            Self::U32(_) => DataType::U32,
            Self::U64(_) => DataType::U64,
            Self::F16(_) => DataType::F16,
            Self::F32(_) => DataType::F32,
            Self::F64(_) => DataType::F64,
            Self::Str(_) => DataType::Str,
            Self::Bytes(_) => DataType::Bytes,
            Self::DateTime(_) => DataType::DateTime,
            Self::Json(_) => DataType::Json,
        }
    }

    /// No elements of `datatype`.
    pub fn empty(datatype: DataType) -> Self {
        match datatype {
            DataType::Bool => Self::Bool(Vec::new().into()),
            DataType::I8 => Self::I8(Vec::new().into()),
            DataType::I16 => Self::I16(Vec::new().into()),
            DataType::I32 => Self::I32(Vec::new().into()),
            DataType::I64 => Self::I64(Vec::new().into()),
            DataType::U8 => Self::U8(Vec::new().into()),
            DataType::U16 => Self::U16(Vec::new().into()),
            DataType::U32 => Self::U32(Vec::new().into()),
            DataType::U64 => Self::U64(Vec::new().into()),
            DataType::F16 => Self::F16(Vec::new().into()),
            DataType::F32 => Self::F32(Vec::new().into()),
            DataType::F64 => Self::F64(Vec::new().into()),
            DataType::Str => Self::Str(std::iter::empty::<&str>().collect()),
            DataType::Bytes => Self::Bytes(std::iter::empty::<&[u8]>().collect()),
            DataType::DateTime => Self::DateTime(Vec::new().into()),
            DataType::Json => Self::Json(std::iter::empty::<&str>().collect()),
        }
    }

    /// The elements `range`, without copying.
    ///
    /// # Panics
    /// When `range` is not inside.
    pub fn slice(&self, range: Range<usize>) -> Self {
        map!(self, elements => elements.slice(range))
    }

    /// All elements of `parts`, in order; `None` when there is no part or the types differ.
    pub fn concat(parts: &[&Self]) -> Option<Self> {
        join!(parts; Bool I8 I16 I32 I64 U8 U16 U32 U64 F16 F32 F64 DateTime; Str Strings Bytes Blobs Json Strings)
    }

    /// The elements of `columns` side by side: the first of each, then the second of each, and so
    /// on. `None` when there is no column, or types or lengths differ.
    pub fn interleave(columns: &[&Self]) -> Option<Self> {
        let rows = columns.first()?.len();
        if columns.iter().any(|column| column.len() != rows) {
            return None;
        }
        interleave!(columns, rows; Bool I8 I16 I32 I64 U8 U16 U32 U64 F16 F32 F64 DateTime; Str Strings Bytes Blobs Json Strings)
    }

    /// An upper bound of the octets that the elements take.
    pub fn size(&self) -> usize {
        match self {
            Self::Str(texts) | Self::Json(texts) => texts.iter().map(str::len).sum(),
            Self::Bytes(blobs) => blobs.iter().map(<[u8]>::len).sum(),
            other => other.len() * other.datatype().width().unwrap_or(1),
        }
    }
}

macro_rules! from {
    ($($variant:ident $element:ty),*) => {
        $(impl From<Vec<$element>> for Data {
            #[inline]
            fn from(elements: Vec<$element>) -> Self {
                Self::$variant(elements.into())
            }
        }

        impl From<Buffer<$element>> for Data {
            #[inline]
            fn from(elements: Buffer<$element>) -> Self {
                Self::$variant(elements)
            }
        })*
    };
}

from!(
    Bool bool, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, F16 f16,
    F32 f32, F64 f64
);

impl From<Strings> for Data {
    fn from(texts: Strings) -> Self {
        Self::Str(texts)
    }
}
