//! `GET /flowgate/model.json`: what the page shows of the model.

use crate::catalog::{Considered, State};
use crate::http::App;
use crate::servable::Servable;
use flowgate_core::{Port, RuntimeError, Schema, Signature};
use serde_json::{Value, json};

/// The model that answers here, in whatever state it is.
pub(super) fn describe(app: &App) -> Value {
    let Some((id, state)) = app.gateway.describe_default() else {
        return json!({"state": "none"});
    };
    let name = if app.shutdown.is_asked() {
        "draining"
    } else {
        state.name()
    };
    let mut model = json!({"name": id.name, "version": id.version, "state": name});
    if let (State::Ready(servable), Some(model)) = (&state, model.as_object_mut())
        && let Value::Object(rest) = ready(servable)
    {
        model.extend(rest);
    }
    model
}

fn ready(servable: &Servable) -> Value {
    let about = &servable.about;
    json!({
        "since": about.ready_since.to_string(),
        "flavors": about.flavors,
        "runtime": {
            "name": servable.choice.runtime,
            "about": without_place(&servable.choice.about),
            "reason": servable.choice.reason,
            "considered": servable.choice.considered.iter().map(considered).collect::<Vec<_>>(),
        },
        "digest": about.digest,
        "run_id": about.run_id,
        "model_uuid": about.model_uuid,
        "mlflow_version": about.mlflow_version,
        "created": about.created,
        "size_bytes": about.size,
        "load_seconds": about.load_seconds,
        "max_batch_rows": servable.batcher.policy().batch.most(),
        "signature": signature(&servable.signature),
        "model_inputs": servable.model.inputs.iter().map(port).collect::<Vec<_>>(),
        "model_outputs": servable.model.outputs.iter().map(port).collect::<Vec<_>>(),
        // As text: a reader in JavaScript would round its whole numbers.
        "example": about.example,
    })
}

/// Where a library lies is for `flowgate inspect`, not for every client.
fn without_place(about: &str) -> &str {
    about.split(" at ").next().unwrap_or_default()
}

fn considered(considered: &Considered) -> Value {
    let obstacle = considered.obstacle.as_ref().map(|obstacle| match obstacle {
        RuntimeError::Unavailable { .. } => "is not there".to_owned(),
        RuntimeError::Unsupported { reason, .. } => format!("does not support it: {reason}"),
        _ => "cannot run it".to_owned(),
    });
    json!({"runtime": considered.runtime, "obstacle": obstacle})
}

fn signature(signature: &Signature) -> Value {
    let part = |schema: &Option<Schema>| schema.as_ref().map(Schema::to_json);
    let [_, _, (_, params)] = signature.to_json();
    let params = params.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    json!({
        "inputs": part(&signature.inputs),
        "outputs": part(&signature.outputs),
        "params": params,
    })
}

fn port(port: &Port) -> String {
    port.to_string()
}
