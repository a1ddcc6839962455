//! Standard operators against what ONNX Runtime 1.32.0 gave for the same files and values, on a
//! processor with AVX2 and FMA. `recorded/README.md` tells how the cases lie there.

mod cases;
mod compare;
mod hostile;

use cases::{Case, of_folder};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// How many places the last digit of a float may be off.
const PLACES: u64 = 2;

#[test]
fn every_recorded_case_comes_out_as_onnx_runtime_gave_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/standard/recorded");
    let outcomes = run(&of_folder(&folder));
    assert!(!outcomes.is_empty(), "no cases in {}", folder.display());
    let wrong: Vec<String> = outcomes
        .into_values()
        .flat_map(|outcome| outcome.wrong)
        .collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn no_value_makes_a_node_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/standard/recorded");
    hostile::run(&of_folder(&folder));
}

/// Further cases, too many to be kept, where `TABULAR_CASES` names their folder. What came out is
/// written to `report.txt` there.
#[test]
fn the_cases_of_a_folder_come_out_as_they_were_recorded() {
    #[expect(clippy::disallowed_methods, reason = "a test of its own, run by hand")]
    let Ok(folder) = std::env::var("TABULAR_CASES") else {
        return;
    };
    let folder = Path::new(&folder);
    let mut report = String::new();
    let mut all_wrong = 0;
    for (operator, outcome) in run(&of_folder(folder)) {
        let Outcome {
            right,
            wrong,
            unsupported,
            worst,
        } = outcome;
        let wrongs = wrong.len();
        writeln!(
            report,
            "{operator}: {right} right, {wrongs} wrong, {} refused at load, worst {worst}",
            unsupported.len()
        )
        .expect("a string");
        for line in wrong.iter().chain(&unsupported) {
            writeln!(report, "    {line}").expect("a string");
        }
        all_wrong += wrongs;
    }
    fs_err::write(folder.join("report.txt"), report).expect("a report");
    assert_eq!(all_wrong, 0, "see the report");
}

/// What became of the cases of an operator.
#[derive(Default)]
struct Outcome {
    right: usize,
    wrong: Vec<String>,
    unsupported: Vec<String>,
    /// The most places that a float was off.
    worst: u64,
}

fn run(cases: &[Case]) -> BTreeMap<String, Outcome> {
    let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
    for case in cases {
        let outcome = outcomes.entry(case.operator.clone()).or_default();
        let label = format!("{}/{}", case.operator, case.name);
        let made = match case.run() {
            Ok(made) => made,
            Err(cases::Failure::Unsupported(reason)) => {
                outcome.unsupported.push(format!("{label}: {reason}"));
                continue;
            }
            Err(cases::Failure::Run(reason)) => {
                outcome.wrong.push(format!("{label}: {reason}"));
                continue;
            }
        };
        for named in made.tensors() {
            let Some(expected) = case.expected.get(&*named.name) else {
                outcome
                    .wrong
                    .push(format!("{label}: `{}` was not recorded", named.name));
                continue;
            };
            match compare::places_off(&named.tensor, expected) {
                Ok(places) => {
                    outcome.worst = outcome.worst.max(places);
                    if places <= PLACES {
                        outcome.right += 1;
                    } else {
                        let name = &named.name;
                        outcome
                            .wrong
                            .push(format!("{label}: `{name}` is {places} places off"));
                    }
                }
                Err(difference) => {
                    outcome
                        .wrong
                        .push(format!("{label}: `{}`: {difference}", named.name));
                }
            }
        }
    }
    outcomes
}
