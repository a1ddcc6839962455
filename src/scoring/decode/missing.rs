//! Columns and tensors that must be there and are not, in MLflow's words.

use super::report::Report;
use flowgate_core::refusal::clipped;
use flowgate_core::{Code, ColumnSpec, Violation};
use std::sync::Arc;

/// Tells the columns of `specs` that are not at the `places` that were found, which are in order;
/// `extra` are the names of others.
pub(super) fn columns(
    specs: &[ColumnSpec],
    places: impl ExactSizeIterator<Item = usize> + Clone,
    extra: &[&str],
    report: &mut Report,
) {
    let found = places.len();
    // The usual case: every column, and each once.
    if found == specs.len() && places.clone().eq(0..found) {
        return;
    }
    let mut there = vec![false; specs.len()];
    places.for_each(|place| there[place] = true);
    let absent = |(place, spec): &(usize, &ColumnSpec)| spec.required && !there[*place];
    let absent: Vec<(usize, &ColumnSpec)> = specs.iter().enumerate().filter(absent).collect();
    if absent.is_empty() {
        return;
    }
    let names: Vec<Arc<str>> = absent
        .iter()
        .map(|(place, spec)| spec.key(*place))
        .collect();
    for ((_, spec), name) in absent.iter().zip(&names) {
        let expected = format!("`{}`", spec.kind);
        let violation = Violation::new(Code::MissingColumn, expected, "nothing");
        report.schema(violation.in_column(&**name));
    }
    let named = specs.first().is_some_and(|spec| spec.name.is_some());
    report.schema_summary(if named {
        words(names.iter().map(|name| &**name), extra)
    } else {
        format!(
            "Model inference is missing inputs. The model signature declares {} inputs  but the \
             provided value only has {} inputs. Note: the inputs were not named in the signature \
             so we can only verify their count.",
            specs.len(),
            found
        )
    });
}

/// How many names of columns that nobody asked for are shown.
const SHOWN: usize = 20;

/// MLflow's words for inputs that are not there.
pub(super) fn words<'n>(missing: impl Iterator<Item = &'n str>, extra: &[&str]) -> String {
    let quoted = |name: &str| format!("'{name}'");
    let missing: Vec<String> = missing.map(quoted).collect();
    let mut words = format!("Model is missing inputs [{}].", missing.join(", "));
    if !extra.is_empty() {
        let mut extra = extra.to_vec();
        extra.sort_unstable();
        let extra = extra.into_iter().take(SHOWN).map(clipped);
        let extra: Vec<String> = extra.map(quoted).collect();
        words.push_str(&format!(
            " Note that there were extra inputs: [{}].",
            extra.join(", ")
        ));
    }
    words
}
