//! `flowgate inspect`: what a package is, and who would run it.

use super::args::InspectArgs;
use super::{Failure, table};
use crate::batcher::Decision;
use crate::catalog::{Choice, ChooseError, Considered};
use crate::config::LoadSettings;
use crate::telemetry::{self, LogFormat};
use crate::{store, wiring};
use flowgate_core::{Package, ParamSpec, Plan, RuntimeError, Schema, Signature, Unsupported};
use serde_json::{Value, json};
use std::time::Duration;

/// Prints the package; exits with a failure only when it cannot be read. That no runtime can run
/// it is a finding, not a failure.
#[expect(clippy::print_stdout, reason = "what the command is for")]
pub(super) fn run(args: &InspectArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, "warn").map_err(Failure::Usage)?;
    let settings =
        LoadSettings::new(&args.load).map_err(|error| Failure::Usage(error.to_string()))?;
    let found = store::resolve(&settings.model, &settings.store).map_err(Failure::failed)?;
    let loader = wiring::loader(&settings).map_err(Failure::failed)?;
    let (package, plan) = loader.plan(&found).map_err(Failure::failed)?;
    let choice = loader.choose(&plan).map(|(_, choice)| choice);
    let batching = match args.batching {
        true => loader.measure(&found).map_err(Failure::failed)?,
        false => None,
    };
    let report = Report {
        name: &found.id.name,
        version: &found.id.version,
        files: package.files().map_err(Failure::failed)?,
        digest: package.digest().map_err(Failure::failed)?,
        package: &package,
        plan: &plan,
        choice: &choice,
        batching,
    };
    if args.json {
        println!("{:#}", report.json());
    } else {
        println!("{}", report.text());
    }
    Ok(())
}

struct Report<'a> {
    name: &'a str,
    version: &'a str,
    files: Vec<(String, u64)>,
    digest: String,
    package: &'a Package,
    plan: &'a Plan,
    choice: &'a Result<Choice, ChooseError>,
    batching: Option<Decision>,
}

impl Report<'_> {
    fn flavors(&self) -> Vec<&str> {
        self.package
            .manifest()
            .flavors()
            .map(|(name, _)| name)
            .collect()
    }

    fn size(&self) -> u64 {
        self.files.iter().map(|(_, size)| size).sum()
    }

    fn considered(&self) -> &[Considered] {
        match self.choice {
            Ok(choice) => &choice.considered,
            Err(ChooseError::None { considered }) => considered,
            Err(ChooseError::Unknown { .. } | ChooseError::Refused { .. }) => &[],
        }
    }

    fn json(&self) -> Value {
        let manifest = self.package.manifest();
        let signature = |signature: &Signature| {
            let part = |schema: &Option<Schema>| schema.as_ref().map(Schema::to_json);
            json!({
                "inputs": part(&signature.inputs),
                "outputs": part(&signature.outputs),
                "params": signature.params.as_ref().map(|params| params.iter().map(|param| &param.name).collect::<Vec<_>>()),
            })
        };
        json!({
            "name": self.name,
            "version": self.version,
            "path": self.package.root(),
            "digest": self.digest,
            "size_bytes": self.size(),
            "files": self.files.iter().map(|(path, size)| json!({"path": path, "size_bytes": size})).collect::<Vec<_>>(),
            "flavors": self.flavors(),
            "mlflow_version": manifest.mlflow_version(),
            "model_uuid": manifest.model_uuid(),
            "run_id": manifest.run_id(),
            "utc_time_created": manifest.utc_time_created(),
            "signature": signature(&self.plan.signature),
            "model_inputs": self.plan.inputs.ports().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "max_batch_rows": self.plan.hints.max_batch_rows,
            "runtime": match self.choice {
                Ok(choice) => json!({"name": choice.runtime, "about": choice.about, "reason": choice.reason}),
                Err(_) => Value::Null,
            },
            "runtime_error": self.choice.as_ref().err().map(ToString::to_string),
            "batching": self.batching.as_ref().map(Decision::json),
            "runtimes": self.considered().iter().map(considered_json).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let manifest = self.package.manifest();
        let mut facts = table();
        let mut fact = |name: &str, value: String| {
            facts.add_row([name.to_owned(), value]);
        };
        fact("model", format!("{} version {}", self.name, self.version));
        fact("path", self.package.root().display().to_string());
        fact("digest", self.digest.clone());
        fact("flavors", self.flavors().join(", "));
        let written = [
            manifest
                .mlflow_version()
                .map(|version| format!("MLflow {version}")),
            manifest
                .utc_time_created()
                .map(|time| format!("{time} UTC")),
            manifest.run_id().map(|run| format!("run {run}")),
        ];
        fact(
            "written by",
            written.into_iter().flatten().collect::<Vec<_>>().join(", "),
        );
        fact("runtime", runtime_text(self.choice));
        for considered in self.considered() {
            if let Some(obstacle) = &considered.obstacle {
                fact("", format!("not {}: {obstacle}", considered.runtime));
            }
        }
        let ports = self.plan.inputs.ports().iter().map(ToString::to_string);
        fact("model inputs", ports.collect::<Vec<_>>().join("\n"));
        let mut sections = vec![facts.to_string()];
        sections.push(section("inputs", self.plan.signature.inputs.as_ref()));
        sections.push(section("outputs", self.plan.signature.outputs.as_ref()));
        if let Some(params) = &self.plan.signature.params {
            sections.push(params_text(params));
        }
        let mut files = table();
        for (path, size) in &self.files {
            files.add_row([path.clone(), format!("{size} B")]);
        }
        files.add_row(["total".to_owned(), format!("{} B", self.size())]);
        sections.push(format!("files\n{files}"));
        if let Some(decision) = &self.batching {
            sections.push(batching_text(decision));
        }
        sections.join("\n\n")
    }
}

fn batching_text(decision: &Decision) -> String {
    let mut curve = table();
    curve.set_header(["rows", "a run", "a row"]);
    for cost in &decision.costs {
        curve.add_row([
            cost.up_to_rows.to_string(),
            micros(cost.run),
            micros(cost.row()),
        ]);
    }
    format!(
        "batching\n{curve}\n up to {} rows are run together; up to {} are run where they are read, \
         up to {} where nothing else runs",
        decision.max_rows, decision.at_once_rows, decision.alone_rows
    )
}

fn micros(time: Duration) -> String {
    format!("{:.2} us", time.as_secs_f64() * 1e6)
}

fn considered_json(considered: &Considered) -> Value {
    let operators = match &considered.obstacle {
        Some(RuntimeError::Unsupported {
            reason: Unsupported { operators, .. },
            ..
        }) => {
            json!(operators)
        }
        _ => json!([]),
    };
    json!({
        "name": considered.runtime,
        "usable": considered.obstacle.is_none(),
        "obstacle": considered.obstacle.as_ref().map(ToString::to_string),
        "operators": operators,
    })
}

fn runtime_text(choice: &Result<Choice, ChooseError>) -> String {
    match choice {
        Ok(choice) => format!("{} ({}): {}", choice.runtime, choice.about, choice.reason),
        Err(error) => error.to_string(),
    }
}

fn section(title: &str, schema: Option<&Schema>) -> String {
    let Some(schema) = schema else {
        return format!("{title}\n  not declared");
    };
    let mut rows = table();
    match schema {
        Schema::Columns(columns) => {
            for (position, column) in columns.iter().enumerate() {
                let need = if column.required {
                    "required"
                } else {
                    "optional"
                };
                rows.add_row([
                    column.key(position).to_string(),
                    column.kind.to_string(),
                    need.to_owned(),
                ]);
            }
        }
        Schema::Tensors(tensors) => {
            for tensor in tensors {
                let sizes = tensor
                    .shape
                    .iter()
                    .map(|size| size.map_or("?".to_owned(), |size| size.to_string()));
                let shape = format!("[{}]", sizes.collect::<Vec<_>>().join(", "));
                let name = tensor.name.as_deref().unwrap_or("(no name)");
                rows.add_row([name.to_owned(), tensor.kind.name().to_owned(), shape]);
            }
        }
    }
    format!("{title}\n{rows}")
}

fn params_text(params: &[ParamSpec]) -> String {
    let mut rows = table();
    for param in params {
        let default = param
            .default
            .as_ref()
            .map_or("null".to_owned(), |value| value.to_json().to_string());
        rows.add_row([
            param.name.clone(),
            param.kind.to_string(),
            format!("default {default}"),
        ]);
    }
    format!("params\n{rows}")
}
