//! Streams in Arrow's inter-process format.

use super::budget::{Budget, COLUMNS, ColumnarError, Limits, ROWS};
use super::{Kind, fenced, table};
use crate::scoring::decode::{Decoded, Terms};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{MessageHeader, root_as_message};
use bytes::Bytes;
use flowgate_core::Code;

pub(super) const ARROW: Kind = Kind {
    name: "an Arrow stream",
    code: Code::BadArrow,
};

/// Reads a body that is a stream in Arrow's inter-process format.
///
/// # Errors
/// When it is none, is larger unpacked than `limits` has it, or holds values that the signature
/// does not take.
pub fn arrow_stream<'s>(
    body: &Bytes,
    terms: impl Into<Terms<'s>>,
    limits: Limits,
) -> Result<Decoded, ColumnarError> {
    let terms: Terms<'s> = terms.into();
    fenced(ARROW, || {
        let mut budget = Budget::new(limits);
        count(body, &mut budget)?;
        let mut decoder = StreamDecoder::new();
        let mut rest = Buffer::from(body.clone());
        let mut batches: Vec<RecordBatch> = Vec::new();
        while !rest.is_empty() {
            let batch = decoder.decode(&mut rest).map_err(|_| broken())?;
            batches.extend(batch);
        }
        decoder.finish().map_err(|_| broken())?;
        let schema = decoder.schema().ok_or_else(broken)?;
        if schema.flattened_fields().len() > COLUMNS {
            return Err(refused("has too many columns"));
        }
        // What was unpacked batch by batch is given up value by value.
        let mut budget = Budget::new(limits);
        table(&schema, &batches, terms, &mut budget)
    })
}

fn broken() -> ColumnarError {
    refused("is not valid")
}

fn refused(what: &str) -> ColumnarError {
    let words = format!(
        "Failed to parse input as a Pandas DataFrame. Ensure that the input is a stream in \
         Arrow's IPC format, as `pyarrow.ipc.new_stream` writes it: it {what}"
    );
    ARROW.unreadable(words)
}

const CONTINUATION: [u8; 4] = [0xFF; 4];

/// Holds what all messages promise against what is there and what may be had, before any of them
/// is read: the reader takes as much memory as they ask for.
fn count(body: &[u8], budget: &mut Budget) -> Result<(), ColumnarError> {
    if body.starts_with(b"ARROW1") {
        return Err(refused("is an Arrow file, which begins with `ARROW1`"));
    }
    let (mut rest, mut rows) = (body, 0_usize);
    while !rest.is_empty() {
        let mut length = chunk(&mut rest)?;
        // Before version 0.15 of the format, the mark was not there.
        if length == CONTINUATION {
            length = chunk(&mut rest)?;
        }
        let length = u32::from_le_bytes(length) as usize;
        if length == 0 {
            return if rest.is_empty() {
                Ok(())
            } else {
                Err(refused("goes on behind its end"))
            };
        }
        let (message, behind) = rest.split_at_checked(length).ok_or_else(broken)?;
        let message = root_as_message(message).map_err(|_| broken())?;
        let size = usize::try_from(message.bodyLength()).map_err(|_| broken())?;
        let (octets, behind) = behind.split_at_checked(size).ok_or_else(broken)?;
        rest = behind;
        let batch = match message.header_type() {
            MessageHeader::RecordBatch => message.header_as_record_batch(),
            MessageHeader::DictionaryBatch => {
                let dictionary = message.header_as_dictionary_batch().ok_or_else(broken)?;
                // Each of them copies all that came before.
                if dictionary.isDelta() {
                    return Err(refused(
                        "has a dictionary that grows, which is not read here",
                    ));
                }
                dictionary.data()
            }
            _ => continue,
        };
        let batch = batch.ok_or_else(broken)?;
        let count = usize::try_from(batch.length()).map_err(|_| broken())?;
        rows = rows.saturating_add(count);
        if count > ROWS || rows > ROWS {
            return Err(budget.exceeded());
        }
        let packed = batch.compression().is_some();
        for buffer in batch.buffers().into_iter().flatten() {
            let size = unpacked(octets, buffer.offset(), buffer.length(), packed);
            budget.take(size.ok_or_else(broken)?)?;
        }
    }
    Ok(())
}

fn chunk(rest: &mut &[u8]) -> Result<[u8; 4], ColumnarError> {
    let (chunk, behind) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
    *rest = behind;
    Ok(*chunk)
}

/// The octets that one buffer takes; a packed one says it in its first eight, where -1 stands for
/// one that is not packed after all.
fn unpacked(octets: &[u8], offset: i64, length: i64, packed: bool) -> Option<usize> {
    let start = usize::try_from(offset).ok()?;
    let length = usize::try_from(length).ok()?;
    let buffer = octets.get(start..start.checked_add(length)?)?;
    if !packed || buffer.is_empty() {
        return Some(length);
    }
    match i64::from_le_bytes(*buffer.first_chunk::<8>()?) {
        -1 => Some(length),
        size => usize::try_from(size).ok(),
    }
}
