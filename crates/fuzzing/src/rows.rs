//! Bodies by row: JSON and CSV.

use crate::{accepted, case, refused};
use flowgate::scoring::decode::{self, Decoded};
use flowgate_core::{Refusal, Signature};

/// A request in JSON: the octet that chooses a signature, then the body.
pub fn json(data: &[u8]) {
    read(data, decode::json);
}

/// A request in CSV: the octet that chooses a signature, then the body.
pub fn csv(data: &[u8]) {
    read(data, decode::csv);
}

fn read(data: &[u8], decode: fn(&[u8], &Signature) -> Result<Decoded, Refusal>) {
    let Some((signature, body)) = case::split(data) else {
        return;
    };
    match decode(body, &signature) {
        Ok(decoded) => accepted::check(&decoded, &signature),
        Err(refusal) => refused::check(&refusal, body),
    }
}
