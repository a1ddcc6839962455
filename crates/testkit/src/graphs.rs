//! Small ONNX files, each made for one question; written by `graphs/make.py`.
//!
//! | graph | inputs | outputs |
//! |---|---|---|
//! | `identity_<type>` | `x` `[n]` of the type | `y`, the same |
//! | `double` | `x` FP32 `[n, 3]` | `y = x + x` |
//! | `fixed_rows` | `x` FP32 `[2, 3]` | `y = x + x` |
//! | `two_inputs` | `minuend`, `subtrahend` FP64 `[n]` | `z_difference`, `a_product`, `m_negative` (of the second) |
//! | `scalar` | `x` FP32 `[n, 3]` | `total`, the sum, without dimensions |
//! | `mixed` | `text` STRING `[rows, 1]`, `matrix` FP32 `[rows, 2, anything]`, `flag` BOOL `[rows]` | `matrix_out` (doubled), `flag_out`, `text_out` |
//! | `zipmap_ints`, `zipmap_strings` | `x` FP32 `[n, 3]` | `plain` (the same), `zipped`: maps with the labels −1, 3, 7 or a, b, ü |
//! | `zipmap_unsorted` | as `zipmap_ints` | the labels stand in the file as 7, −1, 3 |
//! | `layers` | `x` FP32 `[n, 4]` | `y` `[n, 3]`: two layers with weights |
//! | `external` | `x` FP32 `[n, 3]` | `y = x + [0.5, -2, 1024]`, the numbers in `external.bin` |
//! | `custom_operator` | `x` FP32 `[n]` | never: uses `Mystery` of the domain `my.custom` |
//! | `unknown_operator` | `x` FP32 `[n]` | never: uses `NoSuchOperator` of the standard domain |

use flowgate_core::{Artifact, DataType, Format};
use std::path::{Path, PathBuf};

/// The file of the graph called `name`.
///
/// # Panics
/// When there is no such graph.
pub fn path(name: &str) -> PathBuf {
    let file = folder().join(format!("{name}.onnx"));
    assert!(file.is_file(), "there is no graph `{name}`");
    file
}

/// The octets of the graph called `name`.
///
/// # Panics
/// When there is no such graph.
pub fn octets(name: &str) -> Vec<u8> {
    fs_err::read(path(name)).expect("a graph that can be read")
}

/// The graph called `name` as an artifact, with its companions.
///
/// # Panics
/// When there is no such graph.
pub fn artifact(name: &str) -> Artifact {
    let companions = if name == "external" {
        vec![external_data()]
    } else {
        Vec::new()
    };
    Artifact {
        format: Format::Onnx,
        path: path(name),
        companions,
        program: None,
    }
}

/// The file that the graph `external` keeps its numbers in.
pub fn external_data() -> PathBuf {
    folder().join("external.bin")
}

/// The graph that hands back what it is given, of one type; `None` for the types that ONNX does
/// not have.
pub fn identity(datatype: DataType) -> Option<&'static str> {
    match datatype {
        DataType::Bool => Some("identity_bool"),
        DataType::I8 => Some("identity_i8"),
        DataType::I16 => Some("identity_i16"),
        DataType::I32 => Some("identity_i32"),
        DataType::I64 => Some("identity_i64"),
        DataType::U8 => Some("identity_u8"),
        DataType::U16 => Some("identity_u16"),
        DataType::U32 => Some("identity_u32"),
        DataType::U64 => Some("identity_u64"),
        DataType::F16 => Some("identity_f16"),
        DataType::F32 => Some("identity_f32"),
        DataType::F64 => Some("identity_f64"),
        DataType::Str => Some("identity_str"),
        DataType::Bytes | DataType::DateTime | DataType::Json => None,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs")
}
