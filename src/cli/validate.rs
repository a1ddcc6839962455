//! `flowgate validate`: the whole report of what would be refused, without a run or a runtime.

use super::args::ValidateArgs;
use super::{Failure, input, table};
use crate::scoring::decode::Terms;
use crate::store::{self, DirStore};
use crate::telemetry::{self, LogFormat};
use crate::validate::{Fit, LISTED, validate};
use crate::{catalog, http};
use flowgate_core::{Refusal, Violation};
use std::io::{self, Write};

/// Prints the report; a refused file ends the program with 1.
pub(super) fn run(args: &ValidateArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, "warn").map_err(Failure::Usage)?;
    let store = DirStore::new(&args.which.store);
    let found = store::resolve(&args.which.model, &store).map_err(Failure::failed)?;
    let (_, plan) = catalog::plan(&found).map_err(Failure::failed)?;
    let body = input::read(&args.input)?;
    let kind = input::kind(args.content_type, &args.input);
    let terms = Terms {
        listed: LISTED,
        ..Terms::from(&plan)
    };
    let decoded = input::decoded(body, kind, args.compat.rules(), terms)?;
    let found = validate(decoded, &plan.signature, &plan.inputs);
    let text = match (&found, args.json) {
        (found, true) => format!("{:#}", http::validation_report(found)),
        (Ok(fit), false) => fits(fit),
        (Err(refusal), false) => refused(refusal),
    };
    // Who looks at the first lines only (`head`) may close the pipe.
    let written = writeln!(io::stdout().lock(), "{text}");
    match (written, found) {
        (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(error)),
        (_, Ok(_)) => Ok(()),
        (_, Err(_)) => Err(Failure::Told),
    }
}

fn fits(fit: &Fit) -> String {
    let rows = fit.rows.map(|rows| count(rows, "row"));
    let columns = count(fit.columns, "column");
    let sizes: Vec<String> = rows.into_iter().chain([columns]).collect();
    let mut text = format!("valid: {}", sizes.join(", "));
    if fit.dropped_columns > 0 {
        let dropped = count(fit.dropped_columns, "column");
        text += &format!("\nwarning: {dropped} that the signature does not have, not used");
    }
    text
}

/// The sentence, then one line a violation.
fn refused(refusal: &Refusal) -> String {
    let mut lines = table();
    lines.add_row(["row", "column", "expected", "got", "code", "hint"]);
    for violation in &refusal.violations {
        lines.add_row(cells(violation));
    }
    let mut text = format!("refused: {refusal}\n\n{}", lines.trim_fmt());
    let rest = refusal.count - refusal.violations.len();
    if rest > 0 {
        text += &format!("\n\nand {rest} more");
    }
    text
}

fn cells(violation: &Violation) -> [String; 6] {
    let row = violation.row.map(|row| row.to_string());
    [
        row.unwrap_or_else(|| "-".to_owned()),
        violation.column.clone().unwrap_or_else(|| "-".to_owned()),
        violation.expected.clone(),
        violation.got.clone(),
        violation.code.name().to_owned(),
        violation.hint.unwrap_or_default().to_owned(),
    ]
    // A line is a violation, whatever stands in a name.
    .map(|cell| cell.replace(char::is_control, " "))
}

fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
