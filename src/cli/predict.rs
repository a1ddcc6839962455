//! `flowgate predict`: one file in, one answer out, through the same path as a request.

use super::Failure;
use super::args::{ContentType, PredictArgs};
use crate::adapter::adapt;
use crate::catalog::Loaded;
use crate::config::LoadSettings;
use crate::scoring::columnar::Limits;
use crate::scoring::{self, encode};
use crate::telemetry::{self, LogFormat};
use crate::{store, wiring};
use bytes::Bytes;
use flowgate_core::{Plan, Rules, Session};
use std::io::{self, Read, Write};
use std::path::Path;

/// The largest file that is predicted, in octets.
const LIMIT: u64 = 1 << 32;

/// Predicts the file and writes the answer, without a newline at its end, as MLflow does.
pub(super) fn run(args: &PredictArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, "warn").map_err(Failure::Usage)?;
    let settings =
        LoadSettings::new(&args.load).map_err(|error| Failure::Usage(error.to_string()))?;
    for flag in args.mlflow.given() {
        tracing::warn!("`{flag}` is accepted and does nothing: there is no environment to set up");
    }
    let found = store::resolve(&settings.model, &settings.store).map_err(Failure::failed)?;
    let body = read(&args.input)?;
    let loader = wiring::loader(&settings).map_err(Failure::failed)?;
    let Loaded { plan, model, .. } = loader.load(&found).map_err(Failure::failed)?;
    let mut session = model.session().map_err(Failure::failed)?;
    let rules = args.compat.rules();
    let answer = predict(&plan, &mut *session, &body, args.content_type, rules)?;
    write(&args.output, &answer)
}

/// The answer of the model to `body`.
pub(super) fn predict(
    plan: &Plan,
    session: &mut dyn Session,
    body: &Bytes,
    kind: ContentType,
    rules: &Rules,
) -> Result<Vec<u8>, Failure> {
    // Whoever gives a file means what is in it: any may grow as much as the largest.
    let limits = Limits::for_body(usize::try_from(LIMIT).unwrap_or(usize::MAX));
    let decoded = scoring::read(kind.format(), rules, body, &plan.signature, limits);
    let request = decoded.map_err(Failure::failed)?.request;
    plan.signature
        .check(&request.frame)
        .map_err(Failure::failed)?;
    let inputs = adapt(&plan.inputs, request.form, request.frame).map_err(Failure::failed)?;
    let outputs = session.run(inputs).map_err(Failure::failed)?;
    let mut answer = Vec::new();
    encode::json(&outputs, request.form, rules, &mut answer).map_err(Failure::failed)?;
    Ok(answer)
}

fn read(path: &Path) -> Result<Bytes, Failure> {
    let mut octets = Vec::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(LIMIT + 1).read_to_end(&mut octets)
    } else {
        let file = fs_err::File::open(path).map_err(Failure::failed)?;
        file.take(LIMIT + 1).read_to_end(&mut octets)
    };
    let size = read.map_err(Failure::failed)? as u64;
    if size > LIMIT {
        return Err(Failure::failed(format!(
            "the input has more than {LIMIT} bytes"
        )));
    }
    Ok(octets.into())
}

fn write(path: &Path, answer: &[u8]) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        let mut out = io::stdout().lock();
        return out
            .write_all(answer)
            .and_then(|()| out.flush())
            .map_err(Failure::failed);
    }
    fs_err::write(path, answer).map_err(Failure::failed)
}
