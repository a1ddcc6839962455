//! Model files: recognised, read within bounds, and named in what is wrong with them.

use crate::NAME;
use crate::model::Model;
use crate::text::{self, Fault};
use flowgate_core::FlavorError;
use std::io::Read;
use std::path::Path;

/// The largest file that is read, in octets.
pub(crate) const FILE_LIMIT: u64 = 2 << 30;

/// Whether the file at `source` is called like a text of LightGBM, `.txt` or `.lgb`, and begins
/// like one.
pub(crate) fn is_text_of_lightgbm(source: &Path) -> bool {
    let named = source.extension().is_some_and(|extension| {
        ["txt", "lgb"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    named && first_line_is_magic(source)
}

fn first_line_is_magic(source: &Path) -> bool {
    let mut start = Vec::new();
    let most = text::MAGIC.len() as u64 + 1;
    let read = fs_err::File::open(source).and_then(|file| file.take(most).read_to_end(&mut start));
    let rest = start.strip_prefix(text::MAGIC.as_bytes());
    read.is_ok() && matches!(rest, Some([b'\n' | b'\r']))
}

/// The octets of a file of the machine, called `shown` in messages.
pub(crate) fn read(path: &Path, shown: &str) -> Result<Vec<u8>, FlavorError> {
    let bad = |error: std::io::Error| bad_file(shown, error.to_string());
    let file = fs_err::File::open(path).map_err(bad)?;
    let metadata = file.metadata().map_err(bad)?;
    let size = metadata.len();
    if !metadata.is_file() {
        return Err(bad_file(shown, "it is not a regular file".to_owned()));
    }
    if size > FILE_LIMIT {
        let reason = format!("it has {size} octets, at most {FILE_LIMIT} are taken");
        return Err(bad_file(shown, reason));
    }
    let mut octets = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(FILE_LIMIT)
        .read_to_end(&mut octets)
        .map_err(bad)?;
    Ok(octets)
}

/// The model in the text `octets`.
pub(crate) fn model(octets: &[u8], shown: &str) -> Result<Model, FlavorError> {
    let text = std::str::from_utf8(octets);
    let text = text.map_err(|error| {
        let at = error.valid_up_to();
        bad_file(shown, format!("it is not text in UTF-8 at octet {at}"))
    })?;
    text::read(text).map_err(|fault| bad_line(shown, &fault))
}

/// What is wrong with a line of `file`.
pub(crate) fn bad_line(file: &str, fault: &Fault) -> FlavorError {
    bad_file(file, format!("line {}: {}", fault.line, fault.reason))
}

/// What is wrong with `file`.
pub(crate) fn bad_file(file: &str, reason: String) -> FlavorError {
    FlavorError::BadFile {
        flavor: NAME,
        file: file.to_owned(),
        reason,
    }
}
