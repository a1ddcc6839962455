//! Tensor data that is kept in another file, next to the model.
//!
//! Responsible for what a file may say of it. Whether the named file is there, and inside the
//! package, is checked by whoever knows the directory.

use crate::error::{OnnxError, shown};
use crate::proto::TensorProto;

/// Where the data of a tensor is (`external_data` of `onnx.proto`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalData {
    /// Path relative to the directory of the model, checked to stay below it.
    pub location: String,
    /// First byte; 0 when the file does not say.
    pub offset: u64,
    /// Number of bytes; `None` when the file does not say: up to the end.
    pub length: Option<u64>,
}

impl ExternalData {
    /// The place of a tensor's data, `None` when it is in the message itself.
    pub(crate) fn of(tensor: &TensorProto) -> Result<Option<Self>, OnnxError> {
        match tensor.data_location() {
            0 => return Ok(None),
            1 => {}
            _ => {
                return Err(OnnxError::TensorStorage {
                    tensor: shown(tensor.name()),
                    reason: "unknown data location",
                });
            }
        }
        let mut location = None;
        let mut offset = None;
        let mut length = None;
        for entry in &tensor.external_data {
            let slot = match entry.key() {
                "location" => &mut location,
                "offset" => &mut offset,
                "length" => &mut length,
                _ => continue,
            };
            // readers differ in which of two entries they take
            if slot.replace(entry.value()).is_some() {
                return Err(OnnxError::TensorStorage {
                    tensor: shown(tensor.name()),
                    reason: "a key of the external data is given twice",
                });
            }
        }
        let location = location.unwrap_or_default();
        if let Some(reason) = fault(location) {
            return Err(OnnxError::ExternalLocation {
                tensor: shown(tensor.name()),
                location: shown(location),
                reason,
            });
        }
        Ok(Some(Self {
            location: location.to_owned(),
            offset: number(tensor, "offset", offset)?.unwrap_or(0),
            length: number(tensor, "length", length)?,
        }))
    }
}

/// What is wrong with a location, if anything.
///
/// `*` is refused because ONNX Runtime, and others after it, take the location
/// `*/_ORT_MEM_ADDR_/*` to mean that `offset` is an address in their own memory.
fn fault(location: &str) -> Option<&'static str> {
    let mut chars = location.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':');
    if location.is_empty() {
        Some("the location is empty")
    } else if location.starts_with('/') {
        Some("the location is absolute")
    } else if drive {
        Some("the location begins with a drive")
    } else if location.contains('\\') {
        Some("the location contains a backslash")
    } else if location.contains('*') {
        Some("the location contains `*`")
    } else if location.chars().any(char::is_control) {
        Some("the location contains a control character")
    } else if location.split('/').any(|part| part == "..") {
        Some("the location contains `..`")
    } else if matches!(location.rsplit('/').next(), Some("" | ".")) {
        Some("the location is a directory")
    } else {
        None
    }
}

fn number(
    tensor: &TensorProto,
    key: &'static str,
    text: Option<&str>,
) -> Result<Option<u64>, OnnxError> {
    text.map(|text| {
        text.parse().map_err(|_| OnnxError::ExternalNumber {
            tensor: shown(tensor.name()),
            key,
        })
    })
    .transpose()
}
