//! What is read from files of the real skops, and that no octets do harm.
//!
//! `data/values.skops` is one dictionary of many kinds of values, dumped by skops 0.16.0 with
//! numpy 2.4.6 and scikit-learn 1.9.1; `data/values_deflated.skops` is the same, compressed.

mod hostile;
mod values;

use flowgate_skops::{Error, Limits, Node, Skops};

const STORED: &[u8] = include_bytes!("../data/values.skops");
const DEFLATED: &[u8] = include_bytes!("../data/values_deflated.skops");

/// What `look` makes of the root of a file.
fn with_root<T>(
    octets: &[u8],
    limits: &Limits,
    look: impl FnOnce(Node<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let file = Skops::open(octets, limits)?;
    let tree = file.tree()?;
    look(tree.root())
}

/// A zip of stored entries.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, octets) in entries {
        writer.start_file(*name, options).expect("started");
        writer.write_all(octets).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}
