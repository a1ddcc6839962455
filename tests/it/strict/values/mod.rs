//! "Values by type", in three files: numbers, texts, and values with parts or without any.

mod numbers;
mod parts;
mod texts;

use super::{BAD, Line, Predictions, Refused};
use crate::golden::package_path;
use flowgate::scoring::decode;
use flowgate_core::{Data, Package, Signature};

/// A row of `all_types` with `cell` in `column`.
fn cells<'c>(column: &'c str, cell: &'c str) -> Vec<(&'c str, &'c str)> {
    let plain = [
        ("boolean", "true"),
        ("integer", "1"),
        ("long", "2"),
        ("float", "1.5"),
        ("double", "2.5"),
        ("string", "\"s\""),
        ("binary", "\"AQID\""),
        ("datetime", "\"2021-01-01T00:00:00\""),
    ];
    let cell = |(name, plain)| (name, if name == column { cell } else { plain });
    plain.into_iter().map(cell).collect()
}

/// The answer of `all_types` to a plain row, with `value` as `output`.
fn prediction(output: &str, value: &str) -> String {
    let plain = [
        ("not_boolean", "false"),
        ("integer_p1", "2"),
        ("long_p1", "3"),
        ("float_x2", "3.0"),
        ("double_x2", "5.0"),
    ];
    let member = |(name, plain): (&str, &str)| {
        format!("\"{name}\": {}", if name == output { value } else { plain })
    };
    format!("[{{{}}}]", plain.map(member).join(", "))
}

/// Values of `column` in JSON with what the model makes of them, then values in CSV likewise, then
/// values in JSON that are refused with a code, then in CSV.
struct Column<'c> {
    name: &'c str,
    output: &'c str,
    taken: &'c [(&'c str, &'c str)],
    taken_in_csv: &'c [(&'c str, &'c str)],
    refused: &'c [(&'c str, &'c str)],
    refused_in_csv: &'c [(&'c str, &'c str)],
}

async fn check(column: Column<'_>) {
    let mut line = Line::of("all_types");
    let header = cells("", "")
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>();
    let csv = |field: &str| {
        let plain = cells(column.name, field);
        let fields = plain.iter().map(|(name, cell)| {
            if *name == column.name {
                (*cell).to_owned()
            } else {
                cell.replace('"', "")
            }
        });
        format!(
            "{}\n{}\n",
            header.join(","),
            fields.collect::<Vec<_>>().join(",")
        )
    };
    for (cell, value) in column.taken {
        let wanted = prediction(column.output, value);
        line.row(&cells(column.name, cell), Predictions(&wanted))
            .await;
    }
    for (field, value) in column.taken_in_csv {
        let wanted = prediction(column.output, value);
        line.csv(&csv(field), Predictions(&wanted)).await;
    }
    for (cell, code) in column.refused {
        let wanted = format!("{code} 0 {}", column.name);
        line.row(&cells(column.name, cell), Refused(BAD, &[&wanted]))
            .await;
    }
    for (field, code) in column.refused_in_csv {
        let wanted = format!("{code} 0 {}", column.name);
        line.csv(&csv(field), Refused(BAD, &[&wanted])).await;
    }
    line.done();
}

fn signature_of(package: &str) -> Signature {
    let package = Package::open(package_path(package)).expect("a package");
    package.manifest().signature().clone()
}

/// The columns that a body for `all_types` becomes.
fn decoded(body: &str) -> Vec<Data> {
    let signature = signature_of("all_types");
    let found = decode::json(body.as_bytes(), &signature).expect("a row");
    let tensors = found.request.frame.into_tensors();
    tensors
        .iter()
        .map(|named| named.tensor.data().clone())
        .collect()
}
