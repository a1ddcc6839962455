//! `flowgate predict`: one file in, one answer out, through the same path as a request.

use super::Failure;
use super::args::{ContentType, PredictArgs};
use crate::adapter::adapt;
use crate::catalog::Loaded;
use crate::config::LoadSettings;
use crate::scoring::columnar::{self, Limits};
use crate::scoring::decode::{self, Decoded, Terms};
use crate::scoring::encode;
use crate::telemetry::{self, LogFormat};
use crate::{store, wiring};
use bytes::Bytes;
use flowgate_core::{Plan, Session};
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
    let terms = Terms {
        signature: &plan.signature,
        extra_columns: args.extra_columns,
    };
    let decoded = decoded(terms, &body, args.content_type)?;
    if decoded.dropped_columns > 0 {
        tracing::warn!(
            "{} columns of the input are not in the signature and were dropped",
            decoded.dropped_columns
        );
    }
    let answer = predict(&plan, &mut *session, decoded)?;
    write(&args.output, &answer)
}

/// The answer of the model to a request.
pub(super) fn predict(
    plan: &Plan,
    session: &mut dyn Session,
    decoded: Decoded,
) -> Result<Vec<u8>, Failure> {
    let request = decoded.request;
    plan.signature
        .check(&request.frame)
        .map_err(Failure::failed)?;
    let inputs = adapt(&plan.inputs, request.form, request.frame).map_err(Failure::failed)?;
    let outputs = session.run(inputs).map_err(Failure::failed)?;
    let mut answer = Vec::new();
    encode::json(&outputs, request.form, &mut answer).map_err(Failure::failed)?;
    Ok(answer)
}

/// The data of `body`.
fn decoded(terms: Terms<'_>, body: &[u8], kind: ContentType) -> Result<Decoded, Failure> {
    // Whoever gives a file means what is in it: any may grow as much as the largest.
    let limits = Limits::for_body(usize::try_from(LIMIT).unwrap_or(usize::MAX));
    match kind {
        ContentType::Json => decode::json(body, terms).map_err(Failure::failed),
        ContentType::Csv => decode::csv(body, terms).map_err(Failure::failed),
        ContentType::Parquet => {
            let body = Bytes::copy_from_slice(body);
            columnar::parquet(&body, terms, limits).map_err(Failure::failed)
        }
        ContentType::Arrow => {
            let body = Bytes::copy_from_slice(body);
            columnar::arrow_stream(&body, terms, limits).map_err(Failure::failed)
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
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
    Ok(octets)
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
