//! `flowgate verify`: the model's predictions beside recorded ones.

use super::args::VerifyArgs;
use super::{Failure, input, predict, table};
use crate::catalog::Loaded;
use crate::config::LoadSettings;
use crate::scoring::decode::Terms;
use crate::telemetry::{self, LogFormat};
use crate::verify::{Comparison, compare};
use crate::{store, wiring};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Prints what was found; predictions that are too far apart end the program with 1.
pub(super) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, "warn").map_err(Failure::Usage)?;
    let settings =
        LoadSettings::new(&args.load).map_err(|error| Failure::Usage(error.to_string()))?;
    let found = store::resolve(&settings.model, &settings.store).map_err(Failure::failed)?;
    let recorded = recorded(args)?;
    let body = input::read(&args.input)?;
    let kind = input::kind(args.content_type, &args.input);
    let loader = wiring::loader(&settings).map_err(Failure::failed)?;
    let Loaded {
        plan,
        model,
        choice,
        ..
    } = loader.load(&found).map_err(Failure::failed)?;
    let mut session = model.session().map_err(Failure::failed)?;
    let terms = Terms::from(&plan);
    let (answer, _) =
        predict::answer(&plan, &mut *session, body, kind, args.compat.rules(), terms)?;
    let found = compare(&answer, &recorded, args.max_ulp).map_err(Failure::failed)?;
    let text = if args.json {
        format!("{:#}", report(&found, choice.runtime))
    } else {
        words(&found, choice.runtime, args.max_ulp)
    };
    // Who looks at the first lines only (`head`) may close the pipe.
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(error)),
        _ if found.too_far > 0 => Err(Failure::Told),
        _ => Ok(()),
    }
}

/// The recorded predictions: the file, or what stands in it under the key that was given.
fn recorded(args: &VerifyArgs) -> Result<Value, Failure> {
    let octets = input::read(&args.expect)?;
    let shown = args.expect.display();
    let value: Value = serde_json::from_slice(&octets)
        .map_err(|error| Failure::failed(format!("`{shown}` is not JSON: {error}")))?;
    let Some(key) = &args.key else {
        return Ok(value);
    };
    let found = key.split('.').try_fold(&value, |value, key| value.get(key));
    found
        .cloned()
        .ok_or_else(|| Failure::failed(format!("`{shown}` has no `{key}`")))
}

fn words(found: &Comparison, runtime: &str, allowed: u64) -> String {
    let Comparison {
        rows,
        values,
        unequal,
        largest,
        too_far,
        ..
    } = found;
    let verdict = match (unequal, too_far) {
        (0, _) => "equal".to_owned(),
        (_, 0) => format!("equal within {largest} ULP"),
        _ => format!("different: {too_far} values are more than {allowed} ULP apart"),
    };
    let mut text = format!(
        "{verdict}\n{rows} rows, {values} values, {unequal} not exactly equal, largest difference \
         {largest} ULP, runtime `{runtime}`"
    );
    if !found.differences.is_empty() {
        let mut lines = table();
        lines.add_row(["row", "output", "expected", "got", "ulp"]);
        for difference in &found.differences {
            let ulps = difference.ulps.map(|ulps| ulps.to_string());
            let cells = [
                difference.row.to_string(),
                difference.output.clone(),
                difference.expected.clone(),
                difference.got.clone(),
                ulps.unwrap_or_else(|| "-".to_owned()),
            ];
            lines.add_row(cells.map(|cell| cell.replace(char::is_control, " ")));
        }
        text += &format!("\n\n{}", lines.trim_fmt());
        let rest = too_far - found.differences.len();
        if rest > 0 {
            text += &format!("\n\nand {rest} more");
        }
    }
    text
}

fn report(found: &Comparison, runtime: &str) -> Value {
    let differences = found.differences.iter().map(|difference| {
        json!({
            "row": difference.row,
            "output": difference.output,
            "expected": difference.expected,
            "got": difference.got,
            "ulps": difference.ulps,
        })
    });
    json!({
        "runtime": runtime,
        "rows": found.rows,
        "values": found.values,
        "unequal": found.unequal,
        "largest_ulps": found.largest,
        "too_far": found.too_far,
        "differences": differences.collect::<Vec<_>>(),
    })
}
