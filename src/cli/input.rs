//! The file or the standard input that a command reads: as a whole, and as the data that it holds.

use super::Failure;
use super::args::ContentType;
use crate::scoring;
use crate::scoring::columnar::{ColumnarError, Limits};
use crate::scoring::decode::{Decoded, Terms};
use flowgate_core::{Refusal, Rules};
use std::io::{self, Read};
use std::path::Path;

/// The largest input that is read, in octets.
const LIMIT: u64 = 1 << 32;

/// All of `path`; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut octets = Vec::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(LIMIT + 1).read_to_end(&mut octets)
    } else {
        let file = fs_err::File::open(path).map_err(Failure::failed)?;
        file.take(LIMIT + 1).read_to_end(&mut octets)
    };
    let size = read.map_err(Failure::failed)? as u64;
    if size > LIMIT {
        return Err(Failure::failed(format!(
            "the input has more than {LIMIT} bytes"
        )));
    }
    Ok(octets)
}

/// What the file at `path` holds: what was said, else what its name ends in, else JSON.
pub(super) fn kind(said: Option<ContentType>, path: &Path) -> ContentType {
    said.unwrap_or_else(|| {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        match ending.to_str() {
            Some("csv") => ContentType::Csv,
            Some("parquet") => ContentType::Parquet,
            Some("arrow" | "arrows") => ContentType::Arrow,
            _ => ContentType::Json,
        }
    })
}

/// The data of `body` under `rules`, or why it is refused.
pub(super) fn decoded(
    body: Vec<u8>,
    kind: ContentType,
    rules: &Rules,
    terms: Terms<'_>,
) -> Result<Result<Decoded, Refusal>, Failure> {
    // Whoever gives a file means what is in it: any may grow as much as the largest.
    let limits = Limits::for_body(usize::try_from(LIMIT).unwrap_or(usize::MAX));
    match scoring::read(kind.format(), rules, &body.into(), terms, limits) {
        Ok(decoded) => Ok(Ok(decoded)),
        Err(ColumnarError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error @ ColumnarError::TooLarge { .. }) => Err(Failure::failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_what_is_in_the_file_unless_it_was_said() {
        for (name, expected) in [
            ("rows.csv", ContentType::Csv),
            ("ROWS.CSV", ContentType::Csv),
            ("a.b.parquet", ContentType::Parquet),
            ("rows.arrow", ContentType::Arrow),
            ("rows.arrows", ContentType::Arrow),
            ("rows.json", ContentType::Json),
            ("csv", ContentType::Json),
            ("-", ContentType::Json),
        ] {
            assert_eq!(kind(None, Path::new(name)), expected, "{name}");
        }
        let said = Some(ContentType::Json);
        assert_eq!(kind(said, Path::new("rows.csv")), ContentType::Json);
    }
}
