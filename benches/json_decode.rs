//! How long does it take to read a table? It decides up to which size a body is read on a thread
//! that answers other requests too. `cargo bench --bench json_decode`.

use flowgate::scoring::decode;
use flowgate_core::Signature;
use std::hint::black_box;
use std::time::Instant;

/// Columns of the tables.
const COLUMNS: usize = 10;

/// Readings of each body; the fastest counts, since others share the machine.
const ROUNDS: usize = 30;

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn main() {
    let signature = signature();
    println!("form                 rows      bytes   microseconds   MB/s");
    for rows in [1, 10, 100, 1_000, 2_000, 10_000] {
        let forms = [
            ("dataframe_split", split(rows)),
            ("dataframe_records", records(rows)),
            ("text/csv", csv(rows)),
        ];
        for (form, body) in forms {
            let seconds = fastest(|| {
                let decoded = if form == "text/csv" {
                    decode::csv(black_box(&body), &signature)
                } else {
                    decode::json(black_box(&body), &signature)
                };
                assert_eq!(decoded.expect("a table").request.frame.rows(), Some(rows));
            });
            let speed = body.len() as f64 / seconds / 1e6;
            println!(
                "{form:18} {rows:6} {:10} {:14.1} {speed:6.0}",
                body.len(),
                seconds * 1e6
            );
        }
    }
}

fn fastest(mut work: impl FnMut()) -> f64 {
    let mut time = || {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(|_| time()).fold(f64::INFINITY, f64::min)
}

fn name(column: usize) -> String {
    format!("column_{column}")
}

fn signature() -> Signature {
    let columns: Vec<String> = (0..COLUMNS)
        .map(|column| format!(r#"{{"type": "double", "name": "{}"}}"#, name(column)))
        .collect();
    let inputs = format!("[{}]", columns.join(","));
    Signature::parse(Some(&inputs), None, None).expect("a signature")
}

/// A number with as many digits as doubles have.
fn cell(row: usize, column: usize) -> f64 {
    let number = (row * COLUMNS + column) as f64;
    (number * 0.618_033_988_749_894_9).fract() * 100.0
}

fn row(cell: impl Fn(usize) -> String, separator: &str) -> String {
    (0..COLUMNS).map(cell).collect::<Vec<_>>().join(separator)
}

fn split(rows: usize) -> Vec<u8> {
    let names: Vec<String> = (0..COLUMNS)
        .map(|column| format!("{:?}", name(column)))
        .collect();
    let data: Vec<String> = (0..rows)
        .map(|at| format!("[{}]", row(|column| cell(at, column).to_string(), ", ")))
        .collect();
    format!(
        r#"{{"dataframe_split": {{"columns": [{}], "data": [{}]}}}}"#,
        names.join(", "),
        data.join(", ")
    )
    .into_bytes()
}

fn records(rows: usize) -> Vec<u8> {
    let data: Vec<String> = (0..rows)
        .map(|at| {
            let cell = |column| format!("{:?}: {}", name(column), cell(at, column));
            format!("{{{}}}", row(cell, ", "))
        })
        .collect();
    format!(r#"{{"dataframe_records": [{}]}}"#, data.join(", ")).into_bytes()
}

fn csv(rows: usize) -> Vec<u8> {
    let header = row(name, ",");
    let lines: Vec<String> = (0..rows)
        .map(|at| format!("{}\n", row(|column| cell(at, column).to_string(), ",")))
        .collect();
    format!("{header}\n{}", lines.concat()).into_bytes()
}
