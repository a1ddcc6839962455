//! Bodies by column: Parquet files and Arrow streams.

use crate::{accepted, refused};
use bytes::Bytes;
use flowgate::scoring::columnar::{self, ColumnarError, Limits};
use flowgate::scoring::decode::Decoded;
use flowgate_core::{ColumnSpec, ColumnType, Frame, Scalar, Schema, Signature};

/// What a file may become; much less than a server has, so that what goes beyond it shows in the
/// fuzzer's bound on memory.
const LIMITS: Limits = Limits { unpacked: 16 << 20 };

type Read = fn(&Bytes, &Signature, Limits) -> Result<Decoded, ColumnarError>;

/// A Parquet file.
pub fn parquet(data: &[u8]) {
    read(data, |body, signature, limits| {
        columnar::parquet(body, signature, limits)
    });
}

/// An Arrow stream.
pub fn arrow(data: &[u8]) {
    read(data, |body, signature, limits| {
        columnar::arrow_stream(body, signature, limits)
    });
}

/// Reads `data` by the types of the file, and what is accepted by every type that a signature
/// may have for its columns.
fn read(data: &[u8], read: Read) {
    let body = Bytes::copy_from_slice(data);
    let own = Signature::default();
    match read(&body, &own, LIMITS) {
        Ok(decoded) => {
            accepted::check(&decoded, &own);
            for kind in kinds() {
                let signature = columns(&decoded.request.frame, &kind);
                check(read(&body, &signature, LIMITS), &signature, data);
            }
        }
        Err(error) => check(Err(error), &own, data),
    }
}

fn check(found: Result<Decoded, ColumnarError>, signature: &Signature, data: &[u8]) {
    match found {
        Ok(decoded) => accepted::check(&decoded, signature),
        Err(ColumnarError::Refused(refusal)) => refused::check(&refusal, data),
        Err(ColumnarError::TooLarge { limit }) => assert_eq!(limit, LIMITS.unpacked),
    }
}

fn kinds() -> impl Iterator<Item = ColumnType> {
    let scalars = Scalar::ALL.into_iter().map(ColumnType::Scalar);
    let numbers = Box::new(ColumnType::Scalar(Scalar::Double));
    scalars.chain([ColumnType::Array(numbers), ColumnType::Any])
}

/// The columns of `frame`, each of `kind`, the first of them required.
fn columns(frame: &Frame, kind: &ColumnType) -> Signature {
    let column = |(place, named): (usize, &flowgate_core::NamedTensor)| ColumnSpec {
        name: Some(named.name.clone()),
        kind: kind.clone(),
        required: place == 0,
    };
    let columns: Vec<ColumnSpec> = frame.tensors().iter().enumerate().map(column).collect();
    Signature {
        inputs: (!columns.is_empty()).then_some(Schema::Columns(columns)),
        ..Signature::default()
    }
}
