//! Bodies by row: JSON and CSV.

use crate::{accepted, case, refused};
use flowgate::scoring::decode::{self, Decoded, Terms};
use flowgate::scoring::mlflow;
use flowgate_core::{Refusal, Signature};

/// A request in JSON: the octet that chooses a signature, then the body.
pub fn json(data: &[u8]) {
    read(data, |body, signature| {
        let terms = Terms::from(signature);
        let read = decode::json(body, terms);
        if terms.can_be_plain {
            let long = Terms {
                can_be_plain: false,
                ..terms
            };
            let again = decode::json(body, long);
            // In words: NaN is not equal to itself.
            assert_eq!(
                format!("{read:?}"),
                format!("{again:?}"),
                "read another way"
            );
        }
        read
    });
    cast(data, mlflow::json);
}

/// A request in CSV: the octet that chooses a signature, then the body.
pub fn csv(data: &[u8]) {
    read(data, |body, signature| decode::csv(body, signature));
    cast(data, mlflow::csv);
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

/// The same as MLflow casts it. Its messages name keys of the body, as MLflow's do.
fn cast(data: &[u8], decode: fn(&[u8], &Signature) -> Result<Decoded, Refusal>) {
    let Some((signature, body)) = case::split(data) else {
        return;
    };
    match decode(body, &signature) {
        Ok(decoded) => accepted::check(&decoded, &signature),
        Err(refusal) => refused::check_size(&refusal),
    }
}
