//! The types of one element.

use std::fmt;

/// The type of a tensor's elements.
///
/// Displayed with the names of the Open Inference Protocol (version 2), plus
/// `DATETIME` and `JSON`, which only tables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataType {
    /// Truth values.
    Bool,
    /// Signed, 8 bits.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Signed, 32 bits; MLflow's `integer`.
    I32,
    /// Signed, 64 bits; MLflow's `long`.
    I64,
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits.
    U16,
    /// Unsigned, 32 bits.
    U32,
    /// Unsigned, 64 bits.
    U64,
    /// IEEE 754 binary16.
    F16,
    /// IEEE 754 binary32; MLflow's `float`.
    F32,
    /// IEEE 754 binary64; MLflow's `double`.
    F64,
    /// UTF-8 text; MLflow's `string`.
    Str,
    /// Octets; MLflow's `binary`.
    Bytes,
    /// Nanoseconds since 1970-01-01T00:00:00 without a time zone; MLflow's `datetime`.
    DateTime,
    /// One JSON text a row: MLflow's `array`, `object`, `map` and `any` columns.
    Json,
}

impl DataType {
    /// Every type, in the order of declaration.
    pub const ALL: [Self; 16] = [
        Self::Bool,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::F16,
        Self::F32,
        Self::F64,
        Self::Str,
        Self::Bytes,
        Self::DateTime,
        Self::Json,
    ];

    /// The name in the Open Inference Protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::I8 => "INT8",
            Self::I16 => "INT16",
            Self::I32 => "INT32",
            Self::I64 => "INT64",
            Self::U8 => "UINT8",
            Self::U16 => "UINT16",
            Self::U32 => "UINT32",
            Self::U64 => "UINT64",
            Self::F16 => "FP16",
            Self::F32 => "FP32",
            Self::F64 => "FP64",
            Self::Str => "STRING",
            Self::Bytes => "BYTES",
            Self::DateTime => "DATETIME",
            Self::Json => "JSON",
        }
    }

    /// Octets of one element; `None` where elements differ in length.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Bool | Self::I8 | Self::U8 => Some(1),
            Self::I16 | Self::U16 | Self::F16 => Some(2),
            Self::I32 | Self::U32 | Self::F32 => Some(4),
            Self::I64 | Self::U64 | Self::F64 | Self::DateTime => Some(8),
            Self::Str | Self::Bytes | Self::Json => None,
        }
    }

    /// The type that a matrix of columns of both types has, as numpy 2.4 chooses it: their own
    /// where it is one, `I64` of two signed integers, `F64` of other numbers; `None` where they
    /// do not mix.
    pub fn common(self, other: Self) -> Option<Self> {
        let signed = |datatype| matches!(datatype, Self::I32 | Self::I64);
        let number = |datatype: Self| datatype.is_integer() || datatype.is_float();
        match (self, other) {
            (one, two) if one == two => Some(one),
            (one, two) if signed(one) && signed(two) => Some(Self::I64),
            (one, two) if number(one) && number(two) => Some(Self::F64),
            _ => None,
        }
    }

    /// Whether it is one of the eight integer types.
    pub fn is_integer(self) -> bool {
        (Self::I8..=Self::U64).contains(&self)
    }

    /// Whether it is one of the three floating-point types.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::F32 | Self::F64)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
