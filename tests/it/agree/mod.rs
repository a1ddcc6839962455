//! The forms of a body agree: for any table and signature, JSON in its four shapes, CSV, Parquet
//! and Arrow give equal frames, or all are refused over the same cells.
//!
//! A form takes part where it can say what the table holds: CSV has no types of its own, and a
//! list of records names no columns where it has no rows. What each can say is in `forms`.

mod forms;
mod table;

use flowgate::scoring::decode::Decoded;
use flowgate_core::{Data, NamedTensor, Refusal, Signature};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::Value;
use table::{Case, case};

/// What a form makes of a table: its frame, or the cells that are refused.
#[derive(Debug, Clone, PartialEq)]
enum Read {
    Frame {
        tensors: Vec<String>,
        form: String,
        dropped: usize,
    },
    Refused {
        cells: Vec<String>,
        count: usize,
    },
}

impl Read {
    fn of(read: Result<Decoded, Refusal>, signature: &Signature) -> Self {
        let read = read.and_then(|decoded| {
            signature.check(&decoded.request.frame, Refusal::LISTED)?;
            Ok(decoded)
        });
        match read {
            Ok(decoded) => Self::Frame {
                tensors: decoded.request.frame.tensors().iter().map(shown).collect(),
                form: format!("{:?}", decoded.request.form),
                dropped: decoded.dropped_columns,
            },
            Err(refusal) => {
                let mut cells: Vec<String> = refusal
                    .violations
                    .iter()
                    .map(|violation| {
                        let code = violation.code.name();
                        format!("{code} {:?} {:?}", violation.row, violation.column)
                    })
                    .collect();
                cells.sort();
                // Columns are read one after the other or row by row: the first are others.
                if refusal.count > Refusal::LISTED {
                    cells.clear();
                }
                Self::Refused {
                    cells,
                    count: refusal.count,
                }
            }
        }
    }
}

/// A tensor, with NaN equal to itself and JSON compared by its meaning.
fn shown(named: &NamedTensor) -> String {
    let data = match named.tensor.data() {
        Data::Json(texts) => {
            // `NaN` is read by nobody else.
            let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::from(text));
            format!("{:?}", texts.iter().map(parse).collect::<Vec<_>>())
        }
        data => format!("{data:?}"),
    };
    let (datatype, shape) = (named.tensor.datatype(), named.tensor.shape());
    format!("{}: {datatype} {shape:?} {data}", named.name)
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let signature = case.signature();
    let mut bodies = forms::all(case);
    let (name, octets) = bodies.pop().expect("a Parquet file at least");
    let wanted = Read::of(forms::read(name, &octets, &signature), &signature);
    for (name, octets) in bodies {
        let found = Read::of(forms::read(name, &octets, &signature), &signature);
        let text = String::from_utf8_lossy(&octets);
        if name == forms::LISTS
            && let (Read::Refused { .. }, Read::Refused { .. }) = (&found, &wanted)
        {
            continue;
        }
        prop_assert_eq!(
            &found,
            &wanted,
            "{}: {}\nby {:?}",
            name,
            text,
            signature.inputs
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_is_the_same_in_every_form_or_refused_in_all(case in case()) {
        check(&case)?;
    }
}

/// The property says nothing where tables are all refused, or none is.
#[test]
fn tables_are_taken_and_refused_in_every_kind_of_signature() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<(String, bool), usize>::new();
    let mut forms = std::collections::BTreeMap::<&str, usize>::new();
    for _ in 0..1500 {
        let case = case().new_tree(&mut runner).expect("a case").current();
        let signature = case.signature();
        let bodies = forms::all(&case);
        let (name, octets) = bodies.last().expect("a file");
        let read = Read::of(forms::read(name, octets, &signature), &signature);
        let taken = matches!(read, Read::Frame { .. });
        *seen
            .entry((case.declares.name().to_owned(), taken))
            .or_default() += 1;
        for (name, _) in bodies {
            *forms.entry(name).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
    assert!(seen.values().all(|count| *count > 50), "{seen:?}");
    assert_eq!(forms.len(), 10, "{forms:?}");
    assert!(forms.values().all(|count| *count > 150), "{forms:?}");
}
