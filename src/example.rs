//! Input examples: what a user has, as what a package stores.
//!
//! A CSV table or a request body in JSON becomes the two files that MLflow writes, and the
//! columns or tensors that a signature is made of.

use crate::scoring::decode;
use flowgate_core::{
    ColumnSpec, ColumnType, DataType, ErrorKind, Form, Frame, InferRequest, NamedTensor, Refusal,
    Scalar, Schema, Signature, TensorSpec, TensorType,
};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The largest example, in octets.
const LIMIT: u64 = 64 << 20;

/// An input example and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The example as a request body.
    pub body: String,
    /// The example itself, as MLflow stores it.
    pub raw: String,
    /// MLflow's name for the kind of example: `dataframe` or `ndarray`.
    pub kind: &'static str,
    /// How a table is stored: `split`.
    pub orient: Option<&'static str>,
    /// The inputs that the example has.
    pub signature: Signature,
}

/// Why a file is no input example.
#[derive(Debug, thiserror::Error)]
pub enum ExampleError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is too large to be stored in a package.
    #[error("the example `{}` has {size} bytes, at most {LIMIT} are taken", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// It is no data.
    #[error("the example `{}` cannot be used: {refusal}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: Refusal,
    },
    /// It is not JSON with one data field.
    #[error("the example `{}` must be a CSV table or a JSON object with one of `dataframe_split`, `dataframe_records`, `instances`, `inputs`", path.display())]
    NotABody {
        /// The file.
        path: PathBuf,
    },
    /// A column of a type that no signature has.
    #[error("column `{column}` of the example has the type `{datatype}`, which no signature has")]
    NoType {
        /// The column.
        column: String,
        /// Its type.
        datatype: DataType,
    },
}

impl ExampleError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io(_) => ErrorKind::NotFound,
            Self::TooLarge { .. }
            | Self::Refused { .. }
            | Self::NotABody { .. }
            | Self::NoType { .. } => ErrorKind::InvalidInput,
        }
    }
}

/// Reads the example in the file `path`: CSV when its name ends with `.csv`, else JSON.
///
/// # Errors
/// When it is not there, not data, or of a type that no signature has.
pub fn read(path: &Path) -> Result<Example, ExampleError> {
    let size = fs_err::metadata(path)?.len();
    if size > LIMIT {
        return Err(ExampleError::TooLarge {
            path: path.to_owned(),
            size,
        });
    }
    let octets = fs_err::read(path)?;
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let none = Signature::default();
    let decoded = if is_csv {
        decode::csv(&octets, &none)
    } else {
        decode::json(&octets, &none)
    };
    let refused = |refusal| ExampleError::Refused {
        path: path.to_owned(),
        refusal,
    };
    let request = decoded.map_err(refused)?.request;
    let signature = Signature {
        inputs: Some(schema(&request)?),
        ..none
    };
    if request.form.is_table() {
        let raw = split(&request.frame);
        let body = Value::Object(Map::from_iter([(
            "dataframe_split".to_owned(),
            raw.clone(),
        )]));
        return Ok(Example {
            body: format!("{body:#}"),
            raw: raw.to_string(),
            kind: "dataframe",
            orient: Some("split"),
            signature,
        });
    }
    let not_a_body = || ExampleError::NotABody {
        path: path.to_owned(),
    };
    let body: Map<String, Value> = serde_json::from_slice(&octets).map_err(|_| not_a_body())?;
    let inputs = body
        .get("inputs")
        .or_else(|| body.get("instances"))
        .ok_or_else(not_a_body)?;
    let raw = inputs.to_string();
    let body = Value::Object(Map::from_iter([("inputs".to_owned(), inputs.clone())]));
    Ok(Example {
        body: format!("{body:#}"),
        raw,
        kind: "ndarray",
        orient: None,
        signature,
    })
}

/// The inputs that data of these types and shapes has: what MLflow infers from it.
fn schema(request: &InferRequest) -> Result<Schema, ExampleError> {
    let tensors = request.frame.tensors();
    match request.form {
        Form::Tensors | Form::Tensor => Ok(Schema::Tensors(tensors.iter().map(tensor).collect())),
        _ => tensors
            .iter()
            .map(column)
            .collect::<Result<_, _>>()
            .map(Schema::Columns),
    }
}

fn column(named: &NamedTensor) -> Result<ColumnSpec, ExampleError> {
    let datatype = named.tensor.datatype();
    let scalar = Scalar::for_datatype(datatype).ok_or_else(|| ExampleError::NoType {
        column: named.name.to_string(),
        datatype,
    })?;
    Ok(ColumnSpec {
        name: Some(named.name.clone()),
        kind: ColumnType::Scalar(scalar),
        required: true,
    })
}

fn tensor(named: &NamedTensor) -> TensorSpec {
    let mut shape: Vec<Option<usize>> = named.tensor.shape().iter().copied().map(Some).collect();
    if let Some(rows) = shape.first_mut() {
        *rows = None;
    }
    TensorSpec {
        name: Some(named.name.clone()).filter(|name| !name.is_empty()),
        kind: TensorType::Data(named.tensor.datatype()),
        shape,
    }
}

/// A table in the `split` orientation: `{"columns": […], "data": [[…], …]}`.
fn split(frame: &Frame) -> Value {
    let columns: Vec<Value> = frame
        .tensors()
        .iter()
        .map(|named| Value::from(&*named.name))
        .collect();
    let rows = frame.rows().unwrap_or(0);
    let data = (0..rows)
        .map(|row| {
            frame
                .tensors()
                .iter()
                .map(|named| cell(named.tensor.data(), row))
                .collect()
        })
        .map(Value::Array);
    Value::Object(Map::from_iter([
        ("columns".to_owned(), Value::Array(columns)),
        ("data".to_owned(), Value::Array(data.collect())),
    ]))
}

/// One cell as JSON; a missing number is null.
fn cell(data: &flowgate_core::Data, row: usize) -> Value {
    use flowgate_core::Data;
    match data {
        Data::Bool(cells) => cells[row].into(),
        Data::I8(cells) => cells[row].into(),
        Data::I16(cells) => cells[row].into(),
        Data::I32(cells) => cells[row].into(),
        Data::I64(cells) => cells[row].into(),
        Data::U8(cells) => cells[row].into(),
        Data::U16(cells) => cells[row].into(),
        Data::U32(cells) => cells[row].into(),
        Data::U64(cells) => cells[row].into(),
        Data::F16(cells) => f64::from(cells[row]).into(),
        Data::F32(cells) => cells[row].into(),
        Data::F64(cells) => cells[row].into(),
        Data::Str(cells) => cells.get(row).into(),
        Data::DateTime(cells) => flowgate_core::datetime::format(cells[row]).into(),
        Data::Json(cells) => cells
            .get(row)
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .into(),
        Data::Bytes(cells) => {
            use base64::Engine;
            cells
                .get(row)
                .map(|octets| base64::engine::general_purpose::STANDARD.encode(octets))
                .into()
        }
    }
}
