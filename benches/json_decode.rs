//! How long does it take to read a table, and to write an answer, beside `serde_json`? The first
//! decides up to which size a body is read on a thread that answers other requests too.
//! `cargo bench --bench json_decode`.

use flowgate::scoring::decode::{self, Terms};
use flowgate::scoring::encode;
use flowgate_core::{Compat, Form, Frame, NamedTensor, Signature, Tensor};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::hint::black_box;
use std::time::Instant;

/// Readings of each body; the fastest counts, since others share the machine.
const ROUNDS: usize = 60;

fn main() {
    read();
    write();
}

/// Rows and columns of the tables.
const TABLES: [(usize, usize); 6] = [
    (1, 4),
    (10, 4),
    (1000, 4),
    (1, 50),
    (1000, 50),
    (10_000, 10),
];

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn read() {
    println!("reading            rows  columns      bytes   microseconds   MB/s   of serde_json");
    for (rows, columns) in TABLES {
        // As a servable has them: made once.
        let signature = signature(columns);
        let terms = Terms::from(&signature);
        let forms = [
            ("dataframe_split", split(rows, columns)),
            ("dataframe_records", records(rows, columns)),
            ("text/csv", csv(rows, columns)),
        ];
        let reference = serde_json(&forms[0].1, rows, columns);
        for (form, body) in forms {
            let seconds = fastest(|| {
                let decoded = if form == "text/csv" {
                    decode::csv(black_box(&body), terms)
                } else {
                    decode::json(black_box(&body), terms)
                };
                assert_eq!(decoded.expect("a table").request.frame.rows(), Some(rows));
            });
            let (speed, us) = (body.len() as f64 / seconds / 1e6, seconds * 1e6);
            let size = body.len();
            print!("{form:17} {rows:6}  {columns:7} {size:10} {us:14.2} {speed:6.0}");
            match form {
                "dataframe_split" => println!("   {:.2}", seconds / reference),
                _ => println!(),
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn write() {
    println!("writing            rows  microseconds   of serde_json");
    let rules = Compat::Strict.rules();
    for rows in [1, 1000] {
        let labels: Vec<i64> = (0..rows as i64).collect();
        let scores: Vec<f64> = (0..rows).map(|row| cell(row, 1) / 100.0).collect();
        let frame = Frame::new(vec![
            NamedTensor::new("label", Tensor::column(labels.clone())),
            NamedTensor::new("score", Tensor::column(scores.clone())),
        ]);
        let seconds = fastest(|| {
            let mut out = Vec::new();
            encode::json(black_box(&frame), Form::Table, rules, &mut out).expect("a table");
            black_box(out);
        });
        #[derive(serde::Serialize)]
        struct Row {
            label: i64,
            score: f64,
        }
        #[derive(serde::Serialize)]
        struct Answer {
            predictions: Vec<Row>,
        }
        let pairs = labels.iter().zip(&scores);
        let predictions = pairs.map(|(&label, &score)| Row { label, score }).collect();
        let answer = Answer { predictions };
        let reference = fastest(|| {
            black_box(serde_json::to_vec(black_box(&answer)).expect("JSON"));
        });
        println!(
            "records            {rows:4}  {:12.2}   {:.2}",
            seconds * 1e6,
            seconds / reference
        );
    }
}

/// The fastest of many rounds; short work is repeated within a round.
fn fastest(mut work: impl FnMut()) -> f64 {
    let mut time = |repeats: u32| {
        let start = Instant::now();
        (0..repeats).for_each(|_| work());
        start.elapsed().as_secs_f64() / f64::from(repeats)
    };
    let once = time(1).max(1e-9);
    let repeats = (2e-4 / once).clamp(1.0, 1000.0) as u32;
    (0..ROUNDS)
        .map(|_| time(repeats))
        .fold(f64::INFINITY, f64::min)
}

// === the same table through serde_json ===

/// Seconds that `serde_json` takes for the same body: a visitor puts the cells into columns.
fn serde_json(body: &[u8], rows: usize, columns: usize) -> f64 {
    fastest(|| {
        let mut table = Columns(vec![Vec::new(); columns]);
        let mut deserializer = serde_json::Deserializer::from_slice(black_box(body));
        Envelope(&mut table)
            .deserialize(&mut deserializer)
            .expect("a table");
        assert_eq!(table.0[0].len(), rows);
        black_box(table);
    })
}

struct Columns(Vec<Vec<f64>>);

/// The two objects around the rows.
struct Envelope<'a>(&'a mut Columns);

impl<'de> DeserializeSeed<'de> for Envelope<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Envelope<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "dataframe_split" => map.next_value_seed(Envelope(self.0))?,
                "columns" => {
                    let names: Vec<&str> = map.next_value()?;
                    if names.len() != self.0.0.len() {
                        return Err(A::Error::custom("other columns"));
                    }
                }
                "data" => map.next_value_seed(Rows(self.0))?,
                _ => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

struct Rows<'a>(&'a mut Columns);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Row(self.0))?.is_some() {}
        Ok(())
    }
}

struct Row<'a>(&'a mut Columns);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for column in &mut self.0.0 {
            let cell = seq
                .next_element()?
                .ok_or_else(|| A::Error::custom("a short row"))?;
            column.push(cell);
        }
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom("a long row")),
        }
    }
}

// === bodies ===

/// Short names and no white space: the numbers count.
fn name(column: usize) -> String {
    format!("c{column}")
}

fn signature(columns: usize) -> Signature {
    let columns: Vec<String> = (0..columns)
        .map(|column| format!(r#"{{"type": "double", "name": "{}"}}"#, name(column)))
        .collect();
    let inputs = format!("[{}]", columns.join(","));
    Signature::parse(Some(&inputs), None, None).expect("a signature")
}

/// A number with as many digits as doubles have.
fn cell(row: usize, column: usize) -> f64 {
    let number = (row * 64 + column + 1) as f64;
    (number * 0.618_033_988_749_894_9).fract() * 100.0
}

fn row(columns: usize, cell: impl Fn(usize) -> String, separator: &str) -> String {
    (0..columns).map(cell).collect::<Vec<_>>().join(separator)
}

fn split(rows: usize, columns: usize) -> Vec<u8> {
    let names = row(columns, |column| format!("{:?}", name(column)), ",");
    let data: Vec<String> = (0..rows)
        .map(|at| {
            format!(
                "[{}]",
                row(columns, |column| cell(at, column).to_string(), ",")
            )
        })
        .collect();
    let data = data.join(",");
    format!(r#"{{"dataframe_split":{{"columns":[{names}],"data":[{data}]}}}}"#).into_bytes()
}

fn records(rows: usize, columns: usize) -> Vec<u8> {
    let data: Vec<String> = (0..rows)
        .map(|at| {
            let cell = |column| format!("{:?}:{}", name(column), cell(at, column));
            format!("{{{}}}", row(columns, cell, ","))
        })
        .collect();
    format!(r#"{{"dataframe_records":[{}]}}"#, data.join(",")).into_bytes()
}

fn csv(rows: usize, columns: usize) -> Vec<u8> {
    let header = row(columns, name, ",");
    let lines: Vec<String> = (0..rows)
        .map(|at| {
            format!(
                "{}\n",
                row(columns, |column| cell(at, column).to_string(), ",")
            )
        })
        .collect();
    format!("{header}\n{}", lines.concat()).into_bytes()
}
