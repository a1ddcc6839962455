//! `flowgate predict`: one file in, one answer out, through the same path as a request.

use super::args::{ContentType, PredictArgs};
use super::{Failure, input};
use crate::adapter::adapt;
use crate::catalog::Loaded;
use crate::config::LoadSettings;
use crate::method;
use crate::scoring::decode::Terms;
use crate::scoring::encode;
use crate::telemetry::{self, LogFormat};
use crate::{store, wiring};
use flowgate_core::{Form, Frame, Plan, Refusal, Rules, Session};
use std::io::{self, Write};
use std::path::Path;

/// Predicts the file and writes the answer, without a newline at its end, as MLflow does.
pub(super) fn run(args: &PredictArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, "warn").map_err(Failure::Usage)?;
    let settings =
        LoadSettings::new(&args.load).map_err(|error| Failure::Usage(error.to_string()))?;
    for flag in args.mlflow.given() {
        tracing::warn!("`{flag}` is accepted and does nothing: there is no environment to set up");
    }
    let found = store::resolve(&settings.model, &settings.store).map_err(Failure::failed)?;
    let body = input::read(&args.input)?;
    let kind = input::kind(args.content_type, &args.input);
    let loader = wiring::loader(&settings).map_err(Failure::failed)?;
    let Loaded { plan, model, .. } = loader.load(&found).map_err(Failure::failed)?;
    let mut session = model.session().map_err(Failure::failed)?;
    let terms = Terms {
        extra_columns: args.extra_columns,
        ..Terms::from(&plan)
    };
    let answer = predict(&plan, &mut *session, body, kind, args.compat.rules(), terms)?;
    write(&args.output, &answer)
}

/// The answer of the model to a request, as it is written.
pub(super) fn predict(
    plan: &Plan,
    session: &mut dyn Session,
    body: Vec<u8>,
    kind: ContentType,
    rules: &Rules,
    terms: Terms<'_>,
) -> Result<Vec<u8>, Failure> {
    let (outputs, form) = answer(plan, session, body, kind, rules, terms)?;
    let mut answer = Vec::new();
    encode::json(&outputs, form, rules, &mut answer).map_err(Failure::failed)?;
    Ok(answer)
}

/// The answer of the model to a request, and the form of the request.
pub(super) fn answer(
    plan: &Plan,
    session: &mut dyn Session,
    body: Vec<u8>,
    kind: ContentType,
    rules: &Rules,
    terms: Terms<'_>,
) -> Result<(Frame, Form), Failure> {
    let decoded = input::decoded(body, kind, rules, terms)?.map_err(Failure::failed)?;
    if decoded.dropped_columns > 0 {
        tracing::warn!(
            "{} columns of the input are not in the signature and were dropped",
            decoded.dropped_columns
        );
    }
    let request = decoded.request;
    plan.signature
        .check(&request.frame, Refusal::LISTED)
        .map_err(Failure::failed)?;
    let wanted = method::wanted(&plan.answer, &request.params).map_err(Failure::failed)?;
    let inputs = adapt(&plan.inputs, request.form, request.frame).map_err(Failure::failed)?;
    let outputs = wanted.take(session.run(inputs).map_err(Failure::failed)?);
    Ok((outputs, request.form))
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
