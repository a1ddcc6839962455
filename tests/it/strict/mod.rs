//! The strict policy, line by line and over HTTP: a file for each of its tables, whose cases stand
//! in the order of the table's lines and name them.
//!
//! The packages are those that MLflow wrote (`tests/golden/models/`). What is sent in JSON is sent
//! in each of the four shapes.

mod answers;
mod bodies;
mod errors;
mod tables;
mod values;

use crate::golden::package_path;
use crate::support::{Answer, TestApp};
use axum::body::Body;
use serde_json::Value;

const JSON: &str = "application/json";
const CSV: &str = "text/csv";

/// `error_code` of a body or a value that is not taken.
const BAD: &str = "BAD_REQUEST";

/// `error_code` of names and shapes that are not those of the signature.
const INVALID: &str = "INVALID_PARAMETER_VALUE";

/// What must come of a request.
#[derive(Clone, Copy)]
enum Want<'w> {
    /// 200, and these predictions.
    Predictions(&'w str),
    /// 200, whatever is predicted: for values that no output shows.
    Taken,
    /// 400 with this `error_code` and all of these violations: `code row column`, `-` for none.
    Refused(&'w str, &'w [&'w str]),
}
use Want::{Predictions, Refused, Taken};

/// A served package, and all that is wrong with its answers.
struct Line {
    app: TestApp,
    wrong: Vec<String>,
}

impl Line {
    fn of(package: &str) -> Self {
        Self::over(TestApp::serve(&package_path(package), "ort").expect("served"))
    }

    fn over(app: TestApp) -> Self {
        Self {
            app,
            wrong: Vec::new(),
        }
    }

    /// Sends `body` and keeps how the answer differs from what is wanted.
    async fn send(&mut self, kind: &str, body: impl Into<Body>, shown: &str, want: Want<'_>) {
        let answer = self.app.invoke(kind, body).await;
        self.wrong
            .extend(difference(&answer, want).map(|difference| format!("{shown}: {difference}")));
    }

    async fn json(&mut self, body: &str, want: Want<'_>) {
        self.send(JSON, body.to_owned(), body, want).await;
    }

    async fn csv(&mut self, body: &str, want: Want<'_>) {
        self.send(CSV, body.to_owned(), body, want).await;
    }

    /// A table of one row, its cells as JSON, in each of the four shapes. The `error_code` is held
    /// to in the first: under `inputs` and `instances` MLflow finds some faults later.
    async fn row(&mut self, cells: &[(&str, &str)], want: Want<'_>) {
        for (place, body) in shapes(cells).iter().enumerate() {
            let answer = self.app.invoke_json(body.clone()).await;
            let want = match want {
                Refused(_, violations) if place > 1 => Refused("", violations),
                want => want,
            };
            self.wrong.extend(
                difference(&answer, want).map(|difference| format!("{body}: {difference}")),
            );
        }
    }

    #[track_caller]
    fn done(self) {
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
    }
}

/// A row in the four shapes of JSON.
fn shapes(cells: &[(&str, &str)]) -> [String; 5] {
    let join = |each: &dyn Fn(&(&str, &str)) -> String| {
        cells.iter().map(each).collect::<Vec<_>>().join(", ")
    };
    let record = join(&|(name, cell)| format!("\"{name}\": {cell}"));
    let names = join(&|(name, _)| format!("\"{name}\""));
    let list = join(&|(_, cell)| (*cell).to_owned());
    [
        format!("{{\"dataframe_split\": {{\"columns\": [{names}], \"data\": [[{list}]]}}}}"),
        format!("{{\"dataframe_records\": [{{{record}}}]}}"),
        format!("{{\"instances\": [{{{record}}}]}}"),
        format!("{{\"inputs\": [{{{record}}}]}}"),
        // Only lists make columns of it; without, it is one row.
        format!("{{\"inputs\": {{{record}}}}}"),
    ]
}

/// How an answer differs from what is wanted.
fn difference(answer: &Answer, want: Want<'_>) -> Option<String> {
    let (status, text) = (answer.status.as_u16(), answer.text());
    match want {
        Predictions(wanted) => {
            let wanted = format!("{{\"predictions\": {wanted}}}");
            ((status, text.as_str()) != (200, wanted.as_str()))
                .then(|| format!("wanted {wanted}, found {status} {text}"))
        }
        Taken => (status != 200).then(|| format!("not taken: {status} {text}")),
        Refused(code, violations) => {
            let body = answer.json();
            let found = violations_of(&body);
            let same_code = code.is_empty() || body["error_code"] == code;
            let same = status == 400 && same_code && found == violations;
            let whole = body["error_count"] == found.len() && body["message"].is_string();
            (!same || !whole)
                .then(|| format!("wanted {code} {violations:?}, found {status} {text}"))
        }
    }
}

/// The violations of an envelope as `code row column`.
fn violations_of(envelope: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let errors = envelope["errors"].as_array().map(Vec::as_slice);
    errors
        .unwrap_or_default()
        .iter()
        .map(|error| {
            let parts = [&error["code"], &error["row"], &error["column"]];
            parts.map(text).join(" ")
        })
        .collect()
}
