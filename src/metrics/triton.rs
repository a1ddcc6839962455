//! The counters of Triton under its names, so that dashboards and autoscalers that know them go on
//! working. Source: Triton Inference Server, `docs/user_guide/metrics.md`.
//!
//! They are made of our own when they are asked for. Triton's times of preparing inputs and outputs
//! are left out: here that is done while requests are read and written, which nobody counts apart.

use prometheus::proto::{Metric, MetricFamily};
use std::collections::BTreeMap;
use std::fmt::Write;

/// One counter of Triton.
struct Counter {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    /// Our own that it is made of.
    of: &'static str,
    value: fn(&Metric) -> Option<f64>,
}

const COUNTERS: &[Counter] = &[
    Counter {
        name: "nv_inference_request_success",
        kind: "counter",
        help: "predictions that were answered",
        of: "flowgate_requests_total",
        value: |metric| answered(metric, true),
    },
    Counter {
        name: "nv_inference_request_failure",
        kind: "counter",
        help: "predictions that were refused or failed",
        of: "flowgate_requests_total",
        value: |metric| answered(metric, false),
    },
    Counter {
        name: "nv_inference_count",
        kind: "counter",
        help: "rows that were sent to the model",
        of: "flowgate_rows_total",
        value: |metric| Some(metric.get_counter().get_value()),
    },
    Counter {
        name: "nv_inference_exec_count",
        kind: "counter",
        help: "runs of the model",
        of: "flowgate_batch_rows",
        value: |metric| Some(metric.get_histogram().get_sample_count() as f64),
    },
    Counter {
        name: "nv_inference_request_duration_us",
        kind: "counter",
        help: "microseconds of all predictions, from the first octet to the last",
        of: "flowgate_request_duration_seconds",
        value: |metric| of_protocol(metric).then(|| micros(metric)),
    },
    Counter {
        name: "nv_inference_queue_duration_us",
        kind: "counter",
        help: "microseconds that predictions waited for their runs",
        of: "flowgate_queue_duration_seconds",
        value: |metric| Some(micros(metric)),
    },
    Counter {
        name: "nv_inference_compute_infer_duration_us",
        kind: "counter",
        help: "microseconds of all runs",
        of: "flowgate_run_duration_seconds",
        value: |metric| Some(micros(metric)),
    },
    Counter {
        name: "nv_inference_pending_request_count",
        kind: "gauge",
        help: "predictions that wait for a run",
        of: "flowgate_queue_requests",
        value: |metric| Some(metric.get_gauge().get_value()),
    },
];

/// Adds Triton's counters, made of `families`, to `text`.
pub(super) fn write(families: &[MetricFamily], text: &mut String) {
    for counter in COUNTERS {
        let mut models: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        let family = families.iter().find(|family| family.name() == counter.of);
        for metric in family.map(MetricFamily::get_metric).unwrap_or_default() {
            let (model, version) = (label(metric, "model"), label(metric, "version"));
            // Without a model, it is a request that none was found for.
            if let Some(value) = (counter.value)(metric).filter(|_| !model.is_empty()) {
                *models.entry((model, version)).or_default() += value;
            }
        }
        let (name, kind, help) = (counter.name, counter.kind, counter.help);
        // Writing into memory does not fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for ((model, version), value) in models {
            let (model, version) = (escaped(model), escaped(version));
            let _ = writeln!(
                text,
                "{name}{{model=\"{model}\",version=\"{version}\"}} {value}"
            );
        }
    }
}

/// Predictions with a status that says that they went well, or that they did not.
fn answered(metric: &Metric, well: bool) -> Option<f64> {
    let went_well = label(metric, "status").starts_with('2');
    let counts = of_protocol(metric) && went_well == well;
    counts.then(|| metric.get_counter().get_value())
}

fn of_protocol(metric: &Metric) -> bool {
    label(metric, "protocol") != "validate"
}

fn micros(metric: &Metric) -> f64 {
    (metric.get_histogram().get_sample_sum() * 1e6).round()
}

fn label<'a>(metric: &'a Metric, name: &str) -> &'a str {
    let mut labels = metric.get_label().iter();
    labels
        .find(|label| label.name() == name)
        .map_or("", |label| label.value())
}

/// As the text format has it.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
